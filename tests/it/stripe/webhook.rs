//! Webhooks as they come over HTTP, judged by our own verification and by the official SDK.

use std::process::Stdio;

use coterie_gateway::Gateway;
use coterie_gateway::webhook::{WebhookError, sign, verify};
use coterie_stripe_sim::WebhookEndpoint;
use coterie_tests::skip;
use coterie_tests::skip::python;
use coterie_tests::stripe::{Delivery, Inbox, PATIENCE, SECRET, Shop, shop};
use tokio::io::AsyncWriteExt;

async fn delivered(shop: &Shop, inbox: &Inbox) -> Vec<Delivery> {
    let card = shop.card("pm_card_visa").await;
    shop.gateway
        .create_payment_intent(&shop.account, "k", &shop.charge(&card, "1"))
        .await
        .expect("paid");
    assert_eq!(shop.sim.idle(PATIENCE).await, 0);
    inbox.taken()
}

fn signed_at(delivery: &Delivery) -> i64 {
    let time = delivery
        .signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split(',').next());
    time.and_then(|time| time.parse().ok()).expect("a time")
}

#[tokio::test]
async fn events_come_signed_in_order_and_name_their_account() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    let taken = delivered(&shop, &inbox).await;
    let order = [
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ];
    assert_eq!(inbox.kinds(), order);
    for delivery in &taken {
        let event = verify(&delivery.body, &delivery.signature, &[SECRET], signed_at(delivery)).expect("believed");
        assert_eq!(event.account.as_deref(), Some(shop.account.as_str()));
        assert_eq!(delivery.json()["api_version"], "2026-09-30.endive");
        assert!(
            delivery.json()["data"]["object"]["nobody_knows"].is_object(),
            "a field of the future is passed over"
        );
    }
}

#[tokio::test]
async fn faults_10_and_18_altered_old_and_strange_ones_are_not_believed() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    let taken = delivered(&shop, &inbox).await;
    let (delivery, at) = (&taken[0], signed_at(&taken[0]));
    let judge = |body: &[u8], secret: &str, now: i64| verify(body, &delivery.signature, &[secret], now).map(|_| ());
    assert_eq!(judge(&delivery.body, SECRET, at + 300), Ok(()));
    assert_eq!(
        judge(&delivery.body, SECRET, at + 301),
        Err(WebhookError::Age { age_seconds: 301 })
    );
    assert_eq!(judge(&delivery.body, "whsec_wrong", at), Err(WebhookError::Signature));
    let mut altered = delivery.body.clone();
    altered.push(b' ');
    assert_eq!(judge(&altered, SECRET, at), Err(WebhookError::Signature));
    assert_eq!(
        judge(&delivery.body, SECRET.trim_start_matches("whsec_"), at),
        Err(WebhookError::Signature)
    );
}

#[tokio::test]
async fn during_a_rotation_either_secret_verifies() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    let rotating = WebhookEndpoint {
        previous_secret: Some(SECRET.into()),
        ..WebhookEndpoint::new(&inbox.url, "whsec_next")
    };
    shop.sim.add_endpoint(&rotating);
    let taken = delivered(&shop, &inbox).await;
    assert!(!taken.is_empty());
    for delivery in &taken {
        assert_eq!(delivery.signature.matches("v1=").count(), 2);
        for secrets in [&["whsec_next"][..], &[SECRET], &["whsec_later", SECRET]] {
            verify(&delivery.body, &delivery.signature, secrets, signed_at(delivery)).expect("believed");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_gets_every_event_later_in_order() {
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 3).await;
    delivered(&shop, &inbox).await;
    let order = [
        "payment_method.attached",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ];
    assert_eq!(inbox.kinds(), order);
}

/// Says `good` or the name of the SDK's error.
const JUDGE: &str = "
import sys, stripe
secret, header, tolerance = sys.argv[1:4]
body = sys.stdin.buffer.read().decode()
try:
    event = stripe.Webhook.construct_event(body, header, secret, int(tolerance))
    print('good', event['id'])
except stripe.SignatureVerificationError as error:
    print('SignatureVerificationError')
";

async fn sdk(python: &std::path::Path, body: &[u8], header: &str, secret: &str, tolerance: &str) -> String {
    let mut child = tokio::process::Command::new(python)
        .args(["-c", JUDGE, secret, header, tolerance])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python starts");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(body).await.expect("written");
    drop(stdin);
    let output = child.wait_with_output().await.expect("python ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn the_official_sdk_verifies_what_the_simulator_and_the_gateway_sign() {
    let name = "stripe::webhook::the_official_sdk_verifies_what_the_simulator_and_the_gateway_sign";
    let Some(python) = python() else {
        return skip(
            name,
            "no Python with the stripe package (COTERIE_PYTHON, .local/python)",
        );
    };
    let has_it = tokio::process::Command::new(&python)
        .args(["-c", "import stripe"])
        .output()
        .await;
    if !has_it.is_ok_and(|output| output.status.success()) {
        return skip(name, "the Python named has no stripe package");
    }
    let shop = shop().await;
    let inbox = Inbox::open(&shop.sim, 0).await;
    for delivery in &delivered(&shop, &inbox).await {
        let id = delivery.json()["id"].as_str().expect("an id").to_owned();
        let good = sdk(&python, &delivery.body, &delivery.signature, SECRET, "300").await;
        assert_eq!(good, format!("good {id}"));
    }
    let delivery = &inbox.taken()[0];
    let refused = sdk(&python, &delivery.body, &delivery.signature, "whsec_wrong", "300").await;
    assert_eq!(refused, "SignatureVerificationError");
    // Ours, signed now: the time comes from a delivery, as tests read no clock.
    let ours = sign(&delivery.body, SECRET, signed_at(delivery));
    assert_eq!(ours, delivery.signature);
}
