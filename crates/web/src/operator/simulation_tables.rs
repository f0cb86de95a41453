//! What a simulation says, as tiles and tables.

use coterie_app::simulation::Simulation;
use coterie_domain::{
    Currency, LocationId, Money as Amount,
    catalogue::Catalogue,
    charge::Because,
    simulation::{About, Figures, Kind, Outcome, Row, Totals, largest},
};
use std::collections::BTreeMap;
use uuid::Uuid;

use super::{sheet::Html, simulation_form::HERE, times};
use crate::components::{Cell, Column, DefinitionList, EmptyState, Link, Money, Table, Tile, Tiles};

pub(super) type Names = BTreeMap<Uuid, String>;

fn money(minor: i64, currency: Currency) -> Cell {
    Money::new(minor, currency.code()).into()
}

fn figures(figures: Figures, currency: Currency) -> [Cell; 3] {
    [
        money(figures.published, currency),
        money(figures.draft, currency),
        money(figures.difference(), currency),
    ]
}

fn figure_columns() -> [Column; 3] {
    [
        Column::number("As published, net"),
        Column::number("By the draft, net"),
        Column::number("Difference"),
    ]
}

pub(super) fn place_name(catalogue: &Catalogue, id: LocationId) -> &str {
    catalogue.locations.get(&id).map_or("", |place| place.name.as_str())
}

/// Whoever is forgotten has no name.
pub(super) fn name_of(names: &Names, member: Uuid) -> String {
    let name = names.get(&member).filter(|name| !name.is_empty());
    name.cloned().unwrap_or_else(|| "A forgotten member".to_owned())
}

/// The members whose names a page shows.
pub(super) fn named(simulated: &Simulation, page: &[&Row]) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = page.iter().map(|row| row.member_id.0).collect();
    for currency in simulated.summary.totals.keys() {
        let (rises, falls) = largest(&simulated.rows, *currency);
        ids.extend(rises.iter().chain(&falls).map(|row| row.member_id.0));
    }
    ids
}

/// What to know first.
pub(super) fn remarks(simulated: &Simulation) -> Vec<String> {
    let (terms, summary) = (&simulated.terms, &simulated.summary);
    let mut remarks = vec![format!(
        "Looked at: {} memberships, {} bookings, {} day passes. Single charges, metered use, fees for not coming, credit notes and what visitors paid are in no figure.",
        summary.memberships, summary.bookings, summary.passes
    )];
    if terms.change_nothing() {
        remarks.push("The draft says what is published, so nothing would have cost anything else.".to_owned());
    }
    if let Some(plan) = &terms.plan {
        let mut text = format!(
            "{} version {} is tried on {} memberships",
            plan.version.name, plan.version.number, summary.on_draft
        );
        if summary.agreed_prices > 0 {
            text = format!(
                "{text}; {} of them have a price that was agreed instead of the plan's, which stays",
                summary.agreed_prices
            );
        }
        remarks.push(format!("{text}."));
    }
    remarks
}

/// What every currency comes to.
pub(super) fn parts(simulated: &Simulation, catalogue: &Catalogue, names: &Names, query: &str) -> Vec<Html> {
    let mut parts = Vec::new();
    let several = simulated.summary.totals.len() > 1;
    for (currency, totals) in &simulated.summary.totals {
        let of = |text: &str| {
            if several {
                format!("{text}, {currency}")
            } else {
                text.to_owned()
            }
        };
        parts.push(Html::of(&tiles(totals, *currency)));
        parts.push(Html::of(&trust(&of("How far to trust it"), totals, *currency)));
        parts.push(Html::of(&sums_by(
            &of("By plan"),
            "Plan",
            totals.by_plan.iter().map(|(id, figures)| {
                let plan = catalogue.latest_version_of(*id);
                (plan.map_or("", |plan| plan.name.as_str()).to_owned(), *figures)
            }),
            *currency,
        )));
        parts.push(Html::of(&sums_by(
            &of("By location"),
            "Location",
            totals
                .by_location
                .iter()
                .map(|(id, figures)| (place_name(catalogue, *id).to_owned(), *figures)),
            *currency,
        )));
        parts.push(Html::of(&sums_by(
            &of("By type"),
            "Type",
            totals
                .by_kind
                .iter()
                .map(|(kind, figures)| (kind_name(*kind, catalogue), *figures)),
            *currency,
        )));
        let (rises, falls) = largest(&simulated.rows, *currency);
        parts.push(Html::of(&rows(&of("Largest rises"), &rises, catalogue, names, query)));
        parts.push(Html::of(&rows(&of("Largest falls"), &falls, catalogue, names, query)));
    }
    parts
}

fn kind_name(kind: Kind, catalogue: &Catalogue) -> String {
    match kind {
        Kind::Plan => "Plans and add-ons".to_owned(),
        Kind::SetUpFee => "Set-up fees".to_owned(),
        Kind::Pass => "Day passes".to_owned(),
        Kind::Booking(id) => {
            let kind = catalogue.resource_types.get(&id);
            format!(
                "Bookings, {}",
                kind.map_or("a type that is gone", |kind| kind.name.as_str())
            )
        }
    }
}

fn tiles(totals: &Totals, currency: Currency) -> Tiles {
    let tile = |label: &str, value: Cell, note: String| Tile {
        label: label.to_owned(),
        value,
        note,
        href: None,
    };
    let sums = totals.figures;
    Tiles {
        tiles: vec![
            tile(
                "The draft would have changed",
                money(sums.difference(), currency),
                format!(
                    "{} instead of {}, net",
                    Amount::new(sums.draft, currency),
                    Amount::new(sums.published, currency)
                ),
            ),
            tile(
                "Would pay more",
                totals.more.to_string().into(),
                "memberships".to_owned(),
            ),
            tile(
                "Would pay less",
                totals.less.to_string().into(),
                "memberships".to_owned(),
            ),
            tile(
                "Would pay the same",
                totals.same.to_string().into(),
                "memberships".to_owned(),
            ),
        ],
    }
}

/// What was charged beside what is published, and every difference by its reason.
fn trust(caption: &str, totals: &Totals, currency: Currency) -> Table {
    let columns = [Column::text("What"), Column::number("Lines"), Column::number("Net")];
    let mut table = Table::new(caption, columns);
    table.push([
        "Really charged".into(),
        "".into(),
        money(totals.figures.charged, currency),
    ]);
    let mut explained = 0;
    for (note, noted) in &totals.notes {
        let amount = if note.is_a_difference() {
            money(noted.minor, currency)
        } else {
            "".into()
        };
        explained += noted.minor;
        table.push([note.sentence().into(), noted.lines.to_string().into(), amount]);
    }
    let rest = totals.figures.published - totals.figures.charged - explained;
    if rest != 0 {
        table.push(["Not explained".into(), "".into(), money(rest, currency)]);
    }
    table.footer([
        "The month by what is published".into(),
        "".into(),
        money(totals.figures.published, currency),
    ])
}

fn sums_by(caption: &str, heading: &str, sums: impl Iterator<Item = (String, Figures)>, currency: Currency) -> Table {
    let [published, draft, difference] = figure_columns();
    let mut table = Table::new(caption, [Column::text(heading), published, draft, difference]);
    for (name, sum) in sums {
        let [published, draft, difference] = figures(sum, currency);
        table.push([name.into(), published, draft, difference]);
    }
    table
}

/// Memberships, each leading to why.
pub(super) fn rows(caption: &str, rows: &[&Row], catalogue: &Catalogue, names: &Names, query: &str) -> Table {
    let [published, draft, difference] = figure_columns();
    let columns = [
        Column::text("Member"),
        Column::text("Plan"),
        Column::text("Location"),
        published,
        draft,
        difference,
    ];
    let mut table = Table::new(caption, columns).empty(EmptyState::new(caption, "Nobody's month is among these."));
    for row in rows {
        let [published, draft, difference] = figures(row.figures, row.currency);
        let href = format!("{HERE}/{}?{query}", row.membership_id);
        let plan = if row.agreed_price && row.on_draft {
            format!("{}, at an agreed price", row.plan_name)
        } else {
            row.plan_name.clone()
        };
        table.push([
            Link::new(name_of(names, row.member_id.0), href).into(),
            plan.into(),
            place_name(catalogue, row.home_location_id).into(),
            published,
            draft,
            difference,
        ]);
    }
    table
}

/// A membership's month in sum.
pub(super) fn sums(outcome: &Outcome) -> DefinitionList {
    let sum = outcome.figures;
    let list = DefinitionList::new()
        .item("Really charged, net", money(sum.charged, outcome.currency))
        .item("By what is published", money(sum.published, outcome.currency))
        .item("By the draft", money(sum.draft, outcome.currency))
        .item("Difference", money(sum.difference(), outcome.currency));
    if outcome.agreed_price {
        list.item(
            "Agreed price",
            "It was agreed instead of the plan's, and the draft does not touch it",
        )
    } else {
        list
    }
}

fn texts(steps: &[Because]) -> String {
    let texts: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
    texts.join("; ")
}

/// Line by line.
pub(super) fn lines(outcome: &Outcome, catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("For"),
        Column::text("Location"),
        Column::number("Charged"),
        Column::number("As published"),
        Column::text("Why"),
        Column::number("By the draft"),
        Column::text("Why, by the draft"),
        Column::text("To know"),
    ];
    let mut table = Table::new("Line by line, net", columns);
    for line in &outcome.lines {
        let what: Cell = match line.about {
            About::Booking(id) => Link::new(&line.what, format!("/operator/bookings/{id}")).into(),
            About::Membership => format!("{}, from {}", line.what, times::day(line.day)).into(),
            About::Pass(_) => line.what.as_str().into(),
        };
        let notes: Vec<&str> = line.notes.iter().map(|note| note.sentence()).collect();
        table.push([
            what,
            place_name(catalogue, line.location_id).into(),
            money(line.figures.charged, outcome.currency),
            money(line.figures.published, outcome.currency),
            texts(&line.published_because).into(),
            money(line.figures.draft, outcome.currency),
            texts(&line.draft_because).into(),
            notes.join("; ").into(),
        ]);
    }
    table
}
