//! One booking: what it costs and why, and cancelling it on behalf of its member.

use axum::{extract::Path, response::Response};
use coterie_app::{
    booking::{
        self,
        page::{self as booking_page, BookingRow, BookingState},
    },
    projections,
};
use coterie_domain::{BookingId, booking as booking_terms, local_time};
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
    components::{Checkbox, DefinitionList, Link, Money},
    failure::{Failure, FieldError},
    form::Submitted,
};

fn address(id: Uuid) -> String {
    format!("{}/{id}", bookings::HERE)
}

/// The booking's page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let booking = find(&desk, id).await?;
    let form = cancel_form(id);
    Ok(sheet(&desk, &booking, &form).await?.show())
}

async fn find(desk: &Desk, id: Uuid) -> Result<BookingRow, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    booking_page::find(&desk.house.app, desk.tenant(), BookingId(id))
        .await?
        .ok_or_else(Failure::not_found)
}

async fn sheet(desk: &Desk, booking: &BookingRow, form: &Form) -> Result<Sheet, Failure> {
    let zone = local_time::zone(&booking.time_zone)?;
    let day = local_time::day_at(booking.starts_at, &zone);
    let money = |amount: coterie_domain::Money| Money::new(amount.minor, amount.currency.code());
    let mut facts = DefinitionList::new()
        .item("State", booking_table::state(booking))
        .item(
            "Member",
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
        .item("Whole price, net", money(booking.full_price))
        .item("From included hours", times::minutes(booking.allowance_minutes))
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
    if booking.state == BookingState::Confirmed && desk.now().await? < booking.starts_at {
        let sentence = what_it_would_cost(desk, booking, &zone).await?;
        sheet = sheet.card("cancel", "Cancel it for her", &[Html::text(&sentence), Html::of(form)]);
    }
    Ok(sheet)
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
        Err(failure) => {
            let failure = shown_again(failure)?;
            let booking = find(&desk, id).await?;
            let form = cancel_form(id).refused(&submitted, &failure);
            Ok(sheet(&desk, &booking, &form).await?.show_with(failure.status))
        }
    }
}
