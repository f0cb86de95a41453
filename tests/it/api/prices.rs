//! Prices that depend on the hour, the plan and the room: what a booking costs says which rules made it, and a new price is
//! tried on last month's bookings first.

use super::client::{Client, Harbour, set_up, subscribed};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

fn peak(harbour: &Harbour, minor: i64) -> Value {
    json!({ "resource_type_id": harbour.room_type, "location_id": harbour.location, "per_hour": eur(minor),
        "half_day": null, "conditions": { "weekdays": [1, 2, 3, 4, 5], "from": "16:00", "until": "20:00" } })
}

#[tokio::test]
async fn a_booking_over_the_peak_is_priced_hour_by_hour_and_billed_so() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    api.made("/v1/price_rules", &peak(&harbour, 3000)).await;

    // Thursday, 14:00 to 22:00: five hours from the allowance, of the other three one at the peak and two after it.
    let wish = json!({ "member_id": ada, "resource_id": harbour.elbe, "starts_at": "2026-01-22T14:00", "ends_at": "2026-01-22T22:00" });
    let booked = api.made("/v1/bookings", &wish).await;
    assert_eq!(
        (&booked["full_price"], &booked["charged"]),
        (&eur(20000), &eur(7000)),
        "{booked}"
    );
    let why: Vec<&str> = booked["because"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|step| step["text"].as_str())
        .collect();
    assert_eq!(
        why,
        [
            "4 h at EUR 20.00 an hour",
            "4 h at EUR 30.00 an hour (Mon–Fri, 16:00–20:00)",
            "5 h from the allowance, 3 h charged"
        ]
    );
    assert!(
        booked["because"][1]["rule"].is_string(),
        "the rule can be looked up: {booked}"
    );
    // Moved out of the peak, it is cheaper by the difference.
    let path = format!(
        "/v1/bookings/{}/move/quote",
        booked["booking_id"].as_str().expect("an id")
    );
    let earlier = json!({ "starts_at": "2026-01-22T08:00", "ends_at": "2026-01-22T16:00" });
    let quote: Value = api.post(&path, &earlier).await.expect(200).json();
    assert_eq!((&quote["before"], &quote["after"]), (&eur(7000), &eur(6000)), "{quote}");

    let clock = json!({ "to": "2026-02-02T09:00:00+01:00", "wait": true });
    let mut arrived = api.post("/v1/test_clock/advance", &clock).await;
    while arrived.status == 202 {
        arrived = api.get("/v1/test_clock?wait=true").await;
    }
    arrived.expect(200);
    stack.settle(api.chain.tenant).await;
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    let billed: Vec<(String, String, i64)> = sqlx::query_as(
        "select document->>'quantity', document->>'unit', (document->'net'->>'minor')::bigint from charge_view
         where document->>'kind' = 'booking' and invoice_id is not null",
    )
    .fetch_all(&stack.db.owner)
    .await
    .expect("charges");
    assert_eq!(billed, [("1".to_owned(), "booking".to_owned(), 7000)]);

    // What a dearer peak would have meant for January; nothing is published by asking.
    let preview: Value = api
        .post("/v1/price_rules/preview", &peak(&harbour, 4500))
        .await
        .expect(200)
        .json();
    assert_eq!(
        [
            &preview["first_day"],
            &preview["bookings"],
            &preview["changed"],
            &preview["before"],
            &preview["after"]
        ],
        [&json!("2026-01-01"), &json!(1), &json!(1), &eur(7000), &eur(8500)],
        "{preview}"
    );
    assert_eq!(preview["differences"][0]["booking_id"], booked["booking_id"]);
    let rules: Value = api.get("/v1/price_rules").await.expect(200).json();
    assert_eq!(rules["data"].as_array().map(Vec::len), Some(2), "{rules}");
    stack.shutdown().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_price_is_said_at_its_field() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let fields = |problem: &Value| -> Vec<String> {
        let errors = problem["errors"].as_array().expect("field errors");
        errors
            .iter()
            .filter_map(|error| error["field"].as_str().map(str::to_owned))
            .collect()
    };
    let mut wrong = peak(&harbour, 3000);
    wrong["conditions"] = json!({ "weekdays": [8], "from": "20:00", "until": "16:00", "min_minutes": 1 });
    let refused: Value = api.post("/v1/price_rules", &wrong).await.expect(422).json();
    assert_eq!(
        fields(&refused),
        ["conditions.weekdays", "conditions.until", "conditions.min_minutes"]
    );
    wrong["conditions"] = json!({ "from": "16:00" });
    let refused: Value = api.post("/v1/price_rules", &wrong).await.expect(422).json();
    assert_eq!(fields(&refused), ["conditions.until"]);
    wrong["conditions"] = json!({ "on": "mondays" });
    api.post("/v1/price_rules", &wrong).await.expect(422);
    stack.shutdown().await;
}
