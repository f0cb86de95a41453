//! The reservation and the credit lots at the moment of writing.

use crate::{Operation, UseCaseError};
use coterie_domain::{
    BookingId, LotId, MemberId, Refusal, ResourceId, ResourceTypeId,
    booking::{self, Slot},
    catalogue::Catalogue,
    credit::{CreditEvent, CreditRestored, CreditUse, CreditUsed, Lot},
};
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeSet;

/// Refuses a slot that anything live overlaps, buffers included, with the next free one. `own` is the booking that is being
/// moved and is not in its own way.
pub(super) async fn check_free(
    op: &mut Operation,
    slot: &Slot,
    own: Option<BookingId>,
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    if taken(op, slot, own).await? {
        return Err(taken_refusal(op, slot, own, catalogue).await?.into());
    }
    Ok(())
}

async fn taken(op: &mut Operation, slot: &Slot, own: Option<BookingId>) -> Result<bool, UseCaseError> {
    let tenant = op.tenant();
    Ok(sqlx::query_scalar(
        "select exists (select from reservation where tenant_id = $1 and resource_id = $2 and blocked && tstzrange($3, $4)
                          and booking_id is distinct from $5)",
    )
        .bind(tenant)
        .bind(slot.resource.resource_id.0)
        .bind(slot.blocked_from.to_sqlx())
        .bind(slot.blocked_until.to_sqlx())
        .bind(own.map(|id| id.0))
        .fetch_one(op.conn())
        .await?)
}

async fn taken_refusal(
    op: &mut Operation,
    slot: &Slot,
    own: Option<BookingId>,
    catalogue: &Catalogue,
) -> Result<Refusal, UseCaseError> {
    let blocked = blocked_from(op, slot.resource.resource_id, slot.blocked_from, own).await?;
    let refusal = match booking::next_free(slot, &blocked, catalogue) {
        Some((start, end)) => {
            let sentence = format!(
                "{} is already taken then. It is next free for this long on {} from {} to {} ({}).",
                slot.resource.name,
                start.strftime("%-d %B %Y"),
                start.strftime("%H:%M"),
                end.strftime("%H:%M"),
                slot.time_zone
            );
            let next = serde_json::json!({
                "starts_at": start.strftime("%Y-%m-%dT%H:%M").to_string(), "ends_at": end.strftime("%Y-%m-%dT%H:%M").to_string(), "time_zone": slot.time_zone,
            });
            Refusal::conflict("slot_taken", sentence).with("next_free", next)
        }
        None => Refusal::conflict(
            "slot_taken",
            format!(
                "{} is already taken then, and for the two weeks after.",
                slot.resource.name
            ),
        ),
    };
    Ok(refusal.on("starts_at", "This time is already taken."))
}

async fn blocked_from(
    op: &mut Operation,
    resource: ResourceId,
    from: Timestamp,
    own: Option<BookingId>,
) -> Result<Vec<(Timestamp, Timestamp)>, UseCaseError> {
    let tenant = op.tenant();
    let until = from.checked_add((16 * 24).hours()).unwrap_or(from);
    let rows = sqlx::query(
        "select lower(blocked) as blocked_from, upper(blocked) as blocked_until from reservation
         where tenant_id = $1 and resource_id = $2 and blocked && tstzrange($3, $4) and booking_id is distinct from $5
         order by 1 limit 2000",
    )
    .bind(tenant)
    .bind(resource.0)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(own.map(|id| id.0))
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            let from: jiff_sqlx::Timestamp = row.try_get("blocked_from")?;
            let until: jiff_sqlx::Timestamp = row.try_get("blocked_until")?;
            Ok((from.to_jiff(), until.to_jiff()))
        })
        .collect()
}

/// Queues racers on the resource's row instead of on the exclusion constraint, where a thousand of them deadlock.
/// Several are locked in the order of their ids.
pub(super) async fn lock_resources(op: &mut Operation, resources: &[ResourceId]) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let ids: BTreeSet<_> = resources.iter().map(|id| id.0).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let locked = sqlx::query(
        "select resource_id from resource_lock where tenant_id = $1 and resource_id = any($2) order by resource_id for update",
    )
    .bind(tenant)
    .bind(&ids)
    .fetch_all(op.conn())
    .await?;
    // Without its row a resource would be guarded by the constraint alone.
    if locked.len() != ids.len() {
        return Err(UseCaseError::Broken(format!("one of {resources:?} has no row to lock")));
    }
    Ok(())
}

pub(super) async fn reserve(op: &mut Operation, booking: BookingId, slot: &Slot) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into reservation (tenant_id, booking_id, resource_id, blocked) values ($1, $2, $3, tstzrange($4, $5))",
    )
    .bind(tenant)
    .bind(booking.0)
    .bind(slot.resource.resource_id.0)
    .bind(slot.blocked_from.to_sqlx())
    .bind(slot.blocked_until.to_sqlx())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// Moves a reservation to another time or resource.
pub(super) async fn reserve_anew(op: &mut Operation, booking: BookingId, slot: &Slot) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update reservation set resource_id = $3, blocked = tstzrange($4, $5) where tenant_id = $1 and booking_id = $2",
    )
    .bind(tenant)
    .bind(booking.0)
    .bind(slot.resource.resource_id.0)
    .bind(slot.blocked_from.to_sqlx())
    .bind(slot.blocked_until.to_sqlx())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// What the exclusion constraint says where a lock was not enough.
pub(super) fn at_the_same_moment(error: UseCaseError) -> UseCaseError {
    if error.is_constraint("one_winner") {
        Refusal::conflict("slot_taken", "This time was taken at the same moment.").into()
    } else {
        error
    }
}

pub(super) async fn release(op: &mut Operation, booking: BookingId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from reservation where tenant_id = $1 and booking_id = $2")
        .bind(tenant)
        .bind(booking.0)
        .execute(op.conn())
        .await?;
    Ok(())
}

/// Locks the lots a member could draw on for a booking that starts then, and those that a booking which is moved drew on.
pub(super) async fn lock_lots(
    op: &mut Operation,
    member: MemberId,
    kind: ResourceTypeId,
    start: Timestamp,
    drawn: &[CreditUse],
) -> Result<Vec<Lot>, UseCaseError> {
    let drawn: Vec<_> = drawn.iter().map(|part| part.lot_id.0).collect();
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select lot_id, minutes_left, valid_from, valid_until from credit_lot
         where tenant_id = $1 and member_id = $2 and (lot_id = any($5)
             or resource_type_id = $3 and valid_from <= $4 and valid_until > $4 and minutes_left > 0)
         order by lot_id for update",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(kind.0)
    .bind(start.to_sqlx())
    .bind(drawn)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            let from: jiff_sqlx::Timestamp = row.try_get("valid_from")?;
            let until: jiff_sqlx::Timestamp = row.try_get("valid_until")?;
            Ok(Lot {
                lot_id: LotId(row.try_get("lot_id")?),
                minutes_left: row.try_get("minutes_left")?,
                valid_from: from.to_jiff(),
                valid_until: until.to_jiff(),
            })
        })
        .collect()
}

/// Takes minutes out of lots that are locked.
pub(super) async fn use_credit(op: &mut Operation, booking: BookingId, uses: &[CreditUse]) -> Result<(), UseCaseError> {
    for part in uses {
        let version = move_minutes(op, part.lot_id, -part.minutes).await?;
        op.write(
            part.lot_id.0,
            version,
            [CreditEvent::from(CreditUsed {
                lot_id: part.lot_id,
                booking_id: booking,
                minutes: part.minutes,
            })],
        )?;
    }
    Ok(())
}

/// Puts minutes back into the lots they came from; a lot that has lapsed meanwhile keeps its expiry.
pub(super) async fn restore_credit(
    op: &mut Operation,
    booking: BookingId,
    uses: &[CreditUse],
) -> Result<(), UseCaseError> {
    let mut ordered = uses.to_vec();
    ordered.sort_by_key(|part| part.lot_id);
    for part in &ordered {
        let version = move_minutes(op, part.lot_id, part.minutes).await?;
        op.write(
            part.lot_id.0,
            version,
            [CreditEvent::from(CreditRestored {
                lot_id: part.lot_id,
                booking_id: booking,
                minutes: part.minutes,
            })],
        )?;
    }
    Ok(())
}

/// Moves a lot's balance and answers the version its stream had before.
async fn move_minutes(op: &mut Operation, lot: LotId, minutes: i64) -> Result<i64, UseCaseError> {
    let tenant = op.tenant();
    Ok(sqlx::query_scalar("update credit_lot set minutes_left = minutes_left + $3, version = version + 1 where tenant_id = $1 and lot_id = $2 returning version - 1")
        .bind(tenant)
        .bind(lot.0)
        .bind(minutes)
        .fetch_one(op.conn())
        .await?)
}
