//! How a room stands now and for the rest of its day: what is taken, never by whom.

use super::{
    TabletKind,
    address::{digest, find_in_op},
    tablet_sql,
};
use crate::{
    App, UseCaseError, catalogue, projections,
    read::{self, Columns},
};
use coterie_domain::{
    ResourceId,
    booking::{self, Slot},
    catalogue::Catalogue,
    local_time,
    resource::ResourceAdded,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{DateTime, Time},
    tz::TimeZone,
};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long a room can be booked for at its door, in minutes.
pub const LENGTHS: [i64; 3] = [15, 30, 60];
/// The most that is shown of what comes.
const NEXT: usize = 5;
/// The most reservations of a day that are read.
const MOST: i64 = 200;

/// What the tablet shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    pub resource_id: ResourceId,
    pub resource_name: String,
    pub location_name: String,
    pub zone: TimeZone,
    /// The organization's clock.
    pub now: Timestamp,
    pub state: BoardState,
    /// What is booked for later today.
    pub next: Vec<(Timestamp, Timestamp)>,
    /// Whether a booking waits for somebody to check in.
    pub awaits: bool,
    /// What can be booked on the spot.
    pub offers: Vec<Offer>,
    /// When it looks otherwise although nobody did anything.
    pub changes_at: Option<Timestamp>,
}

/// How the room stands now. Without `until` it stays so for the rest of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardState {
    Free { until: Option<Timestamp> },
    Busy { until: Option<Timestamp> },
    OutOfService { until: Option<Timestamp>, reason: String },
    Closed { opens_at: Option<Timestamp> },
}

/// A time that can be booked on the spot, on the wall of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    pub minutes: i64,
    pub start: DateTime,
    pub end: DateTime,
}

/// A time in which the room is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub blocked_from: Timestamp,
    blocked_until: Timestamp,
    /// Without its buffers.
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// When it is free again although nobody said so: it is only held.
    lapses_at: Option<Timestamp>,
    /// Whether it is booked and nobody has checked in.
    awaits: bool,
    out_of_service: Option<String>,
}

/// What tells that a board may look otherwise: the log's head, and how far the bookings that are shown have followed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pulse {
    pub head: i64,
    pub seen: i64,
    pub now: Timestamp,
}

/// The board behind an address of this organization; `None` for one that does not work, whatever the reason.
///
/// # Errors
/// When the database fails.
pub async fn board(app: &App, tenant: Uuid, token: &str) -> Result<Option<Board>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let Some(resource) = find_in_op(&mut tx, tenant, TabletKind::Door, token).await? else {
        return Ok(None);
    };
    let now = read::now(&mut tx, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let resource = catalogue.resource(ResourceId(resource))?;
    let zone = catalogue.zone_of(resource.location_id)?;
    let midnight = local_time::day_start(local_time::day_at(now, &zone).saturating_add(1.day()), &zone)?;
    // A booking on the spot may end after midnight.
    let until = midnight.saturating_add(3.hours()).unwrap_or(midnight);
    let occupied = catalogue.occupied_by(resource.resource_id);
    let reserved = taken(&mut tx, tenant, &occupied, (now, until), MOST).await?;
    let reserved: Vec<Taken> = reserved.into_iter().map(|(_, taken)| taken).collect();
    Ok(Some(as_of(resource, now, &reserved, &catalogue)?))
}

/// The pulse of a tablet's organization; `None` when the address does not work any more.
///
/// # Errors
/// When the database fails.
pub async fn pulse(app: &App, tenant: Uuid, kind: TabletKind, token: &str) -> Result<Option<Pulse>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query(tablet_sql!(
        kind,
        "select coalesce(h.position, 0) as head, coalesce(c.position, 0) as seen
         from " table " d left join event_head h on h.tenant_id = d.tenant_id
         left join checkpoint c on c.tenant_id = d.tenant_id and c.projection = $3
         where d.tenant_id = $1 and d.token_hash = $2"
    ))
    .bind(tenant)
    .bind(digest(token).as_slice())
    .bind(projections::BOOKINGS)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Pulse {
        head: row.try_get("head")?,
        seen: row.try_get("seen")?,
        now: read::now(&mut tx, tenant).await?,
    }))
}

/// What is taken of these resources, by its beginning.
pub(super) async fn taken(
    conn: &mut PgConnection,
    tenant: Uuid,
    occupied: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
    at_most: i64,
) -> Result<Vec<(ResourceId, Taken)>, UseCaseError> {
    let occupied: Vec<Uuid> = occupied.iter().map(|id| id.0).collect();
    // What is reserved decides; the model only tells how much of it are buffers.
    let rows = sqlx::query(
        "select r.resource_id, r.blocked_from, coalesce(nullif(r.blocked_until, 'infinity'), $5) as blocked_until,
                coalesce(v.starts_at, r.blocked_from) as starts_at,
                coalesce(v.ends_at, nullif(r.blocked_until, 'infinity'), $5) as ends_at, h.expires_at as lapses_at,
                coalesce(v.state = 'confirmed' and v.checked_in_at is null, false) as awaits, b.reason
         from reserved($1, $2, $3, $4) r
         left join blocker b on b.tenant_id = $1 and b.blocker_id = r.booking_id
         left join booking_view v on v.tenant_id = $1 and v.booking_id = r.booking_id
         left join booking_hold h on h.tenant_id = $1 and h.booking_id = r.booking_id
         where h.expires_at is null or h.expires_at > $3
         order by r.blocked_from, r.booking_id limit $6",
    )
    .bind(tenant)
    .bind(occupied)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(until.saturating_add(24.hours()).unwrap_or(until).to_sqlx())
    .bind(at_most)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let taken = Taken {
                blocked_from: row.time("blocked_from")?,
                blocked_until: row.time("blocked_until")?,
                starts_at: row.time("starts_at")?,
                ends_at: row.time("ends_at")?,
                lapses_at: row.maybe_time("lapses_at")?,
                awaits: row.try_get("awaits")?,
                out_of_service: row.try_get("reason")?,
            };
            Ok((row.id("resource_id")?, taken))
        })
        .collect()
}

/// The board at an instant, out of what is taken, by its beginning.
fn as_of(
    resource: &ResourceAdded,
    now: Timestamp,
    taken: &[Taken],
    catalogue: &Catalogue,
) -> Result<Board, UseCaseError> {
    let place = catalogue.location(resource.location_id)?;
    let zone = local_time::zone(&place.time_zone)?;
    let stand = stand(resource, now, taken, catalogue)?;
    let offers = offers(resource, now, &zone, taken, catalogue);
    // An offer is good until its beginning has passed.
    let begun = offers.first().and_then(|offer| {
        let start = zone.to_ambiguous_timestamp(offer.start).compatible().ok()?;
        start.checked_add(1.second()).ok()
    });
    let changes_at = [begun, stand.changes_at].into_iter().flatten().min();
    Ok(Board {
        awaits: stand.awaits,
        resource_id: resource.resource_id,
        resource_name: resource.name.clone(),
        location_name: place.name.clone(),
        zone,
        now,
        state: stand.state,
        next: stand.next,
        offers,
        changes_at,
    })
}

/// How a room stands, whatever can be booked there.
pub(super) struct Stand {
    pub state: BoardState,
    /// What is booked for later today.
    pub next: Vec<(Timestamp, Timestamp)>,
    pub awaits: bool,
    pub changes_at: Option<Timestamp>,
}

/// How a room stands at an instant, out of what is taken of it and its parts, by its beginning.
pub(super) fn stand(
    resource: &ResourceAdded,
    now: Timestamp,
    taken: &[Taken],
    catalogue: &Catalogue,
) -> Result<Stand, UseCaseError> {
    let zone = catalogue.zone_of(resource.location_id)?;
    let today = local_time::day_at(now, &zone);
    let midnight = local_time::day_start(today.saturating_add(1.day()), &zone)?;
    let hours = match catalogue.hours_on(resource.location_id, today)? {
        Some(hours) => {
            let at = |time: Time| zone.to_ambiguous_timestamp(today.to_datetime(time)).compatible();
            let closes = if hours.to == Time::midnight() {
                Some(midnight)
            } else {
                at(hours.to).ok()
            };
            at(hours.from).ok().zip(closes)
        }
        None => None,
    };
    let mut next: Vec<_> = taken
        .iter()
        .filter(|one| one.starts_at > now && one.starts_at < midnight && one.out_of_service.is_none())
        .map(|one| (one.starts_at, one.ends_at))
        .collect();
    // A booking of a whole is one of each of its parts.
    next.dedup();
    next.truncate(NEXT);
    let edges = taken
        .iter()
        .flat_map(|one| [one.blocked_from, one.blocked_until, one.starts_at, one.ends_at]);
    let edges = edges.chain(taken.iter().filter_map(|one| one.lapses_at));
    let edges = edges.chain(taken.iter().map(|one| one.starts_at - booking::CHECK_IN_OPENS));
    let edges = edges.chain(hours.into_iter().flat_map(|(opens, closes)| [opens, closes]));
    let changes_at = edges.chain([midnight]).filter(|at| *at > now).min();
    let arrives = |one: &Taken| one.awaits && one.starts_at - booking::CHECK_IN_OPENS <= now && now < one.ends_at;
    Ok(Stand {
        state: state(now, hours, midnight, taken),
        next,
        awaits: taken.iter().any(arrives),
        changes_at,
    })
}

fn state(now: Timestamp, hours: Option<(Timestamp, Timestamp)>, midnight: Timestamp, taken: &[Taken]) -> BoardState {
    let Some((opens_at, closes_at)) = hours.filter(|(_, closes_at)| now < *closes_at) else {
        return BoardState::Closed { opens_at: None };
    };
    if now < opens_at {
        return BoardState::Closed {
            opens_at: Some(opens_at),
        };
    }
    let later = |at: Timestamp| (at < midnight).then_some(at);
    let current = taken
        .iter()
        .find(|one| one.blocked_from <= now && now < one.blocked_until);
    let Some(current) = current else {
        let next = taken
            .iter()
            .map(|one| one.blocked_from)
            .filter(|from| *from > now)
            .min();
        let until = next.map_or(closes_at, |next| next.min(closes_at));
        return BoardState::Free { until: later(until) };
    };
    // What begins as another ends keeps it taken.
    let mut until = current.blocked_until;
    for one in taken {
        if one.blocked_from <= until && one.blocked_until > until {
            until = one.blocked_until;
        }
    }
    match &current.out_of_service {
        Some(reason) => BoardState::OutOfService {
            until: later(current.blocked_until),
            reason: reason.clone(),
        },
        None => BoardState::Busy { until: later(until) },
    }
}

/// Lengths that the ordinary rules would take, from the next step of the room on: nobody else can book what is before it.
fn offers(
    resource: &ResourceAdded,
    now: Timestamp,
    zone: &TimeZone,
    taken: &[Taken],
    catalogue: &Catalogue,
) -> Vec<Offer> {
    let Some(start) = next_step(zone.to_datetime(now), resource.step_minutes) else {
        return Vec::new();
    };
    if taken
        .iter()
        .any(|one| one.blocked_from <= now && now < one.blocked_until)
    {
        return Vec::new();
    }
    let free = |slot: &Slot| {
        taken
            .iter()
            .all(|one| one.blocked_until <= slot.blocked_from || slot.blocked_until <= one.blocked_from)
    };
    LENGTHS
        .into_iter()
        .filter_map(|minutes| {
            let end = start.checked_add(minutes.minutes()).ok()?;
            let slot = booking::slot(resource.resource_id, start, end, now, catalogue).ok()?;
            free(&slot).then_some(Offer { minutes, start, end })
        })
        .collect()
}

/// The first wall time, not before one, at which a booking may start.
fn next_step(wall: DateTime, step_minutes: i32) -> Option<DateTime> {
    let whole = wall.with().second(0).subsec_nanosecond(0).build().ok()?;
    let whole = if whole < wall {
        whole.checked_add(1.minute()).ok()?
    } else {
        whole
    };
    let step = step_minutes.clamp(1, 60);
    let over = i32::from(whole.minute()) % step;
    let wait = if over == 0 { 0 } else { step - over };
    whole.checked_add(wait.minutes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-01-22T{text}:00Z").parse().unwrap()
    }

    fn booked(from: &str, until: &str) -> Taken {
        Taken {
            blocked_from: at(from),
            blocked_until: at(until),
            starts_at: at(from),
            ends_at: at(until),
            lapses_at: None,
            awaits: true,
            out_of_service: None,
        }
    }

    fn shown(now: &str, taken: &[Taken]) -> BoardState {
        let midnight = "2026-01-23T00:00:00Z".parse().unwrap();
        state(at(now), Some((at("08:00"), at("20:00"))), midnight, taken)
    }

    #[test]
    fn free_until_the_next_and_busy_until_the_last_of_a_row() {
        let day = [
            booked("10:00", "11:00"),
            booked("11:00", "12:00"),
            booked("15:00", "16:00"),
        ];
        let until = |text| Some(at(text));
        assert_eq!(shown("09:00", &day), BoardState::Free { until: until("10:00") });
        assert_eq!(shown("10:00", &day), BoardState::Busy { until: until("12:00") });
        assert_eq!(shown("11:59", &day), BoardState::Busy { until: until("12:00") });
        assert_eq!(shown("12:00", &day), BoardState::Free { until: until("15:00") });
        assert_eq!(shown("16:00", &day), BoardState::Free { until: until("20:00") });
        assert_eq!(
            shown("07:00", &day),
            BoardState::Closed {
                opens_at: until("08:00")
            }
        );
        assert_eq!(shown("20:00", &day), BoardState::Closed { opens_at: None });
        let painting = Taken {
            out_of_service: Some("Painting".into()),
            ..booked("09:00", "10:00")
        };
        let reason = "Painting".to_owned();
        assert_eq!(
            shown("09:30", &[painting]),
            BoardState::OutOfService {
                until: until("10:00"),
                reason
            }
        );
    }

    #[test]
    fn a_booking_on_the_spot_begins_with_the_next_step() {
        let wall = |text: &str| text.parse::<DateTime>().unwrap();
        for (now, step, start) in [
            ("2026-01-22T10:00:00", 30, "2026-01-22T10:00"),
            ("2026-01-22T10:00:01", 30, "2026-01-22T10:30"),
            ("2026-01-22T10:07:30", 5, "2026-01-22T10:10"),
            ("2026-01-22T23:50:00", 30, "2026-01-23T00:00"),
            ("2026-01-22T10:59:59", 60, "2026-01-22T11:00"),
        ] {
            assert_eq!(next_step(wall(now), step), Some(wall(start)), "{now}");
        }
    }
}
