//! Bookings that come again: all or none, credit drawn in order and given back exactly, wall times kept.

use super::client::{Client, Harbour, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    House {
        stack,
        api,
        harbour,
        ada,
    }
}

impl House {
    fn weekly(&self, rule: &str) -> Value {
        json!({ "member_id": self.ada, "resource_id": self.harbour.elbe,
            "starts_at": "2026-01-21T10:00", "ends_at": "2026-01-21T12:00", "rule": rule })
    }
    async fn lots(&self) -> Vec<(uuid::Uuid, i64)> {
        sqlx::query_as("select lot_id, amount_left from credit_lot order by lot_id")
            .fetch_all(&self.stack.db.owner)
            .await
            .expect("lots")
    }
}

#[tokio::test]
async fn a_series_is_one_append_and_gives_back_exactly_what_it_took() {
    let house = house().await;
    let api = &house.api;
    let before = house.lots().await;
    let wanted = house.weekly("FREQ=WEEKLY;COUNT=6");
    let quote: Value = api.post("/v1/series/quote", &wanted).await.expect(200).json();
    // Two hours each: 300 minutes a month are January's two and a half, and as many of February; the rest is EUR 20 an hour.
    let times: Vec<&str> = quote["bookings"]
        .as_array()
        .expect("bookings")
        .iter()
        .filter_map(|time| time["starts_at"].as_str())
        .collect();
    assert_eq!(
        times,
        [
            "2026-01-21T10:00",
            "2026-01-28T10:00",
            "2026-02-04T10:00",
            "2026-02-11T10:00",
            "2026-02-18T10:00",
            "2026-02-25T10:00"
        ]
    );
    assert_eq!(quote["series_id"], Value::Null);
    assert_eq!(house.lots().await, before, "asking draws on nothing");
    let minutes: i64 = quote["bookings"]
        .as_array()
        .expect("bookings")
        .iter()
        .map(|time| time["allowance_minutes"].as_i64().expect("minutes"))
        .sum();
    assert_eq!(quote["allowance_minutes"], minutes);

    let mut agreed = wanted.clone();
    agreed["agreed"] = json!({ "minor": 1, "currency": "EUR" });
    let changed: Value = api.post("/v1/series", &agreed).await.expect(409).json();
    assert_eq!(changed["code"], "price_changed");
    agreed["agreed"] = quote["charged"].clone();
    let head = api.head_at_rest(&house.stack).await;
    let answer = api.post("/v1/series", &agreed).await.expect(201);
    let last: i64 = answer
        .header("log-position")
        .and_then(|at| at.parse().ok())
        .expect("a position");
    let booked: Value = answer.json();
    assert_eq!(booked["charged"], quote["charged"]);
    assert!(last > head, "{last}");
    let commands: i64 =
        sqlx::query_scalar("select count(distinct command_id) from event where position > $1 and position <= $2")
            .bind(head)
            .bind(last)
            .fetch_one(&house.stack.db.owner)
            .await
            .expect("counted");
    assert_eq!(commands, 1);
    house.stack.settle(api.chain.tenant).await;
    guards_agree(&house.stack.db.worker, api.chain.tenant).await;

    // One of them is cancelled alone; "this and the following" takes the rest from its day on.
    let id = booked["series_id"].as_str().expect("an id");
    let second = booked["bookings"][1]["booking_id"].as_str().expect("an id");
    api.post(&format!("/v1/bookings/{second}/cancel"), &json!({}))
        .await
        .expect(200);
    let rest: Value = api
        .post(&format!("/v1/series/{id}/cancel"), &json!({ "from": "2026-02-11" }))
        .await
        .expect(200)
        .json();
    assert_eq!(rest["booking_ids"].as_array().map(Vec::len), Some(3), "{rest}");
    let all: Value = api
        .post(&format!("/v1/series/{id}/cancel"), &json!({ "from": "2026-01-01" }))
        .await
        .expect(200)
        .json();
    assert_eq!(all["booking_ids"].as_array().map(Vec::len), Some(2), "{all}");
    assert_eq!(house.lots().await, before, "to the minute, lot by lot");
    let nothing: Value = api
        .post(&format!("/v1/series/{id}/cancel"), &json!({ "from": "2026-01-01" }))
        .await
        .expect(409)
        .json();
    assert_eq!(nothing["code"], "nothing_left");
    house.stack.settle(api.chain.tenant).await;
    guards_agree(&house.stack.db.worker, api.chain.tenant).await;
    let due: i64 =
        sqlx::query_scalar("select count(*) from charge_view where document->>'kind' = 'booking' and not voided")
            .fetch_one(&house.stack.db.owner)
            .await
            .expect("counted");
    assert_eq!(due, 0, "nothing is charged any more");
}

#[tokio::test]
async fn times_that_cannot_be_booked_are_told_or_left_out() {
    let house = house().await;
    let api = &house.api;
    let there = json!({ "member_id": house.ada, "resource_id": house.harbour.elbe,
        "starts_at": "2026-02-04T11:00", "ends_at": "2026-02-04T13:00" });
    api.made("/v1/bookings", &there).await;
    let here = format!(
        "/v1/locations/{}/closures",
        house.harbour.location.as_str().expect("an id")
    );
    api.made(&here, &json!({ "first_day": "2026-02-11", "reason": "Inventory" }))
        .await;
    let head = api.head_at_rest(&house.stack).await;
    let mut wanted = house.weekly("FREQ=WEEKLY;UNTIL=20260218");
    let refused: Value = api.post("/v1/series", &wanted).await.expect(409).json();
    assert_eq!(
        refused["detail"],
        "2 of the 5 times cannot be booked. 4 February 2026, 10:00: Elbe is already taken then. It is next free for this long on \
         4 February 2026 from 13:00 to 15:00 (Europe/Berlin). Spree is free at that time. 11 February 2026, 10:00: Speicher is closed then: Inventory. It opens \
         again on 12 February 2026. Choose another time, or leave these out."
    );
    assert_eq!(refused["times"][1]["starts_at"], "2026-02-11T10:00");
    assert_eq!(api.head_at_rest(&house.stack).await, head, "all or none");
    wanted["leave_out"] = json!(true);
    let booked = api.made("/v1/series", &wanted).await;
    assert_eq!(booked["bookings"].as_array().map(Vec::len), Some(3));
    assert_eq!(booked["left_out"].as_array().map(Vec::len), Some(2));
    let id = booked["series_id"].as_str().expect("an id");
    let shown: Value = api.get(&format!("/v1/series/{id}")).await.expect(200).json();
    assert_eq!(shown["left_out"], booked["left_out"]);
    let faulty: Value = api
        .post("/v1/series", &house.weekly("every week"))
        .await
        .expect(422)
        .json();
    assert_eq!(faulty["errors"][0]["field"], "rule", "{faulty}");
    guards_agree(&house.stack.db.worker, api.chain.tenant).await;
}

#[tokio::test]
async fn ten_o_clock_stays_ten_o_clock() {
    let house = house().await;
    let wanted = house.weekly("FREQ=MONTHLY;COUNT=4");
    let booked = house.api.made("/v1/series", &wanted).await;
    let mut instants = Vec::new();
    for time in booked["bookings"].as_array().expect("bookings") {
        let id = time["booking_id"].as_str().expect("an id");
        let booking: Value = house.api.get(&format!("/v1/bookings/{id}")).await.expect(200).json();
        assert!(booking["starts_at"].as_str().is_some_and(|at| at.ends_with("T10:00")));
        instants.push(booking["starts_at_instant"].as_str().expect("an instant").to_owned());
    }
    assert_eq!(
        instants,
        [
            "2026-01-21T09:00:00Z",
            "2026-02-21T09:00:00Z",
            "2026-03-21T09:00:00Z",
            "2026-04-21T08:00:00Z"
        ]
    );
}
