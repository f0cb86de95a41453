//! `POST /webhooks/stripe`: what is genuine is kept once; what is not writes nothing.

use super::client::{Client, id, set_up};
use coterie_app::clock;
use coterie_gateway::webhook::sign;
use coterie_tests::{Answer, TestStack, stack_with};
use reqwest::Method;
use serde_json::{Value, json};

const SECRET: &str = "whsec_of_the_test";
const PATH: &str = "/webhooks/stripe";

/// An event that means nothing to any job, so that only the inbox shows that it came.
fn event(id: &str, account: &str) -> String {
    json!({ "id": id, "object": "event", "type": "nobody.knows", "account": account, "livemode": false,
        "created": 1_768_900_000, "api_version": "2026-09-30.endive", "nobody_knows": [1],
        "data": { "object": { "id": "x_1", "object": "nothing" } } })
    .to_string()
}

async fn deliver(stack: &TestStack, host: Option<&str>, body: &str, signature: Option<&str>) -> Answer {
    let person = host.map_or_else(|| stack.person(), |slug| stack.person_at(slug));
    let mut request = person
        .request(Method::POST, PATH)
        .header("x-request-id", "test-request");
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    person.send(request.body(body.to_owned())).await
}

/// How many of these test's own events the inbox holds.
async fn kept(stack: &TestStack) -> i64 {
    sqlx::query_scalar("select count(*) from installation.webhook_inbox where event_id like 'evt_test_%'")
        .fetch_one(&stack.db.owner)
        .await
        .expect("the inbox can be read")
}

fn now() -> i64 {
    clock::wall_now().as_second()
}

/// A house whose webhooks are signed with [`SECRET`], a chain in it, and the account of its legal entity.
async fn connected() -> (TestStack, Client, String) {
    let stack = stack_with(|config| SECRET.clone_into(&mut config.webhook_secret)).await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    stack.settle(api.chain.tenant).await;
    let entity: Value = api
        .get(&format!("/v1/legal_entities/{}", id(&harbour.legal_entity)))
        .await
        .expect(200)
        .json();
    let account = id(&entity["stripe_account"]).to_owned();
    (stack, api, account)
}

#[tokio::test]
async fn what_is_not_genuine_is_refused_and_writes_nothing() {
    let (stack, api, account) = connected().await;
    let head = api.head_at_rest(&stack).await;
    let body = event("evt_test_1", &account);
    let old = sign(body.as_bytes(), SECRET, now() - 301);
    let good = sign(body.as_bytes(), SECRET, now());
    let wrong = sign(body.as_bytes(), "whsec_of_somebody_else", now());
    let altered = body.replace("x_1", "x_2");
    let no_event = sign(b"[]", SECRET, now());
    let mut said = Vec::new();
    for (body, signature) in [
        (&body, Some(&wrong)),
        (&altered, Some(&good)),
        (&body, None),
        (&body, Some(&"t=1,v1=zz".to_owned())),
        (&body, Some(&old)),
        (&"[]".to_owned(), Some(&no_event)),
    ] {
        let answer = deliver(&stack, None, body, signature.map(String::as_str))
            .await
            .expect(400);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        said.push(answer.json::<Value>());
    }
    let codes: Vec<_> = said.iter().map(|problem| id(&problem["code"])).collect();
    let signature = "webhook_signature";
    assert_eq!(
        codes,
        [
            signature,
            signature,
            signature,
            signature,
            "webhook_too_old",
            "webhook_not_an_event"
        ]
    );
    insta::assert_json_snapshot!(said[0], @r#"
    {
      "code": "webhook_signature",
      "detail": "No signature fits the body under any of our secrets.",
      "instance": "/webhooks/stripe",
      "request_id": "test-request",
      "status": 400,
      "title": "Not believed",
      "type": "urn:coterie:problem:webhook_signature"
    }
    "#);
    // A second may pass between signing and judging.
    let sentence = id(&said[4]["detail"]);
    assert!(
        sentence.starts_with("The signature is 30") && sentence.ends_with("s away from now, 300 are allowed."),
        "{sentence}"
    );

    let large = "x".repeat(257 * 1024);
    deliver(&stack, None, &large, Some(&good)).await.expect(413);
    assert_eq!((kept(&stack).await, api.head_at_rest(&stack).await), (0, head));
    stack.shutdown().await;
}

#[tokio::test]
async fn what_is_not_for_us_is_answered_and_dropped() {
    let (stack, api, account) = connected().await;
    let head = api.head_at_rest(&stack).await;
    let live = event("evt_test_live", &account).replace("\"livemode\":false", "\"livemode\":true");
    let platform = json!({ "id": "evt_test_platform", "object": "event", "type": "nobody.knows", "livemode": false,
        "created": 1, "data": { "object": { "id": "x" } } });
    for body in [event("evt_test_stranger", "acct_nobody"), live, platform.to_string()] {
        let signature = sign(body.as_bytes(), SECRET, now());
        let answer = deliver(&stack, None, &body, Some(&signature)).await.expect(200);
        assert_eq!(answer.json::<Value>(), json!({ "received": true }));
    }
    assert_eq!((kept(&stack).await, api.head_at_rest(&stack).await), (0, head));
    stack.shutdown().await;
}

#[tokio::test]
async fn what_is_genuine_is_kept_once_wherever_it_arrives() {
    let (stack, api, account) = connected().await;
    let head = api.head_at_rest(&stack).await;
    let body = event("evt_test_1", &account);
    for host in [None, Some("harbour"), None] {
        // Rotation: the new secret's signature stands beside one of the old secret's.
        let signature = sign(body.as_bytes(), SECRET, now());
        let rotated = format!("{signature},v1={}", "ab".repeat(32));
        let answer = deliver(&stack, host, &body, Some(&rotated)).await.expect(200);
        assert_eq!(answer.json::<Value>(), json!({ "received": true }));
    }
    let together = (0..8).map(|_| async {
        let signature = sign(body.as_bytes(), SECRET, now());
        deliver(&stack, None, &body, Some(&signature)).await.expect(200);
    });
    futures::future::join_all(together).await;
    assert_eq!(kept(&stack).await, 1);
    let stored: (String, uuid::Uuid) =
        sqlx::query_as("select body, tenant_id from installation.webhook_inbox where event_id = 'evt_test_1'")
            .fetch_one(&stack.db.owner)
            .await
            .expect("the row");
    // Nothing follows from this kind, so no more is kept than that it came.
    let kept_of_it: Value = serde_json::from_str(&stored.0).expect("JSON");
    assert_eq!(kept_of_it, json!({ "id": "evt_test_1", "type": "nobody.knows" }));
    assert_eq!(stored.1, api.chain.tenant);
    assert_eq!(
        api.head_at_rest(&stack).await,
        head,
        "nobody knows this kind, so nothing follows"
    );
    stack.shutdown().await;
}
