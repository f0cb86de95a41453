use super::{credited_in_op, given_back_in_op, together};
use crate::{
    App, Caller, Operation, Outcome, Start, UseCaseError, access, alarm, charge, credit, invoice, invoice::next_number,
    payment::lock_invoice, trouble,
};
use coterie_domain::{
    ChargeId, CreditNoteId, InvoiceId, JournalEntryId, LegalEntityId, LotId, Refusal,
    charge::ChargeKind,
    credit_note::{self, CreditNoteEvent, CreditNoteIssued, Credited, NewCreditNote},
    invoice::InvoiceIssued,
    ledger::{self, JournalEvent, TakenBack},
    local_time,
    period::Days,
    retention,
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Takes back lines of an invoice, or what is left of all of them, under the next number of the legal entity's credit notes.
///
/// # Errors
/// `NotFound` for an unknown invoice; no reason, nothing left, more than is left; finance only.
pub async fn issue(app: &App, caller: &Caller, id: InvoiceId, new: &NewCreditNote) -> Outcome<CreditNoteId> {
    access::finances(caller)?;
    trouble::again(|| issue_once(app, caller, id, new)).await
}

async fn issue_once(app: &App, caller: &Caller, id: InvoiceId, new: &NewCreditNote) -> Outcome<CreditNoteId> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let note = issue_in_op(&mut op, id, new).await?;
    op.commit(note.credit_note_id).await
}

/// As [`issue`], in the transaction of what calls for it.
pub(crate) async fn issue_in_op(
    op: &mut Operation,
    id: InvoiceId,
    new: &NewCreditNote,
) -> Result<CreditNoteIssued, UseCaseError> {
    let document = invoice::load(op, id).await?.ok_or(UseCaseError::NotFound)?;
    if new.bill_again {
        lock_charges(op, &document).await?;
    }
    let guard = lock_invoice(op, id).await?;
    let credited = credited_in_op(op, id).await?;
    let given_back = given_back_in_op(op, &document).await?;
    check_billed_again(new, &given_back)?;
    let taken = together(&credited, &given_back);
    let catalogue = op.catalogue().await?;
    let entity = &catalogue.legal_entity(document.legal_entity_id)?.fact;
    let zone = local_time::zone(&entity.time_zone)?;
    let today = local_time::day_at(op.now, &zone);
    let series = entity.credit_note_series();
    let sequence = next_number(op, document.legal_entity_id, &series).await?;
    let note_id = CreditNoteId(op.new_id());
    let numbered = (series.as_str(), sequence);
    let note = credit_note::issue(note_id, numbered, today, new, &document, &taken, guard.open_minor)?;
    take_packs_back(op, &note, &document).await?;
    let earned = earned(op, &document, &zone).await?;
    let supplied_by = supplied_by(op, &note).await?;
    let taken = TakenBack::of(&note, &document, &credited, &earned, &supplied_by);
    take_back(op, &note).await?;
    op.write(note_id.0, 0, [CreditNoteEvent::from(note.clone())])?;
    let entry = ledger::credit_note_issued(JournalEntryId(op.new_id()), &note, &taken);
    let mut entries: Vec<_> = entry.into_iter().collect();
    for (supplier, net_minor) in &taken.elsewhere_minor {
        let entry_id = JournalEntryId(op.new_id());
        entries.extend(ledger::used_elsewhere_credited(entry_id, &note, *supplier, *net_minor));
    }
    for entry in entries {
        op.write(entry.entry_id.0, 0, [JournalEvent::from(entry)])?;
    }
    let kept_until = local_time::day_start(note.retain_until.saturating_add(1.day()), &zone)?;
    let kept_under = retention::subject(note.legal_entity_id, today.year());
    op.set_alarm(alarm::Kind::RetentionEnd, kept_under, kept_until).await?;
    Ok(note)
}

/// A line of which days were given back is a part of another document; billed again it would be the whole of it.
fn check_billed_again(new: &NewCreditNote, given_back: &Credited) -> Result<(), Refusal> {
    let wanted = |id: &ChargeId| new.lines.is_empty() || new.lines.iter().any(|line| line.charge_id == *id);
    if new.bill_again && given_back.keys().any(wanted) {
        return Err(Refusal::field(
            "given_back_since",
            "bill_again",
            "Days of one of these lines were given back since; it cannot be billed again.",
        ));
    }
    Ok(())
}

/// Charges that may wait for an invoice again: locked before the invoice, as whoever issues one does.
async fn lock_charges(op: &mut Operation, document: &InvoiceIssued) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let charges: Vec<Uuid> = document.lines.iter().map(|line| line.charge_id.0).collect();
    sqlx::query(
        "select 1 from charge_guard where tenant_id = $1 and charge_id = any($2) order by charge_id for update",
    )
    .bind(tenant)
    .bind(charges)
    .fetch_all(op.conn())
    .await?;
    Ok(())
}

/// The months of an invoice that are in the books: those whose alarm is gone. Those that are still to be earned cannot be
/// meanwhile, for their alarms are locked.
async fn earned(op: &mut Operation, document: &InvoiceIssued, zone: &TimeZone) -> Result<Vec<Days>, UseCaseError> {
    let tenant = op.tenant();
    let waiting: Vec<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "select due_at from alarm where tenant_id = $1 and kind = $2 and subject_id = $3 order by due_at for update",
    )
    .bind(tenant)
    .bind(alarm::Kind::EarnRevenue.name())
    .bind(document.invoice_id.0)
    .fetch_all(op.conn())
    .await?;
    let waiting: BTreeSet<Timestamp> = waiting.into_iter().map(jiff_sqlx::Timestamp::to_jiff).collect();
    let mut earned = Vec::new();
    for month in ledger::months_to_earn(document) {
        if !waiting.contains(&local_time::day_start(month.end, zone)?) {
            earned.push(month);
        }
    }
    Ok(earned)
}

/// What a pack holds goes with its price; one that is to be billed again stays sold.
async fn take_packs_back(
    op: &mut Operation,
    note: &CreditNoteIssued,
    document: &InvoiceIssued,
) -> Result<(), UseCaseError> {
    let sold = note.lines.iter().filter(|line| line.kind == ChargeKind::CreditPack);
    for line in sold.filter(|line| !note.bill_again.contains(&line.charge_id)) {
        let whole = document
            .lines
            .iter()
            .any(|of| of.charge_id == line.charge_id && of.net_minor == line.net_minor);
        let lot = LotId(charge::made(op, line.charge_id).await?.source.stream_id);
        credit::take_back_in_op(op, lot, whole).await?;
    }
    Ok(())
}

/// Which of the charges were used at another legal entity's location.
async fn supplied_by(
    op: &mut Operation,
    note: &CreditNoteIssued,
) -> Result<BTreeMap<ChargeId, LegalEntityId>, UseCaseError> {
    let mut supplied_by = BTreeMap::new();
    for line in note.lines.iter().filter(|line| line.kind != ChargeKind::Recurring) {
        if let Some(entity) = charge::made(op, line.charge_id).await?.supplied_by {
            supplied_by.insert(line.charge_id, entity);
        }
    }
    Ok(supplied_by)
}

/// Guards: what is taken back of each line, what is open, and which charges wait again.
async fn take_back(op: &mut Operation, note: &CreditNoteIssued) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let (charges, nets): (Vec<Uuid>, Vec<i64>) =
        note.lines.iter().map(|line| (line.charge_id.0, line.net_minor)).unzip();
    sqlx::query(
        "insert into credited_line (tenant_id, invoice_id, charge_id, net_minor)
         select $1, $2, charge_id, net_minor from unnest($3::uuid[], $4::bigint[]) as line (charge_id, net_minor)
         on conflict (tenant_id, invoice_id, charge_id) do update
         set net_minor = credited_line.net_minor + excluded.net_minor",
    )
    .bind(tenant)
    .bind(note.invoice_id.0)
    .bind(charges)
    .bind(nets)
    .execute(op.conn())
    .await?;
    sqlx::query("update invoice_guard set open_minor = open_minor - $3 where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(note.invoice_id.0)
        .bind(note.settled_minor)
        .execute(op.conn())
        .await?;
    let again: Vec<Uuid> = note.bill_again.iter().map(|id| id.0).collect();
    sqlx::query(
        "update charge_guard set invoice_id = null where tenant_id = $1 and charge_id = any($2) and invoice_id = $3",
    )
    .bind(tenant)
    .bind(again)
    .bind(note.invoice_id.0)
    .execute(op.conn())
    .await?;
    Ok(())
}
