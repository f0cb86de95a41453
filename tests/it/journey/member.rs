//! Steps 2 and 3: the member's pages, the simulator's hosted page, and two people who want the same room.

use super::{Chain, PASSWORD, between, choice, says, text};
use coterie_tests::{Person, TestStack};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Signs up and follows the link of the email.
pub(crate) async fn signs_up(house: &TestStack, chain: &Chain, name: &str, email: &str) -> Person {
    let person = house.person_at(chain.slug);
    let form = [("name", name), ("email", email), ("password", PASSWORD)];
    let signed_up = person.submit("/sign-up", &form).await;
    assert!(signed_up.status.is_success(), "{}", signed_up.body);
    let letter = house
        .house
        .inbox
        .wait_for(
            // An address that was let go may have had a letter before, to somebody else.
            |mail| {
                mail.to.iter().any(|to| to.contains(email))
                    && mail.subject().starts_with("Confirm your email")
                    && mail.text().contains(name)
            },
            PATIENCE,
        )
        .await
        .expect("the confirmation arrives");
    let link = between(&letter.text(), "/confirm-email/", " ")
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let confirmed = person.visit(&format!("/confirm-email/{link}")).await;
    assert!(confirmed.status.is_success(), "{}", confirmed.body);
    person
}

/// Saves a card on the hosted page of the simulator.
pub(crate) async fn saves_a_card(house: &TestStack, person: &Person, works: &str) {
    // The legal entity's account at the simulator is opened by a job; until then the page says so.
    let started = Instant::now();
    let card = loop {
        let card = person.get("/card").await.body;
        if card.contains("name=\"legal_entity\"") {
            break card;
        }
        assert!(started.elapsed() < PATIENCE, "{card}");
    };
    let entity = between(&card, "name=\"legal_entity\" value=\"", "\"").to_owned();
    let page = person
        .post("/card", &[("legal_entity", entity.as_str()), ("next", "/plans")])
        .await;
    let hosted = between(
        &page.body,
        &format!("<a class=\"button\" href=\"{}", house.house.sim.url),
        "\"",
    )
    .to_owned();
    let hosted = format!("{}{hosted}", house.house.sim.url);
    let elsewhere = Person::new(&house.house.sim.url);
    let shown = elsewhere.get(&hosted).await;
    let action = between(&shown.body, "action=\"", "\"").replace("&amp;", "&");
    let done = elsewhere.post(&action, &[("choice", works)]).await;
    assert!(done.status.is_redirection(), "{}", done.body);
    let back = person.visit(done.location().as_str()).await;
    assert!(back.status.is_success(), "{}", back.body);
}

/// Agrees to the plan as quoted; answers the page it leads to.
pub(crate) async fn agrees(person: &Person, sentences: &[&str]) {
    let plans = person.get("/plans").await;
    let path = between(&plans.body, "href=\"/plans/", "\"");
    let quote = person.get(&format!("/plans/{}", path.replace("&amp;", "&"))).await;
    for sentence in sentences {
        says(&quote, sentence);
    }
    let hidden = |name: &str| between(&quote.body, &format!("name=\"{name}\" value=\""), "\"").to_owned();
    let form = [
        ("plan_version_id", hidden("plan_version_id")),
        ("location_id", hidden("location_id")),
        ("agreed_gross_minor", hidden("agreed_gross_minor")),
    ];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let agreed = person.submit("/memberships", &form).await;
    assert!(agreed.status.is_success(), "{}", agreed.body);
}

pub(super) async fn subscribes(house: &TestStack, chain: &Chain) -> Person {
    let ada = signs_up(house, chain, "Ada Member", "ada@example.com").await;
    saves_a_card(house, &ada, "works").await;
    agrees(&ada, &["116.13", "22.06", "138.19", "12 of the 31 days"]).await;
    let invoices = ada.get("/invoices").await;
    says(&invoices, "BER-000001");
    says(&invoices, "138.19");
    ada
}

pub(super) async fn second_member(house: &TestStack, chain: &Chain) -> Person {
    let ben = signs_up(house, chain, "Ben Member", "ben@example.com").await;
    saves_a_card(house, &ben, "works").await;
    agrees(&ben, &["116.13"]).await;
    ben
}

/// What a booking's form sends.
fn wish<'a>(ids: &'a (String, String), from: &'a str, to: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("resource", &ids.0),
        ("location", &ids.1),
        ("date", "2026-01-22"),
        ("starts_at", from),
        ("ends_at", to),
    ]
}

pub(super) async fn books(_house: &TestStack, _chain: &Chain, ada: &Person, ben: &Person) {
    let day = ada.get("/bookings/new?date=2026-01-22").await;
    says(&day, "Elbe");
    says(&day, "Europe/Berlin");
    let mut links = day
        .body
        .split("href=\"/bookings/new?")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let cell = links
        .find(|link| link.contains("start="))
        .expect("a free cell")
        .replace("&#38;", "&");
    let form = ada.get(&format!("/bookings/new?{cell}")).await.body;
    let ids = (
        choice(&form, "Elbe"),
        between(&form, "name=\"location\" value=\"", "\"").to_owned(),
    );

    let two_hours = ada.submit("/bookings", &wish(&ids, "10:00", "12:00")).await;
    says(&two_hours, "Elbe");
    // Two ask for the same four hours at the same moment: one gets them, the other is told when it is next free.
    let wanted = wish(&ids, "13:00", "17:00");
    let (first, second) = tokio::join!(ada.post("/bookings", &wanted), ben.post("/bookings", &wanted));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{}\n{}", first.body, second.body);
    let refused = if first.status == 409 { &first } else { &second };
    assert!(text(&refused.body).contains("taken"), "{}", text(&refused.body));
    // Whoever won, she has her four hours in the end: in this room, or in the other.
    let booked = if first.status == 303 {
        ada.visit(first.location().as_str()).await
    } else {
        let spree = (choice(&form, "Spree"), ids.1.clone());
        ada.submit("/bookings", &wish(&spree, "13:00", "17:00")).await
    };
    says(&booked, "20.00");
    says(&booked, "3 h from the allowance, 1 h charged");
}
