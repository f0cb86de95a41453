//! Types, rooms and desks, and their prices.

mod place;
mod preview;
mod terms;

pub use place::place;
pub use preview::{PreviewRow, PricePreview, preview_price};
pub use terms::set_terms;

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, company};
use coterie_domain::{
    LocationId, PriceRuleId, Refusal, ResourceId, ResourceTypeId,
    catalogue::Catalogue,
    resource::{self, NewPriceRule, NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
};

/// # Errors
/// Faulty fields; operators only.
pub async fn create_type(app: &App, caller: &Caller, name: &str, tax_category: &str) -> Outcome<ResourceTypeId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = create_type_in_op(&mut op, &catalogue, name, tax_category)?;
    op.commit(id).await
}

/// # Errors
/// Faulty fields.
pub(crate) fn create_type_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    name: &str,
    tax_category: &str,
) -> Result<ResourceTypeId, UseCaseError> {
    let id = ResourceTypeId(op.new_id());
    let created = resource::create_type(id, name, tax_category, catalogue)?;
    op.write(id.0, 0, [ResourceTypeEvent::from(created)])?;
    Ok(id)
}

/// # Errors
/// Unknown type or location, faulty fields; operators only.
pub async fn add(
    app: &App,
    caller: &Caller,
    resource_type: ResourceTypeId,
    location: LocationId,
    new: NewResource,
) -> Outcome<ResourceId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = add_in_op(&mut op, &catalogue, resource_type, location, &new).await?;
    op.commit(id).await
}

/// # Errors
/// Unknown type or location, faulty fields; whatever the database says.
pub(crate) async fn add_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    resource_type: ResourceTypeId,
    location: LocationId,
    new: &NewResource,
) -> Result<ResourceId, UseCaseError> {
    let id = ResourceId(op.new_id());
    let added = resource::add(id, resource_type, location, new, catalogue)?;
    let tenant = op.tenant();
    sqlx::query("insert into resource_lock (tenant_id, resource_id) values ($1, $2)")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    op.write(id.0, 0, [ResourceEvent::from(added)])?;
    Ok(id)
}

/// # Errors
/// Unknown ids, a currency that is not the entity's, amounts out of range; operators only.
pub async fn publish_price(app: &App, caller: &Caller, new: NewPriceRule) -> Outcome<PriceRuleId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    check_company_in_op(&mut op, &new).await?;
    let id = publish_price_in_op(&mut op, &catalogue, &new)?;
    op.commit(id).await
}

/// The catalogue does not know companies; their streams do.
///
/// # Errors
/// A company that the organization has not.
pub(crate) async fn check_company_in_op(op: &mut Operation, new: &NewPriceRule) -> Result<(), UseCaseError> {
    let Some(id) = new.conditions.company_id else {
        return Ok(());
    };
    match company::load(op, id).await {
        Ok(_) => Ok(()),
        Err(UseCaseError::NotFound) => {
            Err(Refusal::field("no_such_company", "company_id", "There is no such company.").into())
        }
        Err(error) => Err(error),
    }
}

/// # Errors
/// Unknown ids, a currency that is not the entity's, amounts out of range.
pub(crate) fn publish_price_in_op(
    op: &mut Operation,
    catalogue: &Catalogue,
    new: &NewPriceRule,
) -> Result<PriceRuleId, UseCaseError> {
    let id = PriceRuleId(op.new_id());
    let published = resource::publish_price(id, new, catalogue)?;
    op.write(id.0, 0, [PriceRuleEvent::from(published)])?;
    Ok(id)
}
