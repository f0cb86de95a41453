//! Charging a saved card.

use coterie_gateway::{DeclineKind, Gateway, GatewayError, PaymentState};
use coterie_tests::stripe::{PATIENCE, account, customer, gateway, on_session, press, shop};
use serde_json::json;

#[tokio::test]
async fn a_working_card_is_charged_once_and_the_books_say_for_what() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k1", &shop.charge(&card, "1"))
        .await
        .expect("paid");
    let PaymentState::Succeeded {
        charge_id: Some(charge),
        amount_received_minor: 38_080,
    } = &paid.state
    else {
        panic!("{paid:?}")
    };
    assert!(charge.starts_with("ch_"));
    assert_eq!((paid.amount_minor, paid.currency.as_str()), (38_080, "eur"));
    assert_eq!(paid.metadata["invoice"], "invoice-1");
    let state = shop.state();
    assert_eq!(state["charges"], json!({"succeeded": 1}));
    assert_eq!(state["invoices"]["invoice-1"]["captured_minor"], 38_080);
    let read = shop
        .gateway
        .retrieve_payment_intent(&shop.account, &paid.intent_id)
        .await
        .expect("read");
    assert_eq!(read, paid);
}

#[tokio::test]
async fn declines_are_outcomes_that_say_whether_to_try_again() {
    let shop = shop().await;
    let cases = [
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            DeclineKind::Soft,
            Some("insufficient_funds"),
        ),
        ("pm_card_chargeDeclinedProcessingError", DeclineKind::Soft, None),
        ("pm_card_chargeDeclinedExpiredCard", DeclineKind::Hard, None),
        (
            "pm_card_chargeDeclinedStolenCard",
            DeclineKind::Hard,
            Some("stolen_card"),
        ),
    ];
    for (test_id, kind, reason) in cases {
        let card = shop.card(test_id).await;
        let charge = shop.charge(&card, test_id);
        let outcome = shop
            .gateway
            .create_payment_intent(&shop.account, test_id, &charge)
            .await
            .expect("an outcome");
        let PaymentState::Failed { decline } = &outcome.state else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (decline.kind, decline.decline_code.as_deref()),
            (kind, reason),
            "{test_id}"
        );
        assert!(!decline.message.is_empty());
        let read = shop
            .gateway
            .retrieve_payment_intent(&shop.account, &outcome.intent_id)
            .await
            .expect("read");
        assert_eq!(read.state, outcome.state, "{test_id}: the intent tells the same");
    }
    assert_eq!(shop.state()["charges"], json!({"failed": 4}));
}

#[tokio::test]
async fn a_retry_confirms_the_same_intent_under_a_new_key() {
    let shop = shop().await;
    let bad = shop.card("pm_card_chargeDeclinedInsufficientFunds").await;
    let good = shop.card("pm_card_mastercard").await;
    let failed = shop
        .gateway
        .create_payment_intent(&shop.account, "a1", &shop.charge(&bad, "1"))
        .await
        .expect("outcome");
    let mut confirm = on_session(&failed.intent_id, &good);
    confirm.off_session = true;
    confirm.return_url = None;
    let paid = shop
        .gateway
        .confirm_payment_intent(&shop.account, "a2", &confirm)
        .await
        .expect("outcome");
    assert_eq!(paid.intent_id, failed.intent_id);
    assert!(paid.state.is_final(), "{paid:?}");
    assert_eq!(shop.state()["intents"], json!({"succeeded": 1}));
    let again = shop.gateway.confirm_payment_intent(&shop.account, "a3", &confirm).await;
    assert!(
        matches!(again, Err(GatewayError::Invalid { .. })),
        "a paid intent is not charged again: {again:?}"
    );
}

#[tokio::test]
async fn three_d_secure_off_session_is_asked_for_and_passed_on_the_same_intent() {
    let shop = shop().await;
    let card = shop.card("pm_card_authenticationRequired").await;
    let charge = shop.charge(&card, "1");
    let asked = shop
        .gateway
        .create_payment_intent(&shop.account, "a1", &charge)
        .await
        .expect("outcome");
    let PaymentState::Failed { decline } = &asked.state else {
        panic!("{asked:?}")
    };
    assert_eq!(decline.kind, DeclineKind::AuthenticationRequired);

    for (key, button, status) in [("a2", "fail", "failed"), ("a3", "complete", "succeeded")] {
        let confirm = on_session(&asked.intent_id, &card);
        let waiting = shop
            .gateway
            .confirm_payment_intent(&shop.account, key, &confirm)
            .await
            .expect("outcome");
        assert_eq!(waiting.intent_id, asked.intent_id);
        let PaymentState::RequiresAction {
            redirect_url: Some(page),
        } = waiting.state
        else {
            panic!("{waiting:?}")
        };
        let (code, back, _) = press(&page, "outcome", button).await;
        let back = back.expect("leads back");
        assert_eq!(code, 303);
        assert!(
            back.starts_with("https://chain.example/back?invoice=1&payment_intent=pi_"),
            "{back}"
        );
        assert!(back.ends_with(&format!("redirect_status={status}")), "{back}");
    }
    let paid = shop
        .gateway
        .retrieve_payment_intent(&shop.account, &asked.intent_id)
        .await
        .expect("read");
    assert!(
        matches!(
            paid.state,
            PaymentState::Succeeded {
                amount_received_minor: 38_080,
                ..
            }
        ),
        "{paid:?}"
    );
    assert_eq!(shop.state()["charges"]["succeeded"], 1);
}

#[tokio::test]
async fn a_debit_is_under_way_for_five_days_of_the_accounts_clock() {
    let shop = shop().await;
    assert!(shop.sim.move_clock(&shop.account, 1_800_000_000));
    let (good, bad) = (shop.card("pm_sepaDebit").await, shop.card("pm_sepaDebitFails").await);
    let mut intents = Vec::new();
    for (key, card) in [("k1", &good), ("k2", &bad)] {
        let outcome = shop
            .gateway
            .create_payment_intent(&shop.account, key, &shop.charge(card, key))
            .await;
        let outcome = outcome.expect("outcome");
        assert_eq!(
            (&outcome.state, outcome.created),
            (&PaymentState::Processing, 1_800_000_000)
        );
        intents.push(outcome.intent_id);
    }
    let read = async |intent: &str| {
        shop.gateway
            .retrieve_payment_intent(&shop.account, intent)
            .await
            .expect("read")
            .state
    };
    assert!(shop.sim.move_clock(&shop.account, 1_800_000_000 + 5 * 86_400 - 1));
    assert_eq!(read(&intents[0]).await, PaymentState::Processing);
    assert!(shop.sim.move_clock(&shop.account, 1_800_000_000 + 5 * 86_400));
    assert!(matches!(read(&intents[0]).await, PaymentState::Succeeded { .. }));
    let PaymentState::Failed { decline } = read(&intents[1]).await else {
        panic!("the debit came back")
    };
    assert_eq!(decline.kind, DeclineKind::Soft);
    assert!(!shop.sim.move_clock(&shop.account, 1_800_000_000), "no clock goes back");
}

#[tokio::test]
async fn one_accounts_objects_are_unknown_to_another() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await
        .expect("paid");
    let gateway = gateway(&shop.sim, PATIENCE);
    let other = account(&gateway, "b").await;
    let stranger = gateway.retrieve_payment_intent(&other, &paid.intent_id).await;
    assert!(matches!(stranger, Err(GatewayError::NotFound { .. })), "{stranger:?}");
    // The same key in another account is another key.
    let customer = customer(&gateway, &other, "a").await;
    assert_ne!(customer, shop.customer);
    let unknown = gateway.retrieve_payment_intent("acct_nobody", &paid.intent_id).await;
    assert!(
        matches!(unknown, Err(GatewayError::Unauthorized { status: 403, .. })),
        "{unknown:?}"
    );
    assert!(
        gateway.retrieve_payment_intent(&other, "pi_1/../../x").await.is_err(),
        "an id is no path"
    );
}

#[tokio::test]
async fn amounts_follow_their_currency() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let cases = [
        ("JPY", 50, true),
        ("KWD", 1230, true),
        ("KWD", 1234, false),
        ("ISK", 550, false),
        ("EUR", 49, false),
    ];
    for (number, (currency, amount_minor, good)) in cases.into_iter().enumerate() {
        let mut charge = shop.charge(&card, &number.to_string());
        (charge.currency, charge.amount_minor) = (currency.into(), amount_minor);
        let outcome = shop
            .gateway
            .create_payment_intent(&shop.account, &format!("k{number}"), &charge)
            .await;
        match outcome {
            Ok(paid) => assert!(good && paid.amount_minor == amount_minor, "{currency} {amount_minor}"),
            Err(GatewayError::Invalid { param, .. }) => {
                assert!(!good, "{currency} {amount_minor}");
                assert_eq!(param.as_deref(), Some("amount"));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_restricted_account_charges_nothing_and_a_lost_one_is_out_of_reach() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    let change = async |change: serde_json::Value| {
        let url = format!("{}/_sim/accounts/{}", shop.sim.url, shop.account);
        let answer = coterie_tests::stripe::browser()
            .post(url)
            .json(&change)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 204);
    };
    change(json!({"charges_enabled": false})).await;
    assert!(
        !shop
            .gateway
            .retrieve_account(&shop.account)
            .await
            .expect("read")
            .charges_enabled
    );
    let refused = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await;
    assert!(matches!(refused, Err(GatewayError::Invalid { .. })), "{refused:?}");
    change(json!({"deauthorized": true})).await;
    let lost = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await;
    assert!(matches!(lost, Err(GatewayError::Unauthorized { .. })), "{lost:?}");
    assert_eq!(shop.state()["charges"], json!({}));
}

#[tokio::test]
async fn a_canceled_intent_takes_no_money() {
    let shop = shop().await;
    let card = shop.card("pm_card_chargeDeclined").await;
    let failed = shop
        .gateway
        .create_payment_intent(&shop.account, "k1", &shop.charge(&card, "1"))
        .await
        .expect("failed");
    let canceled = shop
        .gateway
        .cancel_payment_intent(&shop.account, "k2", &failed.intent_id)
        .await
        .expect("canceled");
    assert_eq!(canceled.state, PaymentState::Canceled);
    let confirm = on_session(&failed.intent_id, &card);
    let late = shop.gateway.confirm_payment_intent(&shop.account, "k3", &confirm).await;
    assert!(matches!(late, Err(GatewayError::Invalid { .. })), "{late:?}");
}
