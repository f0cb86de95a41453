//! Why a line stands on an invoice with this amount.

use coterie_app::{
    invoice::page::{self, LineExplanation},
    log::page::EventRow,
    projections,
};
use coterie_domain::{ChargeId, InvoiceId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    charges::Charge,
    invoices::InvoiceLine,
    log::LoggedEvent,
    reading::{Id, Reading},
    reply::Answer,
};
use crate::{failure::Failure, json::ApiJson};

/// Line, charge, the rule's version, the events that made it: all of it read from the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    line: InvoiceLine,
    charge: Charge,
    charge_event: LoggedEvent,
    /// How it is taxed and why.
    tax: String,
    /// What led to the charge, up to and including the event that made it.
    source_events: Vec<LoggedEvent>,
    /// The plan versions and price rules behind it.
    rule_events: Vec<LoggedEvent>,
}

impl From<LineExplanation> for Explanation {
    fn from(found: LineExplanation) -> Self {
        let events = |rows: Vec<EventRow>| rows.into_iter().map(LoggedEvent::from).collect();
        Self {
            line: InvoiceLine::of(found.line, found.charge.net.currency),
            charge: found.charge.into(),
            charge_event: found.charge_event.into(),
            tax: found.tax,
            source_events: events(found.source_events),
            rule_events: events(found.plan_or_rule_event),
        }
    }
}

#[utoipa::path(get, path = "/v1/invoices/{invoice_id}/lines/{charge_id}", tag = "money", params(("invoice_id" = Uuid, Path), ("charge_id" = Uuid, Path)),
    responses((status = 200, description = "Why this line stands there with this amount", body = Explanation)))]
pub async fn show(Id((invoice, charge)): Id<(Uuid, Uuid)>, reading: Reading) -> Answer<Explanation> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let found = page::explain(reading.app(), reading.tenant(), InvoiceId(invoice), ChargeId(charge)).await?;
    Ok(ApiJson(found.ok_or_else(Failure::not_found)?.into()))
}
