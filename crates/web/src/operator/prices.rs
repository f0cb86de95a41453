//! What an hour costs, when and for whom.

use axum::{extract::Query, response::Response};
use coterie_app::resource::{self, PricePreview};
use coterie_domain::{
    catalogue::Catalogue,
    local_time::{self, Hours},
    resource::{Conditions, NewPriceRule, precedence},
};
use serde::Deserialize;

use super::{
    choices,
    desk::{Desk, shown_again},
    form::{CheckGroup, Form, beside, group},
    sheet::Sheet,
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Cell, Checkbox, Choice, Column, EmptyState, Field, Link, Money, Select, Table},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/prices";
const NEW: &str = "/operator/prices/new";

/// The rules that count, the broader ones first.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let mut columns = vec![
        Column::text("Type"),
        Column::text("Where"),
        Column::text("When"),
        Column::number("Per hour"),
        Column::number("Half day"),
        Column::number("At least a day"),
        Column::number("At most a day"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Prices, net of VAT", columns).empty(
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
        let when = rule.conditions.sentence(&catalogue);
        let maybe = |amount: Option<coterie_domain::Money>| {
            amount.map_or_else(|| Cell::from(""), |amount| Money::new(amount.minor, currency).into())
        };
        let mut cells: Vec<Cell> = vec![
            kind.map_or("", |kind| kind.name.as_str()).into(),
            place
                .map_or_else(|| format!("Everywhere in {currency}"), |place| place.name.clone())
                .into(),
            if when.is_empty() { "Always".to_owned() } else { when }.into(),
            Money::new(rule.per_hour.minor, currency).into(),
            maybe(rule.half_day),
            maybe(rule.minimum),
            maybe(rule.day_cap),
        ];
        cells.extend(desk.history_cell(rule.price_rule_id.0));
        table.push(cells);
    }
    Ok(Sheet::set_up(&desk, "Prices")
        .lead("The narrower rule counts: a room's before its location's before everywhere's; then one for a plan, a season, hours, weekdays. A new price counts for new bookings.")
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

/// Publishes one, or says what it would have meant last month.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    let again = |failure: Failure| async {
        let failure = shown_again(failure)?;
        let form = form(&*desk.catalogue().await?, None).refused(&submitted, &failure);
        Ok(sheet(&desk, &form).show_with(failure.status))
    };
    let rule = match read(&submitted) {
        Ok(rule) => rule,
        Err(failure) => return again(failure).await,
    };
    if submitted.has("preview") {
        return match resource::preview_price(&desk.house.app, &desk.caller(), &rule).await {
            Ok(preview) => {
                let form = form(&*desk.catalogue().await?, None).refilled(&submitted);
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

fn read(submitted: &Submitted) -> Result<NewPriceRule, Failure> {
    let mut typed = Typed::new(submitted);
    let kind = typed.id("resource_type_id");
    let location_id = typed.maybe_id("location_id");
    let currency = typed.currency("currency");
    let per_hour = typed.money("per_hour", currency);
    let half_day = typed.maybe_money("half_day", currency);
    let minimum = typed.maybe_money("minimum", currency);
    let day_cap = typed.maybe_money("day_cap", currency);
    let given = |name: &str| !submitted.get(name).trim().is_empty();
    let hours = if given("from") || given("until") {
        let (from, to) = (typed.time("from"), typed.time("until"));
        from.zip(to).map(|(from, to)| Hours { from, to })
    } else {
        None
    };
    let first_day = if given("first_day") {
        typed.date("first_day")
    } else {
        None
    };
    let last_day = if given("last_day") {
        typed.date("last_day")
    } else {
        None
    };
    let min_minutes = given("min_minutes").then(|| typed.number("min_minutes", None));
    let conditions = Conditions {
        weekdays: submitted.all("weekdays").filter_map(|day| day.parse().ok()).collect(),
        hours,
        first_day,
        last_day,
        plan_id: typed.maybe_id("plan_id"),
        resource_id: typed.maybe_id("resource_id"),
        min_minutes,
    };
    typed.finish()?;
    Ok(NewPriceRule {
        resource_type_id: required(kind, "resource_type_id")?,
        location_id,
        per_hour: required(per_hour, "per_hour")?,
        half_day,
        day_cap,
        minimum,
        conditions,
    })
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
    let rooms = catalogue.resources.values().map(|room| {
        let place = catalogue
            .locations
            .get(&room.location_id)
            .map_or("", |place| place.name.as_str());
        Choice::new(room.resource_id.to_string(), format!("{}, {place}", room.name))
    });
    let plans = catalogue
        .plans_on_offer()
        .into_iter()
        .map(|plan| Choice::new(plan.plan_id.to_string(), plan.name.clone()));
    let days = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let days = days
        .iter()
        .zip(1..)
        .map(|(day, number)| (number.to_string(), (*day).to_owned(), false));
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
        .with(beside([
            amount("half_day", "A half day")
                .optional()
                .hint("Each 4 hours, where that is cheaper.")
                .into(),
            amount("minimum", "At least a day")
                .optional()
                .hint("Of what is charged at all.")
                .into(),
            amount("day_cap", "At most a day")
                .optional()
                .hint("However long it is.")
                .into(),
        ]))
        .with(group(
            "conditions",
            "When it counts",
            "What is left empty does not matter.",
            [
                CheckGroup::new("weekdays", "On", days).into(),
                beside([
                    Field::time("from", "From").optional().into(),
                    Field::time("until", "Until")
                        .optional()
                        .hint("00:00 is the end of the day.")
                        .into(),
                ]),
                beside([
                    Field::date("first_day", "First day").optional().into(),
                    Field::date("last_day", "Last day").optional().into(),
                ]),
                beside([
                    Select::new("resource_id", "Only in", rooms)
                        .value("")
                        .optional()
                        .prompt("Every one of the type")
                        .into(),
                    Select::new("plan_id", "Only on", plans)
                        .value("")
                        .optional()
                        .prompt("Every plan")
                        .into(),
                    Field::number("min_minutes", "Minutes at least").optional().into(),
                ]),
            ],
        ))
        .with(
            Checkbox::new(
                "preview",
                "Only show what it would have meant for last month's bookings",
            )
            .hint("Nothing is published then."),
        )
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
