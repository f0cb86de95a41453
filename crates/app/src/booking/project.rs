//! Bookings, projected.

use super::page::BookingState;
use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{
    BookingId, LocationId, MemberId, ResourceId,
    booking::{BookingConfirmed, BookingEvent},
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
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
    expires_at: Option<Timestamp>,
}

impl<'a> BookingView<'a> {
    fn new(event: &RecordedEvent, fact: &BookingConfirmed, state: BookingState, document: &'a RawValue) -> Self {
        Self {
            tenant_id: event.tenant_id,
            booking_id: fact.booking_id,
            resource_id: fact.resource_id,
            location_id: fact.location_id,
            member_id: fact.member_id,
            starts_at: fact.starts_at,
            ends_at: fact.ends_at,
            state,
            document,
            cancellation: None,
            booked_at: event.occurred_at,
            position: event.position,
            changed_position: event.position,
            expires_at: None,
        }
    }
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "booking") {
        match fact(event)? {
            BookingEvent::BookingHeld(held) => {
                let document: Asked<'_> = part(event)?;
                let state = BookingState::of(held.waits_for);
                let mut row = BookingView::new(event, &held.as_asked, state, document.as_asked);
                row.expires_at = Some(held.expires_at);
                rows.push(row);
            }
            BookingEvent::BookingConfirmed(fact) if event.version == 1 => {
                rows.push(BookingView::new(event, &fact, BookingState::Confirmed, payload(event)?));
            }
            BookingEvent::BookingConfirmed(fact) => changed.push((event, Change::Confirmed(fact.booking_id))),
            BookingEvent::BookingMoved(fact) => changed.push((event, Change::Moved(Box::new(fact.now)))),
            BookingEvent::HoldExpired(fact) => {
                changed.push((event, Change::Over(fact.booking_id, BookingState::Expired)));
            }
            BookingEvent::NoShowRecorded(fact) => {
                changed.push((event, Change::Over(fact.booking_id, BookingState::NoShow)));
            }
            BookingEvent::BookingDeclined(fact) => {
                changed.push((event, Change::Over(fact.booking_id, BookingState::Declined)));
            }
            BookingEvent::BookingCancelled(fact) => changed.push((event, Change::Cancelled(fact.booking_id))),
            // Nothing that lists show.
            BookingEvent::GuestInvited(_) | BookingEvent::GuestUninvited(_) => {}
            BookingEvent::CheckedIn(fact) => changed.push((event, Change::CheckedIn(fact.booking_id, fact.at))),
        }
    }
    insert_rows!(conn, "booking_view", rows);
    for (event, change) in changed {
        change.write(conn, tenant, event).await?;
    }
    Ok(())
}

enum Change {
    Confirmed(BookingId),
    Moved(Box<BookingConfirmed>),
    Over(BookingId, BookingState),
    Cancelled(BookingId),
    CheckedIn(BookingId, Timestamp),
}

impl Change {
    async fn write(self, conn: &mut PgConnection, tenant: Uuid, event: &RecordedEvent) -> Result<(), FollowError> {
        match self {
            Self::Moved(now) => {
                let document: Now<'_> = part(event)?;
                sqlx::query(
                    "update booking_view set resource_id = $4, location_id = $5, starts_at = $6, ends_at = $7,
                            document = $8::json, changed_position = $3,
                            checked_in_at = case when (resource_id, starts_at) = ($4, $6) then checked_in_at end
                     where tenant_id = $1 and booking_id = $2 and changed_position < $3",
                )
                .bind(tenant)
                .bind(now.booking_id.0)
                .bind(event.position)
                .bind(now.resource_id.0)
                .bind(now.location_id.0)
                .bind(now.starts_at.to_sqlx())
                .bind(now.ends_at.to_sqlx())
                .bind(document.now.get())
                .execute(conn)
                .await?;
            }
            Self::Confirmed(booking) => {
                sqlx::query(
                    "update booking_view set state = 'confirmed', document = $4::json, expires_at = null, changed_position = $3
                     where tenant_id = $1 and booking_id = $2 and changed_position < $3",
                )
                .bind(tenant)
                .bind(booking.0)
                .bind(event.position)
                .bind(&event.payload)
                .execute(conn)
                .await?;
            }
            Self::Over(booking, state) => {
                sqlx::query(
                    "update booking_view set state = $4, expires_at = null, changed_position = $3
                     where tenant_id = $1 and booking_id = $2 and changed_position < $3",
                )
                .bind(tenant)
                .bind(booking.0)
                .bind(event.position)
                .bind(state.name())
                .execute(conn)
                .await?;
            }
            Self::CheckedIn(booking, at) => {
                sqlx::query(
                    "update booking_view set checked_in_at = $4, changed_position = $3
                     where tenant_id = $1 and booking_id = $2 and changed_position < $3",
                )
                .bind(tenant)
                .bind(booking.0)
                .bind(event.position)
                .bind(at.to_sqlx())
                .execute(conn)
                .await?;
            }
            Self::Cancelled(booking) => {
                sqlx::query(
                    "update booking_view set state = 'cancelled', expires_at = null, cancellation = $4::json, changed_position = $3
                     where tenant_id = $1 and booking_id = $2 and changed_position < $3",
                )
                .bind(tenant)
                .bind(booking.0)
                .bind(event.position)
                .bind(&event.payload)
                .execute(conn)
                .await?;
            }
        }
        Ok(())
    }
}

/// A part of a payload, as it stands in the log.
fn part<'a, T: Deserialize<'a>>(event: &'a RecordedEvent) -> Result<T, FollowError> {
    serde_json::from_str(&event.payload).map_err(|error| FollowError::Poison {
        position: event.position,
        reason: error.to_string(),
    })
}

/// What a move says of the booking from then on.
#[derive(Deserialize)]
struct Now<'a> {
    #[serde(borrow)]
    now: &'a RawValue,
}

/// The booking that a hold may become.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow)]
    as_asked: &'a RawValue,
}
