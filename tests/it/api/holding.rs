//! Times that are held or asked for before they are booked.

use super::client::{Client, Harbour, booking, id, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    bea: Value,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let bea = subscribed(&api, &harbour, "Bea").await;
    House {
        stack,
        api,
        harbour,
        ada,
        bea,
    }
}

impl House {
    fn wish(&self, who: &Value, from: u8, until: u8, hold: bool) -> Value {
        let mut wish = booking(who, &self.harbour.elbe, from, until);
        wish["hold"] = json!(hold);
        wish
    }
    async fn hold(&self, who: &Value, from: u8, until: u8) -> Value {
        self.api.made("/v1/bookings", &self.wish(who, from, until, true)).await
    }
    async fn terms(&self, terms: &Value) {
        let path = format!("/v1/resources/{}/terms", id(&self.harbour.elbe));
        self.api.post(&path, terms).await.expect(200);
    }
    async fn at(&self, time: &str) {
        let to: Timestamp = time.parse().expect("an instant");
        self.stack.advance(&self.api.chain, to).await;
    }
    async fn state(&self, booking: &Value) -> Value {
        let path = format!("/v1/bookings/{}", id(&booking["booking_id"]));
        self.api.get(&path).await.expect(200).json()
    }
    async fn post(&self, booking: &Value, what: &str, body: &Value) -> (u16, Value) {
        let path = format!("/v1/bookings/{}/{what}", id(&booking["booking_id"]));
        let answer = self.api.post(&path, body).await;
        (answer.status.as_u16(), answer.json())
    }
    async fn letter(&self, subject: &str) -> String {
        let mail = self
            .stack
            .house
            .inbox
            .wait_for(|mail| mail.subject().starts_with(subject), PATIENCE);
        mail.await.expect("the letter arrives").text()
    }
    async fn sound(self) {
        self.stack.settle(self.api.chain.tenant).await;
        guards_agree(&self.stack.db.worker, self.api.chain.tenant).await;
        self.stack.shutdown().await;
    }
}

#[tokio::test]
async fn a_hold_keeps_its_time_and_takes_nothing_until_it_is_booked() {
    let house = house().await;
    let held = house.hold(&house.ada, 10, 12).await;
    assert_eq!(
        (&held["state"], &held["charge_id"], &held["expires_at"]),
        (&json!("held"), &Value::Null, &json!("2026-01-20T09:30:00Z"))
    );
    let (status, taken) = {
        let answer = house
            .api
            .post("/v1/bookings", &house.wish(&house.bea, 11, 13, false))
            .await;
        (answer.status.as_u16(), answer.json::<Value>())
    };
    assert_eq!((status, &taken["code"]), (409, &json!("slot_taken")));
    // It took no allowance: five hours are still there for another booking.
    let other = house
        .api
        .made("/v1/bookings", &house.wish(&house.ada, 14, 18, false))
        .await;
    assert_eq!(other["allowance_minutes"], 240);
    // Of the five hours one is left, so the price is another than the one it was held at.
    let (status, changed) = house
        .post(&held, "confirm", &json!({ "agreed": held["charged"] }))
        .await;
    assert_eq!(
        (status, &changed["code"], &changed["charged_minor"]),
        (409, &json!("price_changed"), &json!(2000))
    );
    let agreed = json!({ "agreed": { "minor": 2000, "currency": "EUR" } });
    let (status, booked) = house.post(&held, "confirm", &agreed).await;
    assert_eq!(status, 200, "{booked}");
    assert_eq!(
        (&booked["state"], &booked["allowance_minutes"], &booked["expires_at"]),
        (&json!("confirmed"), &json!(60), &Value::Null)
    );
    assert!(booked["charge_id"].is_string(), "{booked}");
    let (status, again) = house.post(&held, "confirm", &agreed).await;
    assert_eq!((status, &again["code"]), (409, &json!("already_booked")));
    // Half an hour later nothing happens to it.
    house.at("2026-01-20T10:00:00Z").await;
    assert_eq!(house.state(&held).await["state"], "confirmed");
    house.sound().await;
}

#[tokio::test]
async fn a_hold_that_nobody_books_is_free_again() {
    let house = house().await;
    let held = house.hold(&house.ada, 10, 12).await;
    let given_up = house.hold(&house.bea, 14, 16).await;
    let (status, cancelled) = house.post(&given_up, "cancel", &json!({})).await;
    assert_eq!(
        (status, &cancelled["state"], &cancelled["cancellation"]["percent_due"]),
        (200, &json!("cancelled"), &json!(0))
    );
    house.at("2026-01-20T09:29:59Z").await;
    assert_eq!(house.state(&held).await["state"], "held");
    house.at("2026-01-20T09:30:00Z").await;
    assert_eq!(house.state(&held).await["state"], "expired");
    let (status, over) = house.post(&held, "confirm", &json!({})).await;
    assert_eq!((status, &over["code"]), (409, &json!("hold_expired")));
    house
        .api
        .made("/v1/bookings", &house.wish(&house.bea, 10, 12, false))
        .await;
    house
        .api
        .made("/v1/bookings", &house.wish(&house.bea, 14, 16, false))
        .await;
    house.sound().await;
}

#[tokio::test]
async fn a_hold_that_is_over_is_in_nobodys_way_though_nobody_cleared_it_away() {
    let house = house().await;
    let held = house.hold(&house.ada, 10, 12).await;
    // The clock goes on and no alarm has been fired: as if no worker ran.
    sqlx::query("update organization set clock_now = '2026-01-20T09:30:00Z' where tenant_id = $1")
        .bind(house.api.chain.tenant)
        .execute(&house.stack.db.owner)
        .await
        .expect("the clock is set");
    house
        .api
        .made("/v1/bookings", &house.wish(&house.bea, 11, 13, false))
        .await;
    assert_eq!(house.state(&held).await["state"], "expired");
    house.sound().await;
}

#[tokio::test]
async fn a_room_can_refuse_to_be_held() {
    let house = house().await;
    house.terms(&json!({ "hold_minutes": 0 })).await;
    let refused = house
        .api
        .post("/v1/bookings", &house.wish(&house.ada, 10, 12, true))
        .await;
    let refused: Value = refused.expect(409).json();
    assert_eq!(
        refused["detail"],
        "Elbe cannot be held. Book it: you can still give it back."
    );
    house.sound().await;
}

#[tokio::test]
async fn nobody_holds_a_whole_house() {
    let house = house().await;
    for hour in 7..17 {
        house.hold(&house.ada, hour, hour + 1).await;
    }
    let one_more = house.wish(&house.ada, 18, 19, true);
    let refused: Value = house.api.post("/v1/bookings", &one_more).await.expect(409).json();
    assert_eq!(refused["code"], "holds_too_many");
    house.hold(&house.bea, 18, 19).await;
    // Those that are over count no more.
    house.at("2026-01-20T09:30:00Z").await;
    house.hold(&house.ada, 18, 19).await;
    house.sound().await;
}

#[tokio::test]
async fn what_is_asked_for_is_booked_when_staff_say_yes_and_free_when_they_say_no() {
    let house = house().await;
    house.terms(&json!({ "approval": true })).await;
    let asked = house.hold(&house.ada, 10, 12).await;
    assert_eq!(
        (&asked["state"], &asked["expires_at"]),
        (&json!("requested"), &json!("2026-01-22T09:00:00Z"))
    );
    let other = house.hold(&house.bea, 14, 16).await;
    let unheard = house.hold(&house.bea, 17, 18).await;
    let (status, booked) = house.post(&asked, "confirm", &json!({})).await;
    assert_eq!(
        (status, &booked["state"], &booked["allowance_minutes"]),
        (200, &json!("confirmed"), &json!(120))
    );
    let (status, faulty) = house.post(&other, "decline", &json!({ "reason": " " })).await;
    assert_eq!((status, &faulty["errors"][0]["field"]), (422, &json!("reason")));
    let (status, declined) = house
        .post(&other, "decline", &json!({ "reason": "We paint it." }))
        .await;
    assert_eq!((status, &declined["state"]), (200, &json!("declined")));
    let (status, twice) = house
        .post(&other, "decline", &json!({ "reason": "We paint it." }))
        .await;
    assert_eq!((status, &twice["code"]), (409, &json!("declined")));
    let words = |letter: String| letter.split("See the booking").next().expect("words").to_owned();
    insta::assert_snapshot!(words(house.letter("Booked: ").await), @r"
    Hello Ada,

    Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)

    The house said yes: it is booked, and nothing is charged for it.
    ");
    insta::assert_snapshot!(words(house.letter("Declined: ").await), @r"
    Hello Bea,

    Elbe, 22 January 2026, 14:00 to 16:00 (Europe/Berlin)

    The house cannot give it to you: We paint it.

    Nothing is charged. Perhaps another room or another time does.
    ");
    // The house answers by the start at the latest, or it is over.
    house.at("2026-01-22T16:00:00Z").await;
    assert_eq!(house.state(&unheard).await["state"], "expired");
    assert!(
        house
            .letter("Not booked: ")
            .await
            .contains("the house did not answer in time")
    );
    house.sound().await;
}
