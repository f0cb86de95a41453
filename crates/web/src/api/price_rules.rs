//! Prices by the hour.

use coterie_app::{
    catalogue,
    resource::{self, PublishPrice},
};
use coterie_domain::{LocationId, ResourceTypeId, resource::PriceRulePublished};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::Money,
};
use crate::failure::Failure;

#[derive(Debug, Serialize, ToSchema)]
pub struct PriceRule {
    price_rule_id: Uuid,
    resource_type_id: Uuid,
    /// Null: wherever its currency is used.
    location_id: Option<Uuid>,
    /// Net.
    per_hour: Money,
    /// No booking costs more than this, net.
    day_cap: Option<Money>,
}

impl From<&PriceRulePublished> for PriceRule {
    fn from(fact: &PriceRulePublished) -> Self {
        Self {
            price_rule_id: fact.price_rule_id.0,
            resource_type_id: fact.resource_type_id.0,
            location_id: fact.location_id.map(|id| id.0),
            per_hour: fact.per_hour.into(),
            day_cap: fact.day_cap.map(Money::from),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPriceRule {
    resource_type_id: Uuid,
    /// Leave it out for every location that bills in this currency.
    location_id: Option<Uuid>,
    per_hour: Money,
    day_cap: Option<Money>,
}

#[utoipa::path(post, path = "/v1/price_rules", tag = "catalogue", request_body = PublishPriceRule,
    responses((status = 201, description = "Published", body = PriceRule)))]
pub async fn create(command: Command<PublishPriceRule>) -> CommandAnswer<PriceRule> {
    let (app, new) = (&command.house.app, command.body);
    let new = PublishPrice {
        resource_type_id: ResourceTypeId(new.resource_type_id),
        location_id: new.location_id.map(LocationId),
        per_hour: new.per_hour.into(),
        day_cap: new.day_cap.map(Into::into),
    };
    let done = resource::publish_price(app, &command.caller, new)
        .await
        .map_err(naming(&[
            ("currency", "per_hour.currency"),
            ("per_hour", "per_hour.minor"),
        ]))?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let known = catalogue
        .price_rules
        .get(&done.outcome)
        .ok_or_else(Failure::not_found)?;
    Ok(Carried::created(&done, "/v1/price_rules".to_owned(), known.into()))
}

#[utoipa::path(get, path = "/v1/price_rules", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Price rules, the oldest first; of rules that fit alike, the last counts", body = List<PriceRule>)))]
pub async fn list(reading: Reading) -> Answer<List<PriceRule>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let known = catalogue.price_rules.values();
    Ok(List::by_id(
        &reading.page()?,
        known,
        |fact| fact.price_rule_id.0,
        PriceRule::from,
    ))
}
