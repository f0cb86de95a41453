use super::{lock_in_op, today_of};
use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, invoice, payment::lock_invoice, trouble};
use coterie_domain::{
    DepositId, InvoiceId, JournalEntryId, Money,
    deposit::{self, DepositApplied, DepositEvent, Owed},
    ledger::{self, JournalEvent},
};

/// Pays for an open invoice of the same payer with a deposit that is held; as far as it goes where no amount is given.
///
/// # Errors
/// `NotFound` for an unknown deposit or invoice; somebody else's invoice, one that is paid or being collected; more than is
/// held or open; finance only.
pub async fn apply(
    app: &App,
    caller: &Caller,
    id: DepositId,
    invoice_id: InvoiceId,
    wanted: Option<Money>,
) -> Outcome<DepositApplied> {
    access::finances(caller)?;
    trouble::again(|| apply_once(app, caller, id, invoice_id, wanted)).await
}

async fn apply_once(
    app: &App,
    caller: &Caller,
    id: DepositId,
    invoice_id: InvoiceId,
    wanted: Option<Money>,
) -> Outcome<DepositApplied> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let held = lock_in_op(&mut op, id).await?;
    let guard = lock_invoice(&mut op, invoice_id).await?;
    let document = invoice::load(&mut op, invoice_id)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let today = today_of(&mut op, held.deposit.fact.legal_entity_id).await?;
    let owed = Owed {
        invoice_id,
        payer: guard.payer,
        legal_entity_id: guard.legal_entity_id,
        open_minor: guard.open_minor,
        collecting: guard.live.is_some(),
        a_deposit: document.is_deposit(),
    };
    let applied = deposit::apply(&held.deposit, held.held_minor, &owed, wanted, today)?;
    let tenant = op.tenant();
    sqlx::query("update deposit_guard set applied_minor = applied_minor + $3 where tenant_id = $1 and deposit_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(applied.amount.minor)
        .execute(op.conn())
        .await?;
    sqlx::query("update invoice_guard set open_minor = open_minor - $3 where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(invoice_id.0)
        .bind(applied.amount.minor)
        .execute(op.conn())
        .await?;
    op.write(id.0, held.version, [DepositEvent::from(applied.clone())])?;
    let source = held.source("DepositApplied");
    let entry_id = JournalEntryId(op.new_id());
    if let Some(entry) = ledger::deposit_applied(entry_id, &held.deposit.fact, &applied, &document.number, source) {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    op.commit(applied).await
}
