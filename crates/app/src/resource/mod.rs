//! Types, rooms and desks, and their prices.

use crate::{App, Caller, Operation, Outcome, Start, access};
use coterie_domain::{
    LocationId, Money, PriceRuleId, ResourceId, ResourceTypeId,
    resource::{self, NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
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

/// A price by the hour for a type, at one location or wherever its currency is used.
#[derive(Debug, Clone)]
pub struct PublishPrice {
    pub resource_type_id: ResourceTypeId,
    pub location_id: Option<LocationId>,
    pub per_hour: Money,
    pub day_cap: Option<Money>,
}

/// # Errors
/// Unknown ids, a currency that is not the entity's, amounts out of range; operators only.
pub async fn publish_price(app: &App, caller: &Caller, command: PublishPrice) -> Outcome<PriceRuleId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let id = PriceRuleId(op.new_id());
    let published = resource::publish_price(
        id,
        command.resource_type_id,
        command.location_id,
        command.per_hour,
        command.day_cap,
        &catalogue,
    )?;
    op.write(id.0, 0, [PriceRuleEvent::from(published)])?;
    op.commit(id).await
}
