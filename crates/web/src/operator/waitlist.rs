//! `/operator/waitlist`: who waits for which time, put in line or taken out of it by staff.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{
    booking::Book,
    projections,
    waitlist::{self, WaitlistRow},
};
use coterie_domain::{ResourceId, WaitlistEntryId, catalogue::Catalogue, local_time};
use uuid::Uuid;

use super::{
    book::{find_members, member_field},
    bookings, choices,
    desk::{Desk, shown_again},
    form::{Form, beside},
    member_detail,
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
};
use crate::{
    components::{Choice, Column, EmptyState, Field, Link, Select, Table},
    failure::Failure,
    form::Submitted,
    member::book_form,
};

pub(super) const HERE: &str = "/operator/waitlist";

/// The line, and the form that puts somebody into it; an address may have it filled in.
pub(super) async fn list(desk: Desk, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let catalogue = desk.catalogue().await?;
    let form = form(&desk, &catalogue, &asked).await?;
    Ok(sheet(&desk, &form).await?.show())
}

async fn sheet(desk: &Desk, form: &Form) -> Result<Sheet, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let rows = waitlist::list(&desk.house.app, &desk.caller(), None, None).await?;
    Ok(Sheet::booked(desk, "Waiting list")
        .lead("Whatever becomes free is held for the first in line who can book it, and she gets an email.")
        .part(&table(&rows)?)
        .card("join", "Put somebody in line", &[Html::of(form)]))
}

fn table(rows: &[WaitlistRow]) -> Result<Table, Failure> {
    let columns = ["Who", "What", "When", "In line", "Take out"].map(Column::text);
    let empty = EmptyState::new(
        "Nobody waits",
        "Members wait for times that are taken; staff can put them in line too.",
    );
    let mut table = Table::new("In the order in which they came", columns).empty(empty);
    for row in rows {
        let zone = local_time::zone(&row.time_zone)?;
        let place = match (row.booking_id, row.ahead) {
            (Some(hold), _) => Link::new("Held for her", format!("{}/{hold}", bookings::HERE)).into(),
            (None, 0) => "She is next".into(),
            (None, 1) => "One is before her".into(),
            (None, ahead) => format!("{ahead} are before her").into(),
        };
        table.push([
            Link::new(&row.member_name, member_detail::address(row.member_id)).into(),
            format!("{}, {}", row.resource_name, row.location_name).into(),
            format!(
                "{}, {} ({})",
                times::day(local_time::day_at(row.starts_at, &zone)),
                times::span(row.starts_at, row.ends_at, &zone),
                row.time_zone
            )
            .into(),
            place,
            Link::new("Take out", format!("{HERE}/{}", row.entry_id)).into(),
        ]);
    }
    Ok(table)
}

async fn form(desk: &Desk, catalogue: &Catalogue, asked: &Submitted) -> Result<Form, Failure> {
    let mut rooms = Vec::new();
    for place in choices::locations(catalogue) {
        let mut here: Vec<_> = catalogue
            .resources
            .values()
            .filter(|room| room.location_id == place.location_id)
            .collect();
        here.sort_by(|a, b| a.name.cmp(&b.name));
        rooms.extend(here.into_iter().map(|room| {
            let label = format!("{}, {}", room.name, place.name);
            Choice::new(room.resource_id.to_string(), label)
        }));
    }
    let (member, suggestions) = member_field(desk, asked.get("member")).await?;
    Ok(Form::post(HERE, "Put in line")
        .with(member)
        .with(suggestions)
        .with(Select::new("resource", "What", rooms).value(asked.get("resource")))
        .with(beside([
            Field::date("date", "Day").value(asked.get("date")).into(),
            Field::time("starts_at", "From").value(asked.get("starts_at")).into(),
            Field::time("ends_at", "Until")
                .value(asked.get("ends_at"))
                .hint("00:00 is the end of the day.")
                .into(),
        ])))
}

/// Puts a member in line.
pub(super) async fn join(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(position) => Ok(desk.done(
            position,
            "She is in line, and gets an email when it becomes free.",
            HERE,
        )),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let catalogue = desk.catalogue().await?;
            let form = form(&desk, &catalogue, &submitted).await?.refused(&submitted, &failure);
            Ok(sheet(&desk, &form).await?.show_with(failure.status))
        }
    }
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<i64, Failure> {
    let mut typed = Typed::new(submitted);
    let resource: Option<ResourceId> = typed.id("resource");
    let email = typed.text("member").trim().to_lowercase();
    let found = find_members(desk, Some(email.clone())).await?;
    let member = found.into_iter().find(|member| member.email == email);
    if member.is_none() {
        typed.wrong("member", "No member has this address.");
    }
    let (_, _, _) = (typed.date("date"), typed.time("starts_at"), typed.time("ends_at"));
    typed.finish()?;
    let (start, end) = required(book_form::span(submitted), "date")?;
    let wish = Book {
        member_id: required(member, "member")?.member_id,
        resource_id: required(resource, "resource")?,
        start,
        end,
        people: None,
    };
    Ok(waitlist::join(&desk.house.app, &desk.caller(), wish).await?.position)
}

/// Asks before somebody is taken out of the line.
pub(super) async fn ask_leave(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE]).await?;
    let rows = waitlist::list(&desk.house.app, &desk.caller(), None, None).await?;
    let row = rows
        .into_iter()
        .find(|row| row.entry_id.0 == id)
        .ok_or_else(Failure::not_found)?;
    let zone = local_time::zone(&row.time_zone)?;
    let sentence = format!(
        "{} waits for {}, {}, {}. Whoever came after her moves up.",
        row.member_name,
        row.resource_name,
        times::day(local_time::day_at(row.starts_at, &zone)),
        times::span(row.starts_at, row.ends_at, &zone)
    );
    let form = Form::post(format!("{HERE}/{id}"), "Take her out").danger().cancel(HERE);
    Ok(Sheet::new(&desk, "Take somebody out of the line")
        .back("Waiting list", HERE)
        .card("leave", &row.member_name, &[Html::text(&sentence), Html::of(&form)])
        .show())
}

/// Takes somebody out.
pub(super) async fn leave(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    match waitlist::leave(&desk.house.app, &desk.caller(), WaitlistEntryId(id)).await {
        Ok(done) => Ok(desk.done(done.position, "She does not wait any more.", HERE)),
        Err(error) => desk.refused(error.into(), HERE),
    }
}

/// The address of the form with a time filled in that was refused because it is taken.
pub(super) fn for_time(submitted: &Submitted, resource: ResourceId) -> String {
    let resource = resource.to_string();
    let fields = [
        ("member", submitted.get("member")),
        ("resource", resource.as_str()),
        ("date", submitted.get("date")),
        ("starts_at", submitted.get("starts_at")),
        ("ends_at", submitted.get("ends_at")),
    ];
    format!("{HERE}?{}", serde_urlencoded::to_string(fields).unwrap_or_default())
}
