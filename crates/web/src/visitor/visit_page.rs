//! What the page of a visit says, by where it stands.

use askama::Template;
use axum::response::Response;
use coterie_app::visitor_booking::page::VisitDetail;
use coterie_domain::{
    booking::Standing,
    catalogue::Catalogue,
    visitor_booking::{VisitorCancelled, VisitorStanding},
};
use http::StatusCode;

use super::words;
use crate::{
    components::{DefinitionList, Hidden, Money},
    context::PageContext,
    failure::Failure,
    member::command,
    page::page_with_status,
};

/// What she can do on the page.
pub(super) struct Offer {
    /// Where she pays.
    pub pay: Option<String>,
    /// What giving it up would lead to, and where the form goes.
    pub give_up: Option<(VisitorCancelled, String)>,
}

#[derive(Template)]
#[template(path = "visitor/visit.html")]
struct VisitPage<'a> {
    ctx: &'a PageContext,
    title: &'static str,
    sentences: Vec<String>,
    facts: DefinitionList,
    because: Vec<String>,
    /// Where she pays, and how much.
    pay: Option<(String, String)>,
    /// What was refused.
    refused: Option<&'a str>,
    /// Giving it up: what that means, and the form's values.
    give_up: Option<(String, String, [Hidden; 2])>,
    /// Whom to ask about giving it up where she cannot do it here.
    ask: Option<String>,
    again: Option<String>,
}

pub(super) fn show(
    ctx: &PageContext,
    catalogue: &Catalogue,
    found: &VisitDetail,
    offer: Offer,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let (fact, booked) = (&found.visit.fact, &found.booking.fact);
    let room = catalogue.resource(booked.resource_id)?;
    let place = catalogue.location(booked.location_id)?;
    let (title, sentences) = said(found)?;
    let mut facts = DefinitionList::new()
        .item("What", room.name.clone())
        .item(
            "When",
            words::span(booked.starts_at, booked.ends_at, &booked.time_zone)?,
        )
        .item("Where", format!("{}, {}", place.name, words::street(place)))
        .item("Price with VAT", words::money(fact.amount));
    if let Some(invoice) = &found.invoice {
        facts = facts
            .item("Invoice", invoice.number.clone())
            .item("Issued by", invoice.seller.name.clone())
            .item("Issued on", words::day(invoice.issue_date))
            .item("Net", Money::new(invoice.net_minor, invoice.currency.code()));
        for tax in &invoice.tax {
            let label = format!("VAT {} %", tax.rate_percent);
            facts = facts.item(label, Money::new(tax.tax_minor, invoice.currency.code()));
        }
    }
    let stands = matches!(found.visit.standing, VisitorStanding::Paid(_)) && found.booking.check_live().is_ok();
    let gone = matches!(found.visit.standing, VisitorStanding::Lapsed);
    let template = VisitPage {
        ctx,
        title,
        sentences,
        facts,
        because: booked.because.iter().map(|step| step.text.clone()).collect(),
        pay: offer.pay.map(|url| (url, words::money(fact.amount).text())),
        refused: refused.map(|failure| failure.detail.as_str()),
        ask: (stands && offer.give_up.is_none() && found.now < booked.starts_at)
            .then(|| format!("{}, {}", place.name, words::street(place))),
        give_up: offer.give_up.map(|(cancelled, action)| {
            let (sentence, hidden) = giving_up(&cancelled, fact.amount);
            (sentence, action, hidden)
        }),
        again: gone.then(|| format!("/visit/{}", room.resource_id)),
    };
    let status = refused.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

/// What giving it up means now, and the values of its form.
fn giving_up(cancelled: &VisitorCancelled, paid: coterie_domain::Money) -> (String, [Hidden; 2]) {
    let (back, paid) = (words::money(cancelled.amount).text(), words::money(paid).text());
    let sentence = match cancelled.percent_due {
        0 => format!("It costs nothing now: all of it, {back}, goes back to your card."),
        due if cancelled.amount.minor > 0 => {
            format!("{due} % of the price is due by now: of {paid}, {back} goes back to your card.")
        }
        _ => "All of the price is due by now, so nothing goes back.".to_owned(),
    };
    let back = Hidden::new("back", cancelled.amount.minor.to_string());
    (sentence, [back, command::token()])
}

fn said(found: &VisitDetail) -> Result<(&'static str, Vec<String>), Failure> {
    let fact = &found.visit.fact;
    let amount = words::money(fact.amount).text();
    let zone = &found.booking.fact.time_zone;
    Ok(match (&found.visit.standing, &found.booking.standing) {
        (VisitorStanding::Open, _) if found.now < fact.pay_by => (
            "Held for you",
            vec![
                format!("Pay until {} ({zone}), and it is yours.", words::clock(fact.pay_by, zone)?),
                "You type your card on the payment service's own page; it leads you back here. If you do not pay, the time is free again and nothing is charged.".to_owned(),
            ],
        ),
        (VisitorStanding::Open, _) => (
            "The time to pay is over",
            vec!["If you paid at the last moment, this page says so in a few minutes. Else nothing is charged.".to_owned()],
        ),
        (VisitorStanding::Paid(_), Standing::Cancelled(_)) => (
            "Cancelled",
            vec!["The house cancelled this booking. What becomes of your payment, it tells you itself.".to_owned()],
        ),
        (VisitorStanding::Paid(_), _) => (
            "Booked",
            vec![format!("You paid {amount}. A confirmation for your calendar and a receipt are on their way by email.")],
        ),
        (VisitorStanding::Cancelled(cancelled), _) if cancelled.amount.minor == 0 => (
            "Cancelled",
            vec!["This booking was given up. By its terms all of the price was due, so nothing goes back.".to_owned()],
        ),
        (VisitorStanding::Cancelled(cancelled), _) => (
            "Cancelled",
            vec![format!("This booking was given up. {} goes back to your card.", words::money(cancelled.amount).text())],
        ),
        (VisitorStanding::GivenBack(cancelled), _) => (
            "Cancelled",
            vec![format!(
                "This booking was given up, and {} went back to your card. Your bank may take some days to show it.",
                words::money(cancelled.amount).text()
            )],
        ),
        (VisitorStanding::Lapsed, _) => (
            "Not booked",
            vec!["Nobody paid in time, so the time is free again. Nothing was charged, and your name and address are deleted.".to_owned()],
        ),
        (VisitorStanding::RefundDue(_), _) => (
            "Not booked",
            vec![format!("Your payment came too late: the time is not free any more. All of it, {amount}, goes back to your card.")],
        ),
        (VisitorStanding::Refunded(_), _) => (
            "Not booked",
            vec![format!("Your payment came too late, and all of it, {amount}, went back to your card. Your bank may take some days to show it.")],
        ),
    })
}
