//! Meters: what is counted and charged by the piece.

use coterie_app::{catalogue, meter};
use coterie_domain::{
    LegalEntityId,
    meter::{MeterDefined, NewMeter},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
};
use crate::failure::Failure;

#[derive(Debug, Serialize, ToSchema)]
pub struct Meter {
    meter_id: Uuid,
    legal_entity_id: Uuid,
    name: String,
    /// What one of it is called.
    unit: String,
    /// Net, of one unit, in whole units of the currency: a decimal text that may be below a minor unit.
    #[schema(example = "0.035")]
    price: String,
    /// ISO 4217: the legal entity's.
    currency: String,
    tax_category: String,
}

impl From<&MeterDefined> for Meter {
    fn from(fact: &MeterDefined) -> Self {
        Self {
            meter_id: fact.meter_id.0,
            legal_entity_id: fact.legal_entity_id.0,
            name: fact.name.clone(),
            unit: fact.unit.clone(),
            price: fact.price.to_string(),
            currency: fact.currency.code().to_owned(),
            tax_category: fact.tax_category.clone(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefineMeter {
    legal_entity_id: Uuid,
    name: String,
    unit: String,
    /// Net, of one unit, in the currency of the legal entity.
    #[schema(example = "0.035")]
    price: String,
    tax_category: String,
}

#[utoipa::path(post, path = "/v1/meters", tag = "catalogue", request_body = DefineMeter,
    responses((status = 201, description = "Defined: usage of it can be told from now on", body = Meter)))]
pub async fn create(command: Command<DefineMeter>) -> CommandAnswer<Meter> {
    let (app, new) = (&command.house.app, command.body);
    let new = NewMeter {
        legal_entity_id: LegalEntityId(new.legal_entity_id),
        name: new.name,
        unit: new.unit,
        price: new.price,
        tax_category: new.tax_category,
    };
    let done = meter::define(app, &command.caller, &new).await?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let defined = catalogue.meters.get(&done.outcome).ok_or_else(Failure::not_found)?;
    Ok(Carried::created(&done, "/v1/meters".to_owned(), defined.into()))
}

#[utoipa::path(get, path = "/v1/meters", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Meters by id", body = List<Meter>)))]
pub async fn list(reading: Reading) -> Answer<List<Meter>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let meters = catalogue.meters.values();
    Ok(List::by_id(
        &reading.page()?,
        meters,
        |meter| meter.meter_id.0,
        Meter::from,
    ))
}
