use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, booking::guard, trouble};
use coterie_domain::{
    Refusal, ResourceId,
    resource::{self, NewTerms, ResourceEvent},
};
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Sets how far ahead a resource can be booked, what it has, and the rooms it is combined of.
///
/// # Errors
/// An unknown resource, faulty fields; other parts while bookings of the whole are ahead; operators only.
pub async fn set_terms(app: &App, caller: &Caller, id: ResourceId, new: NewTerms) -> Outcome<ResourceId> {
    trouble::carry_out(app, caller, || set_once(app, caller, id, new.clone())).await
}

async fn set_once(app: &App, caller: &Caller, id: ResourceId, new: NewTerms) -> Outcome<ResourceId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let set = resource::set_terms(id, &new, &catalogue)?;
    let before = catalogue.terms_of(id);
    if set == before {
        return op.commit(id).await;
    }
    // Whoever books a room that holds this one locks this one too, and so waits and decides by the new terms.
    guard::lock_resources(&mut op, &[id].into(), &catalogue).await?;
    if set.parts != before.parts {
        let wholes = catalogue.resources.keys().copied();
        let wholes: Vec<ResourceId> = wholes
            .filter(|other| catalogue.occupied_by(*other).contains(&id))
            .collect();
        if taken_ahead(&mut op, &wholes).await? {
            let sentence = "Bookings of it are ahead, made for the parts that it has. Move or cancel them first, or change the parts when they are over.";
            return Err(Refusal::conflict("bookings_ahead", sentence)
                .on("parts", sentence)
                .into());
        }
    }
    let tenant = op.tenant();
    sqlx::query("update resource_lock set terms = terms + 1 where tenant_id = $1 and resource_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [ResourceEvent::from(set)])?;
    op.commit(id).await
}

async fn taken_ahead(op: &mut Operation, resources: &[ResourceId]) -> Result<bool, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    Ok(sqlx::query_scalar(
        "select exists (select from reservation where tenant_id = $1 and resource_id = any($2) and blocked_until > $3)",
    )
    .bind(tenant)
    .bind(resources.iter().map(|id| id.0).collect::<Vec<Uuid>>())
    .bind(now.to_sqlx())
    .fetch_one(op.conn())
    .await?)
}
