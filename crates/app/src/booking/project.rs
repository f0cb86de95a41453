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
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
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
            BookingEvent::BookingMoved(fact) => changed.push((event, Change::Moved(Box::new(fact.now)))),
            BookingEvent::BookingCancelled(fact) => changed.push((event, Change::Cancelled(fact.booking_id))),
        }
    }
    insert_rows!(conn, "booking_view", rows);
    for (event, change) in changed {
        change.write(conn, tenant, event).await?;
    }
    Ok(())
}

enum Change {
    Moved(Box<BookingConfirmed>),
    Cancelled(BookingId),
}

impl Change {
    async fn write(self, conn: &mut PgConnection, tenant: Uuid, event: &RecordedEvent) -> Result<(), FollowError> {
        match self {
            Self::Moved(now) => {
                let document: Now<'_> = serde_json::from_str(&event.payload).map_err(|error| FollowError::Poison {
                    position: event.position,
                    reason: error.to_string(),
                })?;
                sqlx::query(
                    "update booking_view set resource_id = $4, location_id = $5, starts_at = $6, ends_at = $7,
                            document = $8::json, changed_position = $3
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
            Self::Cancelled(booking) => {
                sqlx::query(
                    "update booking_view set state = 'cancelled', cancellation = $4::json, changed_position = $3
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

/// What a move says of the booking from then on, as it stands in the log.
#[derive(Deserialize)]
struct Now<'a> {
    #[serde(borrow)]
    now: &'a RawValue,
}
