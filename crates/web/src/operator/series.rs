//! `/operator/series/{id}`: bookings that belong together.

use axum::{extract::Path, response::Response};
use coterie_app::{
    Operation,
    booking::{self, page::BookingState},
};
use coterie_domain::{SeriesId, booking::hours, local_time};
use uuid::Uuid;

use super::{bookings, desk::Desk, member_detail, sheet::Sheet, times};
use crate::{
    components::{Cell, Column, Link, Money, Table},
    failure::Failure,
};

/// Each of them with its price, and what was left out.
pub(super) async fn show(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let caller = desk.caller();
    let fact = booking::series(&desk.house.app, &caller, SeriesId(id)).await?.fact;
    // Read from the log itself, so that whoever just booked it sees it.
    let mut op = Operation::open(&desk.house.app, &caller).await?;
    let catalogue = op.catalogue().await?;
    let room = catalogue.resource(fact.resource_id)?;
    let zone = local_time::zone(&fact.time_zone)?;
    let columns = [
        Column::text("When"),
        Column::number("Price, net"),
        Column::text("State"),
    ];
    let mut table = Table::new(format!("Bookings of the series. Times in {}", fact.time_zone), columns);
    for time in &fact.bookings {
        let (found, _) = booking::load(&mut op, time.booking_id).await?;
        let now = &found.fact;
        let allowance: i64 = now.credit_uses.iter().map(|part| part.minutes).sum();
        let price: Cell = if now.charged.minor == 0 && allowance > 0 {
            format!("{} of allowance", hours(allowance)).into()
        } else {
            Money::new(now.charged.minor, now.charged.currency.code()).into()
        };
        let when = format!(
            "{}, {}",
            times::day(local_time::day_at(now.starts_at, &zone)),
            times::span(now.starts_at, now.ends_at, &zone)
        );
        table.push([
            Link::new(when, format!("{}/{}", bookings::HERE, now.booking_id)).into(),
            price,
            BookingState::from(&found).name().replace('_', " ").into(),
        ]);
    }
    let mut left_out = Table::new("Left out", [Column::text("When"), Column::text("Why")]);
    for time in &fact.left_out {
        left_out.push([
            format!(
                "{}, {}",
                times::day(time.starts_at.date()),
                time.starts_at.strftime("%H:%M")
            )
            .into(),
            time.reason.clone().into(),
        ]);
    }
    let mut sheet = Sheet::new(&desk, format!("{}, again and again", room.name))
        .back("Her page", member_detail::address(fact.member_id))
        .part(&table);
    if !fact.left_out.is_empty() {
        sheet = sheet.part(&left_out);
    }
    Ok(sheet.show())
}
