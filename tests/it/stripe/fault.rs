//! The wire breaks; nobody is charged twice. Numbers in names are those of payments.md.

use std::time::Duration;

use coterie_gateway::{FindIntents, Gateway, GatewayError, PaymentState};
use coterie_tests::stripe::{Inbox, PATIENCE, Shop, gateway, shop};
use serde_json::{Value, json};

/// Short: an attempt that is meant to time out.
const IMPATIENT: Duration = Duration::from_millis(300);

fn on_charges(kind: &Value) -> Value {
    let mut fault = json!({"match": {"method": "POST", "path_prefix": "/v1/payment_intents"}});
    fault
        .as_object_mut()
        .expect("an object")
        .extend(kind.as_object().expect("an object").clone());
    fault
}

fn paid_once(shop: &Shop, outcome: Result<coterie_gateway::PaymentOutcome, GatewayError>) {
    let outcome = outcome.expect("an outcome");
    assert!(matches!(outcome.state, PaymentState::Succeeded { .. }), "{outcome:?}");
    let state = shop.state();
    assert_eq!(
        (&state["charges"], &state["intents"]),
        (&json!({"succeeded": 1}), &json!({"succeeded": 1}))
    );
    assert_eq!(state["invoices"]["invoice-1"]["captured_minor"], 38_080);
}

#[tokio::test]
async fn fault_1_and_11_a_timeout_before_or_after_the_effect_then_the_same_key_charges_once() {
    for kind in ["timeout_after", "timeout_before"] {
        let shop = shop().await;
        let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
        shop.fault(on_charges(&json!({"kind": kind})));
        let lost = gateway(&shop.sim, IMPATIENT)
            .create_payment_intent(&shop.account, "k", &charge)
            .await;
        let Err(lost) = lost else { panic!("{lost:?}") };
        assert!(matches!(lost, GatewayError::Timeout { .. }) && lost.outcome_unknown() && lost.may_repeat());
        paid_once(
            &shop,
            shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
        );
    }
}

#[tokio::test]
async fn fault_2_a_500_after_the_effect_is_replayed_and_the_intent_is_found() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "error_500_after"})));
    for replay in [false, true] {
        let unknown = shop.gateway.create_payment_intent(&shop.account, "k", &charge).await;
        let Err(GatewayError::Unknown {
            status: 500, replayed, ..
        }) = unknown
        else {
            panic!("{unknown:?}")
        };
        assert_eq!(replayed, replay);
    }
    let now = shop.state()["now"].as_i64().expect("seconds");
    let mut find = FindIntents {
        customer: shop.customer.clone(),
        created_from: now - 3600,
        created_until: now + 3600,
        metadata: [("attempt".to_owned(), "attempt-1".to_owned())].into(),
    };
    let found = shop
        .gateway
        .find_payment_intents(&shop.account, &find)
        .await
        .expect("a list");
    assert_eq!(found.len(), 1);
    assert!(matches!(found[0].state, PaymentState::Succeeded { .. }));
    find.metadata.insert("attempt".into(), "attempt-2".into());
    assert!(
        shop.gateway
            .find_payment_intents(&shop.account, &find)
            .await
            .expect("a list")
            .is_empty()
    );
}

#[tokio::test]
async fn a_500_before_the_effect_looks_the_same_and_charges_nothing() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "error_500_before"})));
    let unknown = shop.gateway.create_payment_intent(&shop.account, "k", &charge).await;
    assert!(matches!(unknown, Err(GatewayError::Unknown { .. })), "{unknown:?}");
    assert_eq!(shop.state()["charges"], json!({}));
}

#[tokio::test]
async fn fault_12_the_same_key_with_another_body_is_refused() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    paid_once(
        &shop,
        shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
    );
    let mut other = charge.clone();
    other.amount_minor += 1;
    let refused = shop.gateway.create_payment_intent(&shop.account, "k", &other).await;
    assert!(matches!(refused, Err(GatewayError::KeyReused { .. })), "{refused:?}");
    paid_once(
        &shop,
        shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
    );
}

#[tokio::test]
async fn fault_13_409_and_429_are_asked_again_with_the_same_key() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "conflict_409"})));
    shop.fault(on_charges(&json!({"kind": "rate_limit_429", "retry_after": 0})));
    paid_once(
        &shop,
        shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
    );
}

#[tokio::test]
async fn a_retry_after_beyond_our_patience_goes_to_the_caller() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "rate_limit_429", "retry_after": 3600})));
    let limited = shop.gateway.create_payment_intent(&shop.account, "k", &charge).await;
    let Err(GatewayError::RateLimited {
        retry_after,
        status: 429,
        ..
    }) = limited
    else {
        panic!("{limited:?}")
    };
    assert_eq!(retry_after, Some(Duration::from_hours(1)));
    assert_eq!(shop.state()["charges"], json!({}));
}

#[tokio::test]
async fn fault_25_an_answer_cut_short_is_fetched_again_under_the_same_key() {
    for kind in ["truncated_body", "broken_connection"] {
        let shop = shop().await;
        let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
        shop.fault(on_charges(&json!({"kind": kind, "times": 2})));
        paid_once(
            &shop,
            shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
        );
    }
}

#[tokio::test]
async fn an_answer_that_stays_cut_is_unknown_and_never_failed() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "truncated_body", "times": 3})));
    let unknown = shop.gateway.create_payment_intent(&shop.account, "k", &charge).await;
    assert!(unknown.is_err_and(|error| error.outcome_unknown()));
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict_and_ten_at_once_charge_once() {
    let shop = shop().await;
    let charge = shop.charge(&shop.card("pm_card_visa").await, "1");
    shop.fault(on_charges(&json!({"kind": "slow", "delay_ms": 50})));
    let attempts = (0..10).map(|_| shop.gateway.create_payment_intent(&shop.account, "k", &charge));
    let outcomes = futures::future::join_all(attempts).await;
    for outcome in &outcomes {
        let clear = outcome.as_ref().is_ok_and(|paid| paid.state.is_final());
        let later = matches!(outcome, Err(GatewayError::RateLimited { status: 409, .. }));
        assert!(clear || later, "{outcome:?}");
    }
    paid_once(
        &shop,
        shop.gateway.create_payment_intent(&shop.account, "k", &charge).await,
    );
}

#[tokio::test]
async fn an_address_without_a_listener_is_a_network_error_and_nothing_happened() {
    let shop = shop().await;
    let charge = shop.charge("pm_1", "1");
    let gateway = gateway(&shop.sim, PATIENCE);
    shop.sim.shutdown().await;
    let gone = gateway.create_payment_intent(&shop.account, "k", &charge).await;
    let Err(gone) = gone else { panic!("{gone:?}") };
    assert!(
        matches!(gone, GatewayError::Network { .. }) && !gone.outcome_unknown(),
        "{gone:?}"
    );
}

#[tokio::test]
async fn faults_5_to_8_webhooks_come_twice_early_never_and_out_of_order() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    shop.fault(json!({"kind": "duplicate_webhook", "match": {"event_type": "payment_intent.succeeded"}}));
    shop.fault(json!({"kind": "drop_webhook", "match": {"event_type": "charge.succeeded"}}));
    shop.fault(json!({"kind": "delay_webhook", "match": {"event_type": "payment_intent.created"}}));
    shop.fault(on_charges(&json!({"kind": "webhook_before_response"})));
    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await;
    let early = inbox.kinds();
    assert!(
        early.contains(&"payment_intent.succeeded".to_owned()),
        "before the answer: {early:?}"
    );
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    assert_eq!(shop.sim.release(), 1);
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    assert_eq!(
        inbox.kinds(),
        [
            "payment_intent.succeeded",
            "payment_intent.succeeded",
            "payment_intent.created"
        ]
    );
    paid_once(&shop, paid);
}
