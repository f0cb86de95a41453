//! Resources out of service. A blocker holds its time as a booking does, so that neither gets in the other's way.

use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, booking::guard, catalogue, read, read::Columns,
    trouble, waitlist,
};
use coterie_domain::{
    BlockerId, LocationId, Refusal, ResourceId,
    blocker::{self, Blocker, BlockerEvent, BlockerPlaced},
};
use jiff::{Timestamp, civil::DateTime};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most that are listed.
const MOST: i64 = 1_000;

/// A time in wall time of the house, and why.
#[derive(Debug, Clone)]
pub struct NewBlocker {
    pub resource_id: ResourceId,
    pub start: DateTime,
    pub end: DateTime,
    pub reason: String,
}

/// A blocker that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockerRow {
    pub blocker_id: BlockerId,
    pub resource_id: ResourceId,
    pub resource_name: String,
    pub location_id: LocationId,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub time_zone: String,
    pub reason: String,
}

/// Takes a resource out of service for a time. A combined room takes its parts with it.
///
/// # Errors
/// An unknown resource, faulty fields; bookings that stand then, with their number; operators only.
pub async fn place(app: &App, caller: &Caller, new: NewBlocker) -> Outcome<BlockerId> {
    trouble::carry_out(app, caller, || place_once(app, caller, new.clone())).await
}

async fn place_once(app: &App, caller: &Caller, new: NewBlocker) -> Outcome<BlockerId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let id = BlockerId(op.new_id());
    let times = (new.start, new.end);
    let placed = blocker::place(id, new.resource_id, times, &new.reason, op.now, &catalogue)?;
    let occupied = catalogue.occupied_by(new.resource_id);
    guard::lock_resources(&mut op, &occupied, &catalogue).await?;
    check_free(&mut op, &placed, &occupied).await?;
    guard::hold(&mut op, id.0, &occupied, (placed.starts_at, placed.ends_at))
        .await
        .map_err(guard::at_the_same_moment)?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into blocker (tenant_id, blocker_id, resource_id, location_id, starts_at, ends_at, reason)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(placed.resource_id.0)
    .bind(placed.location_id.0)
    .bind(placed.starts_at.to_sqlx())
    .bind(placed.ends_at.to_sqlx())
    .bind(&placed.reason)
    .execute(op.conn())
    .await?;
    op.write(id.0, 0, [BlockerEvent::from(placed)])?;
    op.commit(id).await
}

/// Bookings are somebody's: they are moved or cancelled first, never run over.
async fn check_free(
    op: &mut Operation,
    placed: &BlockerPlaced,
    occupied: &BTreeSet<ResourceId>,
) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let ids: Vec<Uuid> = occupied.iter().map(|id| id.0).collect();
    let (bookings, blockers, assignments): (i64, i64, i64) = sqlx::query_as(
        "select count(distinct r.booking_id) filter (where b.blocker_id is null and a.assignment_id is null),
                count(distinct b.blocker_id), count(distinct a.assignment_id)
         from reserved($1, $2, $3, $4) r left join blocker b on b.tenant_id = $1 and b.blocker_id = r.booking_id
         left join booking_hold h on h.tenant_id = $1 and h.booking_id = r.booking_id
         left join assignment a on a.tenant_id = $1 and a.assignment_id = r.booking_id
         where h.expires_at is null or h.expires_at > $5",
    )
    .bind(tenant)
    .bind(ids)
    .bind(placed.starts_at.to_sqlx())
    .bind(placed.ends_at.to_sqlx())
    .bind(now.to_sqlx())
    .fetch_one(op.conn())
    .await?;
    let sentence = match (bookings, blockers) {
        (0, 0) if assignments == 0 => return Ok(()),
        (0, 0) => "It is assigned to a member then. End that first.".to_owned(),
        (0, _) => "It is out of service then already.".to_owned(),
        (1, _) => "One booking stands then. Move or cancel it first.".to_owned(),
        (many, _) => format!("{many} bookings stand then. Move or cancel them first."),
    };
    Err(Refusal::conflict("bookings_in_the_way", sentence)
        .with("bookings", bookings)
        .into())
}

/// Gives a resource back before the time is over; `of` is the resource that it is said to be of.
///
/// # Errors
/// `NotFound` for an unknown one or another resource's; a refusal for one that was lifted; operators only.
pub async fn lift(app: &App, caller: &Caller, id: BlockerId, of: Option<ResourceId>) -> Outcome<BlockerId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (blocker, version) = op
        .load::<BlockerEvent, Blocker>(id.0, Blocker::evolve)
        .await?
        .filter(|(blocker, _)| of.is_none_or(|resource| resource == blocker.fact.resource_id))
        .ok_or(UseCaseError::NotFound)?;
    let lifted = blocker::lift(&blocker)?;
    let catalogue = op.catalogue().await?;
    let freed = catalogue.occupied_by(blocker.fact.resource_id);
    let times = (blocker.fact.starts_at, blocker.fact.ends_at);
    let line = waitlist::line_in_op(&mut op, &freed, times, &catalogue).await?;
    guard::release(&mut op, id.0).await?;
    let tenant = op.tenant();
    sqlx::query("delete from blocker where tenant_id = $1 and blocker_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    op.write(id.0, version, [BlockerEvent::from(lifted)])?;
    line.offer_in_op(&mut op).await?;
    op.commit(id).await
}

/// Blockers that are not over, by start; of one resource where it is named.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, tenant: Uuid, resource: Option<ResourceId>) -> Result<Vec<BlockerRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let now = read::now(&mut tx, tenant).await?;
    let rows = sqlx::query(
        "select blocker_id, resource_id, location_id, starts_at, ends_at, reason from blocker
         where tenant_id = $1 and ($2::uuid is null or resource_id = $2) and ends_at > $3
         order by starts_at, blocker_id limit $4",
    )
    .bind(tenant)
    .bind(resource.map(|id| id.0))
    .bind(now.to_sqlx())
    .bind(MOST)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            let resource_id = row.id("resource_id")?;
            let location_id = row.id("location_id")?;
            Ok(BlockerRow {
                blocker_id: row.id("blocker_id")?,
                resource_id,
                resource_name: catalogue.resource(resource_id)?.name.clone(),
                location_id,
                starts_at: row.time("starts_at")?,
                ends_at: row.time("ends_at")?,
                time_zone: catalogue.location(location_id)?.time_zone.clone(),
                reason: row.try_get("reason")?,
            })
        })
        .collect()
}
