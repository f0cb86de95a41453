//! What waits for the next invoice.

use coterie_app::{charge::page, projections};
use coterie_domain::{CompanyId, MemberId, charge::ChargeMade};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    reading::Reading,
    reply::{Answer, List},
    words::{Because, Money, Payer},
};
use crate::failure::{Failure, FieldError};

/// Something priced, tied to the events that made it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charge {
    charge_id: Uuid,
    /// `recurring`, `booking`, `pass` or `cancellation_fee`.
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
        }
    }
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
