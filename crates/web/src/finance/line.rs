//! Why a line costs what it costs: from the line to its charge, the plan or price in force, and the events behind it.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice::page::{self as invoices, LineExplanation},
    projections,
};
use uuid::Uuid;

use super::{
    office::{Id, Office},
    words,
};
use crate::{
    audit::{EventCard, People, Places, cards, links},
    components::{DefinitionList, Link, Money},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/line.html")]
struct Line {
    ctx: PageContext,
    number: String,
    invoice: String,
    description: String,
    net: Money,
    facts: DefinitionList,
    steps: Vec<(String, Option<Link>)>,
    charge: Vec<EventCard>,
    prices: Vec<EventCard>,
    made: Vec<EventCard>,
}

pub(super) async fn show(office: Office, Id((invoice_id, charge_id)): Id<(Uuid, Uuid)>) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let (app, tenant) = (office.app(), office.tenant());
    let found = invoices::find(app, tenant, invoice_id.into()).await?;
    let invoice = found.ok_or_else(Failure::not_found)?.document;
    let why = invoices::explain(app, tenant, invoice_id.into(), charge_id.into()).await?;
    let why = why.ok_or_else(Failure::not_found)?;
    let offer = office.catalogue().await?;
    let events = || {
        let charge = std::iter::once(&why.charge_event);
        charge.chain(&why.plan_or_rule_event).chain(&why.source_events)
    };
    let people = People::of(app, tenant, events()).await?;
    let places = Places::new(offer).knowing(&people);
    let line = &why.line;
    let money = |minor| words::money(minor, invoice.currency);
    let shown = Line {
        number: invoice.number.clone(),
        invoice: format!("/finance/invoices/{invoice_id}"),
        description: line.description.clone(),
        net: money(line.net_minor),
        facts: DefinitionList::new()
            .item("Quantity", words::quantity(&line.quantity, &line.unit))
            .item("Unit price", money(line.unit_price_minor))
            .item("Net", money(line.net_minor))
            .item("VAT", format!("{} % ({})", line.tax_percent, line.tax_category))
            .item("Taxed", why.tax.clone())
            .item("Supplied", words::service(line.service_from, line.service_to))
            .item("At", places.name(line.location_id.0).unwrap_or("—"))
            .item(
                "Offer as of",
                format!("Position {} of the log", why.charge.catalogue_position),
            ),
        steps: steps(&why, &places),
        charge: cards(std::slice::from_ref(&why.charge_event), &people, &places),
        prices: cards(&why.plan_or_rule_event, &people, &places),
        made: cards(&why.source_events, &people, &places)
            .into_iter()
            .map(EventCard::open)
            .collect(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

/// The steps of the price, each with the plan version or price rule behind it.
fn steps(why: &LineExplanation, places: &Places) -> Vec<(String, Option<Link>)> {
    let steps = why.charge.because.iter();
    steps
        .map(|step| {
            let link = step.rule.map(|rule| {
                let label = places.name(rule).unwrap_or("price rule");
                Link::new(label, links::stream(places.stream_of(rule)))
            });
            (step.text.clone(), link)
        })
        .collect()
}
