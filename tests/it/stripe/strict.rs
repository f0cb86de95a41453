//! async-stripe's own strict reading of what the simulator answers: a missing field there fails without a name.

use coterie_gateway::{Gateway, NewRefund};
use coterie_tests::stripe::{on_session, save_card, shop};
use stripe::{ClientBuilder, StripeRequest};
use stripe_checkout::checkout_session::RetrieveCheckoutSession;
use stripe_core::customer::RetrieveCustomer;
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::{ListPaymentIntent, RetrievePaymentIntent};
use stripe_core::refund::ListRefund;
use stripe_core::setup_intent::RetrieveSetupIntent;
use stripe_payment::payment_method::RetrievePaymentMethod;

#[tokio::test]
async fn async_stripe_reads_every_object() {
    let shop = shop().await;
    let page = shop
        .gateway
        .create_setup_session(&shop.account, "s", &shop.session())
        .await
        .expect("a page");
    save_card(&page.url, "works").await;
    let saved = shop
        .gateway
        .retrieve_setup_session(&shop.account, &page.id)
        .await
        .expect("read");
    let (setup, method) = (saved.setup_intent.expect("an intent"), saved.method.expect("a card"));
    let mut intents = Vec::new();
    for test_id in [
        "pm_card_visa",
        "pm_card_chargeDeclined",
        "pm_sepaDebit",
        "pm_card_authenticationRequired",
    ] {
        let card = shop.card(test_id).await;
        let charge = shop.charge(&card, test_id);
        let outcome = shop
            .gateway
            .create_payment_intent(&shop.account, test_id, &charge)
            .await
            .expect("outcome");
        if test_id == "pm_card_authenticationRequired" {
            let confirm = on_session(&outcome.intent_id, &card);
            shop.gateway
                .confirm_payment_intent(&shop.account, "confirm", &confirm)
                .await
                .expect("outcome");
        }
        intents.push(outcome.intent_id);
    }
    let refund = NewRefund {
        intent: intents[0].clone(),
        amount_minor: Some(1),
        metadata: [].into(),
    };
    shop.gateway
        .create_refund(&shop.account, "r", &refund)
        .await
        .expect("refund");

    let url = format!("{}/", shop.sim.url);
    let account: stripe::AccountId = shop.account.as_str().into();
    let client = ClientBuilder::new("sk_test_strict")
        .url(url)
        .account_id(account)
        .build()
        .expect("a client");
    for intent in &intents {
        let read = RetrievePaymentIntent::new(intent.as_str())
            .customize()
            .send(&client)
            .await
            .expect("an intent");
        assert_eq!(read.id, *intent);
    }
    RetrieveCheckoutSession::new(page.id.as_str())
        .customize()
        .send(&client)
        .await
        .expect("a session");
    RetrieveSetupIntent::new(setup.as_str())
        .customize()
        .send(&client)
        .await
        .expect("a setup intent");
    RetrievePaymentMethod::new(method.id.as_str())
        .customize()
        .send(&client)
        .await
        .expect("a payment method");
    RetrieveCustomer::new(shop.customer.as_str())
        .customize()
        .send(&client)
        .await
        .expect("a customer");
    let listed = ListPaymentIntent::new()
        .customize()
        .send(&client)
        .await
        .expect("intents");
    assert_eq!(listed.data.len(), intents.len());
    assert_eq!(
        ListRefund::new()
            .customize()
            .send(&client)
            .await
            .expect("refunds")
            .data
            .len(),
        1
    );
    assert!(
        !ListEvent::new()
            .limit(100)
            .customize()
            .send(&client)
            .await
            .expect("events")
            .data
            .is_empty()
    );
}
