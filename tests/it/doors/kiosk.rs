//! The page at the entrance of a house: all rooms now and next, and whoever comes says by her code that she is here.

use super::{Events, House, another, hidden, house, says, words};
use crate::api::client::{Client, id, subscribed};
use coterie_app::{Caller, door};
use coterie_domain::LocationId;
use coterie_tests::Answer;
use futures::future::join_all;
use serde_json::{Value, json};

impl House {
    /// The address of the page at the entrance, from the slash on.
    async fn kiosk(&self) -> String {
        let path = format!("/v1/locations/{}/kiosk", id(&self.harbour.location));
        let made = self.api.made(&path, &json!({})).await;
        let (_, token) = id(&made["address"])
            .split_once("/kiosk/")
            .expect("an address of a kiosk");
        format!("/kiosk/{token}")
    }

    /// Sends the form that asks for a code.
    async fn arrive(&self, kiosk: &str, code: &str) -> Answer {
        let path = format!("{kiosk}/check-in");
        let page = self.tablet.get(&path).await.expect(200);
        let command = hidden(&page.body, "command");
        self.tablet.post(&path, &[("command", &command), ("code", code)]).await
    }
}

#[tokio::test]
async fn it_shows_what_is_free_first_and_names_nobody() {
    let house = house().await;
    let kiosk = house.kiosk().await;
    let page = house.tablet.get(&kiosk).await.expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    says(&page, "Speicher 2 of 2 are free");
    says(&page, "Nobody is expected any more today.");
    says(&page, "Elbe Free until 22:00 Spree Free until 22:00");

    // It is 10:00 in Berlin.
    house
        .book(&house.harbour.elbe, "2026-01-20T10:00", "2026-01-20T11:00")
        .await;
    house
        .book(&house.harbour.elbe, "2026-01-20T14:00", "2026-01-20T15:00")
        .await;
    house
        .book(&house.harbour.spree, "2026-01-20T16:00", "2026-01-20T17:00")
        .await;
    house
        .book(&house.harbour.spree, "2026-01-21T09:00", "2026-01-21T10:00")
        .await;
    let page = house.tablet.get(&kiosk).await.expect(200);
    says(&page, "1 of 2 is free");
    says(&page, "For 3 bookings of today somebody is expected.");
    says(
        &page,
        "Spree Free until 16:00 next 16:00–17:00 Elbe Busy until 11:00 next 14:00–15:00",
    );
    let code_page = house.tablet.get(&format!("{kiosk}/check-in")).await.expect(200);
    for shown in [&page, &code_page] {
        assert!(!shown.body.contains("Ada"), "{}", shown.body);
    }

    // Another address takes its place; elsewhere, and once it is revoked, it is simply not there.
    let second = house.kiosk().await;
    house.tablet.get(&kiosk).await.expect(404);
    Client::open(&house.stack, "quayside").await;
    house.stack.person_at("quayside").get(&second).await.expect(404);
    house.stack.person().get(&second).await.expect(404);
    // A kiosk's address opens no door, and a door's no kiosk.
    house.tablet.get(&second.replace("/kiosk/", "/door/")).await.expect(404);
    let door = house.door_of(&house.harbour.elbe).await;
    house.tablet.get(&door.replace("/door/", "/kiosk/")).await.expect(404);
    let made = format!("/v1/locations/{}/kiosk", id(&house.harbour.location));
    let there: Value = house.api.get(&made).await.expect(200).json();
    assert!(there["made_at"].is_string(), "{there}");
    house.api.post(&format!("{made}/revoke"), &json!({})).await.expect(200);
    for path in [second.clone(), format!("{second}/events"), format!("{second}/check-in")] {
        house.tablet.get(&path).await.expect(404);
    }
    house.stack.shutdown().await;
}

#[tokio::test]
async fn whoever_comes_is_checked_in_for_what_waits_for_her_and_reads_what_is_hers() {
    let house = house().await;
    let (kiosk, code) = (house.kiosk().await, house.code().await);
    let nothing = house.arrive(&kiosk, &code).await.expect(200);
    says(&nothing, "Hello, Ada Nothing in Speicher is booked for you today.");

    let first = house
        .book(&house.harbour.elbe, "2026-01-20T10:00", "2026-01-20T11:00")
        .await;
    house
        .book(&house.harbour.spree, "2026-01-20T14:00", "2026-01-20T15:00")
        .await;
    house
        .book(&house.harbour.spree, "2026-01-21T14:00", "2026-01-21T15:00")
        .await;
    // Bea's is nobody's business but hers.
    let bea = subscribed(&house.api, &house.harbour, "Bea").await;
    let hers = json!({ "member_id": bea, "resource_id": house.harbour.spree,
        "starts_at": "2026-01-20T10:00", "ends_at": "2026-01-20T11:00" });
    house.api.made("/v1/bookings", &hers).await;
    house.stack.settle(house.api.chain.tenant).await;

    let wrong = house.arrive(&kiosk, &another(&code)).await.expect(422);
    says(&wrong, "Nobody has this code.");
    assert!(
        !wrong.body.contains("Ada") && !wrong.body.contains(&another(&code)),
        "{}",
        wrong.body
    );
    let page = house.tablet.get(&format!("{kiosk}/check-in")).await.expect(200);
    let command = hidden(&page.body, "command");
    let form = [("command", command.as_str()), ("code", code.as_str())];
    // Sent twice, she is checked in once.
    for _ in 0..2 {
        let arrived = house.tablet.post(&format!("{kiosk}/check-in"), &form).await.expect(200);
        says(&arrived, "Hello, Ada Elbe, 10:00–11:00 You are checked in.");
        says(&arrived, "Spree, 14:00–15:00 You can check in from 13:45 on.");
        assert!(!arrived.body.contains("Bea"), "{}", arrived.body);
        assert_eq!(words(&arrived.body).matches("–").count(), 2, "of today alone");
    }
    house.stack.settle(house.api.chain.tenant).await;
    let log: Value = house.api.get("/v1/log?type=CheckedIn").await.expect(200).json();
    let events = log["data"].as_array().expect("events");
    assert_eq!(events.len(), 1, "{log}");
    assert_eq!(
        (
            &events[0]["stream_id"],
            &events[0]["payload"]["how"],
            &events[0]["actor"]
        ),
        (
            &json!(first),
            &json!("code"),
            &json!(format!("member:{}", id(&house.ada)))
        )
    );
    let page = house.tablet.get(&kiosk).await.expect(200);
    says(&page, "For 2 bookings of today somebody is expected.");
    assert!(!page.body.contains("Ada"), "{}", page.body);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_kiosk_follows_what_happens_in_its_house() {
    let house = house().await;
    let kiosk = house.kiosk().await;
    let mut events = Events::open(&house.tablet, &kiosk).await;
    assert!(events.next().await.contains("2 of 2 are free"));
    house
        .book(&house.harbour.elbe, "2026-01-20T10:00", "2026-01-20T11:00")
        .await;
    let mut board = events.next().await;
    // The reservation is seen at once, who is expected when the model has followed.
    while !board.contains("For 1 booking of today somebody is expected.") {
        board = events.next().await;
    }
    assert!(board.contains("1 of 2 is free") && !board.contains("Ada"), "{board}");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn after_five_wrong_codes_a_kiosk_waits() {
    let house = house().await;
    let (kiosk, code) = (house.kiosk().await, house.code().await);
    let (wrong, tenant) = (another(&code), house.api.chain.tenant);
    let token = kiosk.trim_start_matches("/kiosk/").to_owned();
    // Many at once: they are heard one after another, and five of them at most.
    let guesses = (0..20).map(|_| {
        let (app, token, wrong) = (house.stack.app().clone(), token.clone(), wrong.clone());
        tokio::spawn(async move { door::arrive(&app, tenant, (&token, &wrong), "guess").await })
    });
    let mut heard = 0;
    for answer in join_all(guesses).await {
        let error = answer.expect("it ends").expect_err("nobody has it");
        match error.code() {
            Some("wrong_code") => heard += 1,
            Some("door_waits") => {}
            _ => panic!("a clean answer: {error:?}"),
        }
    }
    assert_eq!(heard, 4, "the fifth is told that the kiosk waits now");
    let waits = house.arrive(&kiosk, &code).await.expect(409);
    says(&waits, "Too many wrong codes. This kiosk takes none for a minute.");
    assert!(!waits.body.contains("Ada"), "{}", waits.body);

    // Control: it is the waiting that keeps her out.
    let released = sqlx::query("update kiosk set waits_until = null where waits_until is not null")
        .execute(&house.stack.db.owner)
        .await
        .expect("the superuser may");
    assert_eq!(released.rows_affected(), 1);
    says(&house.arrive(&kiosk, &code).await.expect(200), "Hello, Ada");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn only_operators_make_a_kiosk_and_only_for_their_own_houses() {
    let house = house().await;
    let owner = house.api.chain.owner();
    let location: LocationId = id(&house.harbour.location).parse().expect("an id");
    let app = house.stack.app();
    let (ada, _) = house.as_ada();
    assert!(door::make(app, &ada, location).await.is_err());
    let quayside = Client::open(&house.stack, "quayside").await;
    let foreign = Caller::new(quayside.chain.tenant, owner.actor);
    assert!(door::make(app, &foreign, location).await.is_err());
    let path = format!("/v1/locations/{}/kiosk", id(&house.harbour.location));
    quayside.post(&path, &json!({})).await.expect(404);
    quayside.get(&path).await.expect(404);
    // A secret address is no business fact: nothing of it stands in the log.
    let before = house.api.head_at_rest(&house.stack).await;
    house.kiosk().await;
    assert_eq!(house.api.head_at_rest(&house.stack).await, before);
    house.stack.shutdown().await;
}
