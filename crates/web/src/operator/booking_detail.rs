//! One booking: what it costs and why, and cancelling it on behalf of its member.

use axum::{extract::Path, response::Response};
use coterie_app::{
    booking::{
        self,
        page::{self as booking_page, BookingRow, BookingState},
    },
    projections,
};
use coterie_domain::{
    BookingId,
    booking::{self as booking_terms, CheckInBy},
    local_time,
};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{
    booking_table, bookings,
    desk::{Desk, shown_again},
    form::Form,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    audit::links,
    components::{Checkbox, DefinitionList, Field, Link, Money},
    failure::{Failure, FieldError},
    form::Submitted,
};

pub(super) fn address(id: Uuid) -> String {
    format!("{}/{id}", bookings::HERE)
}

/// The forms of the page; after a refusal one of them comes back with what was typed.
struct Forms {
    cancel: Form,
    decline: Form,
}

impl Forms {
    fn of(id: Uuid) -> Self {
        Self {
            cancel: cancel_form(id),
            decline: Form::post(format!("{}/decline", address(id)), "Say no").danger().with(
                Field::text("reason", "Why not")
                    .hint("The member reads it.")
                    .attribute("maxlength", "120"),
            ),
        }
    }
}

/// The booking's page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let booking = find(&desk, id).await?;
    Ok(sheet(&desk, &booking, &Forms::of(id)).await?.show())
}

async fn find(desk: &Desk, id: Uuid) -> Result<BookingRow, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    booking_page::find(&desk.house.app, desk.tenant(), BookingId(id))
        .await?
        .ok_or_else(Failure::not_found)
}

async fn sheet(desk: &Desk, booking: &BookingRow, forms: &Forms) -> Result<Sheet, Failure> {
    let zone = local_time::zone(&booking.time_zone)?;
    let day = local_time::day_at(booking.starts_at, &zone);
    let money = |amount: coterie_domain::Money| Money::new(amount.minor, amount.currency.code());
    let mut facts = DefinitionList::new()
        .item("State", booking_table::state(booking))
        .item(
            if booking.visitor { "Visitor" } else { "Member" },
            Link::new(&booking.member_name, format!("/operator/members/{}", booking.member_id)),
        )
        .item(
            "When",
            format!(
                "{}, {}",
                times::day(day),
                times::span(booking.starts_at, booking.ends_at, &zone)
            ),
        )
        .item("Time zone", booking.time_zone.clone())
        .item("Where", format!("{}, {}", booking.resource_name, booking.location_name))
        .item(
            "Who comes",
            booking
                .people
                .map_or_else(|| "Nobody said how many".to_owned(), |people| format!("{people}")),
        )
        .item("Whole price, net", money(booking.full_price))
        .item("From included hours", times::minutes(booking.allowance_minutes))
        .item("From the plan's money", booking.allowance_money.to_string())
        .item("Charged, net", money(booking.charged))
        .item("Booked", times::moment(booking.booked_at, &zone));
    for because in &booking.because {
        facts = facts.item("Because", because.text.clone());
    }
    let list = format!("{}?location={}&date={day}", bookings::HERE, booking.location_id);
    let mut sheet = Sheet::new(desk, format!("{}, {}", booking.resource_name, times::day(day)))
        .back("Bookings", list)
        .history(links::stream(booking.booking_id.0))
        .card("facts", "Booking", &[Html::of(&facts)]);
    if let Some(cancelled) = &booking.cancelled {
        let sentence = format!(
            "It was cancelled with {} % of its price still due.",
            cancelled.percent_due
        );
        sheet = sheet.card("cancelled", "Cancelled", &[Html::text(&sentence)]);
    }
    let guests = booking::guests(&desk.house.app, &desk.caller(), booking.booking_id).await?;
    if !guests.is_empty() {
        let names: Vec<_> = guests.iter().map(|guest| guest.name.as_str()).collect();
        sheet = sheet.card("guests", "Guests", &[Html::text(&names.join(", "))]);
    }
    let id = booking.booking_id.0;
    let now = desk.now().await?;
    match (booking.state, booking.expires_at) {
        (BookingState::Requested, Some(until)) => {
            let sentence = format!(
                "{} asks for it; it is kept until {}. Saying yes books it at the price above.",
                booking.member_name,
                times::moment(until, &zone)
            );
            let approve = Form::post(format!("{}/approve", address(id)), "Say yes");
            let parts = [Html::text(&sentence), Html::of(&approve), Html::of(&forms.decline)];
            sheet = sheet.card("answer", "Answer", &parts);
        }
        (BookingState::Held, Some(until)) => {
            let why = if booking.visitor {
                "A visitor is paying for it; it is held"
            } else {
                "It is only held,"
            };
            let sentence = format!("{why} until {}.", times::moment(until, &zone));
            sheet = sheet.card("held", "Held", &[Html::text(&sentence)]);
        }
        (BookingState::Confirmed, _) => {
            if let Some(at) = booking.checked_in_at {
                let sentence = format!("She checked in on {}.", times::moment(at, &zone));
                sheet = sheet.card("presence", "Checked in", &[Html::text(&sentence)]);
            } else if booking.starts_at - booking_terms::CHECK_IN_OPENS <= now && now < booking.ends_at {
                let form = Form::post(format!("{}/check-in", address(id)), "She is here");
                let sentence = booking.check_in_by.map_or_else(
                    || "Nobody has to check in for it.".to_owned(),
                    |by| {
                        format!(
                            "Without it the time is given to others on {}.",
                            times::moment(by, &zone)
                        )
                    },
                );
                sheet = sheet.card("presence", "Check in", &[Html::text(&sentence), Html::of(&form)]);
            }
        }
        _ => {}
    }
    if BookingState::LIVE.contains(&booking.state) && now < booking.starts_at {
        if booking.state == BookingState::Confirmed && !booking.visitor {
            sheet = sheet.action("Move it", format!("{}/move", address(id)));
        }
        let sentence = if booking.state == BookingState::Confirmed {
            what_it_would_cost(desk, booking, &zone).await?
        } else {
            "It costs nothing: it is not booked yet.".to_owned()
        };
        sheet = sheet.card(
            "cancel",
            "Cancel it for her",
            &[Html::text(&sentence), Html::of(&forms.cancel)],
        );
    }
    Ok(sheet)
}

/// Says yes to a request.
pub(super) async fn approve(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    match booking::confirm(&desk.house.app, &desk.caller(), BookingId(id), None).await {
        Ok(done) => Ok(desk.done(done.position, "It is booked, and she gets an email.", &address(id))),
        Err(error) => desk.refused(error.into(), &address(id)),
    }
}

/// Says no to a request.
pub(super) async fn decline(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let reason = submitted.get("reason");
    match booking::decline(&desk.house.app, &desk.caller(), BookingId(id), reason).await {
        Ok(done) => Ok(desk.done(done.position, "It is declined, and she gets an email.", &address(id))),
        Err(error) => again(&desk, id, &submitted, error.into(), |forms| &mut forms.decline).await,
    }
}

/// Somebody is there, and staff saw her.
pub(super) async fn check_in(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    match booking::check_in(&desk.house.app, &desk.caller(), BookingId(id), CheckInBy::Staff).await {
        Ok(done) => Ok(desk.done(done.position, "She is checked in.", &address(id))),
        Err(error) => desk.refused(error.into(), &address(id)),
    }
}

/// The page again, with one form as it was typed; what concerns no field of it leads back with a notice.
async fn again(
    desk: &Desk,
    id: Uuid,
    submitted: &Submitted,
    failure: Failure,
    which: fn(&mut Forms) -> &mut Form,
) -> Result<Response, Failure> {
    let failure = shown_again(failure)?;
    let booking = find(desk, id).await?;
    let mut forms = Forms::of(id);
    let form = which(&mut forms);
    *form = form.clone().refused(submitted, &failure);
    Ok(sheet(desk, &booking, &forms).await?.show_with(failure.status))
}

/// What cancelling now would leave due.
async fn what_it_would_cost(desk: &Desk, booking: &BookingRow, zone: &TimeZone) -> Result<String, Failure> {
    let catalogue = desk.catalogue().await?;
    let now = desk.now().await?;
    let percent = booking_terms::percent_due(
        booking.location_id,
        (booking.starts_at, booking.ends_at),
        booking.catalogue_position,
        now,
        &catalogue,
    )?;
    Ok(match percent {
        0 => format!(
            "It is {}: cancelling now costs nothing, and included hours come back.",
            times::moment(now, zone)
        ),
        _ => format!(
            "It is {}: by the rules of {}, {percent} % of the price stays due, and included hours do not come back.",
            times::moment(now, zone),
            booking.location_name
        ),
    })
}

fn cancel_form(id: Uuid) -> Form {
    Form::post(format!("{}/cancel", address(id)), "Cancel booking")
        .danger()
        .with(Checkbox::new("confirm", "Yes, cancel it. This cannot be taken back.").required())
}

/// Cancels it.
pub(super) async fn cancel(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = if submitted.has("confirm") {
        booking::cancel(&desk.house.app, &desk.caller(), BookingId(id))
            .await
            .map_err(Failure::from)
    } else {
        Err(Failure::invalid(vec![FieldError::new(
            "confirm",
            "Please tick this to go on.",
        )]))
    };
    match attempt {
        Ok(done) => {
            let message = format!(
                "It is cancelled; {} % of its price is still due.",
                done.outcome.percent_due
            );
            Ok(desk.done(done.position, message, &address(id)))
        }
        Err(failure) if failure.fields.is_empty() => desk.refused(failure, &address(id)),
        Err(failure) => again(&desk, id, &submitted, failure, |forms| &mut forms.cancel).await,
    }
}
