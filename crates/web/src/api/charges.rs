//! What waits for the next invoice.

use coterie_app::{App, Caller, Operation, charge, charge::page, projections};
use coterie_domain::{
    ChargeId, CompanyId, LocationId, MemberId,
    charge::{ChargeMade, NewOneOff},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Because, Money, Payer},
};
use crate::failure::{Failure, FieldError};

/// Something priced, tied to the events that made it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charge {
    charge_id: Uuid,
    /// `recurring`, `booking`, `pass`, `cancellation_fee`, `recurring_credit`, `set_up_fee`, `one_off`, `metered`, `discount` or `deposit`.
    kind: &'static str,
    payer: Payer,
    member_id: Uuid,
    membership_id: Option<Uuid>,
    legal_entity_id: Uuid,
    location_id: Uuid,
    description: String,
    /// A decimal text, in `unit`.
    quantity: String,
    unit: String,
    unit_price: Money,
    net: Money,
    tax_category: String,
    /// Days of supply, `[service_from, service_to)`.
    service_from: Date,
    service_to: Date,
    /// The first invoice whose cut-off is this day or later takes it.
    billable_on: Date,
    because: Vec<Because>,
    /// Why it was taken back, once it is.
    voided: Option<String>,
}

impl From<ChargeMade> for Charge {
    fn from(fact: ChargeMade) -> Self {
        Self {
            charge_id: fact.charge_id.0,
            kind: fact.kind.name(),
            payer: fact.payer.into(),
            member_id: fact.member_id.0,
            membership_id: fact.membership_id.map(|id| id.0),
            legal_entity_id: fact.legal_entity_id.0,
            location_id: fact.location_id.0,
            description: fact.description,
            quantity: fact.quantity,
            unit: fact.unit,
            unit_price: fact.unit_price.into(),
            net: fact.net.into(),
            tax_category: fact.tax_category,
            service_from: fact.service_from,
            service_to: fact.service_to,
            billable_on: fact.billable_on,
            because: fact.because.iter().map(Because::from).collect(),
            voided: None,
        }
    }
}

/// Something that staff charge beside a plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCharge {
    member_id: Uuid,
    location_id: Uuid,
    description: String,
    /// A decimal text, in `unit`.
    #[schema(example = "1.5")]
    quantity: String,
    #[schema(example = "hour")]
    unit: String,
    unit_price: Money,
    /// Whether the price has the tax in it. Left out, it is net; the charge is net in any case.
    #[serde(default)]
    tax_included: bool,
    #[schema(example = "standard")]
    tax_category: String,
    /// Days of supply; `last_day` is the first where it is left out.
    first_day: Date,
    last_day: Option<Date>,
    /// The first invoice whose cut-off is this day or later takes it: the last day where it is left out.
    billable_on: Option<Date>,
}

#[utoipa::path(post, path = "/v1/charges", tag = "money", request_body = NewCharge,
    responses((status = 201, description = "Charged: quantity times price, rounded once; the next invoice of her membership takes it", body = Charge),
        (status = 409, description = "She has no membership under which it would be billed, or its tax rate is not set")))]
pub async fn create(command: Command<NewCharge>) -> CommandAnswer<Charge> {
    let (app, new) = (&command.house.app, command.body);
    let member = MemberId(new.member_id);
    let new = NewOneOff {
        location_id: LocationId(new.location_id),
        description: new.description,
        quantity: new.quantity,
        unit: new.unit,
        unit_price: new.unit_price.into(),
        tax_included: new.tax_included,
        tax_category: new.tax_category,
        first_day: new.first_day,
        last_day: new.last_day,
        billable_on: new.billable_on,
    };
    let done = charge::one_off(app, &command.caller, member, &new).await?;
    let body = one(app, &command.caller, done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/charges?member_id={member}"), body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidCharge {
    reason: String,
}

#[utoipa::path(post, path = "/v1/charges/{charge_id}/void", tag = "money", params(("charge_id" = Uuid, Path)), request_body = VoidCharge,
    responses((status = 200, description = "Taken back, in the books too", body = Charge),
        (status = 409, description = "It stands on an invoice, was taken back already, or goes back with what made it")))]
pub async fn void(Id(id): Id, command: Command<VoidCharge>) -> CommandAnswer<Charge> {
    let app = &command.house.app;
    let done = charge::void(app, &command.caller, ChargeId(id), &command.body.reason).await?;
    let body = one(app, &command.caller, done.outcome).await?;
    Ok(Carried::changed(&done, body))
}

/// Read from the log itself, so that whoever just charged sees it.
async fn one(app: &App, caller: &Caller, id: ChargeId) -> Result<Charge, Failure> {
    let mut op = Operation::open(app, caller).await?;
    let (known, _) = charge::load(&mut op, id).await?;
    Ok(Charge {
        voided: known.voided,
        ..known.fact.into()
    })
}

/// Whose: one of the two.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChargeQuery {
    member_id: Option<Uuid>,
    company_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/charges", tag = "money", params(ChargeQuery),
    responses((status = 200, description = "A payer's charges that are on no invoice yet, by the day from which they can be billed", body = List<Charge>)))]
pub async fn list(reading: Reading) -> Answer<List<Charge>> {
    reading.finances()?;
    let query: ChargeQuery = reading.query()?;
    let payer = match (query.member_id, query.company_id) {
        (Some(id), None) => coterie_domain::Payer::Member(MemberId(id)),
        (None, Some(id)) => coterie_domain::Payer::Company(CompanyId(id)),
        _ => {
            let message = "Name a payer: either member_id or company_id.";
            return Err(Failure::invalid(vec![FieldError::new("member_id", message)]));
        }
    };
    reading.settled(&[projections::MONEY]).await?;
    let rows = page::open_for_payer(reading.app(), reading.tenant(), payer).await?;
    Ok(List::whole(rows.into_iter().map(|row| row.charge.into()).collect()))
}
