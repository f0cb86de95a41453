//! A command sent again under its key answers the same and does nothing more.

use super::client::{Client, booking, id, set_up, subscribed};
use coterie_tests::stack;
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_stands_for_one_command() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    stack.settle(api.chain.tenant).await;

    let wish = booking(&ada, &harbour.elbe, 10, 12);
    let first = api
        .post_with_key("/v1/bookings", &wish.to_string(), "wish-1")
        .await
        .expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let head = api.head_at_rest(&stack).await;
    // The same request, written differently.
    let pretty = format!(
        "{{ \"starts_at\": {}, \"ends_at\": {},\n \"resource_id\": {}, \"member_id\": {} }}",
        wish["starts_at"], wish["ends_at"], wish["resource_id"], wish["member_id"]
    );
    let again = api.post_with_key("/v1/bookings", &pretty, "wish-1").await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("log-position"), first.header("log-position"));
    assert_eq!(again.body, first.body);

    let other = booking(&ada, &harbour.elbe, 14, 15);
    let reused = api
        .post_with_key("/v1/bookings", &other.to_string(), "wish-1")
        .await
        .expect(422);
    insta::assert_json_snapshot!(reused.json::<Value>(), @r#"
    {
      "code": "idempotency_key_reused",
      "detail": "This Idempotency-Key was used for another request. Send a new key, or the same request as before.",
      "instance": "/v1/bookings",
      "request_id": "test-request",
      "status": 422,
      "title": "Key used before",
      "type": "urn:coterie:problem:idempotency_key_reused"
    }
    "#);
    // The path is part of the request too.
    let cancel = format!("/v1/bookings/{}/cancel", id(&first.json::<Value>()["booking_id"]));
    api.post_with_key(&cancel, "{}", "wish-1").await.expect(422);
    assert_eq!(api.head_at_rest(&stack).await, head);
    // Under a key of its own it is a wish of its own, and keys are each client's own.
    api.post_with_key("/v1/bookings", &other.to_string(), "wish-2")
        .await
        .expect(201);
    let empty = api
        .post_with_key("/v1/bookings", &other.to_string(), "")
        .await
        .expect(400);
    assert_eq!(empty.json::<Value>()["code"], "malformed");

    let secret = json!({ "role": "finance" }).to_string();
    let secretive = api.post_with_key("/v1/api_keys", &secret, "key-1").await.expect(422);
    assert_eq!(secretive.json::<Value>()["code"], "idempotency_key_not_supported");
    stack.shutdown().await;
}
