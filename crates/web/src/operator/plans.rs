//! What members subscribe to, and how it came to be what it is.

use axum::{extract::Path, response::Response};
use coterie_app::{
    Done,
    plan::{self, Published},
};
use coterie_domain::{
    PlanId, Refusal,
    catalogue::Catalogue,
    period::CycleLength,
    plan::{Allowance, NewPlanVersion, PlanVersionPublished},
};
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    plan_form::{self, ALLOWANCE_ROWS},
    price_changes,
    sheet::Sheet,
    times,
    typed::{Typed, required},
};
use crate::{
    audit::links,
    components::{Column, EmptyState, Link, Table},
    failure::Failure,
    form::Submitted,
    told,
};

pub(super) const HERE: &str = "/operator/plans";
const NEW: &str = "/operator/plans/new";

/// The plans on offer, by name.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let columns = [
        Column::text("Plan"),
        Column::number("A cycle"),
        Column::text("Billed on"),
        Column::text("Includes"),
        Column::text("Where"),
        Column::text("Access"),
        Column::text("Legal entity"),
        Column::number("Version"),
    ];
    let mut table = Table::new("Plans on offer", columns).empty(
        EmptyState::new(
            "No plan yet",
            "A plan is what members subscribe to: a price a month, with hours in it.",
        )
        .action("Publish a plan", NEW),
    );
    for version in catalogue.plans_on_offer() {
        table.push(row(version, &catalogue));
    }
    Ok(Sheet::set_up(&desk, "Plans")
        .lead("A version never changes. Who has an older one keeps it until she chooses, or until a change is announced to her.")
        .action("Publish a plan", NEW)
        .action("Announced price changes", price_changes::HERE)
        .part(&table)
        .show())
}

fn row(version: &PlanVersionPublished, catalogue: &Catalogue) -> [crate::components::Cell; 8] {
    let entity = catalogue.legal_entities.get(&version.legal_entity_id);
    let includes: Vec<_> = version
        .grants()
        .map(|(holds, amount)| match holds.resource_type() {
            Some(id) => {
                let kind = catalogue.resource_types.get(&id);
                format!(
                    "{} {}",
                    times::minutes(amount),
                    kind.map_or("", |kind| kind.name.as_str())
                )
            }
            None => holds.told(amount),
        })
        .collect();
    let places: Vec<_> = version
        .locations
        .iter()
        .filter_map(|id| catalogue.locations.get(id))
        .map(|place| place.name.as_str())
        .collect();
    [
        Link::new(&version.name, format!("{HERE}/{}", version.plan_id)).into(),
        told::price(version.price, version.tax_included).into(),
        billed(version).into(),
        includes.join(", ").into(),
        if places.is_empty() {
            "everywhere".into()
        } else {
            places.join(", ").into()
        },
        version
            .access_hours
            .map_or_else(|| "at any time".to_owned(), |hours| hours.to_string())
            .into(),
        entity.map_or("", |entity| entity.fact.name.as_str()).into(),
        version.number.to_string().into(),
    ]
}

/// `the 1st`, `every 10 days`, `the 1st, by the quarter, in arrears`
fn billed(version: &PlanVersionPublished) -> String {
    let mut text = if version.length == CycleLength::Month {
        format!("the {}", ordinal(version.billing_day))
    } else if version.length.has_billing_day() {
        format!("the {}, by the {}", ordinal(version.billing_day), version.length)
    } else {
        format!("every {}", version.length)
    };
    if version.in_arrears {
        text.push_str(", in arrears");
    }
    if let Some(deposit) = version.deposit {
        text = format!("{text}, deposit {deposit}");
    }
    text
}

fn ordinal(day: i8) -> String {
    let ending = match (day, day % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// The form of a new plan.
pub(super) async fn new(desk: Desk) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    Ok(new_sheet(&desk).part(&plan_form::of_new(&catalogue, HERE)).show())
}

/// Publishes a plan.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted, None).await {
        Ok(done) => Ok(desk.done(done.position, "The plan is on offer.", HERE)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = plan_form::of_new(&*desk.catalogue().await?, HERE).refused(&submitted, &failure);
            Ok(new_sheet(&desk).part(&form).show_with(failure.status))
        }
    }
}

fn new_sheet(desk: &Desk) -> Sheet {
    Sheet::set_up(desk, "Publish a plan").back("Plans", HERE)
}

/// A plan's versions, and the form of the next one.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let latest = latest(&catalogue, id)?;
    let form = plan_form::of_next(&catalogue, latest, &address(id));
    Ok(detail_sheet(&desk, &catalogue, latest, &form).show())
}

/// Publishes the next version of a plan.
pub(super) async fn revise(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted, Some(PlanId(id))).await {
        Ok(done) => Ok(desk.done(done.position, "The new version is on offer.", &address(id))),
        Err(failure) => {
            let catalogue = desk.catalogue().await?;
            // An unknown plan is no field of this form.
            let latest = latest(&catalogue, id)?;
            let failure = shown_again(failure)?;
            let form = plan_form::of_next(&catalogue, latest, &address(id)).refused(&submitted, &failure);
            Ok(detail_sheet(&desk, &catalogue, latest, &form).show_with(failure.status))
        }
    }
}

fn address(id: Uuid) -> String {
    format!("{HERE}/{id}")
}

fn latest(catalogue: &Catalogue, id: Uuid) -> Result<&PlanVersionPublished, Failure> {
    catalogue.latest_version_of(PlanId(id)).ok_or_else(Failure::not_found)
}

fn detail_sheet(desk: &Desk, catalogue: &Catalogue, latest: &PlanVersionPublished, form: &super::form::Form) -> Sheet {
    let columns = [
        Column::number("Version"),
        Column::text("Name"),
        Column::number("A cycle"),
        Column::text("Billed on"),
        Column::text("Includes"),
        Column::text("Where"),
        Column::text("Access"),
    ];
    let mut versions: Vec<_> = catalogue
        .plan_versions
        .values()
        .filter(|version| version.plan_id == latest.plan_id)
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.number));
    let mut table = Table::new("Versions", columns);
    for version in versions {
        let [_, price, billed, includes, places, access, _, number] = row(version, catalogue);
        table.push([
            number,
            version.name.clone().into(),
            price,
            billed,
            includes,
            places,
            access,
        ]);
    }
    let mut sheet = Sheet::set_up(desk, &latest.name)
        .back("Plans", HERE)
        .history(links::stream(latest.plan_id.0));
    if latest.number > 1 {
        sheet = sheet.action(
            "Announce it to members",
            price_changes::of_version(latest.plan_version_id),
        );
    }
    sheet
        .part(&table)
        .card("next", "Publish a new version", &[super::sheet::Html::of(form)])
}

async fn attempt(desk: &Desk, submitted: &Submitted, plan: Option<PlanId>) -> Result<Done<Published>, Failure> {
    let mut typed = Typed::new(submitted);
    let entity = typed.id("legal_entity_id");
    let currency = typed.currency("currency");
    let price = typed.money("price", currency);
    let tax_included = typed.tax_included();
    let billing_day = typed.number("billing_day", Some(1));
    let mut allowances = Vec::new();
    for (kind_name, hours_name) in ALLOWANCE_ROWS {
        let kind = typed.maybe_id(kind_name);
        let hours = typed.text(hours_name);
        match (kind, hours.trim()) {
            (None, "") => {}
            (None, _) => typed.wrong(kind_name, "Please choose what these hours are for."),
            (Some(_), "") => typed.wrong(hours_name, "Please say how many hours."),
            (Some(resource_type_id), hours) => match plan_form::minutes_of(hours) {
                Some(minutes) => allowances.push(Allowance {
                    resource_type_id,
                    minutes,
                }),
                None => typed.wrong(hours_name, "Please write hours such as 5 or 2.5."),
            },
        }
    }
    let locations: Option<Vec<_>> = submitted.all("locations").map(|id| id.parse().ok()).collect();
    if locations.is_none() {
        typed.wrong("locations", "Please choose from the list.");
    }
    let name = typed.text("name");
    let tax_category = typed.text("tax_category");
    let access_hours = typed.text("access_hours");
    let terms = plan_form::terms(&mut typed, currency);
    typed.finish()?;
    let twice = allowances.iter().enumerate().any(|(index, one)| {
        allowances[..index]
            .iter()
            .any(|other| other.resource_type_id == one.resource_type_id)
    });
    if twice {
        return Err(Refusal::field("allowance_twice", "allowances", "Please name each type once.").into());
    }
    let new = NewPlanVersion {
        name,
        legal_entity_id: required(entity, "legal_entity_id")?,
        price: required(price, "price")?,
        tax_included,
        billing_day,
        terms,
        tax_category,
        allowances,
        locations: locations.unwrap_or_default(),
        access_hours,
    };
    Ok(plan::publish(&desk.house.app, &desk.caller(), plan, new).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_a_month_are_counted_in_english() {
        let days: Vec<_> = [1, 2, 3, 4, 11, 13, 21, 22, 31].map(ordinal).into();
        assert_eq!(days.join(" "), "1st 2nd 3rd 4th 11th 13th 21st 22nd 31st");
    }
}
