//! Invoices taken back: the balance falls, what was paid is the payer's, the books mirror the invoice, and nothing is taken
//! back twice.

use coterie_app::{
    UseCaseError,
    credit_note::{
        self,
        page::{self as notes, CreditNoteFilter},
    },
    invoice::page::{self as invoices, InvoiceFilter, InvoiceRow, InvoiceState},
    payment::{self, Attempt, Heard},
};
use coterie_domain::{
    ChargeId, CreditNoteId,
    credit_note::{NewCreditNote, WantedLine},
    ledger::LedgerAccount,
};
use coterie_tests::{
    chain::{self, eur},
    guards::guards_agree,
};
use futures::future::join_all;

use super::{
    January, first_page, january,
    payments::{declined, succeeded},
};

const FEBRUARY: &str = "2026-01-31T23:00:00Z";

fn part(charge_id: ChargeId, net_minor: i64) -> NewCreditNote {
    NewCreditNote {
        reason: "The heating was out of order.".to_owned(),
        lines: vec![WantedLine {
            charge_id,
            net_minor: Some(net_minor),
        }],
        bill_again: false,
    }
}

fn everything(bill_again: bool) -> NewCreditNote {
    NewCreditNote {
        reason: "Invoiced by mistake.".to_owned(),
        lines: Vec::new(),
        bill_again,
    }
}

impl January {
    async fn credit(&self, new: &NewCreditNote) -> CreditNoteId {
        let issued = credit_note::issue(&self.app, &self.chain.owner, self.invoice, new).await;
        self.follow().await;
        guards_agree(&self.database.worker, self.chain.tenant).await;
        issued.unwrap().outcome
    }

    async fn first_charge(&self) -> ChargeId {
        chain::charge_of(&self.app, &self.chain, self.invoice).await
    }

    async fn owed(&self) -> InvoiceRow {
        let found = invoices::find(&self.app, self.chain.tenant, self.invoice).await;
        found.unwrap().unwrap().row
    }
}

#[tokio::test]
async fn a_part_is_taken_off_what_is_owed_and_mirrored_in_the_books() {
    let here = january().await;
    let id = here.credit(&part(here.first_charge().await, 1_000)).await;
    let note = notes::find(&here.app, here.chain.tenant, id).await.unwrap().unwrap();
    assert_eq!((note.number.as_str(), note.gross), ("BER-C-000001", eur(1_190)));
    assert_eq!(note.document.invoice_number, "BER-000001");
    assert_eq!(note.document.buyer.name, "Ada Lovelace");
    let row = here.owed().await;
    assert_eq!(
        (row.credited, row.open(), row.state),
        (eur(1_190), eur(12_629), InvoiceState::Open)
    );
    let books = here.balances(None).await;
    assert_eq!(books[&LedgerAccount::AccountsReceivable], 12_629);
    assert_eq!(books[&LedgerAccount::VatPayable], -2_206 + 190);
    assert_eq!(books[&LedgerAccount::DeferredRevenue], -11_613 + 1_000);
    // What is left is earned, and no more.
    chain::live_until(&here.app, &here.database.worker, &here.chain, FEBRUARY.parse().unwrap()).await;
    here.follow().await;
    let books = here.balances(Some("2026-01-31")).await;
    assert_eq!(books[&LedgerAccount::MembershipRevenue], -11_613 + 1_000);
    assert_eq!(books[&LedgerAccount::DeferredRevenue], 0);
    // A month that is in the books gives back what it earned.
    here.credit(&part(here.first_charge().await, 613)).await;
    let books = here.balances(None).await;
    assert_eq!(books[&LedgerAccount::MembershipRevenue], -10_000);
}

#[tokio::test]
async fn what_was_paid_already_is_the_payers_credit() {
    let here = january().await;
    let Attempt::Submit(attempt) = payment::attempt(&here.app, &here.chain.owner, here.invoice, false)
        .await
        .unwrap()
    else {
        panic!("an open invoice is tried");
    };
    let paid = succeeded(eur(13_819));
    payment::record(&here.app, &here.chain.owner, attempt.payment_id, &paid, Heard::Answer)
        .await
        .unwrap();
    here.credit(&everything(false)).await;
    let row = here.owed().await;
    assert_eq!(
        (row.paid, row.open(), row.state),
        (eur(13_819), eur(0), InvoiceState::Credited)
    );
    let books = here.balances(None).await;
    assert_eq!(books[&LedgerAccount::CustomerCredit], -13_819);
    assert_eq!(books[&LedgerAccount::AccountsReceivable], 0);
    assert_eq!(books[&LedgerAccount::VatPayable], 0);
    assert_eq!(books[&LedgerAccount::DeferredRevenue], 0);
}

/// Rule 4: its charges stand on one invoice that is not taken back.
#[tokio::test]
async fn charges_that_are_taken_back_can_be_billed_again() {
    let here = january().await;
    here.credit(&everything(true)).await;
    assert_eq!(here.owed().await.state, InvoiceState::Credited);
    chain::live_until(&here.app, &here.database.worker, &here.chain, FEBRUARY.parse().unwrap()).await;
    here.follow().await;
    guards_agree(&here.database.worker, here.chain.tenant).await;
    let all = invoices::list(&here.app, here.chain.tenant, InvoiceFilter::default(), &first_page())
        .await
        .unwrap();
    assert_eq!(
        all.items[0].net,
        eur(11_613 + 32_000),
        "January and February on one invoice"
    );
    chain::live_until(
        &here.app,
        &here.database.worker,
        &here.chain,
        "2026-02-27T12:00:00Z".parse().unwrap(),
    )
    .await;
    here.follow().await;
    guards_agree(&here.database.worker, here.chain.tenant).await;
    let books = here.balances(None).await;
    assert_eq!(books.values().sum::<i64>(), 0);
    assert_eq!(books[&LedgerAccount::MembershipRevenue], -11_613);
    assert_eq!(books[&LedgerAccount::AccountsReceivable], all.items[0].gross.minor);
}

/// An intent is for one amount: the next attempt has another, and the old one is named to be cancelled first.
#[tokio::test]
async fn after_a_decline_less_is_asked_for_under_another_intent() {
    let here = january().await;
    let owner = &here.chain.owner;
    let attempt = async || match payment::attempt(&here.app, owner, here.invoice, false).await.unwrap() {
        Attempt::Submit(fact) => *fact,
        other => panic!("an open invoice is tried: {other:?}"),
    };
    let first = attempt().await;
    payment::record(&here.app, owner, first.payment_id, &declined(), Heard::Answer)
        .await
        .unwrap();
    here.credit(&part(here.first_charge().await, 1_000)).await;
    let second = attempt().await;
    assert_eq!((second.amount, second.intent_id.clone()), (eur(12_629), None));
    assert_eq!(second.request["replaces"], "pi_1");
    // That the old one is cancelled says nothing of the new one.
    let canceled = coterie_domain::payment::GatewayOutcome::Canceled {
        intent_id: Some("pi_1".to_owned()),
    };
    payment::record_for_invoice(&here.app, owner, here.invoice, &canceled)
        .await
        .unwrap();
    here.follow().await;
    guards_agree(&here.database.worker, here.chain.tenant).await;
    assert_eq!(here.owed().await.state, InvoiceState::Pending);
}

/// Ten at once want all of it: the invoice's row lets one after the other decide.
#[tokio::test]
async fn of_ten_who_take_back_everything_at_once_one_does() {
    let here = january().await;
    let asking = (0..10).map(|_| {
        let (app, owner, invoice) = (here.app.clone(), here.chain.owner.clone(), here.invoice);
        tokio::spawn(async move { credit_note::issue(&app, &owner, invoice, &everything(false)).await })
    });
    let mut issued = 0;
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => issued += 1,
            Err(UseCaseError::Refused(refusal)) => assert_eq!(refusal.code, "nothing_to_credit"),
            Err(other) => panic!("a clean answer: {other:?}"),
        }
    }
    assert_eq!(issued, 1);
    here.follow().await;
    guards_agree(&here.database.worker, here.chain.tenant).await;
    let (any, first) = (CreditNoteFilter::default(), first_page());
    let all = notes::list(&here.app, here.chain.tenant, &any, &first).await;
    let numbers: Vec<_> = all.unwrap().items.into_iter().map(|note| note.number).collect();
    assert_eq!(numbers, ["BER-C-000001"], "who was refused took no number");
}
