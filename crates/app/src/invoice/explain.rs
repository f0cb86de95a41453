//! Every amount on an invoice can be explained: line, charge, the rule's version, the events that made it. All of it is
//! read from the log itself.

use super::page::find_in_op;
use crate::{
    App, UseCaseError, catalogue,
    log::page::{EventRow, open_in_op, rows_in_op},
    operation::decode,
    read,
};
use coterie_domain::{
    ChargeId, InvoiceId, PlanVersionId,
    catalogue::Catalogue,
    charge::{ChargeEvent, ChargeMade},
    invoice::InvoiceLine,
    tax::Treatment,
};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Why a line stands on an invoice with this amount.
#[derive(Debug, Clone, PartialEq)]
pub struct LineExplanation {
    pub line: InvoiceLine,
    pub charge: ChargeMade,
    pub charge_event: EventRow,
    /// How it is taxed and why, for people.
    pub tax: String,
    /// The stream that made the charge, up to and including the event that did.
    pub source_events: Vec<EventRow>,
    /// The plan versions and price rules that the charge's reasons name.
    pub plan_or_rule_event: Vec<EventRow>,
}

/// `None` when the organization has no such invoice, or no line of it bills this charge.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn explain(
    app: &App,
    tenant: Uuid,
    invoice: InvoiceId,
    charge: ChargeId,
) -> Result<Option<LineExplanation>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let Some((_, document)) = find_in_op(&app.config.keys, &mut tx, tenant, invoice).await? else {
        return Ok(None);
    };
    let Some(line) = document.lines.into_iter().find(|line| line.charge_id == charge) else {
        return Ok(None);
    };
    let broken = || UseCaseError::Broken(format!("charge {charge} of invoice {invoice} is not in the log"));
    let mut made = coterie_eventlog::read_stream(&mut tx, tenant, charge.0, 0, 1)
        .await?
        .pop()
        .ok_or_else(broken)?;
    open_in_op(app, &mut tx, tenant, std::slice::from_mut(&mut made)).await?;
    let ChargeEvent::ChargeMade(fact) = decode(&made)? else {
        return Err(broken());
    };
    let source = &fact.source;
    let source_events = coterie_eventlog::read_stream(&mut tx, tenant, source.stream_id, 0, source.version).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rules: BTreeSet<Uuid> = fact.because.iter().filter_map(|step| step.rule).collect();
    let mut plan_or_rule_event = Vec::new();
    for rule in rules {
        plan_or_rule_event.extend(rule_event(app, &mut tx, tenant, rule, &catalogue).await?);
    }
    Ok(Some(LineExplanation {
        tax: taxed(&line, &fact),
        line,
        charge: fact,
        charge_event: made.into(),
        source_events: rows_in_op(app, &mut tx, tenant, source_events).await?,
        plan_or_rule_event,
    }))
}

fn taxed(line: &InvoiceLine, charge: &ChargeMade) -> String {
    let day = charge.taxed_on.unwrap_or(charge.service_from);
    let of = match &line.exemption {
        None => format!(
            "The rate of \u{201c}{}\u{201d} on {day}: {} %",
            line.tax_category,
            line.tax_percent.normalize()
        ),
        Some(why) => {
            let what = match line.treatment {
                Treatment::ReverseCharge => "Reverse charge, the buyer owes the tax",
                _ => "Exempt",
            };
            let provision = [&why.reason, &why.code].map(String::as_str).join(" ");
            format!(
                "{what}: chosen for the payer for what is supplied on {day} ({})",
                provision.trim()
            )
        }
    };
    match charge.gives_back {
        Some(_) => format!("{of}, as it was charged"),
        None => of,
    }
}

/// A price rule has a stream of its own; a plan version is one event of its plan's.
async fn rule_event(
    app: &App,
    conn: &mut PgConnection,
    tenant: Uuid,
    rule: Uuid,
    catalogue: &Catalogue,
) -> Result<Vec<EventRow>, UseCaseError> {
    let (stream, before) = catalogue
        .plan_versions
        .get(&PlanVersionId(rule))
        .map_or((rule, 0), |version| (version.plan_id.0, i64::from(version.number) - 1));
    let events = coterie_eventlog::read_stream(conn, tenant, stream, before, 1).await?;
    rows_in_op(app, conn, tenant, events).await
}
