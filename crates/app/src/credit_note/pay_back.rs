use super::issue::issue_in_op;
use crate::{App, Caller, Operation, Outcome, Start, access, charge, invoice, trouble};
use coterie_domain::{
    ChargeId, CreditNoteId, InvoiceId, LegalEntityId, Payer, Refusal,
    charge::{ChargeKind, ChargeMade, SourceRef},
    credit_note::{NewCreditNote, REASON_MAX_CHARS, WantedLine},
    invoice::owed,
    local_time,
};
use std::collections::BTreeMap;

/// Gives back to a payer what waits for an invoice that does not come, as after a membership that ended: on credit notes to the invoices
/// on which these days were charged. An invoice of less than nothing is none, so this is the document for it. What waits is taken
/// back, so that no later invoice has it too.
///
/// # Errors
/// When something is owed, so that an invoice takes it off; when nothing waits that stands on an invoice; finance only.
pub async fn pay_back(app: &App, caller: &Caller, payer: Payer, entity: LegalEntityId) -> Outcome<Vec<CreditNoteId>> {
    access::finances(caller)?;
    trouble::carry_out(app, caller, || once(app, caller, payer, entity)).await
}

async fn once(app: &App, caller: &Caller, payer: Payer, entity: LegalEntityId) -> Outcome<Vec<CreditNoteId>> {
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue().await?;
    let zone = local_time::zone(&catalogue.legal_entity(entity)?.fact.time_zone)?;
    let today = local_time::day_at(op.now, &zone);
    invoice::buyer(&mut op, payer, entity, &[]).await?;
    let waiting = charge::lock_billable(&mut op, payer, entity, today).await?;
    if owed(&waiting) {
        return Err(Refusal::conflict(
            "something_is_owed",
            "Something is owed: the next invoice takes what is given back off it.",
        )
        .into());
    }
    let backs: Vec<&ChargeMade> = waiting
        .iter()
        // What a coupon took off days that are given back goes with them.
        .filter(|charge| charge.gives_back.is_some() || charge.kind == ChargeKind::RecurringCredit)
        .collect();
    let of: Vec<ChargeId> = backs.iter().filter_map(|back| back.gives_back).collect();
    let on = charge::invoices_of(&mut op, &of).await?;
    let mut by_invoice: BTreeMap<InvoiceId, Vec<(ChargeId, &ChargeMade)>> = BTreeMap::new();
    for back in backs {
        if let Some(charge) = back.gives_back
            && let Some(invoice) = on.get(&charge)
        {
            by_invoice.entry(*invoice).or_default().push((charge, back));
        }
    }
    if by_invoice.is_empty() {
        return Err(Refusal::conflict(
            "nothing_to_pay_back",
            "Nothing waits that an invoice has charged; please write a credit note to the invoice it is about.",
        )
        .into());
    }
    let mut notes = Vec::with_capacity(by_invoice.len());
    for (invoice, backs) in by_invoice {
        for (_, back) in &backs {
            let source = SourceRef {
                category: "charge".to_owned(),
                stream_id: back.charge_id.0,
                version: 2,
                event_type: "ChargeVoided".to_owned(),
            };
            charge::void_in_op(&mut op, back, "Given back by a credit note", source).await?;
        }
        let note = issue_in_op(&mut op, invoice, &of_days(&backs)).await?;
        notes.push(note.credit_note_id);
    }
    op.commit(notes).await
}

/// What is taken back of an invoice: line by line, what waits of it.
fn of_days(backs: &[(ChargeId, &ChargeMade)]) -> NewCreditNote {
    let mut lines: BTreeMap<ChargeId, i64> = BTreeMap::new();
    for (charge, back) in backs {
        *lines.entry(*charge).or_default() -= back.net.minor;
    }
    let reasons: Vec<&str> = backs.iter().map(|(_, back)| back.description.as_str()).collect();
    let reason = reasons.join("; ");
    NewCreditNote {
        reason: reason.chars().take(REASON_MAX_CHARS).collect(),
        lines: lines
            .into_iter()
            .map(|(charge_id, net_minor)| WantedLine {
                charge_id,
                net_minor: Some(net_minor),
            })
            .collect(),
        bill_again: false,
    }
}
