//! Bookings, projected.

use super::page::BookingState;
use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{BookingId, LocationId, MemberId, ResourceId, booking::BookingEvent};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct BookingView<'a> {
    tenant_id: Uuid,
    booking_id: BookingId,
    resource_id: ResourceId,
    location_id: LocationId,
    member_id: MemberId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    state: BookingState,
    document: &'a RawValue,
    cancellation: Option<&'a RawValue>,
    booked_at: Timestamp,
    position: i64,
    changed_position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut cancelled) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "booking") {
        match fact(event)? {
            BookingEvent::BookingConfirmed(fact) => rows.push(BookingView {
                tenant_id: tenant,
                booking_id: fact.booking_id,
                resource_id: fact.resource_id,
                location_id: fact.location_id,
                member_id: fact.member_id,
                starts_at: fact.starts_at,
                ends_at: fact.ends_at,
                state: BookingState::Confirmed,
                document: payload(event)?,
                cancellation: None,
                booked_at: event.occurred_at,
                position: event.position,
                changed_position: event.position,
            }),
            BookingEvent::BookingCancelled(fact) => cancelled.push((event, fact.booking_id)),
        }
    }
    insert_rows!(conn, "booking_view", rows);
    for (event, booking) in cancelled {
        sqlx::query(
            "update booking_view set state = 'cancelled', cancellation = $4::json, changed_position = $3
             where tenant_id = $1 and booking_id = $2 and changed_position < $3",
        )
        .bind(tenant)
        .bind(booking.0)
        .bind(event.position)
        .bind(&event.payload)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
