//! Somebody without an account books a room: at the public pages, through the simulator's hosted page, back by the secret link.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

use crate::api::client::{Client, Harbour, id, set_up, subscribed};
use crate::member_pages::house::{assert_says, hidden, link, words};
use coterie_stripe_sim::Fault;
use coterie_tests::{Answer, Person, TestStack, guards::guards_agree, invariants, stack, stripe::press};
use coterie_worker::queue::{NewJob, enqueue_in_op};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let terms = format!("/v1/resources/{}/terms", id(&harbour.elbe));
    // The sandbox gets its account at the simulator by itself.
    stack.settle(api.chain.tenant).await;
    api.post(&terms, &json!({ "visitors": true })).await.expect(200);
    House { stack, api, harbour }
}

impl House {
    fn room(&self) -> String {
        format!("/visit/{}", id(&self.harbour.elbe))
    }

    /// Chooses Thursday, 10:00 to 12:00, and holds it; ends at the page of the visit.
    async fn hold(&self, vera: &Person) -> Answer {
        let chosen = format!("{}?day=2026-01-22&minutes=120&start=10:00", self.room());
        let page = vera.get(&chosen).await.expect(200);
        let mut form = hidden(&page.body, &self.room());
        form.push(("name".to_owned(), "Vera Visitor".to_owned()));
        form.push(("email".to_owned(), "vera@example.test".to_owned()));
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        vera.submit(&self.room(), &form).await.expect(200)
    }

    /// Presses a button of the hosted page; where it leads.
    async fn press(&self, visit: &Answer, choice: &str) -> (u16, Option<String>, String) {
        press(&link(&visit.body, "Pay EUR"), "choice", choice).await
    }

    fn no_webhooks(&self) {
        let fault = json!({ "kind": "drop_webhook", "match": { "event_type": "checkout.session" }, "times": 100 });
        self.stack
            .house
            .sim
            .fault(serde_json::from_value::<Fault>(fault).unwrap());
    }

    async fn sweep(&self) {
        let mut conn = self.stack.house.worker_pool.acquire().await.unwrap();
        let sweep = NewJob {
            tenant: self.api.chain.tenant,
            kind: "sweep",
            idempotency_key: "by hand".to_owned(),
            payload: json!({}),
            run_at: None,
            max_attempts: 1,
        };
        enqueue_in_op(&mut conn, sweep).await.unwrap();
    }

    async fn settle(&self) {
        self.stack.settle(self.api.chain.tenant).await;
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        self.settle().await;
        let list: Value = self.api.get(path).await.expect(200).json();
        list["data"].as_array().unwrap().clone()
    }

    /// The company's account at the gateway.
    async fn account(&self) -> String {
        sqlx::query_scalar("select account_id from installation.stripe_account where tenant_id = $1 order by 1 limit 1")
            .bind(self.api.chain.tenant)
            .fetch_one(&self.stack.db.owner)
            .await
            .unwrap()
    }

    /// What the gateway gave back of an account's money.
    fn refunded(&self, account: &str) -> i64 {
        let state = self.stack.house.sim.state(account).unwrap();
        let invoices = state["invoices"].as_object().unwrap();
        invoices.values().filter_map(|one| one["refunded_minor"].as_i64()).sum()
    }

    fn letters(&self, subject: &str) -> usize {
        let inbox = self.stack.house.inbox.messages();
        let to_her = inbox
            .iter()
            .filter(|mail| mail.to.iter().any(|to| to == "vera@example.test"));
        to_her.filter(|mail| mail.subject().starts_with(subject)).count()
    }

    async fn sound(self) {
        self.settle().await;
        guards_agree(&self.stack.db.worker, self.api.chain.tenant).await;
        invariants::assert_sound(&self.stack.db, &self.stack.house.sim).await;
        self.stack.shutdown().await;
    }
}

#[tokio::test]
async fn a_stranger_books_a_room_and_pays_on_the_hosted_page() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let rooms = vera.get("/visit").await.expect(200);
    assert_says(&rooms, "Elbe 8 people EUR 20.00");
    assert!(
        !words(&rooms.body).contains("Spree"),
        "closed to visitors where nobody said otherwise"
    );
    let spree = format!("/visit/{}", id(&house.harbour.spree));
    vera.get(&spree).await.expect(404);

    let day = vera
        .get(&format!("{}?day=2026-01-22&minutes=120", house.room()))
        .await
        .expect(200);
    assert_says(&day, "Free on Thu 22 January 2026");
    let chosen = vera.get(&link(&day.body, "10:00")).await.expect(200);
    assert_says(&chosen, "EUR 47.60 with VAT 2 h at EUR 20.00 an hour EUR 40.00 net");

    let visit = house.hold(&vera).await;
    assert_says(&visit, "Held for you Pay until 10:31 (Europe/Berlin), and it is yours.");
    let (status, back, text) = house.press(&visit, "works").await;
    assert_eq!(status, 303, "{text}");
    let back = back.unwrap();
    assert_eq!(back, visit.url.as_str(), "the hosted page leads back to the visit");
    let booked = vera.get(&back).await.expect(200);
    assert_says(&booked, "Booked You paid EUR 47.60.");
    assert_says(&booked, "Invoice BER-000001");
    assert_says(
        &booked,
        "Giving it up It costs nothing now: all of it, EUR 47.60, goes back to your card.",
    );
    house.settle().await;

    // The webhook said the same, and the letters came once.
    assert_eq!(
        (house.letters("Booked: Elbe"), house.letters("Payment received")),
        (1, 1)
    );
    assert_eq!(
        house.letters("Invoice"),
        0,
        "the receipt and the confirmation are enough"
    );
    let inbox = &house.stack.house.inbox;
    let letter = inbox
        .wait_for(|mail| mail.subject().starts_with("Booked: Elbe"), PATIENCE)
        .await
        .unwrap();
    assert!(letter.text().contains(visit.url.path()), "{}", letter.text());
    let calendar = &letter.attachments()[0];
    assert!(
        calendar.content_type.starts_with("text/calendar"),
        "{}",
        calendar.content_type
    );
    let calendar = String::from_utf8(calendar.bytes.clone()).unwrap();
    assert!(calendar.contains("DTSTART:20260122T090000Z"), "{calendar}");

    // Staff see who it is, and the house is billed by nobody twice.
    let bookings = house.list("/v1/bookings").await;
    assert_eq!((bookings.len(), &bookings[0]["state"]), (1, &json!("confirmed")));
    let invoices = house.list("/v1/invoices").await;
    assert_eq!((invoices.len(), &invoices[0]["state"]), (1, &json!("paid")));
    assert_eq!(house.list("/v1/payments").await.len(), 1);
    house.sound().await;
}

#[tokio::test]
async fn who_gives_a_paid_booking_up_gets_back_what_is_not_due() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    house.press(&visit, "works").await;
    house.settle().await;
    let page = vera.get(visit.url.path()).await.expect(200);
    let action = format!("{}/cancel", visit.url.path());
    let form = hidden(&page.body, &action);
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // What she was told must be what goes back.
    let other = vera.submit(&action, &[("back", "4000")]).await.expect(409);
    assert_says(&other, "By now EUR 47.60 would go back. Please look again.");
    assert_says(
        &vera.get(visit.url.path()).await.expect(200),
        "Booked You paid EUR 47.60.",
    );
    // A form that is sent twice is carried out once.
    for _ in 0..2 {
        let after = vera.submit(&action, &form).await.expect(200);
        assert_says(&after, "Cancelled This booking was given up");
    }
    let again = vera.submit(&action, &[("back", "4760")]).await.expect(409);
    assert_says(&again, "This booking was cancelled already.");
    house.settle().await;
    assert_says(
        &vera.get(visit.url.path()).await.expect(200),
        "Cancelled This booking was given up, and EUR 47.60 went back to your card.",
    );
    let bookings = house.list("/v1/bookings").await;
    assert_eq!((bookings.len(), &bookings[0]["state"]), (1, &json!("cancelled")));
    let notes = house.list("/v1/credit_notes").await;
    assert_eq!(
        (notes.len(), &notes[0]["gross"]["minor"]),
        (1, &json!(4760)),
        "{notes:?}"
    );
    assert_eq!(house.letters("Cancelled: Elbe"), 1, "she hears of it once");
    // Her time is anybody's again, and at the gateway nothing of hers is left.
    house.hold(&vera).await;
    let account = house.account().await;
    let refunded: i64 = house.refunded(&account);
    assert_eq!(refunded, 4_760);
    house.sound().await;
}

#[tokio::test]
async fn a_card_that_is_declined_leaves_the_time_held_and_another_one_pays() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    let (status, _, text) = house.press(&visit, "decline").await;
    assert_eq!(status, 422);
    assert!(text.contains(r#"role="alert""#), "{text}");
    assert_says(&vera.get(visit.url.path()).await.expect(200), "Held for you");
    assert!(
        house.list("/v1/invoices").await.is_empty(),
        "nothing is invoiced before it is paid"
    );
    let (status, location, _) = house.press(&visit, "authenticate").await;
    assert_eq!(status, 303);
    let asks = format!("{}{}", house.stack.house.sim.url, location.unwrap());
    let (status, back, text) = press(&asks, "outcome", "complete").await;
    assert_eq!(status, 303, "{text}");
    assert_says(
        &vera.get(&back.unwrap()).await.expect(200),
        "Booked You paid EUR 47.60.",
    );
    house.sound().await;
}

#[tokio::test]
async fn who_pays_and_closes_the_window_is_booked_by_the_webhook() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    house.press(&visit, "works").await;
    house.settle().await;
    let bookings = house.list("/v1/bookings").await;
    assert_eq!((bookings.len(), &bookings[0]["state"]), (1, &json!("confirmed")));
    assert_says(
        &vera.get(visit.url.path()).await.expect(200),
        "Booked You paid EUR 47.60.",
    );
    assert_eq!(house.list("/v1/invoices").await.len(), 1);
    house.sound().await;
}

#[tokio::test]
async fn a_payment_that_nobody_tells_of_is_found_by_the_sweep() {
    let house = house().await;
    house.no_webhooks();
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    house.press(&visit, "works").await;
    house.settle().await;
    house.sweep().await;
    let bookings = house.list("/v1/bookings").await;
    assert_eq!(bookings[0]["state"], "confirmed", "{bookings:?}");
    assert_eq!(house.letters("Booked: Elbe"), 1);
    house.sound().await;
}

#[tokio::test]
async fn what_the_gateway_has_no_page_for_holds_nothing_for_long() {
    let house = house().await;
    let fault = json!({ "kind": "error_500_before", "match": { "path_prefix": "/v1/checkout/sessions" }, "times": 9 });
    house
        .stack
        .house
        .sim
        .fault(serde_json::from_value::<Fault>(fault).unwrap());
    let wish = json!({ "resource_id": house.harbour.elbe, "starts_at": "2026-01-22T10:00", "ends_at": "2026-01-22T12:00",
        "name": "Vera Visitor", "email": "vera@example.test" });
    let answer = house.api.post("/v1/visitor_bookings", &wish).await;
    assert!(answer.status.is_server_error(), "{}", answer.body);
    let visits = async || -> i64 {
        sqlx::query_scalar("select count(*) from visitor_booking")
            .fetch_one(&house.stack.db.owner)
            .await
            .unwrap()
    };
    assert_eq!(visits().await, 1, "she may try again with the same form");
    house
        .stack
        .advance(&house.api.chain, "2026-01-20T09:32:00Z".parse().unwrap())
        .await;
    house.sweep().await;
    house.settle().await;
    assert_eq!(visits().await, 0, "what nobody can pay for counts against nobody");
    house.sound().await;
}

#[tokio::test]
async fn a_page_that_nobody_pays_on_closes_and_leaves_nothing() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    house
        .stack
        .advance(&house.api.chain, "2026-01-20T09:32:00Z".parse().unwrap())
        .await;
    // The page closed by itself and its webhook said so, before anybody asked.
    let members = house.list("/v1/members").await;
    assert_eq!(members[0]["name"], "(forgotten)", "{members:?}");
    let page = vera.get(visit.url.path()).await.expect(200);
    assert_says(&page, "Not booked Nobody paid in time");
    assert!(house.list("/v1/invoices").await.is_empty());
    assert_eq!(house.letters(""), 0, "no letter goes to whoever did not pay");
    // The time is free again, for herself too.
    assert_says(&house.hold(&vera).await, "Held for you");
    house.sound().await;
}

#[tokio::test]
async fn who_pays_for_a_time_that_is_gone_gets_it_back_with_a_letter() {
    let house = house().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    house.no_webhooks();
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    // Staff need the room while she looks for her card, and Ada has it.
    let held = &house.list("/v1/bookings").await[0];
    let cancel = format!("/v1/bookings/{}/cancel", id(&held["booking_id"]));
    house.api.post(&cancel, &json!({})).await.expect(200);
    let wish = crate::api::client::booking(&ada, &house.harbour.elbe, 10, 12);
    house.api.made("/v1/bookings", &wish).await;
    let (status, back, text) = house.press(&visit, "works").await;
    assert_eq!(status, 303, "{text}");
    let gone = vera.get(&back.unwrap()).await.expect(200);
    assert_says(&gone, "Not booked Your payment came too late");
    house.settle().await;
    assert_says(&vera.get(visit.url.path()).await.expect(200), "went back to your card");
    assert_eq!((house.letters("Not booked: Elbe"), house.letters("Booked")), (1, 0));
    let account: String = sqlx::query_scalar("select account_id from installation.stripe_account")
        .fetch_one(&house.stack.db.owner)
        .await
        .unwrap();
    let state = house.stack.house.sim.state(&account).unwrap();
    assert_eq!(
        (&state["captured_minor"]["eur"], &state["refunded_minor"]["eur"]),
        (&json!(4760), &json!(4760))
    );
    let invoices = house.list("/v1/invoices").await;
    assert!(
        invoices.iter().all(|invoice| invoice["payer"]["id"] == ada),
        "{invoices:?}"
    );
    house.sound().await;
}

#[tokio::test]
async fn a_program_opens_a_visit_once_under_its_key() {
    let house = house().await;
    let wish =
        json!({ "resource_id": house.harbour.elbe, "starts_at": "2026-01-22T10:00", "ends_at": "2026-01-22T12:00",
        "name": "Vera Visitor", "email": "vera@example.test" })
        .to_string();
    let first = house
        .api
        .post_with_key("/v1/visitor_bookings", &wish, "k")
        .await
        .expect(201);
    let opened: Value = first.json();
    assert_eq!(
        (&opened["state"], &opened["amount"]["minor"]),
        (&json!("open"), &json!(4760))
    );
    let again: Value = house
        .api
        .post_with_key("/v1/visitor_bookings", &wish, "k")
        .await
        .expect(201)
        .json();
    assert_eq!(opened, again);
    let (status, back, text) = press(opened["payment_url"].as_str().unwrap(), "choice", "works").await;
    assert_eq!(status, 303, "{text}");
    let path = format!("/v1/visitor_bookings/{}", id(&opened["visitor_booking_id"]));
    house.settle().await;
    let paid: Value = house.api.get(&path).await.expect(200).json();
    assert_eq!(
        (
            &paid["state"],
            &paid["booked"],
            &paid["invoice_number"],
            &paid["payment_url"]
        ),
        (&json!("paid"), &json!(true), &json!("BER-000001"), &Value::Null)
    );
    // She has no account, and comes back by the link all the same.
    assert_says(
        &house.stack.person_at("harbour").get(&back.unwrap()).await.expect(200),
        "Booked",
    );
    let closed = wish.replace(id(&house.harbour.elbe), id(&house.harbour.spree));
    let refused: Value = house
        .api
        .post("/v1/visitor_bookings", &serde_json::from_str(&closed).unwrap())
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "not_open_to_visitors");
    let nobody = wish
        .replace("Vera Visitor", "")
        .replace("vera@example.test", "nobody")
        .replace("2026-01-22", "2026-01-23");
    let refused: Value = house
        .api
        .post("/v1/visitor_bookings", &serde_json::from_str(&nobody).unwrap())
        .await
        .expect(422)
        .json();
    let fields: Vec<&Value> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["name", "email"]);
    house.sound().await;
}

#[tokio::test]
async fn a_form_comes_back_with_what_was_typed_and_what_is_wrong() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let form = [
        ("day", "2026-01-22"),
        ("minutes", "120"),
        ("start", "10:00"),
        ("name", "Vera Visitor"),
        ("email", "nobody"),
    ];
    let again = vera.post(&house.room(), &form).await.expect(422);
    assert!(again.body.contains("value=\"Vera Visitor\""), "{}", again.body);
    assert_says(&again, "with VAT");
    // A time that somebody took meanwhile is said, and the others are there to choose from.
    house.hold(&house.stack.person_at("harbour")).await;
    let walter = [("email", "walter@example.test")];
    let form: Vec<_> = form
        .into_iter()
        .filter(|(name, _)| *name != "email")
        .chain(walter)
        .collect();
    let taken = vera.post(&house.room(), &form).await.expect(409);
    assert_says(&taken, "Elbe is already taken then.");
    assert_says(&taken, "Choose when to begin.");
    house.sound().await;
}

#[tokio::test]
async fn a_visitor_is_forgotten_and_a_member_of_the_same_address_is_not() {
    let house = house().await;
    let ada = json!({ "external_id": "vera", "name": "Vera Member", "email": "vera@example.test" });
    let member = house.api.made("/v1/members", &ada).await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    let pages = house.list("/v1/bookings").await;
    let visitor = pages[0]["member_id"].clone();
    assert_ne!(
        visitor, member["member_id"],
        "whoever types an address is not whose it is"
    );
    let forget = format!("/v1/members/{}/forget", id(&visitor));
    let refused: Value = house.api.post(&forget, &json!({})).await.expect(409).json();
    assert_eq!(refused["code"], "visit_open");
    house.press(&visit, "works").await;
    house.settle().await;
    house.api.post(&forget, &json!({})).await.expect(200);
    house.settle().await;
    let left: Vec<(String, i64)> = sqlx::query_as(
        "select recipient, sum(length(message))::bigint from mail_outbox where recipient not like 'vera@%' group by 1",
    )
    .fetch_all(&house.stack.db.owner)
    .await
    .unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].0.starts_with("forgotten:") && left[0].1 == 0, "{left:?}");
    let webhooks: i64 = sqlx::query_scalar("select count(*) from installation.webhook_inbox where body like '%vera@%'")
        .fetch_one(&house.stack.db.owner)
        .await
        .unwrap();
    assert_eq!(webhooks, 0, "what the gateway told of her is gone");
    let members = house.list("/v1/members").await;
    let names: Vec<&Value> = members.iter().map(|member| &member["name"]).collect();
    assert_eq!(names, ["(forgotten)", "Vera Member"]);
    house.sound().await;
}

#[tokio::test]
async fn staff_who_give_a_paid_booking_up_give_back_what_is_not_due() {
    let house = house().await;
    let vera = house.stack.person_at("harbour");
    let visit = house.hold(&vera).await;
    house.press(&visit, "works").await;
    house.settle().await;
    let held = house.list("/v1/bookings").await;
    let cancel = format!("/v1/bookings/{}/cancel", id(&held[0]["booking_id"]));
    let account = house.account().await;
    let cancelled: Value = house.api.post(&cancel, &json!({})).await.expect(200).json();
    assert_eq!(cancelled["state"], "cancelled");
    let again: Value = house.api.post(&cancel, &json!({})).await.expect(409).json();
    assert_eq!(again["code"], "already_cancelled");
    house.settle().await;
    assert_says(
        &vera.get(visit.url.path()).await.expect(200),
        "and EUR 47.60 went back to your card.",
    );
    let notes = house.list("/v1/credit_notes").await;
    assert_eq!(
        (notes.len(), &notes[0]["gross"]["minor"]),
        (1, &json!(4760)),
        "{notes:?}"
    );
    assert_eq!(house.letters("Cancelled: Elbe"), 1, "she hears of it once");
    assert_eq!(house.refunded(&account), 4_760);
    house.sound().await;
}
