//! Types, rooms and desks, and their prices.

mod preview;

pub use preview::{PreviewRow, PricePreview, preview_price};

use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    LocationId, PriceRuleId, ResourceId, ResourceTypeId,
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
    let id = ResourceTypeId(op.new_id());
    let created = resource::create_type(id, name, tax_category, &catalogue)?;
    op.write(id.0, 0, [ResourceTypeEvent::from(created)])?;
    op.commit(id).await
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
    let id = ResourceId(op.new_id());
    let added = resource::add(id, resource_type, location, &new, &catalogue)?;
    let tenant = op.tenant();
    sqlx::query("insert into resource_lock (tenant_id, resource_id) values ($1, $2)")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    op.write(id.0, 0, [ResourceEvent::from(added)])?;
    op.commit(id).await
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
    let id = PriceRuleId(op.new_id());
    let published = resource::publish_price(id, &new, &catalogue)?;
    op.write(id.0, 0, [PriceRuleEvent::from(published)])?;
    op.commit(id).await
}
