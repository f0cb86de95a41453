//! An issued invoice keeps its buyer when she is forgotten, and loses it when the legal years are over.

use coterie_app::{
    invoice::{self, page::InvoiceFilter},
    member, membership,
    page::PageRequest,
    payment::{self, Attempt, Heard},
    projections,
};
use coterie_domain::payment::GatewayOutcome;
use coterie_tests::chain;
use jiff::Timestamp;

#[tokio::test]
async fn an_invoice_shows_its_buyer_until_its_legal_years_are_over() {
    let database = coterie_tests::database().await;
    let app = chain::app(database.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    let subscribed = chain::subscribe(&app, &chain).await;
    let models = projections::all(&chain::keys());
    let follow = || chain::follow_until_idle(&database.worker, &models);
    let invoice = subscribed.invoice_id.expect("the first days are invoiced at once");
    let Attempt::Submit(attempt) = payment::attempt(&app, &chain.as_ada(), invoice, true).await.unwrap() else {
        panic!("there is something to pay");
    };
    let paid = GatewayOutcome::Succeeded {
        intent_id: "pi_1".to_owned(),
        received: attempt.amount,
    };
    payment::record(&app, &chain.owner, attempt.payment_id, &paid, Heard::Answer)
        .await
        .unwrap();
    membership::give_notice(&app, &chain.as_ada(), subscribed.membership_id, None)
        .await
        .unwrap();
    let live = async |until: &str| {
        let until: Timestamp = until.parse().unwrap();
        chain::live_until(&app, &database.worker, &chain, until).await;
        follow().await;
    };
    let buyer = async || {
        let listed = invoice::page::list(&app, chain.tenant, InvoiceFilter::default(), &PageRequest::default()).await;
        let listed = listed.unwrap().items.pop().unwrap();
        let found = invoice::page::find(&app, chain.tenant, invoice).await.unwrap().unwrap();
        assert_eq!(listed.buyer_name, found.document.buyer.name);
        (found.document.buyer.name, found.document.buyer.email)
    };
    live("2026-02-03T00:00:00Z").await;
    let (name, email) = buyer().await;
    assert!(name.starts_with("Ada") && email.contains('@'), "{name} {email}");

    member::forget(&app, &chain.owner, chain.ada).await.unwrap();
    follow().await;
    let kept = (name.clone(), "(forgotten)".to_owned());
    assert_eq!(
        buyer().await,
        kept,
        "the law wants a name on an invoice, not an email address"
    );
    // 31 December 2036 is the last day, in Berlin.
    live("2036-12-31T22:59:59Z").await;
    assert_eq!(buyer().await, kept);
    live("2036-12-31T23:00:00Z").await;
    assert_eq!(buyer().await, ("(forgotten)".to_owned(), "(forgotten)".to_owned()));
    let ended: i64 = sqlx::query_scalar("select count(*) from event where event_type = 'RetentionEnded'")
        .fetch_one(&database.owner)
        .await
        .unwrap();
    assert_eq!(ended, 1);
}
