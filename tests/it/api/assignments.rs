//! Desks and offices that are one member's: nobody else books them, and they run over nothing.

use super::client::{Client, Harbour, id, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    membership: Value,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    stack.settle(api.chain.tenant).await;
    let path = format!("/v1/memberships?member_id={}", id(&ada));
    let found: Value = api.get(&path).await.expect(200).json();
    let membership = found["data"][0]["membership_id"].clone();
    House {
        stack,
        api,
        harbour,
        ada,
        membership,
    }
}

impl House {
    fn wish(&self, first: &str, last: Option<&str>) -> Value {
        json!({ "resource_id": self.harbour.spree, "membership_id": self.membership, "first_day": first, "last_day": last })
    }
    fn booking(&self, start: &str, end: &str) -> Value {
        json!({ "member_id": self.ada, "resource_id": self.harbour.spree, "starts_at": start, "ends_at": end })
    }
    async fn agree(&self) {
        guards_agree(&self.stack.db.worker, self.api.chain.tenant).await;
    }
}

#[tokio::test]
async fn what_is_assigned_is_nobodys_to_book_until_it_ends() {
    let house = house().await;
    let api = &house.api;
    let made = api.made("/v1/assignments", &house.wish("2026-01-22", None)).await;
    house.agree().await;
    // Years from now, too; the day before it is free.
    let refused: Value = api
        .post("/v1/bookings", &house.booking("2026-12-01T10:00", "2026-12-01T11:00"))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "slot_taken", "{refused}");
    api.made("/v1/bookings", &house.booking("2026-01-21T20:00", "2026-01-21T22:00"))
        .await;
    let day = format!("/v1/locations/{}/days/2026-03-02", id(&house.harbour.location));
    let day: Value = api.get(&day).await.expect(200).json();
    let rooms = day["resources"].as_array().expect("rooms");
    let spree = rooms.iter().find(|room| room["name"] == "Spree").expect("a room");
    assert_eq!(
        (&spree["free"], &spree["assigned"][0]["member_id"]),
        (&json!([]), &house.ada)
    );
    let found = api
        .get("/v1/free_slots?minutes=60&first_day=2026-02-02&last_day=2026-02-02")
        .await
        .expect(200);
    assert!(
        found.body.contains("Elbe") && !found.body.contains("Spree"),
        "{}",
        found.body
    );
    let blocker = json!({ "resource_id": house.harbour.spree, "starts_at": "2026-02-02T08:00", "ends_at": "2026-02-02T09:00", "reason": "Painting" });
    let refused: Value = api.post("/v1/blockers", &blocker).await.expect(409).json();
    assert_eq!(refused["detail"], "It is assigned to a member then. End that first.");

    let end = format!("/v1/assignments/{}/end", id(&made["assignment_id"]));
    let refused: Value = api
        .post(&end, &json!({ "last_day": "2026-01-19" }))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "last_day", "{refused}");
    let ended: Value = api
        .post(&end, &json!({ "last_day": "2026-02-28" }))
        .await
        .expect(200)
        .json();
    assert_eq!(ended["last_day"], "2026-02-28");
    api.made("/v1/bookings", &house.booking("2026-03-01T08:00", "2026-03-01T09:00"))
        .await;
    api.post("/v1/bookings", &house.booking("2026-02-28T20:00", "2026-02-28T21:00"))
        .await
        .expect(409);
    house.agree().await;
    // It has not begun yet: ended today, it never will.
    let ended: Value = api.post(&end, &json!({})).await.expect(200).json();
    assert_eq!(ended["last_day"], "2026-01-21");
    api.made("/v1/bookings", &house.booking("2026-01-22T10:00", "2026-01-22T11:00"))
        .await;
    api.post(&end, &json!({})).await.expect(409);
    let listed: Value = api.get("/v1/assignments").await.expect(200).json();
    assert_eq!(listed["items"], json!([]));
    house.agree().await;
}

#[tokio::test]
async fn it_runs_over_nothing_and_says_what_is_there() {
    let house = house().await;
    let api = &house.api;
    api.made("/v1/bookings", &house.booking("2026-01-22T10:00", "2026-01-22T12:00"))
        .await;
    let refused: Value = api
        .post("/v1/assignments", &house.wish("2026-01-21", None))
        .await
        .expect(409)
        .json();
    assert_eq!(
        refused["detail"],
        "This is in the way: Spree is booked on 22 January 2026 from 10:00 to 12:00. Move or end it first."
    );
    assert_eq!(refused["in_the_way"][0]["kind"], "booking");
    api.made("/v1/assignments", &house.wish("2026-01-23", Some("2026-01-31")))
        .await;
    let refused: Value = api
        .post("/v1/assignments", &house.wish("2026-01-31", Some("2026-02-27")))
        .await
        .expect(409)
        .json();
    assert_eq!(
        (&refused["in_the_way"][0]["kind"], &refused["detail"]),
        (
            &json!("assignment"),
            &json!("This is in the way: Spree is assigned from 23 January 2026 on. Move or end it first.")
        )
    );
    api.made("/v1/assignments", &house.wish("2026-02-01", Some("2026-02-27")))
        .await;
    let refused: Value = api
        .post("/v1/assignments", &house.wish("2026-01-19", None))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "first_day", "{refused}");
    house.agree().await;
}

/// Whoever leaves leaves her desk, too.
#[tokio::test]
async fn it_ends_with_the_membership() {
    let house = house().await;
    let api = &house.api;
    api.made("/v1/assignments", &house.wish("2026-01-22", None)).await;
    let notice = format!("/v1/memberships/{}/notice", id(&house.membership));
    api.post(&notice, &json!({})).await.expect(200);
    house
        .stack
        .advance(&api.chain, "2026-02-01T06:00:00Z".parse().expect("an instant"))
        .await;
    house.agree().await;
    let listed: Value = api.get("/v1/assignments").await.expect(200).json();
    assert_eq!(listed["items"], json!([]), "{listed}");
    let bob = subscribed(api, &house.harbour, "Bob").await;
    let booking = json!({ "member_id": bob, "resource_id": house.harbour.spree, "starts_at": "2026-02-02T10:00", "ends_at": "2026-02-02T11:00" });
    api.made("/v1/bookings", &booking).await;
    house.agree().await;
}

/// Of many who ask at once, one has it: bookings and assignments meet in the same rows.
#[tokio::test]
async fn bookings_and_assignments_at_once_leave_one_winner() {
    let house = house().await;
    let api = &house.api;
    let wish = house.wish("2026-01-22", None);
    let booking = house.booking("2026-01-22T10:00", "2026-01-22T12:00");
    let asked = (0..12).map(|number| {
        let (path, body) = if number % 2 == 0 {
            ("/v1/assignments", &wish)
        } else {
            ("/v1/bookings", &booking)
        };
        api.post(path, body)
    });
    let answers = futures::future::join_all(asked).await;
    let won = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
    assert_eq!(
        won,
        1,
        "{:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
    house.agree().await;
}
