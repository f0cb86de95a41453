//! A booking is moved: the difference said first, credit given back before it is drawn on, one winner here too.

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
    async fn book(&self, resource: &Value, start: &str, end: &str) -> String {
        let wish = json!({ "member_id": self.ada, "resource_id": resource, "starts_at": start, "ends_at": end });
        let booked = self.api.made("/v1/bookings", &wish).await;
        booked["booking_id"].as_str().expect("an id").to_owned()
    }

    async fn allowance_left(&self) -> i64 {
        let pool = &self.stack.db.owner;
        let sql = "select sum(amount_left)::bigint from credit_lot where valid_from < '2026-01-31'";
        sqlx::query_scalar(sql).fetch_one(pool).await.expect("lots")
    }

    /// Guards and read models are what the log says, and the books balance.
    async fn agrees(&self) {
        let tenant = self.api.chain.tenant;
        self.stack.settle(tenant).await;
        guards_agree(&self.stack.db.worker, tenant).await;
        let shown: i64 = sqlx::query_scalar(
            "select count(*) from booking_view b join reservation r on r.tenant_id = b.tenant_id and r.booking_id = b.booking_id
             where r.resource_id = b.resource_id and lower(r.blocked) = b.starts_at and upper(r.blocked) = b.ends_at",
        )
        .fetch_one(&self.stack.db.owner)
        .await
        .expect("counted");
        let reserved: i64 = sqlx::query_scalar("select count(*) from reservation")
            .fetch_one(&self.stack.db.owner)
            .await
            .expect("counted");
        assert_eq!(shown, reserved, "the calendar shows what is reserved");
        let uneven: i64 = sqlx::query_scalar(
            "select count(*) from (select sum(amount_minor) from posting_view group by tenant_id, currency having sum(amount_minor) <> 0) s",
        )
        .fetch_one(&self.stack.db.owner)
        .await
        .expect("summed");
        assert_eq!(uneven, 0);
    }
}

#[tokio::test]
async fn the_difference_is_said_and_then_billed() {
    let house = house().await;
    let api = &house.api;
    house
        .book(&house.harbour.elbe, "2026-01-22T10:00", "2026-01-22T12:00")
        .await;
    let booking = house
        .book(&house.harbour.spree, "2026-01-23T09:00", "2026-01-23T13:00")
        .await;
    assert_eq!(house.allowance_left().await, 0, "5 hours of 6 are covered");

    let path = format!("/v1/bookings/{booking}/move");
    let shorter = json!({ "starts_at": "2026-01-26T09:00", "ends_at": "2026-01-26T11:00" });
    let quote: Value = api.post(&format!("{path}/quote"), &shorter).await.expect(200).json();
    assert_eq!(
        (&quote["before"]["minor"], &quote["after"]["minor"]),
        (&json!(2000), &json!(0)),
        "{quote}"
    );
    assert_eq!(quote["after_allowance_minutes"], 120);
    assert_eq!(house.allowance_left().await, 0, "asking changes nothing");

    let mut moving = shorter;
    moving["agreed"] = json!({ "minor": 100, "currency": "EUR" });
    let changed: Value = api.post(&path, &moving).await.expect(409).json();
    assert_eq!(
        (&changed["code"], &changed["charged_minor"]),
        (&json!("price_changed"), &json!(0))
    );
    moving["agreed"] = quote["after"].clone();
    let moved: Value = api
        .post_with_key(&path, &moving.to_string(), "move-1")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&moved["starts_at"], &moved["charged"]["minor"]),
        (&json!("2026-01-26T09:00"), &json!(0)),
        "{moved}"
    );
    let replayed: Value = api
        .post_with_key(&path, &moving.to_string(), "move-1")
        .await
        .expect(200)
        .json();
    assert_eq!(replayed, moved);
    assert_eq!(house.allowance_left().await, 60, "two of three hours are used");
    house.agrees().await;

    // And longer again, into another room.
    let longer =
        json!({ "resource_id": house.harbour.elbe, "starts_at": "2026-01-26T09:00", "ends_at": "2026-01-26T14:00" });
    let moved: Value = api.post(&path, &longer).await.expect(200).json();
    assert_eq!(
        (&moved["charged"]["minor"], &moved["resource_id"]),
        (&json!(4000), &house.harbour.elbe),
        "{moved}"
    );
    house.agrees().await;

    // What is billed is what was said last.
    let charges: Vec<(i64, bool)> = sqlx::query_as(
        "select (document->'net'->>'minor')::bigint, voided from charge_view where document->>'kind' = 'booking' order by position",
    )
    .fetch_all(&house.stack.db.owner)
    .await
    .expect("charges");
    assert_eq!(charges, [(2000, true), (4000, false)]);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_booking_is_not_in_its_own_way_and_one_of_many_wins() {
    let house = house().await;
    let api = &house.api;
    let (elbe, spree) = (&house.harbour.elbe, &house.harbour.spree);
    let first = house.book(elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    let second = house.book(elbe, "2026-01-22T12:00", "2026-01-22T13:00").await;
    let overlapping = json!({ "starts_at": "2026-01-22T09:00", "ends_at": "2026-01-22T11:00" });
    api.post(&format!("/v1/bookings/{first}/move"), &overlapping)
        .await
        .expect(200);
    let taken = json!({ "starts_at": "2026-01-22T10:30", "ends_at": "2026-01-22T11:30" });
    let refused: Value = api
        .post(&format!("/v1/bookings/{second}/move"), &taken)
        .await
        .expect(409)
        .json();
    assert_eq!(
        (&refused["code"], &refused["next_free"]["starts_at"]),
        (&json!("slot_taken"), &json!("2026-01-22T11:00"))
    );

    // Six bookings want the same free hour of the other room.
    let mut wanting = Vec::new();
    for hour in 13..19 {
        let start = format!("2026-01-22T{hour}:00");
        let end = format!("2026-01-22T{}:00", hour + 1);
        wanting.push(house.book(elbe, &start, &end).await);
    }
    let hour = json!({ "resource_id": spree, "starts_at": "2026-01-27T10:00", "ends_at": "2026-01-27T11:00" });
    let asked = wanting.iter().map(|booking| {
        let (path, hour) = (format!("/v1/bookings/{booking}/move"), &hour);
        async move { api.post(&path, hour).await.status.as_u16() }
    });
    let mut answers = futures::future::join_all(asked).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409]);
    house.agrees().await;
    house.stack.shutdown().await;
}
