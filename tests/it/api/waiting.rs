//! Waiting for a time that is taken.

use super::client::{Client, Harbour, booking, id, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    /// Who has the room, and those who wait for it.
    people: [Value; 3],
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let mut people = Vec::new();
    for name in ["Ada", "Bea", "Cleo"] {
        people.push(subscribed(&api, &harbour, name).await);
    }
    House {
        stack,
        api,
        harbour,
        people: people.try_into().expect("three"),
    }
}

impl House {
    async fn book(&self, who: usize, from: u8, until: u8) -> Value {
        let wish = booking(&self.people[who], &self.harbour.elbe, from, until);
        self.api.made("/v1/bookings", &wish).await
    }
    async fn wait(&self, who: usize, from: u8, until: u8) -> String {
        let wish = booking(&self.people[who], &self.harbour.elbe, from, until);
        id(&self.api.made("/v1/waitlist", &wish).await["entry_id"]).to_owned()
    }
    /// Who waits, in order, with the state of what is offered to each.
    async fn line(&self) -> Vec<(usize, Option<Value>)> {
        let all: Value = self.api.get("/v1/waitlist").await.expect(200).json();
        let mut line = Vec::new();
        for one in all["items"].as_array().expect("a list") {
            let who = self.people.iter().position(|person| *person == one["member_id"]);
            let offered = match one["booking_id"].as_str() {
                Some(booking) => Some(
                    self.api
                        .get(&format!("/v1/bookings/{booking}"))
                        .await
                        .expect(200)
                        .json(),
                ),
                None => None,
            };
            line.push((who.expect("one of them"), offered));
        }
        line
    }
    async fn act(&self, booking: &Value, what: &str) -> u16 {
        let path = format!("/v1/bookings/{}/{what}", id(&booking["booking_id"]));
        self.api.post(&path, &json!({})).await.status.as_u16()
    }
    async fn at(&self, time: &str) {
        let to: Timestamp = time.parse().expect("an instant");
        self.stack.advance(&self.api.chain, to).await;
    }
    async fn sound(self) {
        self.stack.settle(self.api.chain.tenant).await;
        guards_agree(&self.stack.db.worker, self.api.chain.tenant).await;
        self.stack.shutdown().await;
    }
}

#[tokio::test]
async fn what_is_freed_is_held_for_whoever_waited_longest_and_then_for_the_next() {
    let house = house().await;
    let taken = house.book(0, 10, 12).await;
    let wish = booking(&house.people[1], &house.harbour.elbe, 13, 14);
    let free: Value = house.api.post("/v1/waitlist", &wish).await.expect(409).json();
    assert_eq!(free["code"], "it_is_free");
    house.wait(1, 10, 12).await;
    house.wait(2, 11, 12).await;
    let wish = booking(&house.people[1], &house.harbour.elbe, 10, 12);
    let twice: Value = house.api.post("/v1/waitlist", &wish).await.expect(409).json();
    assert_eq!(twice["code"], "waiting_already");

    assert_eq!(house.act(&taken, "cancel").await, 200);
    let line = house.line().await;
    let (first, second) = (&line[0], &line[1]);
    let offered = first.1.as_ref().expect("Bea is offered it");
    assert_eq!(
        (first.0, &offered["state"], second.0, &second.1),
        (1, &json!("held"), 2, &None)
    );
    assert_eq!(offered["expires_at"], "2026-01-20T11:00:00Z");
    let letter = house
        .stack
        .house
        .inbox
        .wait_for(|mail| mail.subject().starts_with("Free now: "), Duration::from_secs(20));
    let letter = letter.await.expect("she is told");
    assert!(letter.to.iter().any(|to| to.contains("bea@")), "{:?}", letter.to);
    insta::assert_snapshot!(letter.text().split("Book it: ").next().expect("words"), @r"
    Hello Bea,

    Elbe, 22 January 2026, 10:00 to 12:00 (Europe/Berlin)

    You waited for this time, and it is free now.

    It is held for you until 20 January 2026, 12:00. Book it before, or the next in line gets it.
    ");
    // Nobody overtakes the line.
    let wish = booking(&house.people[0], &house.harbour.elbe, 10, 12);
    house.api.post("/v1/bookings", &wish).await.expect(409);

    // Bea lets it lapse: Cleo is next, and books.
    house.at("2026-01-20T11:00:00Z").await;
    let line = house.line().await;
    assert_eq!((line.len(), line[0].0), (1, 2));
    let offered = line[0].1.clone().expect("Cleo is offered it");
    assert_eq!(
        (&offered["state"], &offered["starts_at"]),
        (&json!("held"), &json!("2026-01-22T11:00"))
    );
    assert_eq!(house.act(&offered, "confirm").await, 200);
    assert_eq!(house.line().await, []);
    house.sound().await;
}

#[tokio::test]
async fn a_move_a_lifted_blocker_and_a_missed_check_in_free_a_time_too() {
    let house = house().await;
    let terms = json!({ "check_in_minutes": 15 });
    let path = format!("/v1/resources/{}/terms", id(&house.harbour.elbe));
    house.api.post(&path, &terms).await.expect(200);

    let moved = house.book(0, 10, 12).await;
    house.wait(1, 10, 12).await;
    let path = format!("/v1/bookings/{}/move", id(&moved["booking_id"]));
    let to = json!({ "starts_at": "2026-01-22T14:00", "ends_at": "2026-01-22T16:00" });
    house.api.post(&path, &to).await.expect(200);
    let offered = house.line().await.remove(0).1.expect("it was moved away");
    // What is given up goes to nobody where nobody else waits.
    assert_eq!(house.act(&offered, "cancel").await, 200);
    assert_eq!(house.line().await, []);

    let painting = json!({ "resource_id": house.harbour.elbe, "starts_at": "2026-01-22T08:00",
        "ends_at": "2026-01-22T13:00", "reason": "Painting" });
    let blocker = house.api.made("/v1/blockers", &painting).await;
    let waiting = house.wait(2, 9, 10).await;
    house
        .api
        .post(&format!("/v1/waitlist/{waiting}/leave"), &json!({}))
        .await
        .expect(200);
    house.wait(2, 10, 11).await;
    let path = format!("/v1/blockers/{}/lift", id(&blocker["blocker_id"]));
    house.api.post(&path, &json!({})).await.expect(200);
    let offered = house.line().await.remove(0).1.expect("it is in service again");
    assert_eq!(house.act(&offered, "confirm").await, 200);

    // Bea waits for the second half of a time that nobody comes for.
    house.wait(1, 15, 16).await;
    house.at("2026-01-22T13:15:00Z").await;
    let offered = house.line().await.remove(0).1.expect("nobody came");
    assert_eq!(
        (&offered["state"], &offered["expires_at"]),
        (&json!("held"), &json!("2026-01-22T14:00:00Z"))
    );
    house.at("2026-01-22T14:00:00Z").await;
    assert_eq!(house.line().await, []);
    house.sound().await;
}
