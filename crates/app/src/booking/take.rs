//! Taking a time, all in one call: it is looked at, locked, looked at again, and held where that is asked for.

use super::guard;
use crate::{Operation, UseCaseError};
use coterie_domain::{
    BookingId, LegalEntityId, LotId, MemberId, ResourceId, booking::Slot, catalogue::Catalogue, credit::Lot,
};
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

/// A time whose resources are locked and free, and what else a decision about it needs.
pub(super) struct Taken {
    /// The lots that the member could draw on, locked.
    pub lots: Vec<Lot>,
    /// Her memberships that have not ended, those with the legal entity of the place first.
    pub memberships: Vec<Uuid>,
    /// The last versions of her stream and of theirs.
    pub versions: Vec<i64>,
    /// Whether the time is held already, under the id that was given.
    pub held: bool,
}

/// Locks what a slot takes, finds it free, and holds it under an id where one is given. Whoever comes too late finds out
/// without a lock, so that those who do cost little, do not queue and do not eat the pool.
///
/// # Errors
/// A refusal with the next free time; `Contended` when the terms of a resource were set meanwhile.
pub(super) async fn take(
    op: &mut Operation,
    slot: &Slot,
    (member, entity): (MemberId, LegalEntityId),
    hold_as: Option<BookingId>,
    catalogue: &Catalogue,
) -> Result<Taken, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let terms: Vec<i64> = slot.occupied.iter().map(|id| catalogue.terms_version(*id)).collect();
    let row = sqlx::query(
        "select taken, reason, known_terms, held, memberships, versions, lot_ids, lot_minutes, lots_from, lots_until
         from take_time($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(tenant)
    .bind(guard::ids(&slot.occupied))
    .bind(&terms)
    .bind(slot.resource.resource_id.0)
    .bind(slot.blocked_from.to_sqlx())
    .bind(slot.blocked_until.to_sqlx())
    .bind(now.to_sqlx())
    .bind(hold_as.map(|id| id.0))
    .bind(member.0)
    .bind(slot.resource.resource_type_id.0)
    .bind(slot.starts_at.to_sqlx())
    .bind(entity.0)
    .fetch_one(op.conn())
    .await?;
    if let Some(resource) = row.try_get("taken")? {
        let what = guard::InTheWay {
            resource: ResourceId(resource),
            out_of_service: row.try_get("reason")?,
        };
        return Err(guard::taken_refusal(op, slot, None, &what, catalogue).await?.into());
    }
    let known: Option<Vec<i64>> = row.try_get("known_terms")?;
    guard::check_terms(&slot.occupied, &terms, known.as_deref().unwrap_or_default())?;
    Ok(Taken {
        lots: lots(&row)?,
        memberships: row.try_get("memberships")?,
        versions: row.try_get("versions")?,
        held: row.try_get("held")?,
    })
}

fn lots(row: &PgRow) -> Result<Vec<Lot>, UseCaseError> {
    let Some(ids) = row.try_get::<Option<Vec<Uuid>>, _>("lot_ids")? else {
        return Ok(Vec::new());
    };
    let minutes: Vec<i64> = row.try_get("lot_minutes")?;
    let from: Vec<jiff_sqlx::Timestamp> = row.try_get("lots_from")?;
    let until: Vec<jiff_sqlx::Timestamp> = row.try_get("lots_until")?;
    let lots = ids.into_iter().zip(minutes).zip(from.into_iter().zip(until));
    Ok(lots
        .map(|((id, minutes_left), (from, until))| Lot {
            lot_id: LotId(id),
            minutes_left,
            valid_from: from.to_jiff(),
            valid_until: until.to_jiff(),
        })
        .collect())
}
