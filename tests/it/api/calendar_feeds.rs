//! Calendar feeds by secret address: made, read by a calendar, replaced, revoked.

use super::client::{Client, Harbour, id, set_up, subscribed};
use crate::calendars::{judge, judged};
use coterie_domain::organization::Role;
use coterie_tests::{Answer, Person, TestStack, stack};
use reqwest::Method;
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    /// A calendar program: it has nothing but an address.
    calendar: Person,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let calendar = stack.person_at("harbour");
    House {
        stack,
        api,
        harbour,
        ada,
        calendar,
    }
}

impl House {
    async fn book(&self, resource: &Value, start: &str, end: &str) -> String {
        let wish = json!({ "member_id": self.ada, "resource_id": resource, "starts_at": start, "ends_at": end });
        let booked = self.api.made("/v1/bookings", &wish).await;
        id(&booked["booking_id"]).to_owned()
    }

    /// The address of a new feed.
    async fn feed_of(&self, noun: &str, thing: &Value) -> String {
        let made = self
            .api
            .made(&format!("/v1/{noun}/{}/calendar_feed", id(thing)), &json!({}))
            .await;
        id(&made["address"]).to_owned()
    }

    async fn read(&self, address: &str) -> Answer {
        self.stack.settle(self.api.chain.tenant).await;
        self.calendar.get(address).await
    }

    async fn ask_again(&self, address: &str, tag: &str) -> Answer {
        let request = self.calendar.request(Method::GET, address);
        self.calendar.send(request.header("if-none-match", tag)).await
    }
}

#[tokio::test]
async fn a_member_feed_shows_what_she_booked_moved_and_cancelled() {
    let name = "api::calendar_feeds::a_member_feed_shows_what_she_booked_moved_and_cancelled";
    let Some(python) = judge(name).await else { return };
    let house = house().await;
    let elbe = house
        .book(&house.harbour.elbe, "2026-01-22T10:00", "2026-01-22T12:00")
        .await;
    let spree = house
        .book(&house.harbour.spree, "2026-01-27T09:00", "2026-01-27T10:00")
        .await;
    let address = house.feed_of("members", &house.ada).await;
    assert!(address.starts_with(&house.api.chain.url), "{address}");

    let first = house.read(&address).await.expect(200);
    assert_eq!(first.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(first.header("cache-control"), Some("private, max-age=300"));
    let tag = first.header("etag").expect("a tag").to_owned();
    assert!(tag.starts_with('"'), "a strong one: {tag}");
    let read = judged(&python, &first.body).await;
    assert_eq!(read["name"], "Harbour Coworking");
    let events = read["events"].as_array().expect("events");
    assert_eq!(events.len(), 2, "{events:?}");
    let place = "Speicher, Hafenstrasse 1, 10115 Berlin, DE";
    assert_eq!(
        (&events[0]["uid"], &events[0]["summary"], &events[0]["location"]),
        (&json!(elbe), &json!("Elbe"), &json!(place))
    );
    assert_eq!(
        (&events[0]["start"], &events[0]["end"]),
        (&json!("2026-01-22T09:00:00+00:00"), &json!("2026-01-22T11:00:00+00:00"))
    );
    assert_eq!(
        (&events[0]["status"], &events[0]["sequence"]),
        (&json!("CONFIRMED"), &json!(0))
    );
    // The clock of the chain stands at ten o'clock in Berlin: that is when it was booked.
    assert_eq!(events[0]["stamp"], "2026-01-20T09:00:00+00:00");

    // The same data, the same bytes; and who has them is told so.
    assert_eq!(house.read(&address).await.body, first.body);
    let known = house.ask_again(&address, &tag).await.expect(304);
    assert_eq!((known.body.as_str(), known.header("etag")), ("", Some(tag.as_str())));
    assert_eq!(known.header("cache-control"), Some("private, max-age=300"));

    let later = json!({ "starts_at": "2026-01-26T10:00", "ends_at": "2026-01-26T12:00" });
    house
        .api
        .post(&format!("/v1/bookings/{elbe}/move"), &later)
        .await
        .expect(200);
    house
        .api
        .post(&format!("/v1/bookings/{spree}/cancel"), &json!({}))
        .await
        .expect(200);
    house.stack.settle(house.api.chain.tenant).await;
    let changed = house.ask_again(&address, &tag).await.expect(200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    let events = judged(&python, &changed.body).await["events"].clone();
    assert_eq!(
        (&events[0]["uid"], &events[0]["start"]),
        (&json!(elbe), &json!("2026-01-26T09:00:00+00:00"))
    );
    assert!(events[0]["sequence"].as_i64() > Some(0), "{events}");
    assert_eq!(
        (&events[1]["uid"], &events[1]["status"]),
        (&json!(spree), &json!("CANCELLED"))
    );
    assert!(events[1]["sequence"].as_i64() > Some(0), "{events}");

    // Neither what is long over nor what is far ahead.
    house
        .stack
        .advance(&house.api.chain, "2026-04-01T12:00:00Z".parse().expect("an instant"))
        .await;
    let events = judged(&python, &house.read(&address).await.body).await["events"].clone();
    assert_eq!(events, json!([]));
    house.stack.shutdown().await;
}

#[tokio::test]
async fn an_address_is_replaced_and_revoked() {
    let house = house().await;
    let path = format!("/v1/members/{}/calendar_feed", id(&house.ada));
    let before: Value = house.api.get(&path).await.expect(200).json();
    assert_eq!(before, json!({ "made_at": null }));
    let first = house.feed_of("members", &house.ada).await;
    house.read(&first).await.expect(200);
    let shown: Value = house.api.get(&path).await.expect(200).json();
    assert!(
        shown["made_at"].is_string() && shown.get("address").is_none(),
        "{shown}"
    );

    let second = house.feed_of("members", &house.ada).await;
    assert_ne!(first, second);
    house.read(&first).await.expect(404);
    house.read(&second).await.expect(200);
    let bare = second.strip_suffix(".ics").expect("it is a file");
    house.read(bare).await.expect(404);

    let repeated = house.api.post_with_key(&path, "{}", "feed-1").await.expect(422);
    assert_eq!(repeated.json::<Value>()["code"], "idempotency_key_not_supported");
    house.read(&second).await.expect(200);

    for _ in 0..2 {
        let revoked: Value = house
            .api
            .post(&format!("{path}/revoke"), &json!({}))
            .await
            .expect(200)
            .json();
        assert_eq!(revoked, json!({ "made_at": null }));
        house.read(&second).await.expect(404);
    }
    let finance = Client::with_role(&house.stack, house.api.chain.clone(), Role::Finance).await;
    finance.post(&path, &json!({})).await.expect(403);
    finance.get(&path).await.expect(403);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_room_and_a_house_show_when_they_are_taken_and_by_whom() {
    let name = "api::calendar_feeds::a_room_and_a_house_show_when_they_are_taken_and_by_whom";
    let Some(python) = judge(name).await else { return };
    let house = house().await;
    let room = json!({ "resource_type_id": house.harbour.room_type, "location_id": house.harbour.location,
        "name": "Süd; \"A, B\" \\ Übergrößenträgerinnenversammlungsraum mit Blick auf die Elbe, hinten", "capacity": 4 });
    let south = house.api.made("/v1/resources", &room).await["resource_id"].clone();
    house
        .book(&house.harbour.elbe, "2026-01-22T10:00", "2026-01-22T12:00")
        .await;
    house.book(&south, "2026-01-23T10:00", "2026-01-23T11:00").await;
    let cancelled = house
        .book(&house.harbour.spree, "2026-01-27T09:00", "2026-01-27T10:00")
        .await;
    house
        .api
        .post(&format!("/v1/bookings/{cancelled}/cancel"), &json!({}))
        .await
        .expect(200);

    let of_room = house.feed_of("resources", &south).await;
    let of_house = house.feed_of("locations", &house.harbour.location).await;
    let summaries = |read: &Value| -> Vec<Value> {
        let events = read["events"].as_array().expect("events");
        events.iter().map(|event| event["summary"].clone()).collect()
    };
    let south_and_ada = json!(format!("{}: Ada", id(&room["name"])));
    let read = judged(&python, &house.read(&of_room).await.expect(200).body).await;
    assert_eq!(read["name"], format!("{}, Speicher", id(&room["name"])));
    assert_eq!(summaries(&read), std::slice::from_ref(&south_and_ada));
    let read = judged(&python, &house.read(&of_house).await.expect(200).body).await;
    assert_eq!(read["name"], "Speicher");
    assert_eq!(
        summaries(&read),
        [json!("Elbe: Ada"), south_and_ada],
        "what was cancelled takes no time"
    );
    // Each has an address of its own.
    let path = format!("/v1/resources/{}/calendar_feed/revoke", id(&south));
    house.api.post(&path, &json!({})).await.expect(200);
    house.read(&of_room).await.expect(404);
    house.read(&of_house).await.expect(200);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn an_address_works_at_its_own_chain_alone() {
    let house = house().await;
    let quayside = Client::open(&house.stack, "quayside").await;
    set_up(&quayside).await;
    let address = house.feed_of("members", &house.ada).await;
    let path = address
        .strip_prefix(&house.api.chain.url)
        .expect("an address of the chain");
    house.stack.person_at("quayside").get(path).await.expect(404);
    house.stack.person().get(path).await.expect(404);
    // Control: at home it works, for a reader without any cookie.
    house.stack.person_at("harbour").get(path).await.expect(200);
    // Control: under row-level security the other chain's transactions do not see the row, and the owner of the tables does.
    let count = "select count(*) from calendar_feed where tenant_id = $1";
    let mut tx = house.stack.db.app.begin().await.expect("a transaction");
    coterie_eventlog::set_tenant_in_op(&mut tx, quayside.chain.tenant)
        .await
        .expect("the tenant is set");
    let seen: i64 = sqlx::query_scalar(count)
        .bind(house.api.chain.tenant)
        .fetch_one(&mut *tx)
        .await
        .expect("counted");
    let there: i64 = sqlx::query_scalar(count)
        .bind(house.api.chain.tenant)
        .fetch_one(&house.stack.db.owner)
        .await
        .expect("counted");
    assert_eq!((seen, there), (0, 1));
    drop(tx);
    // What is kept is no address.
    let token = path.trim_start_matches("/calendars/").trim_end_matches(".ics");
    let kept: Vec<String> = sqlx::query_scalar("select to_jsonb(f)::text from calendar_feed f")
        .fetch_all(&house.stack.db.owner)
        .await
        .expect("rows");
    assert!(kept.iter().all(|row| !row.contains(token)), "{kept:?}");
    house.stack.shutdown().await;
}
