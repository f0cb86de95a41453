mod properties;

use super::*;
use crate::{
    ChargeId, Money, Payer,
    charge::{ChargeKind, ChargeMade, SourceRef},
    credit_note::Credited,
    invoice::{self, InvoiceIssued},
    payment::{self, PaymentSettled},
    period::{Days, month_name},
    testing::{ADA, BERLIN, BOOKING, ENTRY, INVOICE, NEW_YORK, PAYMENT, chain, currency, date, eur, id},
};
use jiff::{Span, civil::Date};
use std::collections::BTreeMap;

fn source() -> SourceRef {
    SourceRef {
        category: "booking".into(),
        stream_id: BOOKING.0,
        version: 2,
        event_type: "BookingCancelled".into(),
    }
}

fn charge(kind: ChargeKind, minor: i64, from: Date, days: i64) -> ChargeMade {
    ChargeMade {
        kind,
        net: eur(minor),
        service_from: from,
        service_to: from.saturating_add(Span::new().days(days)),
        ..invoice::tests::charges(&chain())[1].clone()
    }
}

fn issued(charges: &[ChargeMade]) -> InvoiceIssued {
    invoice::tests::issued(charges, &chain()).unwrap()
}

fn settled(minor: i64, code: &str) -> PaymentSettled {
    PaymentSettled {
        payment_id: PAYMENT,
        invoice_id: INVOICE,
        intent_id: "pi_1".into(),
        amount: Money::new(minor, currency(code)),
    }
}

fn paid(minor: i64, code: &str, open_minor: i64) -> Option<JournalEntryPosted> {
    let attempt = payment::tests::attempted();
    payment_settled(
        ENTRY,
        &attempt,
        &settled(minor, code),
        "BER-000002",
        open_minor,
        date("2026-02-01"),
        source(),
    )
}

fn lines(entry: &JournalEntryPosted) -> Vec<(LedgerAccount, i64)> {
    entry
        .postings
        .iter()
        .map(|posting| (posting.account, posting.amount_minor))
        .collect()
}

fn balances<'a>(entries: impl IntoIterator<Item = &'a JournalEntryPosted>) -> BTreeMap<LedgerAccount, i64> {
    let mut sums = BTreeMap::new();
    for posting in entries.into_iter().flat_map(|entry| &entry.postings) {
        *sums.entry(posting.account).or_insert(0) += posting.amount_minor;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

#[test]
fn booked_time_is_earned_on_its_day_and_waits_for_an_invoice() {
    let charged = charge(ChargeKind::Booking, 2_000, date("2026-01-22"), 1);
    let entry = booking_charged(ENTRY, &charged).unwrap();
    assert_eq!(
        lines(&entry),
        [
            (LedgerAccount::UnbilledReceivable, 2_000),
            (LedgerAccount::BookingRevenue, -2_000)
        ]
    );
    assert_eq!(
        (entry.effective_date, entry.period.as_str()),
        (date("2026-01-22"), "2026-01")
    );
    assert_eq!(
        (entry.legal_entity_id, entry.rule.as_str()),
        (BERLIN, "booking_charged@1")
    );
    assert_eq!(
        (entry.source, entry.postings[0].payer),
        (charged.source, Some(Payer::Member(ADA)))
    );
}

/// A member of Berlin's uses a room of New York's: each has it in its books, and what one owes the other is due.
#[test]
fn what_was_used_elsewhere_is_earned_there_and_owed_for_here() {
    let charged = ChargeMade {
        supplied_by: Some(NEW_YORK),
        ..charge(ChargeKind::Booking, 2_000, date("2026-01-22"), 1)
    };
    let here = booking_charged(ENTRY, &charged).unwrap();
    let there = used_elsewhere(ENTRY, &charged).unwrap();
    assert_eq!((here.legal_entity_id, there.legal_entity_id), (BERLIN, NEW_YORK));
    assert_eq!(
        (lines(&here), lines(&there)),
        (
            vec![
                (LedgerAccount::UnbilledReceivable, 2_000),
                (LedgerAccount::DueToEntities, -2_000)
            ],
            vec![
                (LedgerAccount::DueFromEntities, 2_000),
                (LedgerAccount::BookingRevenue, -2_000)
            ]
        )
    );
    let undone = [
        charge_voided(ENTRY, &charged, source()).unwrap(),
        used_elsewhere_voided(ENTRY, &charged, source()).unwrap(),
    ];
    assert_eq!(balances([&here, &undone[0]]), BTreeMap::new());
    assert_eq!(balances([&there, &undone[1]]), BTreeMap::new());
    let own = charge(ChargeKind::Booking, 2_000, date("2026-01-22"), 1);
    assert_eq!(used_elsewhere(ENTRY, &own), None);
}

#[test]
fn a_voided_charge_leaves_nothing_behind() {
    let charged = charge(ChargeKind::Booking, 2_000, date("2026-01-22"), 1);
    let made = booking_charged(ENTRY, &charged).unwrap();
    let voided = charge_voided(ENTRY, &charged, source()).unwrap();
    assert_eq!(balances([&made, &voided]), BTreeMap::new());
    assert_eq!((voided.effective_date, voided.source.version), (made.effective_date, 2));
}

#[test]
fn recurring_prices_are_posted_when_they_are_invoiced() {
    let recurring = charge(ChargeKind::Recurring, 30_000, date("2026-02-01"), 28);
    assert_eq!(booking_charged(ENTRY, &recurring), None);
    assert_eq!(charge_voided(ENTRY, &recurring, source()), None);
    assert_eq!(
        booking_charged(ENTRY, &charge(ChargeKind::Booking, 0, date("2026-02-01"), 1)),
        None
    );
}

#[test]
fn the_invoice_of_1_february_in_the_books() {
    let invoice = issued(&invoice::tests::charges(&chain()));
    let entry = invoice_issued(ENTRY, &invoice).unwrap();
    assert_eq!(
        lines(&entry),
        [
            (LedgerAccount::AccountsReceivable, 38_080),
            (LedgerAccount::DeferredRevenue, -30_000),
            (LedgerAccount::UnbilledReceivable, -2_000),
            (LedgerAccount::VatPayable, -6_080)
        ]
    );
    assert_eq!(entry.postings[0].invoice_id, Some(INVOICE));
    assert_eq!(
        (entry.period.as_str(), entry.memo.as_str()),
        ("2026-02", "Invoice BER-000002")
    );
}

#[test]
fn a_payment_closes_the_invoice_and_what_exceeds_it_is_owed_back() {
    for (received, open, receivable, credit) in [
        (38_080, 38_080, -38_080, 0),
        (38_080, 30_000, -30_000, -8_080),
        (20_000, 38_080, -20_000, 0),
        // Paid twice: nothing was open any more.
        (38_080, 0, 0, -38_080),
        (38_080, -500, 0, -38_080),
    ] {
        let sums = balances(&paid(received, "EUR", open));
        let of = |account| sums.get(&account).copied().unwrap_or(0);
        assert_eq!(of(LedgerAccount::StripeBalance), received);
        assert_eq!(
            of(LedgerAccount::AccountsReceivable),
            receivable,
            "{received} against {open}"
        );
        assert_eq!(of(LedgerAccount::CustomerCredit), credit, "{received} against {open}");
    }
}

#[test]
fn money_in_another_currency_settles_no_invoice() {
    let entry = paid(38_080, "USD", 38_080).unwrap();
    assert_eq!(entry.currency, currency("USD"));
    assert_eq!(
        lines(&entry),
        [
            (LedgerAccount::StripeBalance, 38_080),
            (LedgerAccount::CustomerCredit, -38_080)
        ]
    );
}

/// Rule 9: a month's price is earned by the day.
#[test]
fn a_cycle_across_two_months_is_earned_in_both() {
    let invoice = issued(&[charge(ChargeKind::Recurring, 30_000, date("2026-01-15"), 31)]);
    let months = months_to_earn(&invoice);
    let earned: Vec<_> = months
        .iter()
        .map(|month| revenue_earned(ENTRY, &invoice, &Credited::new(), *month).unwrap())
        .map(|entry| (entry.period.clone(), entry.effective_date, lines(&entry)))
        .collect();
    let entry = |minor: i64| {
        vec![
            (LedgerAccount::DeferredRevenue, minor),
            (LedgerAccount::MembershipRevenue, -minor),
        ]
    };
    assert_eq!(
        earned,
        [
            ("2026-01".to_owned(), date("2026-01-31"), entry(16_452)),
            ("2026-02".to_owned(), date("2026-02-14"), entry(13_548))
        ]
    );
}

/// Half off a cycle over two months: revenue and discount by the day, and nothing stays deferred. A credit note of it all
/// takes both back, earned and not.
#[test]
fn a_discount_lessens_the_revenue_on_its_days() {
    let mut charges = [
        charge(ChargeKind::Recurring, 30_000, date("2026-01-15"), 31),
        charge(ChargeKind::Discount, -15_000, date("2026-01-15"), 31),
    ];
    charges[1].charge_id = ChargeId(id(0xd1));
    let invoice = issued(&charges);
    let postings = |entry: &JournalEntryPosted| -> Vec<(LedgerAccount, i64)> {
        let all = entry.postings.iter();
        all.map(|posting| (posting.account, posting.amount_minor)).collect()
    };
    assert_eq!(
        postings(&invoice_issued(ENTRY, &invoice).unwrap()),
        [
            (LedgerAccount::AccountsReceivable, 17_850),
            (LedgerAccount::DeferredRevenue, -15_000),
            (LedgerAccount::VatPayable, -2_850)
        ]
    );
    let months = months_to_earn(&invoice);
    let earned = |month| revenue_earned(ENTRY, &invoice, &Credited::new(), month).unwrap();
    assert_eq!(
        postings(&earned(months[0])),
        [
            (LedgerAccount::DeferredRevenue, 8_226),
            (LedgerAccount::Discounts, 8_226),
            (LedgerAccount::MembershipRevenue, -16_452)
        ]
    );
    assert_eq!(
        postings(&earned(months[1])),
        [
            (LedgerAccount::DeferredRevenue, 6_774),
            (LedgerAccount::Discounts, 6_774),
            (LedgerAccount::MembershipRevenue, -13_548)
        ]
    );
    let new = crate::credit_note::NewCreditNote {
        reason: "The heating was out of order.".to_owned(),
        ..Default::default()
    };
    let note = crate::credit_note::issue(
        crate::testing::CREDIT_NOTE,
        ("BER-C", 1),
        date("2026-02-05"),
        &new,
        &invoice,
        &Credited::new(),
        invoice.gross_minor,
    )
    .unwrap();
    let taken = TakenBack::of(&note, &invoice, &Credited::new(), &months[..1], &BTreeMap::new());
    let entry = credit_note_issued(ENTRY, &note, &taken).unwrap();
    assert_eq!(imbalance(&entry), 0);
    assert_eq!(
        postings(&entry),
        [
            (LedgerAccount::DeferredRevenue, 6_774),
            (LedgerAccount::MembershipRevenue, 16_452),
            (LedgerAccount::Discounts, -8_226),
            (LedgerAccount::VatPayable, 2_850),
            (LedgerAccount::AccountsReceivable, -17_850)
        ]
    );
}

#[test]
fn months_without_recurring_days_earn_nothing() {
    let usage = issued(&[charge(ChargeKind::Booking, 2_000, date("2026-01-22"), 1)]);
    assert_eq!(months_to_earn(&usage), []);
    let february = issued(&[charge(ChargeKind::Recurring, 30_000, date("2026-02-01"), 28)]);
    let march = Days {
        start: date("2026-03-01"),
        end: date("2026-04-01"),
    };
    assert_eq!(revenue_earned(ENTRY, &february, &Credited::new(), march), None);
}

#[test]
fn the_chart_has_one_number_path_and_title_each() {
    let distinct = |names: Vec<String>| names.into_iter().collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(
        distinct(LedgerAccount::ALL.map(|account| account.number().to_string()).into()),
        16
    );
    assert_eq!(
        distinct(LedgerAccount::ALL.map(|account| account.path().to_owned()).into()),
        16
    );
    assert_eq!(
        distinct(LedgerAccount::ALL.map(|account| account.title().to_owned()).into()),
        16
    );
    let roots = ["Assets:", "Liabilities:", "Income:", "Expenses:", "Equity:"];
    for account in LedgerAccount::ALL {
        assert!(roots.iter().any(|root| account.path().starts_with(root)), "{account:?}");
    }
}
