//! `/operator/bookings/{id}/move`: another time or another room on behalf of its member, with the difference in price said
//! before anything is done.

use axum::{
    extract::{Path, RawQuery},
    response::Response,
};
use coterie_app::{
    booking::{
        self, Move,
        page::{self as booking_page, BookingRow},
    },
    projections,
};
use coterie_domain::{BookingId, Money, ResourceId, catalogue::Catalogue, local_time};
use jiff::civil::DateTime;
use uuid::Uuid;

use super::{
    booking_detail,
    desk::{Desk, shown_again},
    form::{Form, beside},
    sheet::{Html, Sheet},
    times,
};
use crate::{
    components::{Choice, Field, Hidden, Select},
    failure::Failure,
    form::Submitted,
    member::{book, book_form, moving},
};

fn address(id: Uuid) -> String {
    format!("{}/move", booking_detail::address(id))
}

/// The form; once a time was chosen, what moving there costs and the button that does it.
pub(super) async fn ask(desk: Desk, Path(id): Path<Uuid>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Submitted::from_encoded(query.as_deref().unwrap_or_default())?;
    let booking = find(&desk, id).await?;
    if asked.get("starts_at").is_empty() {
        let catalogue = desk.catalogue().await?;
        let form = choose(&catalogue, &booking, &as_it_is(&booking)?);
        return Ok(sheet(&desk, &booking, &form, None)?.show());
    }
    quoted(&desk, &booking, &asked).await
}

async fn find(desk: &Desk, id: Uuid) -> Result<BookingRow, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS]).await?;
    booking_page::find(&desk.house.app, desk.tenant(), BookingId(id))
        .await?
        .ok_or_else(Failure::not_found)
}

async fn quoted(desk: &Desk, booking: &BookingRow, asked: &Submitted) -> Result<Response, Failure> {
    let catalogue = desk.catalogue().await?;
    let quote = async {
        let wanted = wanted(booking, asked, None)?;
        Ok(booking::quote_move(&desk.house.app, &desk.caller(), wanted).await?)
    };
    match quote.await {
        Ok(quote) => {
            let mut confirm = Form::post(address(booking.booking_id.0), "Move the booking")
                .cancel(booking_detail::address(booking.booking_id.0));
            for name in ["resource", "date", "starts_at", "ends_at"] {
                confirm = confirm.with(Hidden::new(name, asked.get(name)));
            }
            let confirm = confirm.with(Hidden::new("agreed_minor", quote.after.minor.to_string()));
            let mut parts: Vec<Html> = moving::price(&quote).iter().map(|step| Html::text(step)).collect();
            parts.push(Html::of(&confirm));
            let form = choose(&catalogue, booking, asked);
            Ok(sheet(desk, booking, &form, Some(&parts))?.show())
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = choose(&catalogue, booking, asked).refused(asked, &failure);
            Ok(sheet(desk, booking, &form, None)?.show_with(failure.status))
        }
    }
}

/// Moves it at the price that was shown; without one the price is shown first.
pub(super) async fn submit(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let booking = find(&desk, id).await?;
    let Ok(agreed) = submitted.get("agreed_minor").parse::<i64>() else {
        return quoted(&desk, &booking, &submitted).await;
    };
    let agreed = Money::new(agreed, booking.charged.currency);
    let outcome = async {
        let wanted = wanted(&booking, &submitted, Some(agreed))?;
        Ok(booking::move_booking(&desk.house.app, &desk.caller(), wanted).await?)
    };
    match outcome.await {
        Ok(done) => {
            let sentence = format!("Moved. {}", moving::difference(&done.outcome));
            Ok(desk.done(done.position, sentence, &booking_detail::address(id)))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let catalogue = desk.catalogue().await?;
            let form = choose(&catalogue, &booking, &submitted).refused(&submitted, &failure);
            Ok(sheet(&desk, &booking, &form, None)?.show_with(failure.status))
        }
    }
}

fn wanted(booking: &BookingRow, asked: &Submitted, agreed: Option<Money>) -> Result<Move, Failure> {
    let resource_id: ResourceId = asked.get("resource").parse().map_err(|_| Failure::not_found())?;
    let (start, end) = book_form::span(asked).ok_or_else(|| book::not_a_time(asked))?;
    Ok(Move {
        booking_id: booking.booking_id,
        resource_id,
        start,
        end,
        agreed,
        people: None,
    })
}

/// What the form starts with.
fn as_it_is(booking: &BookingRow) -> Result<Submitted, Failure> {
    let zone = local_time::zone(&booking.time_zone)?;
    let (start, end) = (zone.to_datetime(booking.starts_at), zone.to_datetime(booking.ends_at));
    let clock = |wall: DateTime| wall.strftime("%H:%M").to_string();
    let fields = [
        ("resource", booking.resource_id.to_string()),
        ("date", start.date().to_string()),
        ("starts_at", clock(start)),
        ("ends_at", clock(end)),
    ];
    Submitted::from_encoded(&serde_urlencoded::to_string(fields).unwrap_or_default())
}

/// Everything that can be booked in the same house, and when.
fn choose(catalogue: &Catalogue, booking: &BookingRow, asked: &Submitted) -> Form {
    let mut here: Vec<_> = catalogue
        .resources
        .values()
        .filter(|resource| resource.location_id == booking.location_id)
        .collect();
    here.sort_by(|a, b| a.name.cmp(&b.name));
    let choices = here
        .iter()
        .map(|resource| Choice::new(resource.resource_id.to_string(), &resource.name));
    Form::get(address(booking.booking_id.0), "Show the price")
        .with(Select::new("resource", "What", choices).value(asked.get("resource")))
        .with(beside([
            Field::date("date", "Day").value(asked.get("date")).into(),
            Field::time("starts_at", "From").value(asked.get("starts_at")).into(),
            Field::time("ends_at", "Until")
                .value(asked.get("ends_at"))
                .hint("00:00 is the end of the day.")
                .into(),
        ]))
}

fn sheet(desk: &Desk, booking: &BookingRow, form: &Form, price: Option<&[Html]>) -> Result<Sheet, Failure> {
    let zone = local_time::zone(&booking.time_zone)?;
    let lead = format!(
        "{} has {}, {}, {}. Times in {}.",
        booking.member_name,
        booking.resource_name,
        times::day(local_time::day_at(booking.starts_at, &zone)),
        times::span(booking.starts_at, booking.ends_at, &zone),
        booking.time_zone
    );
    let back = booking_detail::address(booking.booking_id.0);
    let mut sheet = Sheet::new(desk, "Move a booking").back("The booking", back).lead(lead);
    if let Some(parts) = price {
        sheet = sheet.card("price", "What it comes to", parts);
    }
    Ok(sheet.card("choose", "Another time or room", &[Html::of(form)]))
}
