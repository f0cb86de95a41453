//! The page of a tablet beside a door: what it shows, whom it tells of nobody, and how members book there by their codes.

mod kiosk;

use crate::api::client::{Client, Harbour, id, set_up, subscribed};
use coterie_app::{Actor, Caller, UseCaseError, door};
use coterie_domain::MemberId;
use coterie_tests::{Answer, Person, TestStack, stack};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    /// A browser that has nothing but an address.
    tablet: Person,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let tablet = stack.person_at("harbour");
    House {
        stack,
        api,
        harbour,
        ada,
        tablet,
    }
}

impl House {
    /// The address of the page beside a room's door, from the slash on.
    async fn door_of(&self, room: &Value) -> String {
        let made = self
            .api
            .made(&format!("/v1/resources/{}/door", id(room)), &json!({}))
            .await;
        let address = id(&made["address"]).to_owned();
        let (_, path) = address.split_once("/door/").expect("an address of a door");
        assert!(address.starts_with(&self.api.chain.url), "{address}");
        format!("/door/{path}")
    }

    async fn book(&self, room: &Value, start: &str, end: &str) -> String {
        let wish = json!({ "member_id": self.ada, "resource_id": room, "starts_at": start, "ends_at": end });
        let booked = self.api.made("/v1/bookings", &wish).await;
        self.stack.settle(self.api.chain.tenant).await;
        id(&booked["booking_id"]).to_owned()
    }

    fn as_ada(&self) -> (Caller, MemberId) {
        let ada = MemberId(id(&self.ada).parse().expect("an id"));
        (Caller::new(self.api.chain.tenant, Actor::Member(ada)), ada)
    }

    async fn code(&self) -> String {
        let (caller, ada) = self.as_ada();
        let made = door::make_code(self.stack.app(), &caller, ada).await;
        made.expect("Ada makes a code").code
    }

    /// Sends the form of a page as it stands, with a code.
    async fn press(&self, page: &Answer, door: &str, code: &str) -> Answer {
        let mut form: Vec<(&str, String)> = ["start", "minutes", "command"]
            .into_iter()
            .map(|name| (name, hidden(&page.body, name)))
            .collect();
        form.push(("code", code.to_owned()));
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.tablet.post(&format!("{door}/book"), &form).await
    }
}

fn hidden(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("type=\"hidden\" name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in\n{html}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Any code but hers.
fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("six digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

fn words(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(answer: &Answer, sentence: &str) {
    let words = words(&answer.body);
    assert!(words.contains(sentence), "it does not say {sentence:?}: {words}");
}

#[tokio::test]
async fn it_tells_when_the_room_is_taken_and_never_by_whom() {
    let house = house().await;
    let door = house.door_of(&house.harbour.elbe).await;
    // It is 10:00 in Berlin.
    let page = house.tablet.get(&door).await.expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    says(&page, "Speicher Elbe Free until 22:00");
    says(&page, "60 min, 10:00–11:00");
    says(&page, "Nothing is booked.");
    assert!(
        page.body
            .contains("<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>")
    );

    house
        .book(&house.harbour.elbe, "2026-01-20T10:30", "2026-01-20T11:30")
        .await;
    house
        .book(&house.harbour.elbe, "2026-01-20T11:30", "2026-01-20T12:00")
        .await;
    house
        .book(&house.harbour.spree, "2026-01-20T10:00", "2026-01-20T12:00")
        .await;
    let page = house.tablet.get(&door).await.expect(200);
    says(&page, "Free until 10:30");
    says(&page, "Later today 10:30–11:30 11:30–12:00");
    assert!(
        page.body.contains("30 min, 10:00") && !page.body.contains("60 min"),
        "{}",
        page.body
    );
    let spree = house.door_of(&house.harbour.spree).await;
    let page = house.tablet.get(&spree).await.expect(200);
    says(&page, "Spree Busy until 12:00");
    assert!(
        !page.body.contains("Book now") && !page.body.contains("Ada"),
        "{}",
        page.body
    );

    // Out of service, and a closed day.
    let painting = json!({ "resource_id": house.harbour.elbe, "starts_at": "2026-01-20T09:00", "ends_at": "2026-01-20T10:15", "reason": "Painting" });
    house.api.made("/v1/blockers", &painting).await;
    says(
        &house.tablet.get(&door).await.expect(200),
        "Out of service until 10:15: Painting",
    );
    let closures = format!("/v1/locations/{}/closures", id(&house.harbour.location));
    house
        .api
        .made(&closures, &json!({ "first_day": "2026-01-20", "reason": "Burst pipe" }))
        .await;
    says(&house.tablet.get(&door).await.expect(200), "Closed for today");

    // Another address takes its place; a revoked one, another chain's host and the installation's own know none.
    let second = house.door_of(&house.harbour.elbe).await;
    house.tablet.get(&door).await.expect(404);
    house.tablet.get(&second).await.expect(200);
    let quayside = Client::open(&house.stack, "quayside").await;
    assert_ne!(quayside.chain.tenant, house.api.chain.tenant);
    house.stack.person_at("quayside").get(&second).await.expect(404);
    house.stack.person().get(&second).await.expect(404);
    let revoke = format!("/v1/resources/{}/door", id(&house.harbour.elbe));
    house
        .api
        .post(&format!("{revoke}/revoke"), &json!({}))
        .await
        .expect(200);
    for path in [
        second.clone(),
        format!("{second}/events"),
        format!("{second}/book?minutes=30&start=2026-01-20T10:00"),
    ] {
        house.tablet.get(&path).await.expect(404);
    }
    let gone: Value = house.api.get(&revoke).await.expect(200).json();
    assert_eq!(gone["made_at"], Value::Null);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_member_books_on_the_spot_by_her_code() {
    let house = house().await;
    let door = house.door_of(&house.harbour.elbe).await;
    let code = house.code().await;
    let offered = format!("{door}/book?minutes=30&start=2026-01-20T10:00");
    let page = house.tablet.get(&offered).await.expect(200);
    says(&page, "Book Elbe 10:00 to 10:30");
    let wrong = house.press(&page, &door, &another(&code)).await.expect(422);
    says(&wrong, "Nobody has this code.");
    assert!(!wrong.body.contains(&another(&code)), "a code is never sent back");
    says(
        &house.press(&page, &door, "12345").await.expect(422),
        "A door code has six digits.",
    );

    let booked = house.press(&page, &door, &code).await.expect(303);
    // Sent twice, it is one booking.
    house
        .press(&page, &door, &format!("{} {}", &code[..3], &code[3..]))
        .await
        .expect(303);
    house.stack.settle(house.api.chain.tenant).await;
    let shown = house.tablet.get(booked.location().as_str()).await.expect(200);
    says(&shown, "Booked from 10:00 to 10:30.");
    says(&shown, "Busy until 10:30");
    let listed: Value = house.api.get("/v1/bookings").await.expect(200).json();
    let bookings = listed["data"].as_array().expect("bookings");
    assert_eq!(bookings.len(), 1, "{listed}");
    assert_eq!(
        (
            &bookings[0]["member_id"],
            &bookings[0]["starts_at"],
            &bookings[0]["ends_at"]
        ),
        (&house.ada, &json!("2026-01-20T10:00"), &json!("2026-01-20T10:30"))
    );
    let log: Value = house.api.get("/v1/log?type=BookingConfirmed").await.expect(200).json();
    assert_eq!(log["data"][0]["actor"], format!("member:{}", id(&house.ada)), "{log}");

    // The ordinary rules decide: the room is taken now, and a length that no door offers is none.
    let page = house.tablet.get(&offered).await.expect(200);
    says(
        &house.press(&page, &door, &code).await.expect(409),
        "Elbe is already taken then.",
    );
    let longer = [
        ("start", "2026-01-20T12:00"),
        ("minutes", "480"),
        ("command", "x"),
        ("code", code.as_str()),
    ];
    house.tablet.post(&format!("{door}/book"), &longer).await.expect(422);
    let elsewhere = house.tablet.get(&format!("{door}/book?minutes=7")).await.expect(303);
    assert!(elsewhere.location().path().ends_with(&door));

    // Another code takes the old one's place.
    let second = house.code().await;
    let page = house
        .tablet
        .get(&format!("{door}/book?minutes=15&start=2026-01-20T11:00"))
        .await
        .expect(200);
    if second != code {
        house.press(&page, &door, &code).await.expect(422);
    }
    // The room is booked by half hours.
    says(
        &house.press(&page, &door, &second).await.expect(422),
        "Elbe can be booked for 30",
    );
    house.stack.shutdown().await;
}

#[tokio::test]
async fn after_five_wrong_codes_a_door_waits() {
    let house = house().await;
    let (elbe, spree) = (
        house.door_of(&house.harbour.elbe).await,
        house.door_of(&house.harbour.spree).await,
    );
    let code = house.code().await;
    let offer = |door: &str| format!("{door}/book?minutes=30&start=2026-01-20T10:00");
    let page = house.tablet.get(&offer(&elbe)).await.expect(200);
    let (wrong, tenant) = (another(&code), house.api.chain.tenant);
    let token = elbe.trim_start_matches("/door/").to_owned();
    // Many at once: they are heard one after another, and five of them at most.
    let guesses = (0..20).map(|_| {
        let (app, token, wrong) = (house.stack.app().clone(), token.clone(), wrong.clone());
        tokio::spawn(async move { door::enter(&app, tenant, &token, &wrong).await })
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
    // The fifth is told that the door waits now.
    assert_eq!(heard, 4);
    let waits = house.press(&page, &elbe, &code).await.expect(409);
    says(&waits, "Too many wrong codes. This door takes none for a minute.");
    let listed: Value = house.api.get("/v1/bookings").await.expect(200).json();
    assert_eq!(listed["data"], json!([]));
    // Another door hears her.
    let other = house.tablet.get(&offer(&spree)).await.expect(200);
    house.press(&other, &spree, &code).await.expect(303);

    // Control: it is the waiting that keeps her out, and a right code does not wipe out the wrong ones.
    let release = "update door set waits_until = null where waits_until is not null";
    let waiting = || async {
        let run = sqlx::query(release).execute(&house.stack.db.owner).await;
        run.expect("the superuser may").rows_affected()
    };
    assert_eq!(waiting().await, 1);
    for _ in 0..4 {
        let guess = door::enter(house.stack.app(), tenant, &token, &wrong).await;
        assert_eq!(guess.expect_err("wrong").code(), Some("wrong_code"));
    }
    house.press(&page, &elbe, &code).await.expect(303);
    let tenth = door::enter(house.stack.app(), tenant, &token, &wrong).await;
    let UseCaseError::Refused(tenth) = tenth.expect_err("wrong") else {
        panic!("a refusal")
    };
    assert_eq!(
        tenth.sentence,
        "Too many wrong codes. This door takes none for 2 minutes."
    );
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_code_is_hers_alone_and_kept_by_a_keyed_digest() {
    let house = house().await;
    let code = house.code().await;
    let (ada_calls, ada) = house.as_ada();
    let app = house.stack.app();
    let owner = house.api.chain.owner();
    let refused = door::make_code(app, &owner, ada).await;
    assert!(matches!(refused, Err(UseCaseError::Forbidden)), "{refused:?}");
    let row: String = sqlx::query_scalar("select to_jsonb(d)::text from door_code d")
        .fetch_one(&house.stack.db.owner)
        .await
        .expect("a row");
    assert!(!row.contains(&code), "{row}");
    let plain = coterie_app::secret::sha256(code.as_bytes());
    let plain = plain
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    assert!(!row.contains(&plain), "a digest without a key is found by trying");
    // Operators may take it away; she as well.
    let path = format!("/v1/members/{}/door_code", id(&house.ada));
    let there: Value = house.api.get(&path).await.expect(200).json();
    assert!(there["made_at"].is_string(), "{there}");
    house.api.post(&format!("{path}/revoke"), &json!({})).await.expect(200);
    assert_eq!(door::code_made_at(app, &ada_calls, ada).await.expect("hers"), None);
    let door = house.door_of(&house.harbour.elbe).await;
    let page = house
        .tablet
        .get(&format!("{door}/book?minutes=30&start=2026-01-20T10:00"))
        .await
        .expect(200);
    house.press(&page, &door, &code).await.expect(422);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn whoever_booked_checks_in_at_the_door_by_her_code() {
    let house = house().await;
    let (elbe, spree) = (
        house.door_of(&house.harbour.elbe).await,
        house.door_of(&house.harbour.spree).await,
    );
    let code = house.code().await;
    let shown = house.tablet.get(&elbe).await.expect(200);
    assert!(!shown.body.contains("Check in"), "nobody is waited for: {}", shown.body);
    let booking = house
        .book(&house.harbour.elbe, "2026-01-20T10:00", "2026-01-20T11:00")
        .await;
    says(&house.tablet.get(&elbe).await.expect(200), "Check in");
    let check_in = |door: &str, code: &str| {
        let path = format!("{door}/check-in");
        let code = code.to_owned();
        let tablet = &house.tablet;
        async move {
            let page = tablet.get(&path).await.expect(200);
            let command = hidden(&page.body, "command");
            tablet.post(&path, &[("command", &command), ("code", &code)]).await
        }
    };
    says(
        &check_in(&elbe, &another(&code)).await.expect(422),
        "Nobody has this code.",
    );
    // Her booking is at the other door.
    let wrong_door = check_in(&spree, &code).await.expect(409);
    says(&wrong_door, "No booking of yours waits for you here now.");
    let done = check_in(&elbe, &code).await.expect(303);
    house.stack.settle(house.api.chain.tenant).await;
    let shown = house.tablet.get(done.location().as_str()).await.expect(200);
    says(&shown, "You are checked in.");
    says(&shown, "Busy until 11:00");
    assert!(!shown.body.contains("Check in"), "{}", shown.body);
    let log: Value = house.api.get("/v1/log?type=CheckedIn").await.expect(200).json();
    assert_eq!(
        (&log["data"][0]["stream_id"], &log["data"][0]["payload"]["how"]),
        (&json!(booking), &json!("code")),
        "{log}"
    );
    assert_eq!(log["data"][0]["actor"], format!("member:{}", id(&house.ada)), "{log}");
    house.stack.shutdown().await;
}

/// A stream of server-sent events.
struct Events {
    response: reqwest::Response,
    read: String,
}

impl Events {
    async fn open(tablet: &Person, door: &str) -> Self {
        let response = tablet.request(Method::GET, &format!("{door}/events")).send().await;
        let response = response.expect("it answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            read: String::new(),
        }
    }

    /// The words of the next board.
    async fn next(&mut self) -> String {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if event.contains("event: board") {
                    let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
                    return words(&lines.collect::<Vec<_>>().join("\n"));
                }
                continue;
            }
            let chunk = self
                .response
                .chunk()
                .await
                .expect("it goes on")
                .expect("it has not ended");
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

#[tokio::test]
async fn a_board_follows_what_happens_elsewhere() {
    let house = house().await;
    let door = house.door_of(&house.harbour.elbe).await;
    let mut events = Events::open(&house.tablet, &door).await;
    assert!(events.next().await.contains("Elbe Free until 22:00"));
    // Another room's booking changes nothing here, so what comes next is her own.
    house
        .book(&house.harbour.spree, "2026-01-20T10:00", "2026-01-20T12:00")
        .await;
    let booking = house
        .book(&house.harbour.elbe, "2026-01-20T10:00", "2026-01-20T11:00")
        .await;
    assert!(events.next().await.contains("Elbe Busy until 11:00"));
    // Time goes on, and nobody did anything.
    let noon = "2026-01-20T11:00:00Z".parse().expect("an instant");
    house
        .book(&house.harbour.elbe, "2026-01-20T14:00", "2026-01-20T15:00")
        .await;
    assert!(events.next().await.contains("14:00–15:00"));
    house.stack.advance(&house.api.chain, noon).await;
    let board = events.next().await;
    assert!(board.contains("Elbe Free until 14:00"), "{board}");
    drop(booking);
    // Revoked, it ends.
    let revoke = format!("/v1/resources/{}/door/revoke", id(&house.harbour.elbe));
    house.api.post(&revoke, &json!({})).await.expect(200);
    let mut rest = Vec::new();
    while let Some(chunk) = events.response.chunk().await.expect("it ends in order") {
        rest.extend_from_slice(&chunk);
    }
    assert!(!String::from_utf8_lossy(&rest).contains("event: board"));
    house.stack.shutdown().await;
}

/// As many tablets as a process has places for, and no more.
#[tokio::test]
async fn places_for_tablets_are_counted() {
    const PLACES: usize = 256;
    let house = house().await;
    let door = house.door_of(&house.harbour.elbe).await;
    let path = format!("{door}/events");
    let ask = || house.tablet.request(Method::GET, &path).send();
    let mut open = Vec::new();
    for _ in 0..PLACES / 32 {
        for answer in join_all((0..32).map(|_| ask())).await {
            let answer = answer.expect("it answers");
            assert_eq!(answer.status(), 200);
            open.push(answer);
        }
    }
    let refused = house.tablet.get(&path).await.expect(503);
    assert_eq!(refused.header("retry-after"), Some("30"));
    // Whoever leaves makes room.
    drop(open);
    let mut status = 503;
    for _ in 0..2_000 {
        let answer = ask().await.expect("it answers");
        status = answer.status().as_u16();
        if status == 200 {
            break;
        }
    }
    assert_eq!(status, 200);
    house.stack.shutdown().await;
}
