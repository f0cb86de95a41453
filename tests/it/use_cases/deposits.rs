//! What is held for a member: asked for beside her first invoice, collected as that one is, applied, returned, never spent twice.

use super::opened;
use coterie_app::{
    App, Operation, UseCaseError, credit_note,
    deposit::{
        self,
        page::{DepositFilter, DepositRow},
    },
    invoice::{self, page::InvoiceState},
    page::PageRequest,
    payment::{self, Attempt, Heard},
    projections,
};
use coterie_domain::{InvoiceId, Money, credit_note::NewCreditNote, invoice::InvoiceIssued, payment::GatewayOutcome};
use coterie_tests::{
    Database,
    chain::{self, Chain, eur},
    guards::guards_agree,
};
use futures::future::join_all;

struct Place {
    db: Database,
    app: App,
    chain: Chain,
    /// Of the first, short cycle: 138.19.
    first: InvoiceId,
}

/// Ada has Flex since 20 January, with a deposit of 600.00.
async fn place() -> Place {
    let (db, app, mut chain) = opened().await;
    chain.plan_version = chain::with_deposit(&app, &chain, 60_000).await;
    let first = chain::subscribe(&app, &chain).await.invoice_id.unwrap();
    Place { db, app, chain, first }
}

impl Place {
    async fn deposit(&self) -> DepositRow {
        let request = PageRequest::default();
        let filter = DepositFilter::default();
        let listed = deposit::page::list(&self.app, self.chain.tenant, filter, &request);
        listed.await.unwrap().items.remove(0)
    }

    async fn document(&self, id: InvoiceId) -> InvoiceIssued {
        let mut op = Operation::open(&self.app, &self.chain.owner).await.unwrap();
        invoice::load(&mut op, id).await.unwrap().unwrap()
    }

    /// The card pays, as it pays any invoice.
    async fn pays(&self, id: InvoiceId) {
        let Attempt::Submit(fact) = payment::attempt(&self.app, &self.chain.owner, id, false).await.unwrap() else {
            panic!("an open invoice is tried");
        };
        let outcome = GatewayOutcome::Succeeded {
            intent_id: format!("pi_{id}"),
            received: fact.amount,
        };
        payment::record(&self.app, &self.chain.owner, fact.payment_id, &outcome, Heard::Answer)
            .await
            .unwrap();
    }

    async fn apply(&self, invoice: InvoiceId, minor: Option<i64>) -> Result<Money, UseCaseError> {
        let id = self.deposit().await.deposit_id;
        let done = deposit::apply(&self.app, &self.chain.owner, id, invoice, minor.map(eur)).await?;
        Ok(done.outcome.amount)
    }

    async fn give_back(&self, minor: Option<i64>) -> Result<Money, UseCaseError> {
        let id = self.deposit().await.deposit_id;
        let done = deposit::give_back(&self.app, &self.chain.owner, id, minor.map(eur), "SEPA 7").await?;
        Ok(done.outcome)
    }

    /// Credit balance of an account, from the log.
    async fn owed_by(&self, account: &str) -> i64 {
        sqlx::query_scalar(
            "select coalesce(-sum((posting->>'amount_minor')::bigint), 0)::bigint
             from event cross join lateral json_array_elements(payload->'postings') as posting
             where event_type = 'JournalEntryPosted' and posting->>'account' = $1",
        )
        .bind(account)
        .fetch_one(&self.db.owner)
        .await
        .unwrap()
    }

    /// What the books say is owed is what the invoices say is open (rule 9).
    async fn books_agree(&self) {
        let open: i64 = sqlx::query_scalar("select sum(open_minor)::bigint from invoice_guard")
            .fetch_one(&self.db.owner)
            .await
            .unwrap();
        assert_eq!(-self.owed_by("accounts_receivable").await, open);
        guards_agree(&self.db.worker, self.chain.tenant).await;
    }
}

fn refused(outcome: Result<Money, UseCaseError>) -> &'static str {
    outcome.unwrap_err().code().unwrap()
}

#[tokio::test]
async fn it_is_asked_for_held_applied_and_returned() {
    let place = place().await;
    let asked = place.deposit().await;
    assert_eq!(
        (asked.amount, asked.open, asked.held),
        (eur(60_000), eur(60_000), eur(0))
    );
    let document = place.document(asked.invoice_id).await;
    assert_eq!((document.number.as_str(), document.tax_minor), ("BER-D-000001", 0));
    // The first invoice has the first number of its own series and nothing of the deposit.
    let first = place.document(place.first).await;
    assert_eq!((first.number.as_str(), first.gross_minor), ("BER-000001", 13_819));
    assert_eq!(refused(place.apply(place.first, None).await), "nothing_held");
    place.books_agree().await;
    assert_eq!(place.owed_by("deposits").await, 60_000);

    place.pays(asked.invoice_id).await;
    assert_eq!(place.deposit().await.held, eur(60_000));
    assert_eq!(
        refused(place.apply(asked.invoice_id, None).await),
        "invoice_of_a_deposit"
    );
    // Its card is not asked for what the deposit pays; the rest of the invoice is.
    assert_eq!(place.apply(place.first, Some(3_819)).await.unwrap(), eur(3_819));
    place.books_agree().await;
    assert_eq!(place.apply(place.first, None).await.unwrap(), eur(10_000));
    assert_eq!(refused(place.apply(place.first, None).await), "nothing_open");
    let attempt = payment::attempt(&place.app, &place.chain.owner, place.first, false)
        .await
        .unwrap();
    assert_eq!(attempt, Attempt::NothingToPay);
    chain::follow_until_idle(&place.db.worker, &projections::all(&chain::keys())).await;
    let shown = invoice::page::find(&place.app, place.chain.tenant, place.first)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((shown.row.state, shown.row.open()), (InvoiceState::Paid, eur(0)));

    assert_eq!(refused(place.give_back(Some(46_182)).await), "more_than_held");
    assert_eq!(place.give_back(None).await.unwrap(), eur(46_181));
    let settled = place.deposit().await;
    assert_eq!(
        (settled.applied, settled.returned, settled.held),
        (eur(13_819), eur(46_181), eur(0))
    );
    assert_eq!(
        (place.owed_by("deposits").await, place.owed_by("bank").await),
        (0, 46_181)
    );
    place.books_agree().await;
}

/// Nothing came in, so nothing is held: a credit note lets it go, and what is held goes another way.
#[tokio::test]
async fn what_was_never_paid_is_credited_and_what_is_held_is_not() {
    let place = place().await;
    let asked = place.deposit().await.invoice_id;
    let new = NewCreditNote {
        reason: "She moved away".to_owned(),
        ..NewCreditNote::default()
    };
    let credit = || credit_note::issue(&place.app, &place.chain.owner, asked, &new);
    let paid = place.document(asked).await;
    assert!(paid.is_deposit());
    credit().await.unwrap();
    let gone = place.deposit().await;
    assert_eq!((gone.open, gone.credited, gone.held), (eur(0), eur(60_000), eur(0)));
    assert_eq!(refused(place.give_back(None).await), "nothing_held");
    assert_eq!(place.owed_by("deposits").await, 0);
    place.books_agree().await;

    let other = self::place().await;
    let asked = other.deposit().await.invoice_id;
    other.pays(asked).await;
    let credited = credit_note::issue(&other.app, &other.chain.owner, asked, &new).await;
    assert_eq!(credited.unwrap_err().code(), Some("deposit_is_held"));
}

async fn race(place: &Place) -> (usize, i64) {
    let id = place.deposit().await.deposit_id;
    let asking = (0..6).map(|_| {
        let (app, caller) = (place.app.clone(), place.chain.owner.clone());
        tokio::spawn(async move { deposit::give_back(&app, &caller, id, Some(eur(25_000)), "SEPA").await })
    });
    let (mut won, mut broken) = (0, 0);
    for answer in join_all(asking).await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(UseCaseError::Refused(refusal)) => assert_eq!(refusal.code, "more_than_held"),
            Err(_) => broken += 1,
        }
    }
    (won, broken)
}

#[tokio::test]
async fn of_many_who_return_it_at_once_nobody_returns_more_than_is_held() {
    let place = place().await;
    place.pays(place.deposit().await.invoice_id).await;
    assert_eq!(race(&place).await, (2, 0));
    assert_eq!(place.deposit().await.held, eur(10_000));
    place.books_agree().await;
}
