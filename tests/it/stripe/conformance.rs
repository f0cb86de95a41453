//! What the gateway sends and what the simulator answers, held against Stripe's published shapes.

use coterie_gateway::{EventsAfter, FindIntents, Gateway, NewAccountLink, NewPaymentSession, NewRefund};
use coterie_tests::stripe::{on_session, press, save_card, shop};
use coterie_tests::{shapes, skip};
use serde_json::Value;

fn shape_of(object: &str) -> Option<&'static str> {
    Some(match object {
        "payment_intent" => "PaymentIntent",
        "setup_intent" => "SetupIntent",
        "checkout.session" => "checkout.Session",
        "payment_method" => "PaymentMethod",
        "customer" => "Customer",
        "charge" => "Charge",
        "refund" => "Refund",
        "account" => "Account",
        _ => return None,
    })
}

#[tokio::test]
async fn every_exchange_has_the_published_shape() {
    let name = "stripe::conformance::every_exchange_has_the_published_shape";
    let Some(shapes) = shapes::find() else {
        return skip(name, "no API shapes (STRIPE_API_SPEC, ../shared/stripe)");
    };
    let shop = shop().await;
    let (gateway, account) = (&shop.gateway, shop.account.as_str());
    gateway.retrieve_account(account).await.expect("an account");
    let link = NewAccountLink {
        account: account.to_owned(),
        refresh_url: "https://chain.example/again".into(),
        return_url: "https://chain.example/done".into(),
    };
    gateway.create_account_link("l", &link).await.expect("a link");
    for (key, choice) in [("s1", "works"), ("s2", "decline"), ("s3", "debit")] {
        let page = gateway
            .create_setup_session(account, key, &shop.session())
            .await
            .expect("a page");
        if choice == "decline" {
            press(&page.url, "choice", choice).await;
        } else {
            save_card(&page.url, choice).await;
        }
        gateway
            .retrieve_setup_session(account, &page.id)
            .await
            .expect("a session");
    }
    let once = NewPaymentSession {
        email: "vera@example.test".into(),
        description: "Elbe".into(),
        amount_minor: 4_760,
        currency: "EUR".into(),
        success_url: "https://chain.example/back".into(),
        cancel_url: "https://chain.example/back".into(),
        expires_at: shop.state()["now"].as_i64().expect("seconds") + 31 * 60,
        metadata: [("invoice".to_owned(), "i1".to_owned())].into(),
    };
    for (key, choice) in [("p1", "works"), ("p2", "decline")] {
        let page = gateway
            .create_payment_session(account, key, &once)
            .await
            .expect("a page");
        press(&page.url, "choice", choice).await;
        gateway
            .retrieve_payment_session(account, &page.id)
            .await
            .expect("a session");
    }
    let mut intents = Vec::new();
    for test_id in [
        "pm_card_visa",
        "pm_card_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedExpiredCard",
        "pm_card_authenticationRequired",
        "pm_sepaDebit",
        "pm_sepaDebitFails",
    ] {
        let card = shop.card(test_id).await;
        let paid = gateway
            .create_payment_intent(account, test_id, &shop.charge(&card, test_id))
            .await
            .expect("outcome");
        gateway
            .retrieve_payment_intent(account, &paid.intent_id)
            .await
            .expect("read");
        if test_id == "pm_card_authenticationRequired" {
            let confirm = on_session(&paid.intent_id, &card);
            gateway
                .confirm_payment_intent(account, "confirm", &confirm)
                .await
                .expect("outcome");
        }
        intents.push(paid.intent_id);
    }
    gateway
        .cancel_payment_intent(account, "cancel", &intents[1])
        .await
        .expect("canceled");
    let now = shop.state()["now"].as_i64().expect("seconds");
    let find = FindIntents {
        customer: shop.customer.clone(),
        created_from: now - 60,
        created_until: now + 60,
        metadata: [].into(),
    };
    assert_eq!(
        gateway
            .find_payment_intents(account, &find)
            .await
            .expect("a list")
            .len(),
        intents.len()
    );
    let refund = NewRefund {
        intent: intents[0].clone(),
        amount_minor: Some(80),
        metadata: [].into(),
    };
    let refund = gateway
        .create_refund(account, "refund", &refund)
        .await
        .expect("a refund");
    gateway.retrieve_refund(account, &refund.id).await.expect("a refund");
    assert!(shop.sim.move_clock(account, now + 6 * 86_400));
    let events = gateway
        .list_events(account, EventsAfter::Time(0))
        .await
        .expect("events");
    gateway
        .list_events(account, EventsAfter::Event(&events[0].id))
        .await
        .expect("events");
    let charge = gateway
        .retrieve_payment_intent(account, &intents[4])
        .await
        .expect("a settled debit");
    assert!(charge.state.is_final());

    let recorded = shop.sim.recorded();
    assert!(recorded.len() > 30, "{}", recorded.len());
    let mut problems = Vec::new();
    for exchange in &recorded {
        assert_eq!(exchange.api_version.as_deref(), Some("2026-09-30.endive"));
        assert_eq!(
            exchange.idempotency_key.is_some(),
            exchange.method == "POST",
            "{exchange:?}"
        );
        problems.extend(shapes.check_request(&exchange.method, &exchange.path, &exchange.parameters));
        if exchange.status == 200 {
            problems.extend(shapes.check_answer(&exchange.method, &exchange.path, &exchange.answer));
        } else {
            let intent = &exchange.answer["error"]["payment_intent"];
            problems.extend(shapes.check_object("PaymentIntent", intent));
        }
        for event in exchange.answer["data"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["object"] == "event")
        {
            let object: &Value = &event["data"]["object"];
            if let Some(shape) = object["object"].as_str().and_then(shape_of) {
                problems.extend(shapes.check_object(shape, object));
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(
        problems.is_empty(),
        "{} problems\n{}",
        problems.len(),
        problems.join("\n")
    );
}

#[test]
fn the_checker_finds_what_is_wrong() {
    let name = "stripe::conformance::the_checker_finds_what_is_wrong";
    let Some(shapes) = shapes::find() else {
        return skip(name, "no API shapes (STRIPE_API_SPEC, ../shared/stripe)");
    };
    let bad = serde_json::json!({"amount": "ten", "currency": "eur", "payment_method_types": ["card"]});
    let problems = shapes.check_request("POST", "/v1/payment_intents", &bad).join("\n");
    assert!(
        problems.contains("amount") && problems.contains("payment_method_types: unknown"),
        "{problems}"
    );
    let problems = shapes
        .check_object("PaymentIntent", &serde_json::json!({"id": 1, "object": "charge"}))
        .join("\n");
    assert!(
        problems.contains("amount is missing") && problems.contains("id: 1 is no string"),
        "{problems}"
    );
}
