//! What is refused is said clearly, and writes nothing.

use super::client::{Client, booking, id, set_up, subscribed};
use coterie_tests::{TestStack, stack};
use reqwest::Method;
use serde_json::{Value, json};

/// The problem document of a POST that wrote nothing.
async fn refused(stack: &TestStack, api: &Client, status: u16, path: &str, body: &Value) -> Value {
    let before = api.head(stack).await;
    let answer = api.post(path, body).await.expect(status);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(api.head(stack).await, before, "{path} wrote something");
    answer.json()
}

#[tokio::test]
async fn what_a_command_cannot_do_is_said_and_nothing_is_written() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 10, 12)).await;
    // Everything that follows from that has happened, so that whatever is written from now on is ours.
    stack.settle(api.chain.tenant).await;

    let overlapping = booking(&ada, &harbour.elbe, 11, 13);
    let mut answer = refused(&stack, &api, 409, "/v1/bookings", &overlapping).await;
    assert_eq!(answer["free_instead"][0]["resource_id"], harbour.spree);
    answer["free_instead"][0]["resource_id"] = "Spree's id".into();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "code": "slot_taken",
      "detail": "Elbe is already taken then. It is next free for this long on 22 January 2026 from 12:00 to 14:00 (Europe/Berlin). Spree is free at that time.",
      "errors": [
        {
          "field": "starts_at",
          "message": "This time is already taken."
        }
      ],
      "free_instead": [
        {
          "name": "Spree",
          "resource_id": "Spree's id"
        }
      ],
      "instance": "/v1/bookings",
      "next_free": {
        "ends_at": "2026-01-22T14:00",
        "starts_at": "2026-01-22T12:00",
        "time_zone": "Europe/Berlin"
      },
      "request_id": "test-request",
      "status": 409,
      "title": "Not possible as things stand",
      "type": "urn:coterie:problem:slot_taken"
    }
    "#);

    // 29 March 2026: the clocks go from 02:00 to 03:00.
    let skipped = json!({ "member_id": ada, "resource_id": harbour.elbe, "starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T04:00" });
    insta::assert_json_snapshot!(refused(&stack, &api, 422, "/v1/bookings", &skipped).await, @r#"
    {
      "code": "wall_time_does_not_exist",
      "detail": "02:30 on 29 March 2026 does not exist in Europe/Berlin: the clocks go forward. The next valid time is 03:00.",
      "errors": [
        {
          "field": "starts_at",
          "message": "02:30 on 29 March 2026 does not exist in Europe/Berlin: the clocks go forward. The next valid time is 03:00."
        }
      ],
      "instance": "/v1/bookings",
      "next_valid": "2026-03-29T03:00",
      "request_id": "test-request",
      "status": 422,
      "title": "Please check what you entered",
      "type": "urn:coterie:problem:wall_time_does_not_exist"
    }
    "#);

    let offset = json!({ "member_id": ada, "resource_id": harbour.elbe, "starts_at": "2026-01-23T10:00Z", "ends_at": "2026-01-23T11:00" });
    insta::assert_json_snapshot!(refused(&stack, &api, 422, "/v1/bookings", &offset).await, @r#"
    {
      "code": "invalid",
      "detail": "Some fields need correcting before this can be done.",
      "errors": [
        {
          "field": "starts_at",
          "message": "Write a wall time of the location such as 2026-01-22T10:00, without offset or seconds."
        }
      ],
      "instance": "/v1/bookings",
      "request_id": "test-request",
      "status": 422,
      "title": "Please check the form",
      "type": "urn:coterie:problem:invalid"
    }
    "#);

    let pounds = json!({ "name": "Flex", "legal_entity_id": harbour.legal_entity, "price": { "minor": 100, "currency": "GBP" },
        "tax_category": "standard" });
    insta::assert_json_snapshot!(refused(&stack, &api, 422, "/v1/plans", &pounds).await, @r#"
    {
      "code": "currency_not_the_entitys",
      "detail": "Harbour Berlin GmbH bills in EUR, not in GBP.",
      "errors": [
        {
          "field": "price.currency",
          "message": "Harbour Berlin GmbH bills in EUR, not in GBP."
        }
      ],
      "expected_currency": "EUR",
      "instance": "/v1/plans",
      "request_id": "test-request",
      "status": 422,
      "title": "Please check what you entered",
      "type": "urn:coterie:problem:currency_not_the_entitys"
    }
    "#);

    let nonsense = json!({ "resource_type_id": harbour.room_type, "per_hour": { "minor": 100, "currency": "XXX" } });
    insta::assert_json_snapshot!(refused(&stack, &api, 422, "/v1/price_rules", &nonsense).await, @r#"
    {
      "code": "invalid",
      "detail": "Some fields need correcting before this can be done.",
      "errors": [
        {
          "field": "per_hour.currency",
          "message": "“XXX” is not a currency code Coterie knows, such as EUR or GBP."
        }
      ],
      "instance": "/v1/price_rules",
      "request_id": "test-request",
      "status": 422,
      "title": "Please check the form",
      "type": "urn:coterie:problem:invalid"
    }
    "#);

    let unknown = json!({ "member_id": ada, "plan_version_id": harbour.elbe, "location_id": harbour.location });
    insta::assert_json_snapshot!(refused(&stack, &api, 404, "/v1/memberships", &unknown).await, @r#"
    {
      "code": "unknown_plan",
      "detail": "There is no such plan.",
      "errors": [
        {
          "field": "plan_version_id",
          "message": "There is no such plan."
        }
      ],
      "instance": "/v1/memberships",
      "request_id": "test-request",
      "status": 404,
      "title": "Not found",
      "type": "urn:coterie:problem:unknown_plan"
    }
    "#);

    let large = json!({ "name": "x".repeat(300 * 1024) });
    insta::assert_json_snapshot!(refused(&stack, &api, 413, "/v1/companies", &large).await, @r#"
    {
      "code": "too_large",
      "detail": "The request body is larger than the 256 KiB accepted here.",
      "instance": "/v1/companies",
      "limit_bytes": 262144,
      "request_id": "test-request",
      "status": 413,
      "title": "Too large",
      "type": "urn:coterie:problem:too_large"
    }
    "#);

    let faults = json!({ "legal_entity_id": harbour.legal_entity, "name": "", "address": { "country": "Germany" },
        "time_zone": "Berlin", "opening_hours": "always" });
    let faults = refused(&stack, &api, 422, "/v1/locations", &faults).await;
    let fields: Vec<_> = faults["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| id(&error["field"]))
        .collect();
    assert_eq!(
        fields,
        [
            "name",
            "address.street",
            "address.city",
            "address.country",
            "time_zone",
            "opening_hours"
        ]
    );

    let typo = json!({ "membr_id": ada });
    assert_eq!(
        refused(&stack, &api, 422, "/v1/bookings", &typo).await["errors"][0]["field"],
        "membr_id"
    );
    let before = api.head_at_rest(&stack).await;
    let broken = api
        .send(Method::POST, "/v1/bookings", &[], Some("{".to_owned()))
        .await
        .expect(400);
    assert_eq!(broken.json::<Value>()["code"], "malformed");
    assert_eq!(api.head_at_rest(&stack).await, before);
    stack.shutdown().await;
}

#[tokio::test]
async fn another_chains_ids_are_nowhere() {
    let stack = stack().await;
    let (api, next_door) = (
        Client::open(&stack, "harbour").await,
        Client::open(&stack, "quayside").await,
    );
    let (harbour, quayside) = (set_up(&api).await, set_up(&next_door).await);
    let ada = subscribed(&api, &harbour, "Ada").await;
    let bob = subscribed(&next_door, &quayside, "Bob").await;
    let theirs = next_door
        .made("/v1/bookings", &booking(&bob, &quayside.elbe, 10, 12))
        .await["booking_id"]
        .clone();
    stack.settle(api.chain.tenant).await;
    let before = next_door.head_at_rest(&stack).await;
    let (member, room, entity) = (id(&bob), id(&quayside.elbe), id(&quayside.legal_entity));
    for path in [
        format!("/v1/members/{member}"),
        format!("/v1/members/{member}/allowances"),
        format!("/v1/resources/{room}"),
        format!("/v1/legal_entities/{entity}"),
        format!("/v1/trial_balance?legal_entity_id={entity}"),
        format!("/v1/locations/{}", id(&quayside.location)),
        format!("/v1/locations/{}/days/2026-01-22", id(&quayside.location)),
        format!("/v1/bookings/{}", id(&theirs)),
        "/v1/bookings/17".to_owned(),
    ] {
        api.get(&path).await.expect(404);
    }
    let cancel = format!("/v1/bookings/{}/cancel", id(&theirs));
    let mut nowhere = refused(&stack, &api, 404, &cancel, &json!({})).await;
    nowhere["instance"] = json!("the booking's");
    insta::assert_json_snapshot!(nowhere, @r#"
    {
      "code": "not_found",
      "detail": "There is nothing at this address, or it is not yours to see.",
      "instance": "the booking's",
      "request_id": "test-request",
      "status": 404,
      "title": "Not found",
      "type": "urn:coterie:problem:not_found"
    }
    "#);
    for (resource, member) in [(&quayside.elbe, &ada), (&harbour.elbe, &bob)] {
        refused(&stack, &api, 404, "/v1/bookings", &booking(member, resource, 14, 15)).await;
    }
    let subscribe =
        json!({ "member_id": ada, "plan_version_id": quayside.plan_version, "location_id": harbour.location });
    refused(&stack, &api, 404, "/v1/memberships", &subscribe).await;
    assert_eq!(next_door.head_at_rest(&stack).await, before);
    // Control: whose it is finds it.
    next_door
        .get(&format!("/v1/bookings/{}", id(&theirs)))
        .await
        .expect(200);
    stack.shutdown().await;
}
