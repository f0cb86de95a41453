//! Booking on behalf of a member: first what is free, then for whom and how long.

use axum::{extract::RawQuery, response::Response};
use coterie_app::{
    booking::{
        self, Book,
        page::{self as booking_page, BookingDay, BusyWith, ResourceDay},
    },
    member::page::{self as member_page, MemberFilter, MemberRow},
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{MemberId, ResourceId, catalogue::Catalogue, local_time, resource::ResourceAdded};
use jiff::{
    Timestamp, ToSpan,
    civil::{DateTime, Time},
    tz::TimeZone,
};
use uuid::Uuid;

use super::{
    bookings::{self, PlaceAndDay, chooser, place_and_day},
    desk::{Desk, shown_again},
    form::{Form, Suggestions, beside},
    resource_detail,
    sheet::Sheet,
    times,
    typed::{Typed, required},
    waitlist,
};
use crate::{
    components::{DayGrid, EmptyState, Field, GridResource, Hidden, Occupancy, Occupied},
    failure::Failure,
    form::Submitted,
    member::repeat::{self, Repeat},
};

pub(super) const HERE: &str = "/operator/bookings/new";

/// The day grid; once a free time of a room is chosen, the form for it.
pub(super) async fn new(desk: Desk, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let catalogue = desk.catalogue().await?;
    if let Ok(resource) = asked.get("resource").parse::<ResourceId>() {
        let resource = catalogue.resources.get(&resource).ok_or_else(Failure::not_found)?;
        return slot(&desk, &catalogue, resource, &asked).await;
    }
    let (location, date) = (Some(asked.get("location")), Some(asked.get("date")));
    let Some(shown) = place_and_day(&desk, &catalogue, location, date).await? else {
        let empty = EmptyState::new(
            "No location yet",
            "Bookings are made for rooms and desks in a location.",
        )
        .action("Set up your chain", "/operator/set-up");
        return Ok(Sheet::new(&desk, "Book for a member").part(&empty).show());
    };
    grid(&desk, &catalogue, &shown, asked.get("member")).await
}

async fn grid(desk: &Desk, catalogue: &Catalogue, shown: &PlaceAndDay<'_>, member: &str) -> Result<Response, Failure> {
    let now = desk.now().await?;
    let day = booking_page::day(&desk.house.app, desk.tenant(), shown.place.location_id, shown.day).await?;
    let list = format!(
        "{}?location={}&date={}",
        bookings::HERE,
        shown.place.location_id,
        shown.day
    );
    let mut chooser = chooser(catalogue, HERE, shown);
    if !member.is_empty() {
        chooser = chooser.with(Hidden::new("member", member));
    }
    let sheet = Sheet::new(desk, "Book for a member")
        .back("Bookings", list)
        .lead("Choose a free time; how long it takes comes next.")
        .part(&chooser);
    let Some((opens, closes)) = opening(&day)? else {
        let closed = EmptyState::new(
            "Closed",
            match &day.closed_because {
                Some(reason) => format!("{} is closed on {}: {reason}.", shown.place.name, times::day(shown.day)),
                None => format!(
                    "{} is closed on {}. It is open {}.",
                    shown.place.name,
                    times::day(shown.day),
                    shown.place.hours
                ),
            },
        );
        return Ok(sheet.part(&closed).show());
    };
    let caption = format!("{}, {}", shown.place.name, times::day(shown.day));
    let resources = day.rows.iter().map(|row| grid_row(row, member)).collect();
    let grid = DayGrid::new("day", caption, &day.zone, (opens, closes), now, resources);
    Ok(sheet.part(&grid).show())
}

/// When the place opens and closes on the day, as instants; `None` when it is closed.
fn opening(day: &BookingDay) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
    let Some(hours) = day.hours else { return Ok(None) };
    let closes = if hours.to == Time::midnight() {
        local_time::day_start(day.date.saturating_add(1.day()), &day.zone)?
    } else {
        at(day.date.to_datetime(hours.to), &day.zone)?
    };
    Ok(Some((at(day.date.to_datetime(hours.from), &day.zone)?, closes)))
}

/// A wall time as an instant; one that the clocks skip counts as the time they jump to.
fn at(wall: DateTime, zone: &TimeZone) -> Result<Timestamp, Failure> {
    zone.to_ambiguous_timestamp(wall)
        .compatible()
        .map_err(|error| Failure::internal(&error))
}

fn grid_row(row: &ResourceDay, member: &str) -> GridResource {
    let room = &row.resource;
    let mut occupied = Vec::new();
    for busy in &row.busy {
        let buffer = |start, end| Occupied {
            start,
            end,
            occupancy: Occupancy::Closed,
            label: String::new(),
            href: None,
        };
        let (occupancy, label, href) = match &busy.what {
            BusyWith::Booking {
                booking_id,
                member_name,
                ..
            } => {
                let href = format!("{}/{booking_id}", bookings::HERE);
                (Occupancy::Busy, member_name.clone(), href)
            }
            BusyWith::Assignment { member_name, .. } => {
                let href = resource_detail::address(room.resource_id);
                (Occupancy::Closed, member_name.clone(), href)
            }
            BusyWith::Blocker { reason, .. } => {
                let href = resource_detail::address(room.resource_id);
                (Occupancy::Closed, reason.clone(), href)
            }
        };
        occupied.push(buffer(busy.blocked_from, busy.starts_at));
        occupied.push(Occupied {
            start: busy.starts_at,
            end: busy.ends_at,
            occupancy,
            label,
            href: Some(href),
        });
        occupied.push(buffer(busy.ends_at, busy.blocked_until));
    }
    occupied.retain(|stretch| stretch.start < stretch.end);
    let people = if room.capacity == 1 {
        "1 person".to_owned()
    } else {
        format!("{} people", room.capacity)
    };
    let mut query = vec![("resource", room.resource_id.to_string())];
    if !member.is_empty() {
        query.push(("member", member.to_owned()));
    }
    GridResource {
        name: room.name.clone(),
        detail: match &row.price {
            Some(price) if price.per_seat => format!(
                "{people}, {}{} an hour for each",
                price.per_hour,
                coterie_domain::tax::including(price.tax_included)
            ),
            Some(price) => format!(
                "{people}, {}{} an hour",
                price.per_hour,
                coterie_domain::tax::including(price.tax_included)
            ),
            None => format!("{people}, no price yet"),
        },
        book_href: row
            .price
            .as_ref()
            .map(|_| format!("{HERE}?{}", serde_urlencoded::to_string(query).unwrap_or_default())),
        occupied,
    }
}

/// The form for one room, with the time that was clicked.
async fn slot(
    desk: &Desk,
    catalogue: &Catalogue,
    resource: &ResourceAdded,
    asked: &Submitted,
) -> Result<Response, Failure> {
    let zone = catalogue.zone_of(resource.location_id)?;
    let start: Timestamp = match asked.get("start").parse() {
        Ok(start) => start,
        Err(_) => desk.now().await?,
    };
    let local = zone.to_datetime(start);
    let usual = resource.min_minutes.max(resource.max_minutes.min(60));
    let minutes = asked.get("minutes").parse().unwrap_or_else(|_| i64::from(usual));
    let end = local.saturating_add(minutes.clamp(5, 24 * 60).minutes());
    let email = match asked.get("member").parse::<Uuid>() {
        Ok(id) => member_page::find(&desk.house.app, desk.tenant(), MemberId(id))
            .await?
            .map(|member| member.email),
        Err(_) => None,
    };
    let filled = Form::post(bookings::HERE, "Book").with(Hidden::new("resource_id", resource.resource_id.to_string()));
    let form = slot_form(
        desk,
        filled,
        Some((local, end)),
        email.unwrap_or_default(),
        (asked, None),
    )
    .await?;
    Ok(slot_sheet(desk, catalogue, resource, &form).show())
}

async fn slot_form(
    desk: &Desk,
    form: Form,
    times: Option<(DateTime, DateTime)>,
    email: String,
    (asked, failure): (&Submitted, Option<&Failure>),
) -> Result<Form, Failure> {
    let clock = |time: DateTime| time.strftime("%H:%M").to_string();
    let (date, start, end) = times.map_or_else(Default::default, |(start, end)| {
        (start.date().to_string(), clock(start), clock(end))
    });
    let (member, suggestions) = member_field(desk, &email).await?;
    let repeat = Repeat::of(asked, failure);
    let form = form.with(member).with(suggestions).with(beside([
        Field::date("date", "Day").value(date).into(),
        Field::time("starts_at", "From").value(start).into(),
        Field::time("ends_at", "Until")
            .value(end)
            .hint("00:00 is the end of the day.")
            .into(),
    ]));
    let form = form.with(
        Field::number("people", "People")
            .optional()
            .hint("How many come; where a price is for each, it counts them."),
    );
    let form = form.with(beside([repeat.how.optional().into(), repeat.until.into()]));
    Ok(match repeat.leave_out {
        Some(leave_out) => form.with(leave_out),
        None => form,
    })
}

/// A field for a member's address, and what it suggests.
pub(super) async fn member_field(desk: &Desk, email: &str) -> Result<(Field, Suggestions), Failure> {
    let members = find_members(desk, None).await?;
    let suggested = members
        .into_iter()
        .filter(|member| !member.visitor)
        .map(|member| (member.email, member.name));
    let field = Field::email("member", "Member")
        .value(email)
        .hint("Her email address.")
        .attribute("list", "members")
        .autocomplete("off");
    Ok((field, Suggestions::new("members", suggested)))
}

fn slot_sheet(desk: &Desk, catalogue: &Catalogue, resource: &ResourceAdded, form: &Form) -> Sheet {
    let place = catalogue.locations.get(&resource.location_id);
    let lead = place.map_or_else(String::new, |place| {
        format!(
            "{}, open {}. Times in {}. Booked for {} to {}, by {}.",
            place.name,
            place.hours,
            place.time_zone,
            times::minutes(resource.min_minutes.into()),
            times::minutes(resource.max_minutes.into()),
            times::minutes(resource.step_minutes.into()),
        )
    });
    Sheet::new(desk, format!("Book {}", resource.name))
        .back("What is free", format!("{HERE}?location={}", resource.location_id))
        .lead(lead)
        .part(form)
}

pub(super) async fn find_members(desk: &Desk, search: Option<String>) -> Result<Vec<MemberRow>, Failure> {
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    Ok(
        member_page::list(&desk.house.app, desk.tenant(), MemberFilter { search }, &request)
            .await?
            .items,
    )
}

/// Books it.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&desk, &submitted).await {
        Ok(Made {
            position,
            sentence,
            next,
        }) => Ok(desk.done(position, sentence, &next)),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let catalogue = desk.catalogue().await?;
            let resource = submitted
                .get("resource_id")
                .parse()
                .ok()
                .and_then(|id| catalogue.resources.get(&id))
                .ok_or_else(Failure::not_found)?;
            let form =
                Form::post(bookings::HERE, "Book").with(Hidden::new("resource_id", resource.resource_id.to_string()));
            let form = slot_form(&desk, form, None, String::new(), (&submitted, Some(&failure)))
                .await?
                .refused(&submitted, &failure);
            let mut sheet = slot_sheet(&desk, &catalogue, resource, &form);
            if failure.code == "slot_taken" {
                let wait = waitlist::for_time(&submitted, resource.resource_id);
                sheet = sheet.action("Put her in line for it", wait);
            }
            Ok(sheet.show_with(failure.status))
        }
    }
}

/// What was made, and where it is seen.
struct Made {
    position: i64,
    sentence: String,
    next: String,
}

async fn attempt(desk: &Desk, submitted: &Submitted) -> Result<Made, Failure> {
    let mut typed = Typed::new(submitted);
    let resource = typed.id("resource_id");
    let (date, start, end) = (typed.date("date"), typed.time("starts_at"), typed.time("ends_at"));
    let people = (!typed.text("people").trim().is_empty()).then(|| typed.number("people", None));
    let email = typed.text("member").trim().to_lowercase();
    let member = find_members(desk, Some(email.clone()))
        .await?
        .into_iter()
        .find(|member| member.email == email);
    if member.is_none() {
        typed.wrong("member", "No member has this address.");
    }
    typed.finish()?;
    let (date, end) = (required(date, "date")?, required(end, "ends_at")?);
    let last = if end == Time::midnight() {
        date.saturating_add(1.day())
    } else {
        date
    };
    let command = Book {
        member_id: required(member, "member")?.member_id,
        resource_id: required(resource, "resource_id")?,
        start: date.to_datetime(required(start, "starts_at")?),
        end: last.to_datetime(end),
        people,
    };
    let (app, caller) = (&desk.house.app, desk.caller());
    let times = (command.start, command.end);
    if let Some(wanted) = repeat::series(submitted, command.member_id, command.resource_id, times)? {
        let done = booking::book_series(app, &caller, wanted).await;
        let done = done.map_err(|error| repeat::at_its_control(error.into()))?;
        return Ok(Made {
            position: done.position,
            sentence: format!("{} bookings are hers.", done.outcome.bookings.len()),
            next: format!("/operator/series/{}", done.outcome.series_id),
        });
    }
    let done = booking::book(app, &caller, command).await?;
    Ok(Made {
        position: done.position,
        sentence: "It is booked.".to_owned(),
        next: format!("{}/{}", bookings::HERE, done.outcome),
    })
}
