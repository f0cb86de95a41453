//! The form of a price: its amounts, and when and for whom it counts.

use coterie_app::{
    company::page as company_page,
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{
    CompanyId,
    catalogue::Catalogue,
    local_time::Hours,
    resource::{BookedBy, Conditions, NewPriceRule},
};
use std::collections::BTreeMap;

use super::{
    choices,
    desk::Desk,
    form::{CheckGroup, Form, beside, group},
    prices::HERE,
    typed::{Typed, required},
};
use crate::{
    components::{Checkbox, Choice, Field, Select},
    failure::Failure,
    form::Submitted,
};

pub(super) fn read(submitted: &Submitted) -> Result<NewPriceRule, Failure> {
    let mut typed = Typed::new(submitted);
    let kind = typed.id("resource_type_id");
    let location_id = typed.maybe_id("location_id");
    let currency = typed.currency("currency");
    let per_hour = typed.money("per_hour", currency);
    let tax_included = typed.tax_included();
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
    let min_people = given("min_people").then(|| typed.number("min_people", None));
    let booked_by = match submitted.get("booked_by") {
        "" => None,
        "member" => Some(BookedBy::Member),
        "visitor" => Some(BookedBy::Visitor),
        _ => {
            typed.wrong("booked_by", "Please choose from the list.");
            None
        }
    };
    let conditions = Conditions {
        weekdays: submitted.all("weekdays").filter_map(|day| day.parse().ok()).collect(),
        hours,
        first_day,
        last_day,
        plan_id: typed.maybe_id("plan_id"),
        resource_id: typed.maybe_id("resource_id"),
        min_minutes,
        min_people,
        company_id: typed.maybe_id("company_id"),
        booked_by,
    };
    typed.finish()?;
    Ok(NewPriceRule {
        resource_type_id: required(kind, "resource_type_id")?,
        location_id,
        per_hour: required(per_hour, "per_hour")?,
        half_day,
        day_cap,
        minimum,
        tax_included,
        per_seat: submitted.has("per_seat"),
        conditions,
    })
}

/// The names of those that a price may be for.
pub(super) async fn companies(desk: &Desk) -> Result<BTreeMap<CompanyId, String>, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let page = company_page::companies(&desk.house.app, desk.tenant(), &request).await?;
    Ok(page.items.into_iter().map(|row| (row.company_id, row.name)).collect())
}

pub(super) fn form(catalogue: &Catalogue, companies: BTreeMap<CompanyId, String>, kind: Option<&str>) -> Form {
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
    let companies = companies
        .into_iter()
        .map(|(id, name)| Choice::new(id.to_string(), name));
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
            amount("per_hour", "Price of an hour").hint("Such as 20.00.").into(),
            choices::currency_select(catalogue)
                .hint("The one its legal entity bills in.")
                .into(),
            choices::told_select(catalogue.tells_with_tax(choices::only_entity(catalogue)))
                .hint("All of these amounts.")
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
        .with(
            Checkbox::new("per_seat", "These amounts are for each of those who come")
                .hint("A booking says how many; without a number it is priced as for one."),
        )
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
                beside([
                    Select::new(
                        "booked_by",
                        "Booked by",
                        [Choice::new("member", "Members"), Choice::new("visitor", "Visitors")],
                    )
                    .value("")
                    .optional()
                    .prompt("Everybody")
                    .into(),
                    Select::new("company_id", "Paid for by", companies)
                        .value("")
                        .optional()
                        .prompt("Every company, or nobody")
                        .into(),
                    Field::number("min_people", "People at least").optional().into(),
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
