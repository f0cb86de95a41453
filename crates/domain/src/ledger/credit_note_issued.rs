use super::{Entry, JournalEntryPosted, LedgerAccount};
use crate::{
    ChargeId, JournalEntryId, LegalEntityId, Money,
    charge::{ChargeKind, SourceRef},
    credit_note::{CreditNoteIssued, Credited, left_of},
    invoice::InvoiceIssued,
    period::Days,
};
use std::collections::BTreeMap;

/// Where the net of a credit note comes from: what its lines were before, account by account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "amounts are named with their unit everywhere")]
pub struct TakenBack {
    /// Of recurring lines, what is earned already.
    pub earned_minor: i64,
    /// Of discounts, what lessened the revenue already: negative where a discount is taken back with its price.
    pub discounts_minor: i64,
    /// Of recurring lines and discounts, what is not earned.
    pub deferred_minor: i64,
    /// Of usage, what waits for an invoice again.
    pub unbilled_minor: i64,
    /// Of usage, what was earned here.
    pub used_minor: i64,
    /// Of deposits, what is asked for no longer.
    pub deposit_minor: i64,
    /// Of packs of credits, of which nothing is used.
    pub prepaid_minor: i64,
    /// Of usage, what other legal entities earned.
    pub elsewhere_minor: BTreeMap<LegalEntityId, i64>,
}

impl TakenBack {
    /// `credited` is what was taken back before, `earned` the months whose recurring lines are in the books, `supplied_by` the
    /// charges that were used at another legal entity's location.
    pub fn of(
        note: &CreditNoteIssued,
        invoice: &InvoiceIssued,
        credited: &Credited,
        earned: &[Days],
        supplied_by: &BTreeMap<ChargeId, LegalEntityId>,
    ) -> Self {
        let mut taken = Self::default();
        for line in &note.lines {
            if line.kind.is_deferred() {
                let service = Days {
                    start: line.service_from,
                    end: line.service_to,
                };
                let days: i64 = earned.iter().map(|month| service.intersect(*month).count()).sum();
                let share = |net| Money::new(net, note.currency).share(0, days, service.count()).minor;
                let before = invoice
                    .lines
                    .iter()
                    .find(|of| of.charge_id == line.charge_id)
                    .map_or(0, |of| left_of(of, credited));
                // The rest of the line stays spread over the same days, so what is earned of it is what remains.
                let earned = share(before) - share(before - line.net_minor);
                if line.kind == ChargeKind::Discount {
                    taken.discounts_minor += earned;
                } else {
                    taken.earned_minor += earned;
                }
                taken.deferred_minor += line.net_minor - earned;
            } else if line.kind == ChargeKind::Deposit {
                taken.deposit_minor += line.net_minor;
            } else if note.bill_again.contains(&line.charge_id) {
                taken.unbilled_minor += line.net_minor;
            } else if line.kind == ChargeKind::CreditPack {
                taken.prepaid_minor += line.net_minor;
            } else if let Some(entity) = supplied_by.get(&line.charge_id) {
                *taken.elsewhere_minor.entry(*entity).or_default() += line.net_minor;
            } else {
                taken.used_minor += line.net_minor;
            }
        }
        taken
    }
}

/// A credit note goes out: the reverse of what its lines were. What was paid already is the payer's credit.
///
/// ```text
/// Dr Deferred revenue        net of recurring lines, of days not yet earned
/// Dr Membership revenue      net of recurring lines, of days earned
/// Cr Discounts               what coupons took off days earned
/// Dr Booking revenue         net of usage lines
/// Dr Deposits                net of deposits, which were not paid
/// Dr Prepaid credit          net of packs of credits, unused
/// Dr Due to other entities   net of usage at another legal entity's location
/// Dr Unbilled receivable     net of usage lines that are billed again
/// Dr VAT payable             tax
/// Cr Accounts receivable     up to what is open
/// Cr Customer credit         the rest
/// ```
pub fn credit_note_issued(
    id: JournalEntryId,
    note: &CreditNoteIssued,
    taken: &TakenBack,
) -> Option<JournalEntryPosted> {
    let elsewhere: i64 = taken.elsewhere_minor.values().sum();
    let memo = format!("Credit note {} on {}", note.number, note.invoice_number);
    entry(id, note, note.legal_entity_id, "credit_note_issued@2", memo)
        .post(LedgerAccount::DeferredRevenue, taken.deferred_minor)
        .post(LedgerAccount::MembershipRevenue, taken.earned_minor)
        .post(LedgerAccount::Discounts, taken.discounts_minor)
        .post(LedgerAccount::BookingRevenue, taken.used_minor)
        .post(LedgerAccount::DueToEntities, elsewhere)
        .post(LedgerAccount::PrepaidCredit, taken.prepaid_minor)
        .post_for(LedgerAccount::Deposits, taken.deposit_minor, note.payer, None)
        .post_for(
            LedgerAccount::UnbilledReceivable,
            taken.unbilled_minor,
            note.payer,
            None,
        )
        .post(LedgerAccount::VatPayable, note.tax_minor)
        .post_for(
            LedgerAccount::AccountsReceivable,
            -note.settled_minor,
            note.payer,
            Some(note.invoice_id),
        )
        .post_for(
            LedgerAccount::CustomerCredit,
            -note.owed_minor(),
            note.payer,
            Some(note.invoice_id),
        )
        .done()
}

/// In the books of whoever supplied what is taken back: the reverse of `used_elsewhere`.
///
/// ```text
/// Dr Booking revenue           net
/// Cr Due from other entities   net
/// ```
pub fn used_elsewhere_credited(
    id: JournalEntryId,
    note: &CreditNoteIssued,
    supplier: LegalEntityId,
    net_minor: i64,
) -> Option<JournalEntryPosted> {
    let memo = format!("Credit note {} of another legal entity", note.number);
    entry(id, note, supplier, "used_elsewhere_credited@1", memo)
        .post(LedgerAccount::BookingRevenue, net_minor)
        .post(LedgerAccount::DueFromEntities, -net_minor)
        .done()
}

fn entry(id: JournalEntryId, note: &CreditNoteIssued, entity: LegalEntityId, rule: &str, memo: String) -> Entry {
    let source = SourceRef {
        category: "credit_note".to_owned(),
        stream_id: note.credit_note_id.0,
        version: 1,
        event_type: "CreditNoteIssued".to_owned(),
    };
    Entry::new(id, entity, note.issue_date, note.currency, rule, memo, source)
}
