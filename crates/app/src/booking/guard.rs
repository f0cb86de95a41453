//! The reservation and the credit lots at the moment of writing.

use crate::{Operation, UseCaseError};
use coterie_domain::{
    BookingId, Refusal, ResourceId,
    booking::{self, Slot},
    catalogue::Catalogue,
};
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Refuses a slot that anything live overlaps, buffers included, with the next free one. `own` is the booking that is being
/// moved and is not in its own way.
pub(crate) async fn check_free(
    op: &mut Operation,
    slot: &Slot,
    own: Option<BookingId>,
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    match taken(op, slot, own).await? {
        Some(what) => Err(taken_refusal(op, slot, own, &what, catalogue).await?.into()),
        None => Ok(()),
    }
}

/// Whether nothing live is in the way of a slot.
pub(crate) async fn is_free(op: &mut Operation, slot: &Slot) -> Result<bool, UseCaseError> {
    Ok(taken(op, slot, None).await?.is_none())
}

/// What is in the way, if anything is: why a resource is out of service, or nothing to be said of somebody's booking.
async fn taken(op: &mut Operation, slot: &Slot, own: Option<BookingId>) -> Result<Option<InTheWay>, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let row = sqlx::query("select resource_id, reason from in_the_way($1, $2, $3, $4, $5, $6, $7) where not over")
        .bind(tenant)
        .bind(ids(&slot.occupied))
        .bind(slot.resource.resource_id.0)
        .bind(slot.blocked_from.to_sqlx())
        .bind(slot.blocked_until.to_sqlx())
        .bind(now.to_sqlx())
        .bind(own.map(|id| id.0))
        .fetch_optional(op.conn())
        .await?;
    row.map(|row| {
        Ok(InTheWay {
            resource: ResourceId(row.try_get("resource_id")?),
            out_of_service: row.try_get("reason")?,
        })
    })
    .transpose()
}

pub(super) struct InTheWay {
    pub resource: ResourceId,
    /// Why, where it is no booking.
    pub out_of_service: Option<String>,
}

pub(super) fn ids(resources: &BTreeSet<ResourceId>) -> Vec<Uuid> {
    resources.iter().map(|id| id.0).collect()
}

/// What is said of a time that is taken, with the next free one and what is free instead.
pub(super) async fn taken_refusal(
    op: &mut Operation,
    slot: &Slot,
    own: Option<BookingId>,
    what: &InTheWay,
    catalogue: &Catalogue,
) -> Result<Refusal, UseCaseError> {
    let blocked = blocked_from(op, &slot.occupied, slot.blocked_from, own).await?;
    let name = &catalogue.resource(what.resource)?.name;
    let taken = match &what.out_of_service {
        Some(reason) => format!("{name} is out of service then: {reason}."),
        None => format!("{name} is already taken then."),
    };
    // A part may be what is in the way.
    let it = if what.resource == slot.resource.resource_id {
        "It"
    } else {
        &slot.resource.name
    };
    let refusal = match booking::next_free(slot, &blocked, catalogue) {
        Some((start, end)) => {
            let sentence = format!(
                "{taken} {it} is next free for this long on {} from {} to {} ({}).",
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
            format!("{taken} {it} is not free for this long in the two weeks after either."),
        ),
    };
    let field = if what.out_of_service.is_some() {
        "It is out of service at this time."
    } else {
        "This time is already taken."
    };
    let instead = super::find::free_instead(op, slot, catalogue).await?;
    let refusal = match instead.as_slice() {
        [] => refusal,
        [(_, name), ..] => {
            let sentence = format!("{} {name} is free at that time.", refusal.sentence);
            let others: Vec<_> = instead
                .iter()
                .map(|(id, name)| serde_json::json!({ "resource_id": id, "name": name }))
                .collect();
            Refusal { sentence, ..refusal }.with("free_instead", others)
        }
    };
    Ok(refusal.on("starts_at", field))
}

async fn blocked_from(
    op: &mut Operation,
    resources: &BTreeSet<ResourceId>,
    from: Timestamp,
    own: Option<BookingId>,
) -> Result<Vec<(Timestamp, Timestamp)>, UseCaseError> {
    let tenant = op.tenant();
    let until = from.checked_add((16 * 24).hours()).unwrap_or(from);
    let rows = sqlx::query(
        "select blocked_from, blocked_until from reserved($1, $2, $3, $4) where booking_id is distinct from $5
         order by 1 limit 2000",
    )
    .bind(tenant)
    .bind(ids(resources))
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

/// Queues racers on the resources' rows instead of on the exclusion constraint, where a thousand of them deadlock. Several
/// are locked in the order of their ids. Whoever decided by terms that were set anew meanwhile decides again.
pub(crate) async fn lock_resources(
    op: &mut Operation,
    resources: &BTreeSet<ResourceId>,
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let locked: Vec<i64> = sqlx::query_scalar(
        "select terms from resource_lock where tenant_id = $1 and resource_id = any($2) order by resource_id for update",
    )
    .bind(tenant)
    .bind(ids(resources))
    .fetch_all(op.conn())
    .await?;
    let terms: Vec<i64> = resources.iter().map(|id| catalogue.terms_version(*id)).collect();
    check_terms(resources, &terms, &locked)
}

/// Whether a decision was made by the terms that stand in the locked rows, both in the order of ids.
pub(super) fn check_terms(
    resources: &BTreeSet<ResourceId>,
    decided_by: &[i64],
    locked: &[i64],
) -> Result<(), UseCaseError> {
    // Without its row a resource would be guarded by the constraint alone.
    if locked.len() != resources.len() {
        return Err(UseCaseError::Broken(format!("one of {resources:?} has no row to lock")));
    }
    if locked != decided_by {
        return Err(UseCaseError::Contended("the terms of a resource were set meanwhile"));
    }
    Ok(())
}

/// Holds resources for a time under an id: a booking's or a blocker's. Holds that are over are cleared away first: the
/// caller has locked the resources.
pub(crate) async fn hold(
    op: &mut Operation,
    id: Uuid,
    resources: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<(), UseCaseError> {
    super::hold::clear_expired(op, resources, (from, until)).await?;
    let tenant = op.tenant();
    sqlx::query(
        "insert into reservation (tenant_id, booking_id, resource_id, blocked)
         select $1, $2, resource, tstzrange($4, $5) from unnest($3::uuid[]) resource",
    )
    .bind(tenant)
    .bind(id)
    .bind(ids(resources))
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .execute(op.conn())
    .await?;
    Ok(())
}

pub(super) async fn reserve(op: &mut Operation, booking: BookingId, slot: &Slot) -> Result<(), UseCaseError> {
    hold(op, booking.0, &slot.occupied, (slot.blocked_from, slot.blocked_until)).await
}

/// Moves a reservation to another time or resource.
pub(super) async fn reserve_anew(op: &mut Operation, booking: BookingId, slot: &Slot) -> Result<(), UseCaseError> {
    release(op, booking.0).await?;
    reserve(op, booking, slot).await
}

/// What the exclusion constraint says where a lock was not enough.
pub(crate) fn at_the_same_moment(error: UseCaseError) -> UseCaseError {
    if error.is_constraint("one_winner") {
        Refusal::conflict("slot_taken", "This time was taken at the same moment.").into()
    } else {
        error
    }
}

pub(crate) async fn release(op: &mut Operation, id: Uuid) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("delete from reservation where tenant_id = $1 and booking_id = $2")
        .bind(tenant)
        .bind(id)
        .execute(op.conn())
        .await?;
    Ok(())
}
