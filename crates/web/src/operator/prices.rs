//! What an hour costs.

use axum::{extract::Query, response::Response};
use coterie_app::{
    Done,
    resource::{self, PublishPrice},
};
use coterie_domain::{PriceRuleId, catalogue::Catalogue};
use serde::Deserialize;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::Sheet,
    typed::{Typed, required},
};
use crate::{
    components::{Cell, Column, EmptyState, Field, Money, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/prices";
const NEW: &str = "/operator/prices/new";

/// The rules that count, the narrower ones last.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut columns = vec![
        Column::text("Type"),
        Column::text("Where"),
        Column::number("Per hour"),
        Column::number("At most a booking"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Prices, net of VAT", columns).empty(
        EmptyState::new("No price yet", "Without a price a room cannot be booked.").action("Publish a price", NEW),
    );
    let mut rules: Vec<_> = catalogue
        .price_rules
        .values()
        .map(|rule| {
            let kind = catalogue.resource_types.get(&rule.resource_type_id);
            let place = rule.location_id.and_then(|id| catalogue.locations.get(&id));
            let position = catalogue
                .price_rule_positions
                .get(&rule.price_rule_id)
                .copied()
                .unwrap_or(0);
            (
                kind.map_or("", |kind| kind.name.as_str()),
                place.map(|place| place.name.as_str()),
                rule.per_hour.currency.code(),
                -position,
                rule,
            )
        })
        .collect();
    rules.sort_by_key(|&(kind, place, currency, position, _)| (kind, place, currency, position));
    let mut counts = None;
    for (kind, place, currency, _, rule) in rules {
        // Of rules for the same thing the one published last counts; the ones before it are history.
        if counts.replace((kind, place, currency)) == Some((kind, place, currency)) {
            continue;
        }
        let mut cells: Vec<Cell> = vec![
            kind.into(),
            place
                .map_or_else(|| format!("Everywhere in {currency}"), str::to_owned)
                .into(),
            Money::new(rule.per_hour.minor, currency).into(),
            rule.day_cap.map_or_else(
                || Cell::from(""),
                |cap| Money::new(cap.minor, cap.currency.code()).into(),
            ),
        ];
        cells.extend(desk.history_cell(rule.price_rule_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Prices")
        .lead("A price for one location comes before the price for everywhere. A new price counts for new bookings.")
        .action("Publish a price", NEW)
        .part(&table)
        .show())
}

/// What a link to the form can fill in.
#[derive(Deserialize)]
pub(super) struct Prefill {
    r#type: Option<String>,
}

/// The empty form.
pub(super) async fn new(desk: Desk, Query(prefill): Query<Prefill>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(sheet(&desk, &form(&catalogue, prefill.r#type.as_deref())).show())
}

/// Publishes one.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(done) => Ok(desk.done(done.position, "The price is published.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form(&*desk.catalogue().await?, None).refused(&submitted, &failure);
            Ok(sheet(&desk, &form).show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Done<PriceRuleId>, Failure> {
    let mut typed = Typed::new(submitted);
    let kind = typed.id("resource_type_id");
    let location_id = typed.maybe_id("location_id");
    let currency = typed.currency("currency");
    let per_hour = typed.money("per_hour", currency);
    let day_cap = typed.maybe_money("day_cap", currency);
    typed.finish()?;
    let command = PublishPrice {
        resource_type_id: required(kind, "resource_type_id")?,
        location_id,
        per_hour: required(per_hour, "per_hour")?,
        day_cap,
    };
    Ok(resource::publish_price(&desk.house.app, &desk.caller(), command).await?)
}

fn form(catalogue: &Catalogue, kind: Option<&str>) -> Form {
    let mut types = choices::type_select(catalogue);
    if let Some(kind) = kind {
        types = types.value(kind);
    }
    let amount = |name, label: &str| {
        Field::text(name, label)
            .attribute("inputmode", "decimal")
            .autocomplete("off")
    };
    Form::post(HERE, "Publish price")
        .cancel(HERE)
        .with(types)
        .with(
            choices::location_select(catalogue)
                .value("")
                .optional()
                .prompt("Everywhere this currency is used"),
        )
        .with(beside([
            amount("per_hour", "Price of an hour")
                .hint("Net, such as 20.00.")
                .into(),
            choices::currency_select(catalogue)
                .hint("The one its legal entity bills in.")
                .into(),
        ]))
        .with(
            amount("day_cap", "At most a booking")
                .optional()
                .hint("However long it is. Net."),
        )
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Publish a price").back("Prices", HERE).part(form)
}
