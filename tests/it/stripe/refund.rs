//! Giving money back.

use std::collections::BTreeMap;

use coterie_gateway::{Gateway, GatewayError, NewRefund};
use coterie_tests::stripe::{browser, shop};
use serde_json::json;

#[tokio::test]
async fn faults_19_and_20_refunds_are_partial_never_over_and_may_fail_later() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await
        .expect("paid");
    let refund = |amount_minor| NewRefund {
        intent: paid.intent_id.clone(),
        amount_minor,
        metadata: BTreeMap::from([("refund".to_owned(), "r1".to_owned())]),
    };
    let part = shop
        .gateway
        .create_refund(&shop.account, "r1", &refund(Some(8_080)))
        .await
        .expect("a refund");
    assert_eq!(
        (part.amount_minor, part.status.as_str(), part.currency.as_str()),
        (8_080, "succeeded", "eur")
    );
    let same = shop
        .gateway
        .create_refund(&shop.account, "r1", &refund(Some(8_080)))
        .await
        .expect("the same refund");
    assert_eq!(same, part, "the id survives a lost answer");
    let over = shop
        .gateway
        .create_refund(&shop.account, "r2", &refund(Some(30_001)))
        .await;
    assert!(matches!(over, Err(GatewayError::Invalid { .. })), "{over:?}");
    let rest = shop
        .gateway
        .create_refund(&shop.account, "r3", &refund(None))
        .await
        .expect("the rest");
    assert_eq!(rest.amount_minor, 30_000);
    assert_eq!(shop.state()["refunded_minor"], json!({"eur": 38_080}));

    let url = format!("{}/_sim/refunds/{}", shop.sim.url, rest.id);
    let turned = browser()
        .post(url)
        .json(&json!({"status": "failed"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(turned.status(), 200);
    let failed = shop
        .gateway
        .retrieve_refund(&shop.account, &rest.id)
        .await
        .expect("read");
    assert_eq!(
        (failed.status.as_str(), failed.failure_reason.is_some()),
        ("failed", true)
    );
    assert_eq!(shop.state()["refunded_minor"], json!({"eur": 8_080}));
}
