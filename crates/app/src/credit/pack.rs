//! Lots that were bought: what is earned of them, how they lapse, and how a purchase is undone.

use super::MovedLot;
use crate::{Operation, UseCaseError, alarm::Kind};
use coterie_domain::{
    JournalEntryId, LotId,
    charge::SourceRef,
    credit::{self as lots, CreditEvent, CreditLot},
    event::DomainEvent,
    ledger::{self, JournalEvent},
};

/// A lot that was bought, as its stream has it. Whoever decides by it holds its row.
pub(super) async fn load(op: &mut Operation, id: LotId) -> Result<CreditLot, UseCaseError> {
    let known = op.load::<CreditEvent, CreditLot>(id.0, CreditLot::evolve).await?;
    known
        .map(|(lot, _)| lot)
        .ok_or_else(|| UseCaseError::Broken(format!("lot {id} has a guard row and no events")))
}

/// What a movement of a lot earns of its price, or gives back of what was earned: in its row and in the books. Of what nobody bought nothing
/// is earned. The event comes next in the lot's stream.
pub(super) async fn earn_in_op(op: &mut Operation, moved: &MovedLot, event: &CreditEvent) -> Result<(), UseCaseError> {
    let (earned, minor) = match event {
        CreditEvent::CreditUsed(fact) => (fact.earned, fact.earned.map(|earned| -earned.amount.minor)),
        CreditEvent::CreditRestored(fact) => (fact.earned, fact.earned.map(|earned| earned.amount.minor)),
        CreditEvent::CreditExpired(fact) => (fact.earned, fact.earned.map(|earned| -earned.amount.minor)),
        _ => (None, None),
    };
    let (Some(pack), Some(earned), Some(minor)) = (moved.pack, earned, minor) else {
        return Ok(());
    };
    let tenant = op.tenant();
    sqlx::query("update credit_lot set value_left = value_left + $3 where tenant_id = $1 and lot_id = $2")
        .bind(tenant)
        .bind(moved.lot_id.0)
        .bind(minor)
        .execute(op.conn())
        .await?;
    let catalogue = op.catalogue().await?;
    let pack = &catalogue.credit_pack(pack)?.fact;
    let source = SourceRef {
        category: CreditEvent::CATEGORY.to_owned(),
        stream_id: moved.lot_id.0,
        version: moved.version + 1,
        event_type: event.event_type().to_owned(),
    };
    let id = JournalEntryId(op.new_id());
    let entry = match event {
        CreditEvent::CreditUsed(_) => ledger::credit_pack_used(id, pack, &earned, source),
        CreditEvent::CreditRestored(_) => ledger::credit_pack_restored(id, pack, &earned, source),
        _ => ledger::credit_pack_expired(id, pack, &earned, source),
    };
    if let Some(entry) = entry {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    Ok(())
}

/// What comes back to a pack that has lapsed lapses too: its alarm is set again, and is due.
pub(super) async fn wake_again_in_op(op: &mut Operation, lot: &CreditLot) -> Result<(), UseCaseError> {
    if lot.fact.valid_until > op.now {
        return Ok(());
    }
    op.set_alarm(Kind::CreditEnd, lot.fact.lot_id.0, lot.fact.valid_until)
        .await
}

/// The days of a pack are over: what nobody used lapses and is earned.
///
/// # Errors
/// When the database fails.
pub(crate) async fn lapse_pack_in_op(op: &mut Operation, id: LotId) -> Result<(), UseCaseError> {
    let locked = lock(op, id).await?;
    let Some(lapsed) = lots::lapse(&load(op, id).await?) else {
        return Ok(());
    };
    let event = CreditEvent::from(lapsed);
    earn_in_op(op, &locked, &event).await?;
    op.write(id.0, locked.version, [event])?;
    empty_in_op(op, id).await
}

/// Undoes the purchase of a pack, of whose line or charge `whole` goes back.
///
/// # Errors
/// A pack that is used or has lapsed; a part of its price.
pub(crate) async fn take_back_in_op(op: &mut Operation, id: LotId, whole: bool) -> Result<(), UseCaseError> {
    let locked = lock(op, id).await?;
    let taken = lots::take_back(&load(op, id).await?, whole)?;
    op.write(id.0, locked.version, [CreditEvent::from(taken)])?;
    empty_in_op(op, id).await
}

async fn lock(op: &mut Operation, id: LotId) -> Result<MovedLot, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select version, amount_left, credit_pack_id, value_left from credit_lot
         where tenant_id = $1 and lot_id = $2 for update",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?
    .ok_or_else(|| UseCaseError::Broken(format!("lot {id} has no guard row")))?;
    super::moved(id, &row)
}

/// Nothing is left of a lot, and its stream has one event more.
async fn empty_in_op(op: &mut Operation, id: LotId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update credit_lot set amount_left = 0, value_left = 0, version = version + 1 where tenant_id = $1 and lot_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .execute(op.conn())
    .await?;
    Ok(())
}
