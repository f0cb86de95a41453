use coterie_app::{
    Caller,
    invoice::page::{self as invoices, InvoiceRow, InvoiceState},
    payment::{
        self, Attempt, Heard,
        page::{self as payments, PaymentFilter},
    },
    today::today,
};
use coterie_domain::{
    Currency, Money, PaymentId,
    ledger::LedgerAccount,
    payment::{DeclineKind, GatewayOutcome, PaymentState},
};
use coterie_tests::chain::eur;

use super::{January, first_page, january};

impl January {
    async fn attempt(&self) -> PaymentId {
        match payment::attempt(&self.app, &self.chain.owner, self.invoice, false)
            .await
            .unwrap()
        {
            Attempt::Submit(fact) => fact.payment_id,
            other => panic!("an open invoice is tried: {other:?}"),
        }
    }
    async fn heard(&self, id: PaymentId, outcome: GatewayOutcome) {
        payment::record(&self.app, &self.chain.owner, id, &outcome, Heard::Answer)
            .await
            .unwrap();
        self.follow().await;
    }
    async fn invoice(&self) -> InvoiceRow {
        let found = invoices::find(&self.app, self.chain.tenant, self.invoice)
            .await
            .unwrap();
        found.unwrap().row
    }
}

pub(super) fn succeeded(received: Money) -> GatewayOutcome {
    GatewayOutcome::Succeeded {
        intent_id: "pi_1".to_owned(),
        received,
    }
}

pub(super) fn declined() -> GatewayOutcome {
    GatewayOutcome::Failed {
        intent_id: Some("pi_1".to_owned()),
        code: "card_declined".to_owned(),
        decline_code: Some("insufficient_funds".to_owned()),
        kind: DeclineKind::Soft,
        message: "The card has insufficient funds.".to_owned(),
    }
}

/// A job that dies between recording a decline and saying that it is done is started again.
#[tokio::test]
async fn one_command_makes_one_attempt() {
    let here = january().await;
    let job = here.chain.owner.clone().with_key("job-1", b"collect");
    let attempt = async |caller: &Caller| payment::attempt(&here.app, caller, here.invoice, false).await.unwrap();
    let Attempt::Submit(first) = attempt(&job).await else {
        panic!("an open invoice is tried");
    };
    // Without an answer it is sent again, unchanged; another command leaves it alone.
    assert_eq!(attempt(&job).await, Attempt::Submit(first.clone()));
    let other = here.chain.owner.clone().with_key("job-2", b"collect");
    assert_eq!(attempt(&other).await, Attempt::Live(first.payment_id));
    here.heard(first.payment_id, declined()).await;
    assert_eq!(attempt(&job).await, Attempt::Answered(first.payment_id));
    // Without a key there is nothing to know it by, and the card would be tried a second time.
    assert!(matches!(attempt(&here.chain.owner).await, Attempt::Submit(second) if second.attempt == 2));
}

#[tokio::test]
async fn an_invoice_follows_its_latest_attempt_until_it_is_paid() {
    let here = january().await;
    let first = here.attempt().await;
    here.follow().await;
    assert_eq!(here.invoice().await.state, InvoiceState::Pending);
    here.heard(first, declined()).await;
    assert_eq!(here.invoice().await.state, InvoiceState::Failed);
    let row = payments::find(&here.app, here.chain.tenant, first)
        .await
        .unwrap()
        .unwrap();
    let failure = row.failure.as_ref().unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.kind),
        ("insufficient_funds", Some(DeclineKind::Soft))
    );
    assert_eq!(
        (row.attempt, row.amount, row.invoice_number.as_str()),
        (1, eur(13_819), "BER-000001")
    );
    let open = today(&here.app, here.chain.tenant, None).await.unwrap();
    assert_eq!(open.failed_payments, [row]);

    let second = here.attempt().await;
    let redirect_url = Some("https://bank.test/3ds".to_owned());
    here.heard(
        second,
        GatewayOutcome::ActionRequired {
            intent_id: "pi_1".to_owned(),
            redirect_url: redirect_url.clone(),
        },
    )
    .await;
    assert_eq!(here.invoice().await.state, InvoiceState::ActionRequired);
    let row = payments::find(&here.app, here.chain.tenant, second)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.attempt, row.redirect_url), (2, redirect_url));
    here.heard(
        second,
        GatewayOutcome::Processing {
            intent_id: "pi_1".to_owned(),
        },
    )
    .await;
    assert_eq!(here.invoice().await.state, InvoiceState::Pending);
    here.heard(second, succeeded(eur(13_819))).await;
    let paid = here.invoice().await;
    assert_eq!(
        (paid.state, paid.paid, paid.open()),
        (InvoiceState::Paid, eur(13_819), eur(0))
    );

    let filter = PaymentFilter {
        state: Some(PaymentState::Settled),
    };
    let page = payments::list(&here.app, here.chain.tenant, filter, &first_page())
        .await
        .unwrap();
    assert_eq!(
        page.items.iter().map(|row| row.payment_id).collect::<Vec<_>>(),
        [second]
    );
    let detail = invoices::find(&here.app, here.chain.tenant, here.invoice)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        detail.payments.iter().map(|row| row.payment_id).collect::<Vec<_>>(),
        [first, second]
    );
    let rules: Vec<_> = detail.entries.iter().map(|row| row.entry.rule.as_str()).collect();
    assert_eq!(rules, ["invoice_issued@1", "payment_settled@1"]);
    let balances = here.balances(None).await;
    assert_eq!(balances[&LedgerAccount::AccountsReceivable], 0);
    assert_eq!(balances[&LedgerAccount::StripeBalance], 13_819);
    assert_eq!(balances.values().sum::<i64>(), 0);
}

#[tokio::test]
async fn a_part_leaves_the_rest_open_and_too_much_is_the_payers_credit() {
    let here = january().await;
    let first = here.attempt().await;
    here.heard(first, succeeded(eur(10_000))).await;
    let part = here.invoice().await;
    assert_eq!((part.state, part.open()), (InvoiceState::Open, eur(3_819)));
    let second = here.attempt().await;
    here.heard(second, succeeded(eur(4_000))).await;
    let paid = here.invoice().await;
    assert_eq!((paid.state, paid.open()), (InvoiceState::Paid, eur(0)));
    let balances = here.balances(None).await;
    assert_eq!(balances[&LedgerAccount::AccountsReceivable], 0);
    assert_eq!(balances[&LedgerAccount::CustomerCredit], -181);
}

#[tokio::test]
async fn money_of_another_currency_settles_nothing() {
    let here = january().await;
    let first = here.attempt().await;
    let pounds = Money::new(13_819, "GBP".parse::<Currency>().unwrap());
    here.heard(first, succeeded(pounds)).await;
    assert_eq!(here.invoice().await.open(), eur(13_819));
    let guard: i64 = sqlx::query_scalar("select open_minor from invoice_guard where invoice_id = $1")
        .bind(here.invoice.0)
        .fetch_one(&here.database.owner)
        .await
        .unwrap();
    assert_eq!(guard, 13_819, "the guard and the books agree");
}
