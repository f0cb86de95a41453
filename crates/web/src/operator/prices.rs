//! What an hour costs, when and for whom.

use axum::{extract::Query, response::Response};
use coterie_app::resource::{self, PricePreview};
use coterie_domain::{local_time, resource::precedence};
use serde::Deserialize;

use super::{
    desk::{Desk, shown_again},
    form::Form,
    price_form::{companies, form, read},
    sheet::Sheet,
    times,
};
use crate::{
    components::{Cell, Column, EmptyState, Link, Money, Table},
    failure::Failure,
    form::Submitted,
    told,
};

pub(super) const HERE: &str = "/operator/prices";
const NEW: &str = "/operator/prices/new";

/// The rules that count, the broader ones first.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let (catalogue, companies) = (desk.catalogue().await?, companies(&desk).await?);
    let mut columns = vec![
        Column::text("Type"),
        Column::text("Where"),
        Column::text("When"),
        Column::text("For"),
        Column::number("Per hour"),
        Column::number("Half day"),
        Column::number("At least a day"),
        Column::number("At most a day"),
        Column::text("VAT"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Prices", columns).empty(
        EmptyState::new("No price yet", "Without a price a room cannot be booked.").action("Publish a price", NEW),
    );
    let mut rules: Vec<_> = catalogue.price_rules.values().collect();
    rules.sort_by_cached_key(|rule| {
        let kind = catalogue.resource_types.get(&rule.resource_type_id);
        (kind.map_or("", |kind| kind.name.as_str()), precedence(rule, &catalogue))
    });
    for (index, rule) in rules.iter().enumerate() {
        // Of rules for the same thing the one published last counts; the ones before it are history.
        let replaced = rules[index + 1..].iter().any(|later| {
            (
                later.resource_type_id,
                later.location_id,
                later.per_hour.currency,
                &later.conditions,
            ) == (
                rule.resource_type_id,
                rule.location_id,
                rule.per_hour.currency,
                &rule.conditions,
            )
        });
        if replaced {
            continue;
        }
        let currency = rule.per_hour.currency.code();
        let kind = catalogue.resource_types.get(&rule.resource_type_id);
        let place = rule.location_id.and_then(|id| catalogue.locations.get(&id));
        let company = rule.conditions.company_id.and_then(|id| companies.get(&id));
        let when = rule.conditions.sentence(&catalogue, company.map(String::as_str));
        let maybe = |amount: Option<coterie_domain::Money>| {
            amount.map_or_else(|| Cell::from(""), |amount| Money::new(amount.minor, currency).into())
        };
        let mut cells: Vec<Cell> = vec![
            kind.map_or("", |kind| kind.name.as_str()).into(),
            place
                .map_or_else(|| format!("Everywhere in {currency}"), |place| place.name.clone())
                .into(),
            if when.is_empty() { "Always".to_owned() } else { when }.into(),
            if rule.per_seat { "Each seat" } else { "The room" }.into(),
            Money::new(rule.per_hour.minor, currency).into(),
            maybe(rule.half_day),
            maybe(rule.minimum),
            maybe(rule.day_cap),
            told::vat(rule.tax_included).into(),
        ];
        cells.extend(desk.history_cell(rule.price_rule_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Prices")
        .lead("The narrower rule counts: a room's before its location's before everywhere's; then one for a company, a plan, members or visitors, a season, hours, weekdays. A new price counts for new bookings.")
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
    Ok(sheet(
        &desk,
        &form(&catalogue, companies(&desk).await?, prefill.r#type.as_deref()),
    )
    .show())
}

/// Publishes one, or says what it would have meant last month.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    let again = |failure: Failure| async {
        let failure = shown_again(failure)?;
        let form = form(&*desk.catalogue().await?, companies(&desk).await?, None).refused(&submitted, &failure);
        Ok(sheet(&desk, &form).show_with(failure.status))
    };
    let rule = match read(&submitted) {
        Ok(rule) => rule,
        Err(failure) => return again(failure).await,
    };
    if submitted.has("preview") {
        return match resource::preview_price(&desk.house.app, &desk.caller(), &rule).await {
            Ok(preview) => {
                let form = form(&*desk.catalogue().await?, companies(&desk).await?, None).refilled(&submitted);
                Ok(sheet(&desk, &form).part(&previewed(&preview)?).show())
            }
            Err(error) => again(error.into()).await,
        };
    }
    match resource::publish_price(&desk.house.app, &desk.caller(), rule).await {
        Ok(done) => Ok(desk.done(done.position, "The price is published.", HERE)),
        Err(error) => again(error.into()).await,
    }
}

/// What a rule would have changed.
fn previewed(preview: &PricePreview) -> Result<Table, Failure> {
    let money = |amount: coterie_domain::Money| Money::new(amount.minor, amount.currency.code());
    let mut caption = format!(
        "{} to {}: {} of {} bookings would have cost something else; {} net would have been {}",
        times::day(preview.first_day),
        times::day(preview.last_day),
        preview.changed,
        preview.bookings,
        preview.before,
        preview.after,
    );
    if preview.cut {
        caption.push_str(". There were more bookings than are looked at");
    }
    let columns = [
        Column::text("Booking"),
        Column::text("When"),
        Column::number("Now, net"),
        Column::number("With this price, net"),
    ];
    let mut table = Table::new(caption, columns).empty(EmptyState::new(
        "Nothing would have changed",
        "No booking of last month would have cost anything else.",
    ));
    for row in &preview.rows {
        let zone = local_time::zone(&row.time_zone)?;
        let day = local_time::day_at(row.starts_at, &zone);
        table.push([
            Link::new(&row.resource_name, format!("/operator/bookings/{}", row.booking_id)).into(),
            format!(
                "{}, {}",
                times::day(day),
                times::span(row.starts_at, row.ends_at, &zone)
            )
            .into(),
            money(row.before).into(),
            money(row.after).into(),
        ]);
    }
    Ok(table)
}

fn sheet(desk: &Desk, form: &Form) -> Sheet {
    Sheet::set_up(desk, "Publish a price").back("Prices", HERE).part(form)
}
