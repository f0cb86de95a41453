use super::memberships;
use crate::{App, Caller, Operation, UseCaseError, access};
use coterie_domain::{
    LegalEntityId, Refusal, local_time,
    price_change::{self, LeftOut, MEMBERSHIPS_MAX, NewPriceChange, Preview, Terms},
};
use uuid::Uuid;

/// Memberships that are folded at once.
const PAGE: usize = 500;

/// What announcing would lead to, by the memberships as they are now; nothing is written.
///
/// # Errors
/// Faulty fields, a version that is not the plan's newest; operators only.
pub async fn preview(app: &App, caller: &Caller, new: &NewPriceChange) -> Result<Preview, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    preview_in_op(&mut op, new).await
}

pub(super) async fn preview_in_op(op: &mut Operation, new: &NewPriceChange) -> Result<Preview, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let terms = price_change::propose(new, op.now, &catalogue)?;
    look_in_op(op, terms).await
}

/// Every membership of the legal entity that runs, by what the announcement means for it. Memory holds a page of them at a time.
async fn look_in_op(op: &mut Operation, terms: Terms) -> Result<Preview, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let (mut moves, mut stays) = (Vec::new(), Vec::new());
    let mut after = Uuid::nil();
    let mut seen = 0;
    loop {
        let ids = running(op, terms.legal_entity_id, after).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        seen += ids.len();
        if seen > MEMBERSHIPS_MAX {
            let sentence = format!(
                "This legal entity has more than {MEMBERSHIPS_MAX} memberships: that is more than one announcement may look at."
            );
            return Err(Refusal::conflict("too_many_memberships", sentence).into());
        }
        for (membership, _) in memberships(op, &ids).await?.values() {
            let zone = catalogue.zone_of(membership.fact.home_location_id)?;
            let today = local_time::day_at(op.now, &zone);
            match price_change::verdict(membership, &terms, today, &catalogue)? {
                Some(Ok(planned)) => moves.push(planned),
                Some(Err(why)) => stays.push(LeftOut {
                    membership_id: membership.fact.membership_id,
                    why,
                }),
                None => {}
            }
        }
        if ids.len() < PAGE {
            break;
        }
    }
    Ok(Preview::new(terms, moves, stays))
}

/// The next memberships of a legal entity that have not ended, in the order of their ids.
async fn running(op: &mut Operation, entity: LegalEntityId, after: Uuid) -> Result<Vec<Uuid>, UseCaseError> {
    let tenant = op.tenant();
    Ok(sqlx::query_scalar(
        "select membership_id from membership_guard
         where tenant_id = $1 and legal_entity_id = $2 and not ended and membership_id > $3
         order by membership_id limit $4",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(after)
    .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
    .fetch_all(op.conn())
    .await?)
}
