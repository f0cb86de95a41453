//! What an assignment would run over: bookings are somebody's, and so are assignments, so all of it is named and nothing
//! of it is touched.

use crate::{Operation, UseCaseError, read::Columns};
use coterie_domain::{Refusal, ResourceId, catalogue::Catalogue, local_time};
use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{Row, postgres::PgRow};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many are named.
const NAMED: i64 = 5;

pub(super) async fn check(
    op: &mut Operation,
    occupied: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let rows = sqlx::query(
        "select r.booking_id, min(r.resource_id::text)::uuid as resource_id, min(r.blocked_from) as from_time, max(r.blocked_until) as until_time,
                max(b.reason) as reason, bool_or(a.assignment_id is not null) as assigned, count(*) over () as many
         from reserved($1, $2, $3, $4) r
         left join blocker b on b.tenant_id = $1 and b.blocker_id = r.booking_id
         left join assignment a on a.tenant_id = $1 and a.assignment_id = r.booking_id
         left join booking_hold h on h.tenant_id = $1 and h.booking_id = r.booking_id
         where h.expires_at is null or h.expires_at > $6
         group by r.booking_id order by from_time, r.booking_id limit $5",
    )
    .bind(tenant)
    .bind(occupied.iter().map(|id| id.0).collect::<Vec<Uuid>>())
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(NAMED)
    .bind(now.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    let Some(first) = rows.first() else { return Ok(()) };
    let many: i64 = first.try_get("many")?;
    let (mut named, mut told) = (Vec::new(), Vec::new());
    for row in &rows {
        let resource = catalogue.resource(row.id("resource_id")?)?;
        let zone = catalogue.zone_of(resource.location_id)?;
        let (kind, words) = one(row, &zone)?;
        told.push(format!("{} {words}", resource.name));
        named.push(
            json!({ "kind": kind, "id": row.id::<Uuid>("booking_id")?, "resource_id": resource.resource_id,
            "starts_at": row.time("from_time")?, "ends_at": row.time("until_time")? }),
        );
    }
    let more = many - i64::try_from(rows.len()).unwrap_or(many);
    let and_more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    let sentence = format!(
        "This is in the way: {}{and_more}. Move or end it first.",
        told.join("; ")
    );
    Err(Refusal::conflict("in_the_way", sentence.clone())
        .on("first_day", sentence)
        .with("in_the_way", named)
        .with("many", many)
        .into())
}

/// `is booked on 22 January 2026 from 10:00 to 12:00`
fn one(row: &PgRow, zone: &TimeZone) -> Result<(&'static str, String), UseCaseError> {
    let (from, until) = (row.time("from_time")?, row.time("until_time")?);
    let day = |at| local_time::day_at(at, zone).strftime("%-d %B %Y").to_string();
    let clock = |at| zone.to_datetime(at).strftime("%H:%M").to_string();
    if row.try_get("assigned")? {
        return Ok(("assignment", format!("is assigned from {} on", day(from))));
    }
    if let Some(reason) = row.try_get::<Option<String>, _>("reason")? {
        return Ok(("blocker", format!("is out of service from {}: {reason}", day(from))));
    }
    let words = format!("is booked on {} from {} to {}", day(from), clock(from), clock(until));
    Ok(("booking", words))
}
