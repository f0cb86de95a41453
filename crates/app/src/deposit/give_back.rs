use super::{lock_in_op, today_of};
use crate::{App, Caller, Operation, Outcome, Start, access, trouble};
use coterie_domain::{
    DepositId, JournalEntryId, Money,
    deposit::{self, DepositEvent},
    ledger::{self, JournalEvent},
};

/// Records that what is held, or a part, was paid out by a transfer. The answer is what was.
///
/// # Errors
/// `NotFound` for an unknown deposit; no reference, more than is held; finance only.
pub async fn give_back(
    app: &App,
    caller: &Caller,
    id: DepositId,
    wanted: Option<Money>,
    reference: &str,
) -> Outcome<Money> {
    access::finances(caller)?;
    trouble::again(|| give_back_once(app, caller, id, wanted, reference)).await
}

async fn give_back_once(
    app: &App,
    caller: &Caller,
    id: DepositId,
    wanted: Option<Money>,
    reference: &str,
) -> Outcome<Money> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let held = lock_in_op(&mut op, id).await?;
    let today = today_of(&mut op, held.deposit.fact.legal_entity_id).await?;
    let returned = deposit::give_back(&held.deposit, held.held_minor, wanted, reference, today)?;
    let amount = returned.amount;
    let tenant = op.tenant();
    sqlx::query(
        "update deposit_guard set returned_minor = returned_minor + $3 where tenant_id = $1 and deposit_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(amount.minor)
    .execute(op.conn())
    .await?;
    let source = held.source("DepositReturned");
    let entry_id = JournalEntryId(op.new_id());
    let entry = ledger::deposit_returned(entry_id, &held.deposit.fact, &returned, source);
    op.write(id.0, held.version, [DepositEvent::from(returned)])?;
    if let Some(entry) = entry {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    op.commit(amount).await
}
