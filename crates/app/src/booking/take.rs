//! Taking a time, all in one call: it is looked at, locked, looked at again, and held where that is asked for.

use super::guard;
use crate::{Operation, UseCaseError, credit};
use coterie_domain::{
    BookingId, CreditPackId, LotId, MemberId, MembershipId, ResourceId,
    booking::Slot,
    catalogue::Catalogue,
    credit::{Lot, OfPack},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

/// A time whose resources are locked and free, and what else a decision about it needs.
pub(super) struct Taken {
    /// The lots that could pay for it of all memberships that she may use, and those that she bought, locked: hours of its type, and
    /// money. A decision draws on those of the membership that she books by.
    pub lots: Vec<Lot>,
    /// The memberships that she holds and that have not ended, and those that she has a seat of on the day, by their ids.
    pub memberships: Vec<Uuid>,
    /// The last versions of her stream and of theirs.
    pub versions: Vec<i64>,
    /// Whether the time is held already, under the id that was given.
    pub held: bool,
}

/// Locks what a slot takes on a day of its house, finds it free, and holds it under an id where one is given. Whoever comes too late finds out
/// without a lock, so that those who do cost little, do not queue and do not eat the pool.
///
/// # Errors
/// A refusal with the next free time; `Contended` when the terms of a resource were set meanwhile.
pub(super) async fn take(
    op: &mut Operation,
    slot: &Slot,
    (member, day): (MemberId, Date),
    hold_as: Option<BookingId>,
    catalogue: &Catalogue,
) -> Result<Taken, UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let terms: Vec<i64> = slot.occupied.iter().map(|id| catalogue.terms_version(*id)).collect();
    let row = sqlx::query(
        "select taken, reason, known_terms, held, memberships, versions, lot_ids, lot_memberships, lot_holds, lot_kinds,
                lot_currencies, lots_left, lots_from, lots_until, lot_packs
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
    .bind(day.to_sqlx())
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
        lots: lots(&row, member)?,
        memberships: row.try_get("memberships")?,
        versions: row.try_get("versions")?,
        held: row.try_get("held")?,
    })
}

/// Of those that were bought, only hers are asked for.
fn lots(row: &PgRow, member_id: MemberId) -> Result<Vec<Lot>, UseCaseError> {
    let Some(ids) = row.try_get::<Option<Vec<Uuid>>, _>("lot_ids")? else {
        return Ok(Vec::new());
    };
    let memberships: Vec<Uuid> = row.try_get("lot_memberships")?;
    let holds: Vec<String> = row.try_get("lot_holds")?;
    let kinds: Vec<Option<Uuid>> = row.try_get("lot_kinds")?;
    let currencies: Vec<Option<String>> = row.try_get("lot_currencies")?;
    let left: Vec<i64> = row.try_get("lots_left")?;
    let from: Vec<jiff_sqlx::Timestamp> = row.try_get("lots_from")?;
    let until: Vec<jiff_sqlx::Timestamp> = row.try_get("lots_until")?;
    let packs: Vec<Option<Uuid>> = row.try_get("lot_packs")?;
    let held = holds.into_iter().zip(kinds).zip(currencies);
    let held = held.map(|((name, kind), currency)| credit::held(&name, kind, currency.as_deref()));
    let whose = ids.into_iter().zip(memberships).zip(packs);
    let times = from.into_iter().zip(until);
    whose
        .zip(held)
        .zip(left.into_iter().zip(times))
        .map(|((((id, membership), pack), holds), (left, (from, until)))| {
            Ok(Lot {
                lot_id: LotId(id),
                membership_id: MembershipId(membership),
                holds: holds?,
                left,
                valid_from: from.to_jiff(),
                valid_until: until.to_jiff(),
                pack: pack.map(|id| OfPack {
                    credit_pack_id: CreditPackId(id),
                    member_id,
                }),
            })
        })
        .collect()
}
