//! One day at one location: what is free and what is taken.

use crate::{
    App, UseCaseError, catalogue,
    operation::{STREAM_LIMIT, decode},
    read::{self, Columns},
};
use coterie_domain::{
    AssignmentId, BlockerId, BookingId, LocationId, MemberId, ResourceId,
    booking::{self, Booking, BookingConfirmed},
    local_time::{self, Hours},
    location::LocationOpened,
    member::Member,
    resource::{PriceRulePublished, ResourceAdded},
};
use coterie_eventlog::seal::Keyring;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// The most bookings of one location and day that are shown.
const MAX_BUSY: i64 = 5000;

/// A day at a location, resource by resource.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingDay {
    pub location: LocationOpened,
    pub date: Date,
    pub zone: TimeZone,
    /// Opening hours of the day; `None` is closed.
    pub hours: Option<Hours>,
    /// Why it is closed against its hours.
    pub closed_because: Option<String>,
    /// By type and name.
    pub rows: Vec<ResourceDay>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ResourceDay {
    pub resource: ResourceAdded,
    pub type_name: String,
    /// The rule that prices it here; without one it cannot be booked.
    pub price: Option<PriceRulePublished>,
    /// By start.
    pub busy: Vec<Busy>,
}

/// A booking or a blocker that touches the day.
#[derive(Debug, Clone, PartialEq)]
pub struct Busy {
    pub what: BusyWith,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// With the buffers of the resource.
    pub blocked_from: Timestamp,
    pub blocked_until: Timestamp,
}

/// Who or what has a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum BusyWith {
    Booking {
        booking_id: BookingId,
        member_id: MemberId,
        member_name: String,
    },
    /// One member's own, for days on end.
    Assignment {
        assignment_id: AssignmentId,
        member_id: MemberId,
        member_name: String,
    },
    /// Out of service.
    Blocker { blocker_id: BlockerId, reason: String },
}

/// What is taken at a location on a day of its own zone. It reads the reservations themselves and so never lags.
///
/// # Errors
/// A refusal for an unknown location; when the database fails.
pub async fn day(app: &App, tenant: Uuid, location: LocationId, date: Date) -> Result<BookingDay, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let place = catalogue.location(location)?.clone();
    let zone = catalogue.zone_of(location)?;
    let from = local_time::day_start(date, &zone)?;
    let until = local_time::day_start(date.saturating_add(jiff::Span::new().days(1)), &zone)?;
    let mut rows: Vec<ResourceDay> = catalogue
        .resources
        .values()
        .filter(|resource| resource.location_id == location)
        .map(|resource| ResourceDay {
            type_name: catalogue
                .resource_types
                .get(&resource.resource_type_id)
                .map_or_else(String::new, |kind| kind.name.clone()),
            price: booking::rule_for(resource, &catalogue).ok().cloned(),
            resource: resource.clone(),
            busy: Vec::new(),
        })
        .collect();
    rows.sort_by(|a, b| (&a.type_name, &a.resource.name).cmp(&(&b.type_name, &b.resource.name)));
    let resources: Vec<Uuid> = rows.iter().map(|row| row.resource.resource_id.0).collect();
    let taken = busy(&app.config.keys, &mut tx, tenant, &resources, from, until).await?;
    for row in &mut rows {
        // A combined room is taken where one of its parts is.
        let occupied = catalogue.occupied_by(row.resource.resource_id);
        for (resource, busy) in &taken {
            if occupied.contains(resource) && row.busy.iter().all(|known| known.what != busy.what) {
                row.busy.push(busy.clone());
            }
        }
    }
    Ok(BookingDay {
        hours: catalogue.hours_on(location, date)?,
        closed_because: catalogue
            .closure_on(location, date)
            .map(|closure| closure.reason.clone()),
        location: place,
        date,
        zone,
        rows,
    })
}

/// Reservations of resources that touch a time, by start of what they block.
async fn busy(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    resources: &[Uuid],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(ResourceId, Busy)>, UseCaseError> {
    // Each is looked up by its id, however the tables had grown when this was planned; what is a booking is nothing else.
    let rows = sqlx::query(
        "select r.resource_id, r.booking_id, r.blocked_from, r.blocked_until,
                b.member_id, b.starts_at, b.ends_at, m.name as member_name, s.reason, a.member_id as assigned_to
         from reserved($1, $2, $3, $4) r
         left join lateral (
             select member_id, starts_at, ends_at from booking_view
             where tenant_id = $1 and booking_id = r.booking_id offset 0) b on true
         left join lateral (
             select name from member_view where tenant_id = $1 and member_id = b.member_id offset 0) m on true
         left join lateral (
             select reason from blocker
             where b.member_id is null and tenant_id = $1 and blocker_id = r.booking_id offset 0) s on true
         left join lateral (
             select member_id from assignment
             where b.member_id is null and tenant_id = $1 and assignment_id = r.booking_id offset 0) a on true
         order by 3, 1 limit $5",
    )
    .bind(tenant)
    .bind(resources)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(MAX_BUSY)
    .fetch_all(&mut *conn)
    .await?;
    let mut busy = Vec::with_capacity(rows.len());
    for row in &rows {
        busy.push((row.id("resource_id")?, one_busy(keys, conn, tenant, row).await?));
    }
    Ok(busy)
}

async fn one_busy(keys: &Keyring, conn: &mut PgConnection, tenant: Uuid, row: &PgRow) -> Result<Busy, UseCaseError> {
    let booking_id: BookingId = row.id("booking_id")?;
    let (blocked_from, blocked_until) = (row.time("blocked_from")?, row.time("blocked_until")?);
    if let Some(reason) = row.try_get("reason")? {
        return Ok(Busy {
            what: BusyWith::Blocker {
                blocker_id: BlockerId(booking_id.0),
                reason,
            },
            starts_at: blocked_from,
            ends_at: blocked_until,
            blocked_from,
            blocked_until,
        });
    }
    if let Some(member_id) = row.maybe_id("assigned_to")? {
        return Ok(Busy {
            what: BusyWith::Assignment {
                assignment_id: AssignmentId(booking_id.0),
                member_id,
                member_name: name_of(keys, conn, tenant, member_id).await?,
            },
            starts_at: blocked_from,
            ends_at: blocked_until,
            blocked_from,
            blocked_until,
        });
    }
    let member_name: Option<String> = row.try_get("member_name")?;
    if let (Some(member_id), Some(member_name)) = (row.maybe_id("member_id")?, member_name) {
        return Ok(Busy {
            what: BusyWith::Booking {
                booking_id,
                member_id,
                member_name,
            },
            starts_at: row.time("starts_at")?,
            ends_at: row.time("ends_at")?,
            blocked_from,
            blocked_until,
        });
    }
    // The models have not seen it yet: the log has.
    let fact = confirmed(&mut *conn, tenant, booking_id).await?;
    Ok(Busy {
        what: BusyWith::Booking {
            booking_id,
            member_id: fact.member_id,
            member_name: name_of(keys, conn, tenant, fact.member_id).await?,
        },
        starts_at: fact.starts_at,
        ends_at: fact.ends_at,
        blocked_from,
        blocked_until,
    })
}

async fn confirmed(conn: &mut PgConnection, tenant: Uuid, id: BookingId) -> Result<BookingConfirmed, UseCaseError> {
    let mut booking = None;
    for event in &coterie_eventlog::read_stream(conn, tenant, id.0, 0, STREAM_LIMIT).await? {
        booking = Booking::evolve(booking, decode(event)?);
    }
    booking
        .map(|booking| booking.fact)
        .ok_or_else(|| UseCaseError::Broken(format!("reservation {id} has no booking in the log")))
}

async fn name_of(keys: &Keyring, conn: &mut PgConnection, tenant: Uuid, id: MemberId) -> Result<String, UseCaseError> {
    let mut member = None;
    let mut events = coterie_eventlog::read_stream(&mut *conn, tenant, id.0, 0, 100).await?;
    keys.open_in_op(conn, tenant, &mut events).await?;
    for event in &events {
        member = Member::evolve(member, decode(event)?);
    }
    Ok(member.map(|member| member.name).unwrap_or_default())
}
