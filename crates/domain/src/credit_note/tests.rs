use super::*;
use crate::{
    ChargeId, Money, Payer,
    charge::{ChargeKind, ChargeMade},
    invoice::{self, InvoiceIssued, tests as invoices},
    ledger::{
        JournalEntryPosted, LedgerAccount, TakenBack, credit_note_issued, imbalance, invoice_issued, months_to_earn,
        revenue_earned,
    },
    testing::{ADA, BERLIN, CREDIT_NOTE, ENTRY, INVOICE, chain, date, eur, id, when},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn february() -> InvoiceIssued {
    let all = chain();
    invoices::issued(&invoices::charges(&all), &all).unwrap()
}

fn wanted(lines: &[(ChargeId, Option<i64>)]) -> NewCreditNote {
    NewCreditNote {
        reason: "The heating was out of order.".to_owned(),
        lines: lines
            .iter()
            .map(|(charge_id, net_minor)| WantedLine {
                charge_id: *charge_id,
                net_minor: *net_minor,
            })
            .collect(),
        bill_again: false,
    }
}

fn credit(
    new: &NewCreditNote,
    invoice: &InvoiceIssued,
    credited: &Credited,
    open: i64,
) -> Result<CreditNoteIssued, crate::Refusal> {
    issue(
        CREDIT_NOTE,
        ("BER-C", 1),
        date("2026-02-05"),
        new,
        invoice,
        credited,
        open,
    )
}

fn add(credited: &mut Credited, note: &CreditNoteIssued) {
    for line in &note.lines {
        *credited.entry(line.charge_id).or_default() += line.net_minor;
    }
}

#[test]
fn a_whole_invoice_is_taken_back_to_the_cent_and_named() {
    let invoice = february();
    let note = credit(&wanted(&[]), &invoice, &Credited::new(), invoice.gross_minor).unwrap();
    assert_eq!(
        (note.net_minor, note.tax_minor, note.gross_minor),
        (32_000, 6_080, 38_080)
    );
    assert_eq!((&note.lines, &note.tax), (&invoice.lines, &invoice.tax));
    assert_eq!(
        (note.number.as_str(), note.invoice_number.as_str()),
        ("BER-C-000001", "BER-000002")
    );
    assert_eq!((note.settled_minor, note.owed_minor()), (38_080, 0));
    assert_eq!((note.retain_until, &note.buyer), (date("2036-12-31"), &invoice.buyer));
}

/// What was paid already is the payer's credit.
#[test]
fn of_a_part_that_was_paid_the_payer_has_a_credit() {
    let invoice = february();
    let flex = invoice.lines[0].charge_id;
    let note = credit(&wanted(&[(flex, Some(10_000))]), &invoice, &Credited::new(), 5_000).unwrap();
    assert_eq!((note.net_minor, note.tax_minor), (10_000, 1_900));
    let line = &note.lines[0];
    assert_eq!(
        (line.quantity.as_str(), line.unit.as_str(), line.unit_price_minor),
        ("1", "", 10_000)
    );
    assert_eq!((note.settled_minor, note.owed_minor()), (5_000, 6_900));
}

#[test]
fn no_more_than_is_left_of_a_line_is_taken_back() {
    let invoice = february();
    let flex = invoice.lines[0].charge_id;
    let mut credited = Credited::new();
    let refused = |new: &NewCreditNote, credited: &Credited, code: &str| {
        let refusal = when(credit(new, &invoice, credited, 0)).then_refused(code);
        refusal
            .fields
            .first()
            .map(|field| field.message.clone())
            .unwrap_or_default()
    };
    assert_eq!(
        refused(&wanted(&[(flex, Some(30_001))]), &credited, "invalid"),
        "Of \u{201c}Flex, 2026-02-01 to 2026-02-28\u{201d} EUR 300.00 net is left: please give an amount up to that."
    );
    refused(&wanted(&[(flex, Some(-1))]), &credited, "invalid");
    refused(&wanted(&[(flex, Some(0))]), &credited, "invalid");
    refused(&wanted(&[(flex, None), (flex, None)]), &credited, "invalid");
    refused(&wanted(&[(ChargeId(id(7)), None)]), &credited, "invalid");
    let silent = NewCreditNote {
        reason: " ".to_owned(),
        ..wanted(&[])
    };
    assert_eq!(
        refused(&silent, &credited, "invalid"),
        "Please say why: the buyer reads it."
    );
    let first = credit(&wanted(&[(flex, None)]), &invoice, &credited, 0).unwrap();
    add(&mut credited, &first);
    assert_eq!(
        refused(&wanted(&[(flex, Some(1))]), &credited, "invalid"),
        "\u{201c}Flex, 2026-02-01 to 2026-02-28\u{201d} is taken back already."
    );
    // What is left of the invoice is the other line.
    let rest = credit(&wanted(&[]), &invoice, &credited, 0).unwrap();
    assert_eq!(rest.net_minor, 2_000);
    add(&mut credited, &rest);
    refused(&wanted(&[]), &credited, "nothing_to_credit");
}

/// Rule 4: what is billed again must stand on no invoice any more.
#[test]
fn only_a_line_taken_back_whole_is_billed_again() {
    let invoice = february();
    let flex = invoice.lines[0].charge_id;
    let again = |lines: &[(ChargeId, Option<i64>)]| NewCreditNote {
        bill_again: true,
        ..wanted(lines)
    };
    when(credit(&again(&[(flex, Some(10_000))]), &invoice, &Credited::new(), 0)).then_refused("partly_billed_again");
    let note = credit(&again(&[(flex, Some(30_000))]), &invoice, &Credited::new(), 0).unwrap();
    assert_eq!(note.bill_again, [flex]);
}

/// A discount on its own line does not let more be taken back than was asked for.
#[test]
fn a_line_may_not_exceed_the_invoice_that_a_discount_made_smaller() {
    let all = chain();
    let mut charges = invoices::charges(&all);
    charges[1].net = eur(-20_000);
    let invoice = invoices::issued(&charges, &all).unwrap();
    when(credit(
        &wanted(&[(charges[0].charge_id, None)]),
        &invoice,
        &Credited::new(),
        0,
    ))
    .then_refused("more_than_the_invoice");
    when(credit(
        &wanted(&[(charges[1].charge_id, None)]),
        &invoice,
        &Credited::new(),
        0,
    ))
    .then_refused("nothing_to_credit");
    assert_eq!(
        credit(&wanted(&[]), &invoice, &Credited::new(), 0).unwrap().gross_minor,
        11_900
    );
}

/// Half of February is earned when half of the price is taken back: half of each stays.
#[test]
fn revenue_already_earned_is_taken_back_and_the_rest_never_earned() {
    let all = chain();
    let mut charges = invoices::charges(&all);
    charges.truncate(1);
    charges[0].service_from = date("2026-02-15");
    charges[0].service_to = date("2026-03-15");
    let invoice = invoices::issued(&charges, &all).unwrap();
    let months = months_to_earn(&invoice);
    let note = credit(
        &wanted(&[(charges[0].charge_id, Some(15_000))]),
        &invoice,
        &Credited::new(),
        0,
    )
    .unwrap();
    let taken = TakenBack::of(&note, &invoice, &Credited::new(), &months[..1], &BTreeMap::new());
    assert_eq!((taken.earned_minor, taken.deferred_minor), (7_500, 7_500));
    let mut credited = Credited::new();
    add(&mut credited, &note);
    let march = revenue_earned(ENTRY, &invoice, &credited, months[1]).unwrap();
    assert_eq!(march.postings[0].amount_minor, 7_500);
}

fn sum(entries: &[JournalEntryPosted]) -> BTreeMap<LedgerAccount, i64> {
    let mut sums = BTreeMap::new();
    for posting in entries.iter().flat_map(|entry| &entry.postings) {
        *sums.entry(posting.account).or_default() += posting.amount_minor;
    }
    sums
}

fn any_invoice() -> impl Strategy<Value = InvoiceIssued> {
    let rates = prop::sample::select(vec!["standard", "office"]);
    let line = (1i64..90_000, rates, any::<bool>(), 1i64..70, 1i64..60);
    prop::collection::vec(line, 1..8).prop_map(|lines| {
        let mut all = chain();
        let seven = crate::tax::set_rate("DE", "office", 7.into(), date("2020-01-01")).unwrap();
        crate::testing::record::<crate::tax::TaxEvent>(&mut all, seven);
        let template = invoices::charges(&all)[1].clone();
        let charges: Vec<ChargeMade> = lines
            .into_iter()
            .zip(1u128..)
            .map(|((net, rate, recurring, offset, days), number)| {
                let from = date("2026-01-01").saturating_add(jiff::Span::new().days(offset));
                ChargeMade {
                    charge_id: ChargeId(id(number)),
                    kind: if recurring {
                        ChargeKind::Recurring
                    } else {
                        ChargeKind::Booking
                    },
                    net: eur(net),
                    tax_category: rate.to_owned(),
                    service_from: from,
                    service_to: from.saturating_add(jiff::Span::new().days(days)),
                    ..template.clone()
                }
            })
            .collect();
        let entity = &all.legal_entity(BERLIN).unwrap().fact;
        let on = date("2026-02-01");
        invoice::issue(
            INVOICE,
            2,
            Payer::Member(ADA),
            invoices::buyer(),
            on,
            &charges,
            entity,
            &all,
        )
        .unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Whatever is taken back piece by piece, in whatever order: never more than the invoice at any moment, and when nothing is
    /// left every subtotal, the receivable, the tax and the revenue are exactly zero.
    #[test]
    fn the_parts_of_credit_notes_sum_to_the_whole(
        invoice in any_invoice(),
        steps in prop::collection::vec((0usize..8, 1i64..100_000, any::<bool>()), 0..12),
        paid in 0i64..400_000,
    ) {
        let months = months_to_earn(&invoice);
        let (mut credited, mut notes, mut open) = (Credited::new(), Vec::new(), invoice.gross_minor);
        open -= paid.min(open);
        let mut books: Vec<JournalEntryPosted> = invoice_issued(ENTRY, &invoice).into_iter().collect();
        let mut earned = 0;
        let whole = (usize::MAX, 0, false);
        for (index, amount, earn) in steps.into_iter().chain([whole]) {
            if earn && earned < months.len() {
                books.extend(revenue_earned(ENTRY, &invoice, &credited, months[earned]));
                earned += 1;
            }
            let new = match invoice.lines.get(index) {
                Some(line) => wanted(&[(line.charge_id, Some(amount.min(left_of(line, &credited)).max(1)))]),
                None => wanted(&[]),
            };
            let Ok(note) = credit(&new, &invoice, &credited, open) else { continue };
            prop_assert!(note.gross_minor <= gross_left(&invoice, &credited));
            prop_assert_eq!(note.gross_minor, note.net_minor + note.tax_minor);
            prop_assert_eq!(note.net_minor, note.tax.iter().map(|group| group.basis_minor).sum::<i64>());
            let taken = TakenBack::of(&note, &invoice, &credited, &months[..earned], &BTreeMap::new());
            let entry = credit_note_issued(ENTRY, &note, &taken).unwrap();
            prop_assert_eq!(imbalance(&entry), 0, "{:?}", entry);
            books.push(entry);
            open -= note.settled_minor;
            prop_assert!(open >= 0);
            add(&mut credited, &note);
            notes.push(note);
        }
        for month in &months[earned..] {
            books.extend(revenue_earned(ENTRY, &invoice, &credited, *month));
        }
        for group in &invoice.tax {
            let of = |pick: fn(&crate::tax::TaxSubtotal) -> i64| {
                let same = notes.iter().flat_map(|note| &note.tax).filter(|part| part.category == group.category);
                same.map(pick).sum::<i64>()
            };
            prop_assert_eq!((of(|part| part.basis_minor), of(|part| part.tax_minor)), (group.basis_minor, group.tax_minor));
        }
        prop_assert_eq!(open, 0);
        prop_assert_eq!(gross_left(&invoice, &credited), 0);
        let sums = sum(&books);
        let of = |account| sums.get(&account).copied().unwrap_or(0);
        for account in [LedgerAccount::VatPayable, LedgerAccount::DeferredRevenue, LedgerAccount::MembershipRevenue] {
            prop_assert_eq!(of(account), 0, "{:?}", account);
        }
        let received = paid.min(invoice.gross_minor);
        prop_assert_eq!(of(LedgerAccount::CustomerCredit), -received);
        prop_assert_eq!(of(LedgerAccount::AccountsReceivable), received, "what was paid is not in these books");
        let usage: i64 = invoice.lines.iter().filter(|line| line.kind != ChargeKind::Recurring).map(|line| line.net_minor).sum();
        prop_assert_eq!(of(LedgerAccount::BookingRevenue), usage);
        prop_assert_eq!(Money::new(usage, invoice.currency), Money::new(-of(LedgerAccount::UnbilledReceivable), invoice.currency));
    }
}
