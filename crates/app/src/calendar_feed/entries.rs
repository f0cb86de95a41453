//! What stands in a feed: the bookings of its member, room or house, as the read model has them.

use super::{Subject, address::digest};
use crate::{
    App, UseCaseError,
    booking::page::BookingState,
    catalogue,
    read::{self, Columns},
};
use coterie_domain::{BookingId, LocationId, ResourceId, catalogue::Catalogue, local_time, location::LocationOpened};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// How far back and ahead of today a feed looks.
const DAYS_BACK: i32 = 60;
const DAYS_AHEAD: i32 = 400;
/// The most bookings in a feed: those ahead before those that are over, the nearest first.
const MOST: i64 = 4000;

/// A calendar to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    pub name: String,
    /// By start.
    pub entries: Vec<FeedEntry>,
}

/// A booking in it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEntry {
    pub booking_id: BookingId,
    pub summary: String,
    pub location: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub cancelled: bool,
    /// Greater after each change.
    pub sequence: u32,
    pub made_at: Timestamp,
    pub changed_at: Timestamp,
}

/// The feed behind an address of this organization; `None` for one that does not work, whatever the reason.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, token: &str) -> Result<Option<Feed>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query("select kind, subject_id from calendar_feed where tenant_id = $1 and token_hash = $2")
        .bind(tenant)
        .bind(digest(token).as_slice())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let kind: String = row.try_get("kind")?;
    let subject = Subject::from_parts(&kind, row.try_get("subject_id")?)
        .ok_or_else(|| UseCaseError::Broken(format!("a calendar feed of the kind {kind}")))?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let mut entries = Vec::new();
    for row in rows(&mut tx, tenant, subject, &catalogue).await? {
        entries.push(entry(&row, subject, &catalogue)?);
    }
    entries.sort_by_key(|entry| (entry.starts_at, entry.booking_id));
    Ok(Some(Feed {
        name: name(subject, &catalogue)?,
        entries,
    }))
}

async fn rows(
    conn: &mut PgConnection,
    tenant: Uuid,
    subject: Subject,
    catalogue: &Catalogue,
) -> Result<Vec<PgRow>, UseCaseError> {
    // From midnight to midnight, so that the same bookings are the same feed all day.
    let now = read::now(&mut *conn, tenant).await?;
    let utc = TimeZone::UTC;
    let today = local_time::day_at(now, &utc);
    let at = |days: i32| local_time::day_start(today.saturating_add(days.days()), &utc);
    let (member, resource, location) = match subject {
        Subject::Member(id) => (Some(id.0), None, None),
        // A room stays in its house, and the house has an index.
        Subject::Resource(id) => (None, Some(id.0), Some(catalogue.resource(id)?.location_id.0)),
        Subject::Location(id) => (None, None, Some(id.0)),
    };
    // The row says at which position it was changed last, and the log when that was.
    let rows = sqlx::query(
        "select b.booking_id, b.resource_id, b.location_id, b.starts_at, b.ends_at, b.state, b.booked_at,
                b.changed_position - b.position as changed_by, e.occurred_at as changed_at, coalesce(m.name, '') as member_name
         from booking_view b
         join event e on e.tenant_id = b.tenant_id and e.position = b.changed_position
         left join member_view m on m.tenant_id = b.tenant_id and m.member_id = b.member_id
         where b.tenant_id = $1 and ($2::uuid is null or b.member_id = $2) and ($3::uuid is null or b.resource_id = $3)
           and ($4::uuid is null or b.location_id = $4) and b.ends_at > $5 and b.starts_at < $6
           and ($2::uuid is not null or b.state = 'confirmed')
         order by b.ends_at <= $7, abs(extract(epoch from b.starts_at - $7)), b.booking_id limit $8",
    )
    .bind(tenant)
    .bind(member)
    .bind(resource)
    .bind(location)
    .bind(at(-DAYS_BACK)?.to_sqlx())
    .bind(at(DAYS_AHEAD)?.to_sqlx())
    .bind(at(0)?.to_sqlx())
    .bind(MOST)
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

fn entry(row: &PgRow, subject: Subject, catalogue: &Catalogue) -> Result<FeedEntry, UseCaseError> {
    let resource: ResourceId = row.id("resource_id")?;
    let location: LocationId = row.id("location_id")?;
    let state: BookingState = row.word("state")?;
    let changed_by: i64 = row.try_get("changed_by")?;
    let member: String = row.try_get("member_name")?;
    let resource = &catalogue.resource(resource)?.name;
    let summary = match subject {
        Subject::Member(_) if matches!(state, BookingState::Held | BookingState::Requested) => {
            format!("{resource} (not booked yet)")
        }
        Subject::Member(_) => resource.clone(),
        // Operators see in every list who comes. Of whoever was forgotten no name is left.
        Subject::Resource(_) | Subject::Location(_) if member.is_empty() => resource.clone(),
        Subject::Resource(_) | Subject::Location(_) => format!("{resource}: {member}"),
    };
    Ok(FeedEntry {
        booking_id: row.id("booking_id")?,
        summary,
        location: address(catalogue.location(location)?),
        starts_at: row.time("starts_at")?,
        ends_at: row.time("ends_at")?,
        cancelled: !BookingState::LIVE.contains(&state),
        // Positions only grow, so this is 0 for a booking as it was made and more after each change.
        sequence: u32::try_from(changed_by.clamp(0, i64::from(i32::MAX))).unwrap_or(0),
        made_at: row.time("booked_at")?,
        changed_at: row.time("changed_at")?,
    })
}

fn address(place: &LocationOpened) -> String {
    let address = &place.address;
    let town = format!("{} {}", address.postcode, address.city);
    format!(
        "{}, {}, {}, {}",
        place.name,
        address.street,
        town.trim(),
        address.country
    )
}

fn name(subject: Subject, catalogue: &Catalogue) -> Result<String, UseCaseError> {
    Ok(match subject {
        Subject::Member(_) => catalogue
            .organization
            .as_ref()
            .map_or_else(String::new, |organization| organization.name.clone()),
        Subject::Resource(id) => {
            let resource = catalogue.resource(id)?;
            format!("{}, {}", resource.name, catalogue.location(resource.location_id)?.name)
        }
        Subject::Location(id) => catalogue.location(id)?.name.clone(),
    })
}
