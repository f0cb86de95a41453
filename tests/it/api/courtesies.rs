//! Hours that staff give: drawn on before what expires later, no plan's, and gone after their last day.

use super::client::{Client, booking, id, set_up, subscribed};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

#[tokio::test]
async fn hours_are_given_with_a_reason_drawn_first_and_lapse() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    stack.settle(api.chain.tenant).await;
    let path = format!("/v1/memberships?member_id={}", id(&ada));
    let listed: Value = api.get(&path).await.expect(200).json();
    let membership = id(&listed["data"][0]["membership_id"]).to_owned();
    let path = format!("/v1/memberships/{membership}/courtesies");
    let hours = json!({ "resource_type_id": harbour.room_type, "minutes": 180, "last_day": "2026-01-25",
        "reason": "The heating was off" });
    let mut wrong = hours.clone();
    wrong["reason"] = json!("");
    wrong["minutes"] = json!(0);
    let refused: Value = api.post(&path, &wrong).await.expect(422).json();
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    let given = api.made(&path, &hours).await;
    guards_agree(&stack.db.worker, api.chain.tenant).await;

    // Two hours: drawn from what expires on the 25th, not from the plan's five, which expire with the month.
    api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 10, 12)).await;
    let stream = format!("/v1/log/streams/{}", id(&given["lot_id"]));
    let shown = api.get(&stream).await.expect(200);
    assert!(shown.body.contains("CreditUsed"), "{}", shown.body);

    // A plan without hours takes its own away, and not these.
    let plan = json!({ "name": "Small", "legal_entity_id": harbour.legal_entity, "billing_day": 1,
        "price": { "minor": 10000, "currency": "EUR" }, "tax_category": "standard", "allowances": [] });
    let small = api.made("/v1/plans", &plan).await["plan_version_id"].clone();
    let change = json!({ "plan_version_id": small });
    api.post(&format!("/v1/memberships/{membership}/plan"), &change)
        .await
        .expect(200);
    let shown = api.get(&stream).await.expect(200);
    assert!(!shown.body.contains("CreditExpired"), "{}", shown.body);
    guards_agree(&stack.db.worker, api.chain.tenant).await;

    // The end of the cycle lets what is left lapse.
    stack
        .advance(&api.chain, "2026-02-02T09:00:00Z".parse().expect("an instant"))
        .await;
    let shown = api.get(&stream).await.expect(200);
    assert!(shown.body.contains("CreditExpired"), "{}", shown.body);
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}
