use super::*;
use crate::{
    ChargeId, DepositId, InvoiceId, Money, Payer,
    catalogue::Catalogue,
    credit_note::{self, NewCreditNote},
    invoice::{self, InvoiceIssued, Party},
    ledger::{self, LedgerAccount, imbalance},
    legal_entity::Address,
    membership::MembershipStarted,
    plan::PlanVersionPublished,
    testing::{ADA, BERLIN, CREDIT_NOTE, ENTRY, FLEX_1, INVOICE, chain, date, eur, given, id, membership_from, when},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DEPOSIT: DepositId = DepositId(uuid::Uuid::from_u128(0xd1));
const ASKED: InvoiceId = InvoiceId(uuid::Uuid::from_u128(0xd2));

fn plan(deposit: i64, all: &Catalogue) -> PlanVersionPublished {
    PlanVersionPublished {
        deposit: (deposit > 0).then(|| eur(deposit)),
        ..all.plan_version(FLEX_1).unwrap().clone()
    }
}

fn requested(all: &Catalogue) -> Requested {
    let membership: MembershipStarted = membership_from("2026-01-20", all).fact;
    let ids = (DEPOSIT, ChargeId(id(0xd3)), ASKED);
    request(ids, &membership, &plan(60_000, all), all.position).unwrap()
}

fn document(all: &Catalogue) -> InvoiceIssued {
    let made = requested(all).charge;
    let entity = &all.legal_entity(BERLIN).unwrap().fact;
    let buyer = Party {
        name: "Ada Lovelace".into(),
        address: Address::default(),
        tax_id: String::new(),
        email: String::new(),
    };
    invoice::issue(
        ASKED,
        1,
        made.payer,
        buyer,
        date("2026-01-20"),
        std::slice::from_ref(&made),
        entity,
        all,
    )
    .unwrap()
}

fn held(events: Vec<DepositEvent>) -> Deposit {
    let first = [DepositEvent::from(requested(&chain()).fact)];
    given(Deposit::evolve, first.into_iter().chain(events)).state()
}

fn owed(open_minor: i64) -> Owed {
    Owed {
        invoice_id: INVOICE,
        payer: Payer::Member(ADA),
        legal_entity_id: BERLIN,
        open_minor,
        collecting: false,
        a_deposit: false,
    }
}

#[test]
fn it_is_asked_for_by_a_document_of_its_own_without_tax() {
    let all = chain();
    let document = document(&all);
    assert_eq!(
        (document.number.as_str(), document.is_deposit()),
        ("BER-D-000001", true)
    );
    assert_eq!(
        (document.net_minor, document.tax_minor, document.gross_minor),
        (60_000, 0, 60_000)
    );
    assert_eq!(
        crate::tax::Treatment::of(&document.tax[0].category, document.tax[0].rate_percent).code(),
        "O"
    );
    let beside = [requested(&all).charge, invoice::tests::charges(&all)[1].clone()];
    let entity = &all.legal_entity(BERLIN).unwrap().fact;
    when(invoice::series_of(&beside, entity)).then_refused("deposit_beside_others");
    assert_eq!(
        request(
            (DEPOSIT, ChargeId(id(1)), ASKED),
            &membership_from("2026-01-20", &all).fact,
            &plan(0, &all),
            1
        ),
        None
    );
}

/// A liability from the moment it is asked for, and never revenue.
#[test]
fn the_books_owe_it_until_it_pays_or_goes_back() {
    let all = chain();
    let requested = requested(&all);
    let accounts = |entry: &ledger::JournalEntryPosted| {
        let postings = entry.postings.iter();
        postings
            .map(|posting| (posting.account, posting.amount_minor))
            .collect::<Vec<_>>()
    };
    let made = ledger::booking_charged(ENTRY, &requested.charge).unwrap();
    assert_eq!(
        accounts(&made),
        [
            (LedgerAccount::UnbilledReceivable, 60_000),
            (LedgerAccount::Deposits, -60_000)
        ]
    );
    let issued = ledger::invoice_issued(ENTRY, &document(&all)).unwrap();
    assert_eq!(
        accounts(&issued),
        [
            (LedgerAccount::AccountsReceivable, 60_000),
            (LedgerAccount::UnbilledReceivable, -60_000)
        ]
    );
    let deposit = held(vec![]);
    let source = requested.charge.source.clone();
    let applied = apply(&deposit, 60_000, &owed(35_700), None, date("2026-06-01")).unwrap();
    assert_eq!(applied.amount, eur(35_700));
    let entry = ledger::deposit_applied(ENTRY, &deposit.fact, &applied, "BER-000007", source.clone()).unwrap();
    assert_eq!(
        accounts(&entry),
        [
            (LedgerAccount::Deposits, 35_700),
            (LedgerAccount::AccountsReceivable, -35_700)
        ]
    );
    let deposit = held(vec![applied.into()]);
    let back = give_back(&deposit, deposit.held_minor(0, 0), None, "SEPA 7", date("2026-06-03")).unwrap();
    assert_eq!(back.amount, eur(24_300));
    let entry = ledger::deposit_returned(ENTRY, &deposit.fact, &back, source).unwrap();
    assert_eq!(
        accounts(&entry),
        [(LedgerAccount::Deposits, 24_300), (LedgerAccount::Bank, -24_300)]
    );
    assert_eq!(held(vec![applied_of(35_700), back.into()]).held_minor(0, 0), 0);
}

fn applied_of(minor: i64) -> DepositEvent {
    DepositApplied {
        deposit_id: DEPOSIT,
        invoice_id: INVOICE,
        amount: eur(minor),
        on: date("2026-06-01"),
    }
    .into()
}

#[test]
fn only_what_is_held_can_be_spent_and_only_on_what_is_owed() {
    let deposit = held(vec![]);
    let on = date("2026-06-01");
    let try_it = |held: i64, owed: &Owed, wanted: Option<Money>| apply(&deposit, held, owed, wanted, on);
    when(try_it(0, &owed(100), None)).then_refused("nothing_held");
    when(try_it(60_000, &owed(0), None)).then_refused("nothing_open");
    when(try_it(500, &owed(1_000), Some(eur(501)))).then_refused("more_than_held");
    when(try_it(5_000, &owed(1_000), Some(eur(1_001)))).then_refused("more_than_open");
    let other = Owed {
        payer: Payer::Company(crate::CompanyId(id(9))),
        ..owed(100)
    };
    when(try_it(500, &other, None)).then_refused("invoice_of_somebody_else");
    when(try_it(
        500,
        &Owed {
            a_deposit: true,
            ..owed(100)
        },
        None,
    ))
    .then_refused("invoice_of_a_deposit");
    when(try_it(
        500,
        &Owed {
            collecting: true,
            ..owed(100)
        },
        None,
    ))
    .then_refused("payment_under_way");
    when(give_back(&deposit, 500, None, "  ", on)).then_refused("reference_missing");
    when(give_back(&deposit, 500, Some(eur(501)), "SEPA 7", on)).then_refused("more_than_held");
    when(give_back(&deposit, 0, None, "SEPA 7", on)).then_refused("nothing_held");
}

/// What is paid is held; what is not can be let go by a credit note, in the books too.
#[test]
fn only_what_is_still_open_can_be_credited() {
    let all = chain();
    let document = document(&all);
    let credit = |open: i64, again: bool| {
        let new = NewCreditNote {
            reason: "She moved away".into(),
            lines: vec![],
            bill_again: again,
        };
        credit_note::issue(
            CREDIT_NOTE,
            ("BER-C", 1),
            date("2026-01-25"),
            &new,
            &document,
            &BTreeMap::new(),
            open,
        )
    };
    when(credit(59_999, false)).then_refused("deposit_is_held");
    when(credit(60_000, true)).then_refused("deposit_billed_again");
    let note = credit(60_000, false).unwrap();
    let taken = ledger::TakenBack::of(&note, &document, &BTreeMap::new(), &[], &BTreeMap::new());
    assert_eq!((taken.deposit_minor, taken.used_minor), (60_000, 0));
    assert_eq!(imbalance(&ledger::credit_note_issued(ENTRY, &note, &taken).unwrap()), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Applied, returned and held are the deposit to the cent, whatever is asked in whatever order.
    #[test]
    fn no_cent_of_it_is_lost(
        asked in prop::collection::vec((any::<bool>(), 1i64..40_000, 0i64..40_000), 0..12),
    ) {
        let mut deposit = held(vec![]);
        for (pays, wanted, open) in asked {
            let left = deposit.held_minor(0, 0);
            let on = date("2026-06-01");
            let event = if pays {
                apply(&deposit, left, &owed(open), Some(eur(wanted)), on).map(DepositEvent::from)
            } else {
                give_back(&deposit, left, Some(eur(wanted)), "SEPA", on).map(DepositEvent::from)
            };
            if let Ok(event) = event {
                deposit = Deposit::evolve(Some(deposit), event).unwrap();
            }
            let now = deposit.held_minor(0, 0);
            prop_assert!((0..=60_000).contains(&now));
            prop_assert_eq!(now + deposit.applied_minor + deposit.returned_minor, 60_000);
        }
    }
}
