//! Checking in, and what becomes of bookings that nobody comes for.

use super::client::{Client, Harbour, booking, id, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

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
    let path = format!("/v1/resources/{}/terms", id(&harbour.elbe));
    let terms = json!({ "check_in_minutes": 15, "no_show_fee_minor": 1500 });
    let set: Value = api.post(&path, &terms).await.expect(200).json();
    assert_eq!(
        (&set["check_in_minutes"], &set["no_show_fee"]["minor"]),
        (&json!(15), &json!(1500))
    );
    House {
        stack,
        api,
        harbour,
        ada,
    }
}

impl House {
    async fn book(&self, from: u8, until: u8) -> String {
        let wish = booking(&self.ada, &self.harbour.elbe, from, until);
        id(&self.api.made("/v1/bookings", &wish).await["booking_id"]).to_owned()
    }
    async fn at(&self, time: &str) {
        let to: Timestamp = time.parse().expect("an instant");
        self.stack.advance(&self.api.chain, to).await;
    }
    async fn booking(&self, id: &str) -> Value {
        self.api.get(&format!("/v1/bookings/{id}")).await.expect(200).json()
    }
    async fn check_in(&self, id: &str) -> (u16, Value) {
        let answer = self.api.post(&format!("/v1/bookings/{id}/check_in"), &json!({})).await;
        (answer.status.as_u16(), answer.json())
    }
    async fn charges(&self) -> Vec<(String, i64)> {
        let path = format!("/v1/charges?member_id={}", id(&self.ada));
        let all: Value = self.api.get(&path).await.expect(200).json();
        let all = all["data"].as_array().expect("charges").clone();
        all.iter()
            .filter(|one| one["kind"] == "cancellation_fee")
            .map(|one| {
                (
                    id(&one["description"]).to_owned(),
                    one["net"]["minor"].as_i64().expect("minor"),
                )
            })
            .collect()
    }
}

#[tokio::test]
async fn whoever_does_not_come_loses_the_room_and_pays_the_fee() {
    let house = house().await;
    let (came, missed, given_up) = (
        house.book(10, 12).await,
        house.book(13, 15).await,
        house.book(16, 17).await,
    );
    assert_eq!(house.booking(&came).await["check_in_by"], "2026-01-22T09:15:00Z");
    let (status, early) = house.check_in(&came).await;
    assert_eq!(
        (status, &early["detail"]),
        (409, &json!("You can check in from 22 January 2026, 09:45 on."))
    );
    house
        .api
        .post(&format!("/v1/bookings/{given_up}/cancel"), &json!({}))
        .await
        .expect(200);
    house.at("2026-01-22T08:45:00Z").await;
    let (status, there) = house.check_in(&came).await;
    assert_eq!((status, &there["checked_in_at"]), (200, &json!("2026-01-22T08:45:00Z")));
    let (status, twice) = house.check_in(&came).await;
    assert_eq!((status, &twice["code"]), (409, &json!("already_checked_in")));

    house.at("2026-01-22T12:14:59Z").await;
    assert_eq!(house.booking(&missed).await["state"], "confirmed");
    house.at("2026-01-22T12:15:00Z").await;
    assert_eq!(house.booking(&came).await["state"], "confirmed");
    assert_eq!(house.booking(&missed).await["state"], "no_show");
    assert_eq!(
        house.charges().await,
        [("Not used: Elbe, 2026-01-22 13:00".to_owned(), 1500)]
    );
    let (status, late) = house.check_in(&missed).await;
    assert_eq!((status, &late["code"]), (409, &json!("no_show")));
    // The rest of the time is somebody else's now.
    let bea = subscribed(&house.api, &house.harbour, "Bea").await;
    let wish = json!({ "member_id": bea, "resource_id": house.harbour.elbe,
        "starts_at": "2026-01-22T13:30", "ends_at": "2026-01-22T14:30" });
    house.api.made("/v1/bookings", &wish).await;
    let letter = house
        .stack
        .house
        .inbox
        .wait_for(|mail| mail.subject().starts_with("Not used: "), Duration::from_secs(20));
    let letter = letter.await.expect("she is told").text();
    insta::assert_snapshot!(letter.split("See the booking").next().expect("words"), @r"
    Hello Ada,

    Elbe, 22 January 2026, 13:00 to 15:00 (Europe/Berlin)

    Nobody checked in for it in time, so that others can have it. What it cost stays due.

    The fee for not coming, EUR 15.00 plus VAT, is on your next invoice.
    ");
    house.stack.settle(house.api.chain.tenant).await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_booking_that_is_moved_is_waited_for_at_its_new_time() {
    let house = house().await;
    let booked = house.book(10, 12).await;
    let to = json!({ "starts_at": "2026-01-22T14:00", "ends_at": "2026-01-22T16:00" });
    house
        .api
        .post(&format!("/v1/bookings/{booked}/move"), &to)
        .await
        .expect(200);
    house.at("2026-01-22T09:15:00Z").await;
    assert_eq!(house.booking(&booked).await["state"], "confirmed");
    house.at("2026-01-22T12:50:00Z").await;
    assert_eq!(house.check_in(&booked).await.0, 200);
    // Made longer while it runs: she is there already.
    let longer = json!({ "starts_at": "2026-01-22T14:00", "ends_at": "2026-01-22T17:00" });
    house
        .api
        .post(&format!("/v1/bookings/{booked}/move"), &longer)
        .await
        .expect(200);
    house.at("2026-01-22T16:30:00Z").await;
    let after = house.booking(&booked).await;
    assert_eq!(
        (&after["state"], &after["checked_in_at"]),
        (&json!("confirmed"), &json!("2026-01-22T12:50:00Z"))
    );
    house.stack.settle(house.api.chain.tenant).await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}
