//! `/invoices/{id}/lines/{charge_id}`: why a line costs what it costs, back to the events that made it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    invoice::page::{LineExplanation, explain},
    log::page::EventRow,
};
use coterie_domain::{ChargeId, InvoiceId};
use jiff::tz::TimeZone;

use super::{id, invoice, money, when, who::Me};
use crate::{
    components::{DefinitionList, Timeline, TimelineEvent, Tone},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/line.html")]
struct LinePage<'a> {
    ctx: &'a PageContext,
    number: String,
    back: String,
    title: String,
    facts: DefinitionList,
    because: Vec<String>,
    terms: Timeline,
    events: Timeline,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path((invoice_id, charge)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (invoice_id, charge): (InvoiceId, ChargeId) = (id(&invoice_id)?, id(&charge)?);
    let detail = invoice::hers(&state, &house, &jar, &session, invoice_id).await?;
    let why = explain(&house.app, session.tenant.tenant, invoice_id, charge)
        .await?
        .ok_or_else(Failure::not_found)?;
    let me = Me::load(&house, &session).await?;
    let zone = me.catalogue.zone_of(why.line.location_id)?;
    let made = std::iter::once(&why.charge_event);
    let template = LinePage {
        ctx: &ctx,
        number: detail.row.number,
        back: format!("/invoices/{invoice_id}"),
        title: why.line.description.clone(),
        facts: facts(&why),
        because: why.charge.because.iter().map(|step| step.text.clone()).collect(),
        terms: timeline(why.plan_or_rule_event.iter(), &zone, Tone::Neutral),
        events: timeline(why.source_events.iter().chain(made), &zone, Tone::Info),
    };
    Ok(page(&ctx, &template))
}

fn facts(why: &LineExplanation) -> DefinitionList {
    let charge = &why.charge;
    DefinitionList::new()
        .item("Quantity", format!("{} {}", charge.quantity, charge.unit))
        .item("Unit price", money(charge.unit_price))
        .item("Net", money(charge.net))
        .item(
            "VAT",
            format!(
                "{} %, computed on the sum of the invoice",
                why.line.tax_percent.normalize()
            ),
        )
        .item("Taxed", why.tax.clone())
        .item("Day of supply", when::date(charge.service_from))
}

fn timeline<'a>(events: impl Iterator<Item = &'a EventRow>, zone: &TimeZone, tone: Tone) -> Timeline {
    let events = events.map(|event| {
        TimelineEvent::new(event.occurred_at, zone, words(&event.event_type))
            .tone(tone)
            .detail(format!("Entry {} of the log", event.position))
    });
    Timeline {
        events: events.collect(),
    }
}

/// `BookingConfirmed` as `Booking confirmed`.
fn words(event_type: &str) -> String {
    let mut text = String::with_capacity(event_type.len() + 4);
    for (index, letter) in event_type.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_event_reads_as_a_sentence() {
        assert_eq!(super::words("BookingConfirmed"), "Booking confirmed");
        assert_eq!(super::words("local_time"), "local_time");
    }
}
