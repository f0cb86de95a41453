//! How much of what is open is booked, as programs read it.

use super::client::{Client, booking, id, set_up, subscribed};
use coterie_tests::stack;
use serde_json::{Value, json};

#[tokio::test]
async fn booked_and_open_minutes_by_place_type_weekday_and_hour() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    // 22 January is a Thursday.
    api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 10, 12)).await;
    api.made("/v1/bookings", &booking(&ada, &harbour.spree, 11, 12)).await;
    let cancelled = api.made("/v1/bookings", &booking(&ada, &harbour.spree, 14, 16)).await;
    let path = format!("/v1/bookings/{}/cancel", id(&cancelled["booking_id"]));
    let done = api.post(&path, &json!({})).await.expect(200);
    let position = done.header("log-position").expect("a position").to_owned();

    let path = format!("/v1/occupancy?month=2026-01&min_position={position}");
    let january: Value = api.get(&path).await.expect(200).json();
    assert_eq!(
        (&january["first_day"], &january["last_day"]),
        (&json!("2026-01-01"), &json!("2026-01-31"))
    );
    // Two rooms, open from 7 to 22 on 31 days.
    assert_eq!(
        (&january["booked_minutes"], &january["open_minutes"]),
        (&json!(180), &json!(2 * 15 * 60 * 31))
    );
    let hours = january["hours"].as_array().expect("hours");
    assert_eq!(hours.len(), 7 * 15);
    let of = |hour: i64| {
        let found = hours.iter().find(|one| one["weekday"] == 4 && one["hour"] == hour);
        let found = found.expect("an open hour");
        assert_eq!(
            (&found["location_id"], &found["resource_type_id"]),
            (&harbour.location, &harbour.room_type)
        );
        (found["booked_minutes"].clone(), found["open_minutes"].clone())
    };
    let five_thursdays = json!(5 * 2 * 60);
    assert_eq!(of(10), (json!(60), five_thursdays.clone()));
    assert_eq!(of(11), (json!(120), five_thursdays.clone()));
    assert_eq!(of(14), (json!(0), five_thursdays));

    // A closure takes the day's hours away, and what was booked there is told apart.
    let closing = json!({ "first_day": "2026-01-22", "reason": "Burst pipe" });
    let closures = format!("/v1/locations/{}/closures", id(&harbour.location));
    api.made(&closures, &closing).await;
    let day = "first_day=2026-01-22&last_day=2026-01-22";
    let closed: Value = api.get(&format!("/v1/occupancy?{day}")).await.expect(200).json();
    assert_eq!(
        (&closed["hours"], &closed["booked_while_closed_minutes"]),
        (&json!([]), &json!(180))
    );

    // Without days, the last month that is over by the chain's clock.
    let usual: Value = api.get("/v1/occupancy").await.expect(200).json();
    assert_eq!(
        (&usual["first_day"], &usual["last_day"], &usual["booked_minutes"]),
        (&json!("2025-12-01"), &json!("2025-12-31"), &json!(0))
    );
    for (query, field) in [
        ("month=January", "month"),
        ("first_day=2026-01-22", "last_day"),
        ("first_day=2026-01-22&last_day=2026-01-21", "last_day"),
        ("first_day=2024-01-01&last_day=2026-01-21", "last_day"),
        ("first_day=soon&last_day=2026-01-21", "first_day"),
    ] {
        let refused: Value = api.get(&format!("/v1/occupancy?{query}")).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field, "{query}: {refused}");
    }
    for query in ["location_id", "resource_type_id"] {
        let nobody = format!("/v1/occupancy?{query}={}", uuid::Uuid::nil());
        api.get(&nobody).await.expect(404);
    }
    let here = format!(
        "/v1/occupancy?month=2026-02&location_id={}&resource_type_id={}",
        id(&harbour.location),
        id(&harbour.room_type)
    );
    let february: Value = api.get(&here).await.expect(200).json();
    assert_eq!(february["open_minutes"], 2 * 15 * 60 * 28);
    stack.shutdown().await;
}
