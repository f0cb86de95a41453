//! A plan lets its members in at its hours: outside of them nobody books.

use super::client::{Client, id, member, set_up};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

#[tokio::test]
async fn what_lies_outside_of_a_plans_hours_is_refused_with_them() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let plan = |hours: &str| {
        json!({ "name": "Day", "legal_entity_id": harbour.legal_entity, "price": { "minor": 10000, "currency": "EUR" },
            "tax_category": "standard", "access_hours": hours })
    };
    let refused: Value = api.post("/v1/plans", &plan("by day")).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "access_hours", "{refused}");
    let day = api.made("/v1/plans", &plan("Mon-Fri 09:00-17:00")).await;
    assert_eq!(day["access_hours"], "Mon-Fri 09:00-17:00");
    let listed: Value = api.get("/v1/plans").await.expect(200).json();
    let flex = listed["data"]
        .as_array()
        .expect("plans")
        .iter()
        .find(|plan| plan["name"] == "Flex");
    assert_eq!(flex.expect("a plan")["access_hours"], Value::Null);

    let ada = member(&api, "Ada").await;
    let agreed = json!({ "member_id": ada, "plan_version_id": day["plan_version_id"], "location_id": harbour.location, "without_card": true });
    api.made("/v1/memberships", &agreed).await;
    let wish = |start: &str, end: &str| json!({ "member_id": ada, "resource_id": harbour.elbe, "starts_at": start, "ends_at": end });
    // A later version does not change what she agreed to.
    let mut next = plan("Mon-Sun 00:00-24:00");
    next["plan_id"] = day["plan_id"].clone();
    api.made("/v1/plans", &next).await;
    for (start, end) in [
        ("2026-01-22T08:00", "2026-01-22T10:00"),
        ("2026-01-22T16:00", "2026-01-22T18:00"),
        // A Saturday.
        ("2026-01-24T10:00", "2026-01-24T11:00"),
    ] {
        let refused: Value = api.post("/v1/bookings", &wish(start, end)).await.expect(422).json();
        assert_eq!(
            (&refused["code"], &refused["detail"]),
            (
                &json!("outside_access_hours"),
                &json!("Day lets you in Mon-Fri 09:00-17:00 (Europe/Berlin).")
            )
        );
    }
    let booked = api
        .made("/v1/bookings", &wish("2026-01-22T09:00", "2026-01-22T11:00"))
        .await;
    let later = json!({ "starts_at": "2026-01-22T16:00", "ends_at": "2026-01-22T18:00" });
    let path = format!("/v1/bookings/{}/move", id(&booked["booking_id"]));
    let refused: Value = api.post(&path, &later).await.expect(422).json();
    assert_eq!(refused["code"], "outside_access_hours");
    // What is found for her is what she can book.
    let find = format!(
        "/v1/free_slots?minutes=60&first_day=2026-01-23&last_day=2026-01-24&member_id={}",
        id(&ada)
    );
    let found: Value = api.get(&find).await.expect(200).json();
    let windows: Vec<_> = found["items"]
        .as_array()
        .expect("windows")
        .iter()
        .map(|item| (item["first_start"].clone(), item["last_start"].clone()))
        .collect();
    let friday = (json!("2026-01-23T09:00"), json!("2026-01-23T16:00"));
    assert_eq!(windows, [friday.clone(), friday]);
    // Who is on another plan is let in.
    let bob = super::client::subscribed(&api, &harbour, "Bob").await;
    let early = json!({ "member_id": bob, "resource_id": harbour.elbe, "starts_at": "2026-01-22T07:00", "ends_at": "2026-01-22T08:00" });
    api.made("/v1/bookings", &early).await;
    stack.settle(api.chain.tenant).await;
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}
