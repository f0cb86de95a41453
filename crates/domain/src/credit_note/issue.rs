use super::CreditNoteIssued;
use crate::{
    ChargeId, CreditNoteId, Money,
    invoice::{InvoiceIssued, InvoiceLine},
    refusal::{Faults, Refusal},
    retention, tax,
    tax::TaxSubtotal,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The longest reason.
pub const REASON_MAX_CHARS: usize = 500;

/// What somebody wants to take back, unchecked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewCreditNote {
    pub reason: String,
    /// Nothing here is everything that is left of the invoice.
    pub lines: Vec<WantedLine>,
    /// Whether the charges of its lines are to stand on a later invoice again.
    pub bill_again: bool,
}

/// A line to take back: whatever is left of it, or so much of its net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedLine {
    pub charge_id: ChargeId,
    pub net_minor: Option<i64>,
}

/// What credit notes have taken back of an invoice's lines, net by charge.
pub type Credited = BTreeMap<ChargeId, i64>;

/// What is left of a line.
pub fn left_of(line: &InvoiceLine, credited: &Credited) -> i64 {
    line.net_minor - credited.get(&line.charge_id).copied().unwrap_or_default()
}

/// The tax of what is left, by category and rate: computed on the sum, as the invoice computed it (EN 16931). What a credit note
/// takes back is the difference of two such sums, so that all of them together take back the invoice's to the cent.
fn tax_left(invoice: &InvoiceIssued, credited: &Credited) -> Vec<TaxSubtotal> {
    tax::subtotals_as(invoice.lines.iter().map(|line| {
        (
            line.tax_category.as_str(),
            line.taxed(),
            Money::new(left_of(line, credited), invoice.currency),
        )
    }))
}

/// What is left of the whole invoice, with its tax.
pub fn gross_left(invoice: &InvoiceIssued, credited: &Credited) -> i64 {
    let groups = tax_left(invoice, credited);
    groups.iter().map(|group| group.basis_minor + group.tax_minor).sum()
}

/// Issues a credit note under the next number of the legal entity's series. `open_minor` is what is still owed on the invoice.
///
/// # Errors
/// All faulty fields at once; nothing left of a line; more than is left of the invoice.
pub fn issue(
    id: CreditNoteId,
    (series, sequence): (&str, i64),
    issue_date: Date,
    new: &NewCreditNote,
    invoice: &InvoiceIssued,
    credited: &Credited,
    open_minor: i64,
) -> Result<CreditNoteIssued, Refusal> {
    let reason = check_reason(new)?;
    let lines = lines(new, invoice, credited)?;
    let mut after = credited.clone();
    for line in &lines {
        *after.entry(line.charge_id).or_default() += line.net_minor;
    }
    let tax = difference(&tax_left(invoice, credited), &tax_left(invoice, &after));
    let net_minor: i64 = lines.iter().map(|line| line.net_minor).sum();
    let tax_minor: i64 = tax.iter().map(|group| group.tax_minor).sum();
    let gross_minor = net_minor + tax_minor;
    if gross_minor <= 0 {
        return Err(Refusal::conflict(
            "nothing_to_credit",
            "These lines together owe nothing, so there is nothing to take back.",
        ));
    }
    if gross_left(invoice, &after) < 0 {
        return Err(Refusal::conflict(
            "more_than_the_invoice",
            "That is more than is left of the invoice.",
        ));
    }
    if invoice.is_deposit() {
        check_deposit(new, gross_minor, open_minor)?;
    }
    let bill_again = if new.bill_again {
        let whole = |line: &&InvoiceLine| {
            invoice
                .lines
                .iter()
                .any(|of| of.charge_id == line.charge_id && left_of(of, &after) == 0)
        };
        if !lines.iter().all(|line| whole(&line)) {
            return Err(Refusal::field(
                "partly_billed_again",
                "bill_again",
                "Only a line that is taken back whole can be billed again.",
            ));
        }
        lines.iter().map(|line| line.charge_id).collect()
    } else {
        Vec::new()
    };
    Ok(CreditNoteIssued {
        credit_note_id: id,
        invoice_id: invoice.invoice_id,
        invoice_number: invoice.number.clone(),
        invoice_date: invoice.issue_date,
        legal_entity_id: invoice.legal_entity_id,
        series: series.to_owned(),
        sequence,
        number: format!("{series}-{sequence:06}"),
        payer: invoice.payer,
        seller: invoice.seller.clone(),
        buyer: invoice.buyer.clone(),
        buyer_reference: invoice.buyer_reference.clone(),
        language: invoice.language,
        letterhead: invoice.letterhead.clone(),
        issue_date,
        currency: invoice.currency,
        reason,
        lines,
        bill_again,
        tax,
        net_minor,
        tax_minor,
        gross_minor,
        settled_minor: gross_minor.min(open_minor.max(0)),
        retain_until: retention::until(issue_date.year()),
    })
}

/// What came in of a deposit is held, so it goes back or pays for an invoice; only what is still open can be let go.
fn check_deposit(new: &NewCreditNote, gross_minor: i64, open_minor: i64) -> Result<(), Refusal> {
    if new.bill_again {
        return Err(Refusal::field(
            "deposit_billed_again",
            "bill_again",
            "A deposit is asked for once; it cannot wait for another invoice.",
        ));
    }
    if gross_minor > open_minor {
        return Err(Refusal::conflict(
            "deposit_is_held",
            "What is paid of a deposit is held: return it or apply it instead. Only what is still open can be credited.",
        ));
    }
    Ok(())
}

fn check_reason(new: &NewCreditNote) -> Result<String, Refusal> {
    let reason = new.reason.trim();
    let mut faults = Faults::default();
    faults.check(!reason.is_empty(), "reason", "Please say why: the buyer reads it.");
    faults.check(
        reason.chars().count() <= REASON_MAX_CHARS && !reason.chars().any(char::is_control),
        "reason",
        format!("Please use one line of at most {REASON_MAX_CHARS} characters."),
    );
    faults.finish()?;
    Ok(reason.to_owned())
}

/// The lines that are taken back, in the order of the invoice.
fn lines(new: &NewCreditNote, invoice: &InvoiceIssued, credited: &Credited) -> Result<Vec<InvoiceLine>, Refusal> {
    let mut wanted: BTreeMap<ChargeId, Option<i64>> = BTreeMap::new();
    let mut faults = Faults::default();
    for line in &new.lines {
        let known = invoice.lines.iter().any(|of| of.charge_id == line.charge_id);
        faults.check(known, "lines", "Please choose lines of this invoice.");
        let first = wanted.insert(line.charge_id, line.net_minor).is_none();
        faults.check(first, "lines", "Please name each line once.");
    }
    let everything = new.lines.is_empty();
    let mut taken = Vec::new();
    for line in &invoice.lines {
        let left = left_of(line, credited);
        let amount = match wanted.get(&line.charge_id) {
            Some(amount) => amount.unwrap_or(left),
            None if everything => left,
            None => continue,
        };
        if amount == 0 && everything {
            continue;
        }
        let within = amount != 0 && amount.signum() == left.signum() && amount.abs() <= left.abs();
        let money = Money::new(left, invoice.currency);
        faults.check(
            within,
            "lines",
            if left == 0 {
                format!("\u{201c}{}\u{201d} is taken back already.", line.description)
            } else {
                format!(
                    "Of \u{201c}{}\u{201d} {money} net is left: please give an amount up to that.",
                    line.description
                )
            },
        );
        taken.push(part_of(line, amount));
    }
    faults.finish()?;
    let distinct: BTreeSet<ChargeId> = taken.iter().map(|line| line.charge_id).collect();
    if distinct.is_empty() {
        return Err(Refusal::conflict(
            "nothing_to_credit",
            "Everything on this invoice is taken back already.",
        ));
    }
    Ok(taken)
}

/// A line as it stands on the invoice; of a part there is one piece at its amount, for no count of units would come to it.
fn part_of(line: &InvoiceLine, amount: i64) -> InvoiceLine {
    if amount == line.net_minor {
        return line.clone();
    }
    InvoiceLine {
        quantity: "1".to_owned(),
        unit: String::new(),
        unit_price_minor: amount,
        net_minor: amount,
        ..line.clone()
    }
}

/// What changed, group by group; groups that did not are left out.
fn difference(before: &[TaxSubtotal], after: &[TaxSubtotal]) -> Vec<TaxSubtotal> {
    before
        .iter()
        .zip(after)
        .map(|(before, after)| TaxSubtotal {
            basis_minor: before.basis_minor - after.basis_minor,
            tax_minor: before.tax_minor - after.tax_minor,
            ..before.clone()
        })
        .filter(|group| group.basis_minor != 0 || group.tax_minor != 0)
        .collect()
}
