//! Rooms that are combined of others, how far ahead a room is booked, and times out of service.

use super::client::{Client, Harbour, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    /// Elbe and Spree with the wall between them open.
    hall: Value,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let hall = json!({ "resource_type_id": harbour.room_type, "location_id": harbour.location, "name": "Hall", "capacity": 12 });
    let hall = api.made("/v1/resources", &hall).await["resource_id"].clone();
    let terms = json!({ "part_ids": [harbour.elbe, harbour.spree], "amenities": ["Projector"] });
    let set: Value = api.post(&terms_of(&hall), &terms).await.expect(200).json();
    assert_eq!(
        (&set["amenities"], &set["horizon_days"]),
        (&json!(["projector"]), &json!(400))
    );
    House {
        stack,
        api,
        harbour,
        ada,
        hall,
    }
}

fn terms_of(resource: &Value) -> String {
    format!("/v1/resources/{}/terms", resource.as_str().expect("an id"))
}

impl House {
    fn wish(&self, resource: &Value, start: &str, end: &str) -> Value {
        json!({ "member_id": self.ada, "resource_id": resource, "starts_at": format!("2026-01-{start}"), "ends_at": format!("2026-01-{end}") })
    }
    async fn book(&self, resource: &Value, start: &str, end: &str) -> String {
        let booked = self.api.made("/v1/bookings", &self.wish(resource, start, end)).await;
        booked["booking_id"].as_str().expect("an id").to_owned()
    }
    async fn refused(&self, resource: &Value, start: &str, end: &str) -> Value {
        let answer = self.api.post("/v1/bookings", &self.wish(resource, start, end)).await;
        answer.json()
    }
}

#[tokio::test]
async fn a_whole_blocks_its_parts_and_a_part_the_whole() {
    let house = house().await;
    let (elbe, spree, hall) = (&house.harbour.elbe, &house.harbour.spree, &house.hall);
    let whole = house.book(hall, "22T10:00", "22T12:00").await;
    let part = house.refused(spree, "22T11:00", "22T13:00").await;
    assert_eq!(
        part["detail"],
        "Spree is already taken then. It is next free for this long on 22 January 2026 from 12:00 to 14:00 (Europe/Berlin)."
    );
    house.book(elbe, "22T13:00", "22T14:00").await;
    let other = house.refused(hall, "22T12:30", "22T13:30").await;
    assert_eq!(
        other["detail"],
        "Elbe is already taken then. Hall is next free for this long on 22 January 2026 from 14:00 to 15:00 (Europe/Berlin). Spree is free at that time."
    );
    // The day shows the whole as taken where a part is, and the parts where the whole is.
    let day = format!(
        "/v1/locations/{}/days/2026-01-22",
        house.harbour.location.as_str().expect("an id")
    );
    let day: Value = house.api.get(&day).await.expect(200).json();
    let taken = |name: &str| {
        let rooms = day["resources"].as_array().expect("rooms");
        let room = rooms.iter().find(|room| room["name"] == name).expect("a room");
        room["bookings"].as_array().expect("bookings").len()
    };
    assert_eq!((taken("Hall"), taken("Elbe"), taken("Spree")), (2, 2, 1));

    // Both rooms are free again, and a part that was moved into is not.
    house
        .api
        .post(
            &format!("/v1/bookings/{whole}/move"),
            &json!({ "starts_at": "2026-01-23T10:00", "ends_at": "2026-01-23T12:00" }),
        )
        .await
        .expect(200);
    house.book(spree, "22T11:00", "22T13:00").await;
    assert_eq!(house.refused(elbe, "23T11:00", "23T12:00").await["code"], "slot_taken");
    house
        .api
        .post(&format!("/v1/bookings/{whole}/cancel"), &json!({}))
        .await
        .expect(200);
    house.book(elbe, "23T11:00", "23T12:00").await;
    house.stack.settle(house.api.chain.tenant).await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
}

#[tokio::test]
async fn parts_change_only_while_nothing_is_booked_ahead() {
    let house = house().await;
    let booking = house.book(&house.hall, "22T10:00", "22T12:00").await;
    let fewer = json!({ "part_ids": [house.harbour.elbe] });
    let refused: Value = house.api.post(&terms_of(&house.hall), &fewer).await.expect(409).json();
    assert_eq!(refused["code"], "bookings_ahead");
    let circle = json!({ "part_ids": [house.hall] });
    let refused: Value = house
        .api
        .post(&terms_of(&house.harbour.elbe), &circle)
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "parts", "{refused}");
    house
        .api
        .post(&format!("/v1/bookings/{booking}/cancel"), &json!({}))
        .await
        .expect(200);
    house.api.post(&terms_of(&house.hall), &fewer).await.expect(200);
    house.book(&house.hall, "22T10:00", "22T12:00").await;
    house.book(&house.harbour.spree, "22T10:00", "22T12:00").await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
}

#[tokio::test]
async fn notice_and_horizon_are_the_rooms_own() {
    let house = house().await;
    let terms = json!({ "lead_minutes": 180, "horizon_days": 7 });
    house.api.post(&terms_of(&house.harbour.elbe), &terms).await.expect(200);
    // It is 10:00.
    let refused = house.refused(&house.harbour.elbe, "20T12:30", "20T13:30").await;
    assert_eq!(
        (&refused["code"], &refused["detail"]),
        (
            &json!("too_short_notice"),
            &json!("Elbe is booked at least 3 hours ahead.")
        )
    );
    house.book(&house.harbour.elbe, "20T13:00", "20T14:00").await;
    let refused = house.refused(&house.harbour.elbe, "27T11:00", "27T12:00").await;
    assert_eq!(refused["detail"], "Bookings open 7 days ahead.");
    house.book(&house.harbour.spree, "20T12:30", "20T13:30").await;
}

#[tokio::test]
async fn what_is_out_of_service_takes_no_booking_and_runs_over_none() {
    let house = house().await;
    let booking = house.book(&house.harbour.spree, "22T10:00", "22T12:00").await;
    let block = |resource: &Value| json!({ "resource_id": resource, "starts_at": "2026-01-21T06:00", "ends_at": "2026-01-24T23:00", "reason": "Painting" });
    let refused: Value = house
        .api
        .post("/v1/blockers", &block(&house.hall))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["detail"], "One booking stands then. Move or cancel it first.");
    house
        .api
        .post(&format!("/v1/bookings/{booking}/cancel"), &json!({}))
        .await
        .expect(200);
    let placed = house.api.made("/v1/blockers", &block(&house.hall)).await;
    let again: Value = house
        .api
        .post("/v1/blockers", &block(&house.harbour.elbe))
        .await
        .expect(409)
        .json();
    assert_eq!(again["detail"], "It is out of service then already.");
    let refused = house.refused(&house.harbour.spree, "22T10:00", "22T12:00").await;
    assert_eq!(
        refused["detail"],
        "Spree is out of service then: Painting. It is next free for this long on 25 January 2026 from 07:00 to 09:00 (Europe/Berlin)."
    );
    let listed: Value = house.api.get("/v1/blockers").await.expect(200).json();
    assert_eq!(listed["items"][0]["starts_at"], "2026-01-21T06:00", "{listed}");
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    let lift = format!("/v1/blockers/{}/lift", placed["blocker_id"].as_str().expect("an id"));
    house.api.post(&lift, &json!({})).await.expect(200);
    let twice: Value = house.api.post(&lift, &json!({})).await.expect(409).json();
    assert_eq!(twice["code"], "already_lifted");
    house.book(&house.harbour.spree, "22T10:00", "22T12:00").await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
}
