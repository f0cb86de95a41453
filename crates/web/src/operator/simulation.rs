//! What if: what a month would have come to by a draft of a plan and of prices, beside what it came to.

use axum::{
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Response},
};
use coterie_app::{log::member::names, page::PageRequest, projections, simulation};
use coterie_documents::simulation::{Row as CsvRow, csv};
use coterie_domain::{
    MembershipId, Money as Amount, local_time,
    occupancy::last_month,
    period::month_name,
    simulation::{Draft, Row},
};
use http::{HeaderValue, header};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    sheet::{Html, Sheet},
    simulation_form::{self as form, HERE},
    simulation_tables as tables, times,
};
use crate::{
    components::{EmptyState, Pagination},
    failure::Failure,
    form::Submitted,
};

/// The same as a file, for the same query.
pub(super) const FILE: &str = "/operator/simulation.csv";
/// Memberships on a page.
const PAGE: i64 = 50;
const TITLE: &str = "What if";

/// The months and plans to choose from, the draft's form, or what the draft comes to.
pub(super) async fn show(desk: Desk, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let raw = raw.unwrap_or_default();
    let asked = Submitted::from_encoded(&raw)?;
    let catalogue = desk.catalogue().await?;
    if !asked.has("month") {
        let today = local_time::day_at(desk.now().await?, &TimeZone::UTC);
        let last = month_name(last_month(today).start);
        return Ok(sheet(&desk).part(&form::chooser(&catalogue, &last)).show());
    }
    let draft_form = form::form(&catalogue, asked.get("month"), form::plan_of(&asked, &catalogue));
    if !asked.has("draft") {
        return Ok(sheet(&desk).back(TITLE, HERE).part(&draft_form).show());
    }
    let simulated = match form::read(&asked, &catalogue) {
        Ok(read) => simulation::simulate(&desk.house.app, &desk.caller(), &read.draft, None)
            .await
            .map_err(|error| read.naming(error.into())),
        Err(failure) => Err(failure),
    };
    let simulated = match simulated {
        Ok(simulated) => simulated,
        Err(failure) => {
            let failure = shown_again(failure)?;
            let again = draft_form.refused(&asked, &failure);
            return Ok(sheet(&desk).back(TITLE, HERE).part(&again).show_with(failure.status));
        }
    };
    let query = query(&raw)?;
    let request = PageRequest {
        limit: Some(PAGE),
        after: Some(asked.get("after").to_owned()).filter(|after| !after.is_empty()),
    };
    let after: Option<Uuid> = request.after();
    let wanted = usize::try_from(PAGE + 1).unwrap_or(1);
    let rows = simulated.rows.iter();
    let rows = rows.filter(|row| after.is_none_or(|after| row.membership_id.0 > after));
    let page = request.cut(rows.take(wanted).collect(), |row: &&Row| row.membership_id.0);
    let names = names_of(&desk, tables::named(&simulated, &page.items)).await?;
    let month = simulated.terms.month;
    let mut sheet = sheet(&desk)
        .back(TITLE, HERE)
        .lead(format!("{} to {}", times::day(month.start), times::day(month.last())))
        .action("Download as CSV", format!("{FILE}?{query}"));
    if simulated.rows.is_empty() {
        let empty = EmptyState::new(
            "Nothing to price",
            "No membership has a day, a booking or a pass in that month.",
        );
        return Ok(sheet.part(&empty).part(&draft_form.refilled(&asked)).show());
    }
    for text in tables::remarks(&simulated) {
        sheet = sheet.part(&Html::text(&text));
    }
    for part in tables::parts(&simulated, &catalogue, &names, &query) {
        sheet = sheet.part(&part);
    }
    let next = page.next.as_ref().map(|next| format!("{HERE}?{query}&after={next}"));
    let previous = after.map(|_| format!("{HERE}?{query}"));
    let memberships = tables::rows("All memberships", &page.items, &catalogue, &names, &query);
    Ok(sheet
        .part(&memberships)
        .part(&Pagination {
            label: "Memberships".to_owned(),
            previous,
            next,
        })
        .card("draft", "Change the draft", &[Html::of(&draft_form.refilled(&asked))])
        .show())
}

/// One membership's month, line by line, and why.
pub(super) async fn explain(desk: Desk, Path(id): Path<Uuid>, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let raw = raw.unwrap_or_default();
    let draft = draft(&desk, &raw).await?;
    let ids = [MembershipId(id)];
    let (_, outcomes) = simulation::explain(&desk.house.app, &desk.caller(), &draft, &ids).await?;
    let query = query(&raw)?;
    let Some(outcome) = outcomes.first() else {
        let empty = EmptyState::new(
            "Nothing to price",
            "No day, booking or pass of this membership lies in that month.",
        );
        let back = format!("{HERE}?{query}");
        return Ok(sheet(&desk).back(TITLE, back).part(&empty).show());
    };
    let names = names_of(&desk, vec![outcome.member_id.0]).await?;
    let catalogue = desk.catalogue().await?;
    let sheet = Sheet::set_up(&desk, tables::name_of(&names, outcome.member_id.0))
        .back(TITLE, format!("{HERE}?{query}"))
        .lead(format!("{}, {}", outcome.plan_name, draft.month))
        .part(&tables::sums(outcome))
        .part(&tables::lines(outcome, &catalogue));
    Ok(sheet.show())
}

/// The file.
pub(super) async fn download(desk: Desk, RawQuery(raw): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let draft = draft(&desk, &raw.unwrap_or_default()).await?;
    let simulated = simulation::simulate(&desk.house.app, &desk.caller(), &draft, None).await?;
    let catalogue = desk.catalogue().await?;
    let names = names_of(&desk, simulated.rows.iter().map(|row| row.member_id.0).collect()).await?;
    let ids: Vec<String> = simulated.rows.iter().map(|row| row.membership_id.to_string()).collect();
    let rows = simulated.rows.iter().zip(&ids).map(|(row, id)| {
        let amount = |minor| Amount::new(minor, row.currency).amount();
        CsvRow {
            membership: id,
            member: names.get(&row.member_id.0).map_or("", String::as_str),
            plan: &row.plan_name,
            location: tables::place_name(&catalogue, row.home_location_id),
            currency: row.currency.code(),
            charged: amount(row.figures.charged),
            published: amount(row.figures.published),
            draft: amount(row.figures.draft),
            difference: amount(row.figures.difference()),
            bookings: row.bookings,
            passes: row.passes,
            on_draft: row.on_draft,
            agreed_price: row.agreed_price,
        }
    });
    let mut response = csv(rows).map_err(|error| Failure::internal(&error))?.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let name = format!(
        "attachment; filename=\"what-if-{}.csv\"",
        month_name(simulated.terms.month.start)
    );
    if let Ok(disposition) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

fn sheet(desk: &Desk) -> Sheet {
    Sheet::set_up(desk, TITLE)
        .lead("A month that is over, priced by a draft. Nothing is published, and nobody is charged.")
}

async fn draft(desk: &Desk, raw: &str) -> Result<Draft, Failure> {
    let asked = Submitted::from_encoded(raw)?;
    Ok(form::read(&asked, &*desk.catalogue().await?)?.draft)
}

async fn names_of(desk: &Desk, ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, String>, Failure> {
    Ok(names(&desk.house.app, desk.tenant(), &ids).await?)
}

/// The draft as an address carries it: without what is empty, and without the page.
fn query(raw: &str) -> Result<String, Failure> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(raw).map_err(|_| Failure::malformed("The address could not be read."))?;
    let pairs: Vec<_> = pairs
        .into_iter()
        .filter(|(name, value)| name != "after" && !value.is_empty())
        .collect();
    Ok(serde_urlencoded::to_string(pairs).unwrap_or_default())
}
