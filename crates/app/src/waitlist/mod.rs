//! The line for times that are taken. A row of `waitlist` is somebody who waits, or to whom the time is offered: it goes when
//! waiting ends.

use crate::{
    Actor, App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm,
    booking::{self, Book, guard},
    catalogue, member, read,
    read::Columns,
    trouble,
};
use coterie_domain::{
    BookingId, LocationId, MemberId, Refusal, ResourceId, WaitlistEntryId,
    booking::slot,
    catalogue::Catalogue,
    local_time,
    waitlist::{self, WaitlistEnd, WaitlistEnded, WaitlistEntry, WaitlistEvent},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The most times that one member waits for.
const MOST_OF_ONE: i64 = 20;
/// The most of a line that is asked when a time becomes free.
const ASKED: i64 = 20;
/// The most that are listed.
const MOST: i64 = 1_000;

/// Joins the line for a time that is taken; `Book` says which.
///
/// # Errors
/// A time that is free, is not open, or begins now; a resource that is booked by asking; waiting for it already.
pub async fn join(app: &App, caller: &Caller, command: Book) -> Outcome<WaitlistEntryId> {
    trouble::carry_out(app, caller, || join_once(app, caller, command.clone())).await
}

async fn join_once(app: &App, caller: &Caller, command: Book) -> Outcome<WaitlistEntryId> {
    access::acts_for(caller, command.member_id)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let slot = slot(command.resource_id, command.start, command.end, op.now, &catalogue)?.for_people(command.people)?;
    let (member, _) = member::load(&mut op, command.member_id).await?;
    let id = WaitlistEntryId(op.new_id());
    let joined = waitlist::join(id, member.member_id, &slot, op.now, &catalogue)?;
    // Whoever frees the time holds the same rows: either he sees the entry, or the time is free here.
    guard::lock_resources(&mut op, &slot.occupied, &catalogue).await?;
    if guard::is_free(&mut op, &slot).await? {
        return Err(Refusal::conflict("it_is_free", "This time is free: book it.").into());
    }
    check_place(&mut op, &joined).await?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into waitlist (tenant_id, entry_id, member_id, resource_id, location_id, starts_at, ends_at, blocked)
         values ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9))",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(joined.member_id.0)
    .bind(joined.resource_id.0)
    .bind(joined.location_id.0)
    .bind(joined.starts_at.to_sqlx())
    .bind(joined.ends_at.to_sqlx())
    .bind(joined.blocked_from.to_sqlx())
    .bind(joined.blocked_until.to_sqlx())
    .execute(op.conn())
    .await?;
    op.set_alarm(alarm::Kind::WaitlistEnd, id.0, joined.starts_at).await?;
    op.write(id.0, 0, [WaitlistEvent::from(joined)])?;
    op.commit(id).await
}

/// One place for one time, and not too many in all.
async fn check_place(op: &mut Operation, joined: &waitlist::WaitlistJoined) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let (same, all): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where resource_id = $3 and starts_at = $4 and ends_at = $5), count(*)
         from waitlist where tenant_id = $1 and member_id = $2",
    )
    .bind(tenant)
    .bind(joined.member_id.0)
    .bind(joined.resource_id.0)
    .bind(joined.starts_at.to_sqlx())
    .bind(joined.ends_at.to_sqlx())
    .fetch_one(op.conn())
    .await?;
    if same > 0 {
        return Err(Refusal::conflict("waiting_already", "You wait for this time already.").into());
    }
    if all >= MOST_OF_ONE {
        let sentence = format!("You wait for {MOST_OF_ONE} times already; give one of them up first.");
        return Err(Refusal::conflict("waits_for_too_many", sentence).into());
    }
    Ok(())
}

/// Gives up waiting.
///
/// # Errors
/// Another member's, or over; the time is held for her already.
pub async fn leave(app: &App, caller: &Caller, id: WaitlistEntryId) -> Outcome<WaitlistEntryId> {
    trouble::carry_out(app, caller, || leave_once(app, caller, id)).await
}

async fn leave_once(app: &App, caller: &Caller, id: WaitlistEntryId) -> Outcome<WaitlistEntryId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (entry, _) = load(&mut op, id).await?;
    access::acts_for(caller, entry.fact.member_id)?;
    let ended = waitlist::leave(&entry)?;
    end_in_op(&mut op, id, ended.why).await?;
    op.commit(id).await
}

/// # Errors
/// `NotFound` when the organization has no such entry.
pub async fn load(op: &mut Operation, id: WaitlistEntryId) -> Result<(WaitlistEntry, i64), UseCaseError> {
    op.load::<WaitlistEvent, WaitlistEntry>(id.0, WaitlistEntry::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

async fn end_in_op(op: &mut Operation, id: WaitlistEntryId, why: WaitlistEnd) -> Result<(), UseCaseError> {
    let (entry, version) = load(op, id).await?;
    if entry.ended.is_some() {
        return Ok(());
    }
    let tenant = op.tenant();
    sqlx::query("delete from waitlist where tenant_id = $1 and entry_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    op.clear_alarm(alarm::Kind::WaitlistEnd, id.0, entry.fact.starts_at)
        .await?;
    op.write(
        id.0,
        version,
        [WaitlistEvent::from(WaitlistEnded { entry_id: id, why })],
    )
}

/// The time has come, and it never became free.
///
/// # Errors
/// When the database fails.
pub(crate) async fn pass_in_op(op: &mut Operation, id: WaitlistEntryId) -> Result<(), UseCaseError> {
    end_in_op(op, id, WaitlistEnd::Passed).await
}

/// What was held for somebody came to its end: so did her waiting for it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn answered_in_op(op: &mut Operation, hold: BookingId, why: WaitlistEnd) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let entry: Option<Uuid> =
        sqlx::query_scalar("select entry_id from waitlist where tenant_id = $1 and booking_id = $2")
            .bind(tenant)
            .bind(hold.0)
            .fetch_optional(op.conn())
            .await?;
    match entry {
        Some(entry) => end_in_op(op, WaitlistEntryId(entry), why).await,
        None => Ok(()),
    }
}

/// Those who wait for a time, the longest first.
pub(crate) struct Line(Vec<WaitlistEntryId>);

/// Looks who waits for a time that is about to be freed, and locks the resources that they wait for: before any other guard.
///
/// # Errors
/// When the database fails, or the terms of a resource were set meanwhile.
pub(crate) async fn line_in_op(
    op: &mut Operation,
    freed: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
    catalogue: &Catalogue,
) -> Result<Line, UseCaseError> {
    // Whoever waits for a whole waits for its parts.
    let wanted: Vec<Uuid> = catalogue
        .resources
        .keys()
        .filter(|id| !catalogue.occupied_by(**id).is_disjoint(freed))
        .map(|id| id.0)
        .collect();
    let tenant = op.tenant();
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select entry_id, resource_id from waitlist
         where tenant_id = $1 and resource_id = any($2) and blocked && tstzrange($3, $4) and booking_id is null
         order by entry_id limit $5",
    )
    .bind(tenant)
    .bind(wanted)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(ASKED)
    .fetch_all(op.conn())
    .await?;
    if !rows.is_empty() {
        let mut all = freed.clone();
        for (_, resource) in &rows {
            all.extend(catalogue.occupied_by(ResourceId(*resource)));
        }
        guard::lock_resources(op, &all, catalogue).await?;
    }
    Ok(Line(
        rows.into_iter().map(|(entry, _)| WaitlistEntryId(entry)).collect(),
    ))
}

impl Line {
    /// Holds what was freed for those who waited longest, as far as it goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn offer_in_op(self, op: &mut Operation) -> Result<(), UseCaseError> {
        for id in self.0 {
            let (entry, version) = load(op, id).await?;
            if entry.ended.is_some() || entry.offered.is_some() {
                continue;
            }
            let zone = local_time::zone(&entry.fact.time_zone)?;
            let wish = Book {
                member_id: entry.fact.member_id,
                resource_id: entry.fact.resource_id,
                start: zone.to_datetime(entry.fact.starts_at),
                end: zone.to_datetime(entry.fact.ends_at),
                people: entry.fact.people,
            };
            // Who cannot book it, for whatever reason, is passed over and waits on.
            let (offered, slot, held) = match booking::decide(op, &wish).await {
                Ok((slot, booked)) => match waitlist::offer(id, &booked, &slot, op.now) {
                    Ok((offered, held)) => (offered, slot, held),
                    Err(_) => continue,
                },
                Err(UseCaseError::Refused(_)) => continue,
                Err(error) => return Err(error),
            };
            booking::record_hold(op, &slot, held).await?;
            let tenant = op.tenant();
            sqlx::query("update waitlist set booking_id = $3 where tenant_id = $1 and entry_id = $2")
                .bind(tenant)
                .bind(id.0)
                .bind(offered.booking_id.0)
                .execute(op.conn())
                .await?;
            op.write(id.0, version, [WaitlistEvent::from(offered)])?;
        }
        Ok(())
    }
}

/// Somebody who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistRow {
    pub entry_id: WaitlistEntryId,
    pub member_id: MemberId,
    pub member_name: String,
    pub resource_id: ResourceId,
    pub resource_name: String,
    pub location_id: LocationId,
    pub location_name: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub time_zone: String,
    /// How many wait for an overlapping time of the same resource, and came before.
    pub ahead: i64,
    /// The hold, once it is offered.
    pub booking_id: Option<BookingId>,
}

/// Those who wait, in the order in which they came; of one member or resource where one is named.
///
/// # Errors
/// When the database fails; a member sees only herself.
pub async fn list(
    app: &App,
    caller: &Caller,
    member: Option<MemberId>,
    resource: Option<ResourceId>,
) -> Result<Vec<WaitlistRow>, UseCaseError> {
    let member = match caller.actor {
        Actor::Member(me) => Some(me),
        _ => member,
    };
    let tenant = caller.tenant;
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(
        "select w.entry_id, w.member_id, w.resource_id, w.location_id, w.starts_at, w.ends_at, w.booking_id,
                coalesce(m.name, '') as member_name,
                (select count(*) from waitlist o where o.tenant_id = w.tenant_id and o.resource_id = w.resource_id
                   and o.blocked && w.blocked and o.entry_id < w.entry_id) as ahead
         from waitlist w left join member_view m on m.tenant_id = w.tenant_id and m.member_id = w.member_id
         where w.tenant_id = $1 and ($2::uuid is null or w.member_id = $2) and ($3::uuid is null or w.resource_id = $3)
         order by w.entry_id limit $4",
    )
    .bind(tenant)
    .bind(member.map(|id| id.0))
    .bind(resource.map(|id| id.0))
    .bind(MOST)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            let resource_id = row.id("resource_id")?;
            let place = catalogue.location(row.id("location_id")?)?;
            Ok(WaitlistRow {
                entry_id: row.id("entry_id")?,
                member_id: row.id("member_id")?,
                member_name: row.try_get("member_name")?,
                resource_id,
                resource_name: catalogue.resource(resource_id)?.name.clone(),
                location_id: place.location_id,
                location_name: place.name.clone(),
                starts_at: row.time("starts_at")?,
                ends_at: row.time("ends_at")?,
                time_zone: place.time_zone.clone(),
                ahead: row.try_get("ahead")?,
                booking_id: row.maybe_id("booking_id")?,
            })
        })
        .collect()
}
