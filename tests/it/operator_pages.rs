//! An operator opens a chain by its forms alone: every value goes through a page's own form, as a browser would send it.

mod beside;
mod calendar_feed;
mod charges;
mod floor;
mod for_members;
mod forms;
mod location;
mod occupancy;
mod passes;
mod photos;
mod prices;
mod resource;
mod simulation;
mod told;

use coterie_app::{member, organization, page::PageRequest, session, today};
use coterie_domain::organization::Role;
use coterie_tests::{Answer, Person, TestStack, stack};
use forms::{Form, error_at};
use uuid::Uuid;

const OWNER_EMAIL: &str = "olive@harbour.example";
const OWNER_PASSWORD: &str = "a long enough password";
const NEW_ENTITY: &str = "/operator/legal-entities/new";

/// Opens a sandbox chain at the installation's own host and signs its owner in.
async fn owner_of_a_new_chain(house: &TestStack) -> Person {
    let visitor = house.person();
    let page = visitor.get("/organizations/new").await.expect(200);
    let answer = Form::with_button(&page, "Open")
        .fill("name", "Harbour Works")
        .fill("slug", "harbour")
        .fill("clock_starts_at", "2026-01-20T09:00")
        .fill("owner_name", "Olive Owner")
        .fill("owner_email", OWNER_EMAIL)
        .fill("owner_password", OWNER_PASSWORD)
        .press(&visitor)
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    assert_eq!(answer.location().host_str(), Some("harbour.localhost"));
    sign_in(house, OWNER_EMAIL, OWNER_PASSWORD).await
}

async fn tenant_of(house: &TestStack) -> Uuid {
    let found = organization::by_host(house.app(), "harbour.localhost").await;
    found.expect("the database answers").expect("the chain is open").tenant
}

async fn sign_in(house: &TestStack, email: &str, password: &str) -> Person {
    let person = house.person_at("harbour");
    let page = person.get("/sign-in").await.expect(200);
    let answer = Form::with_button(&page, "Sign in")
        .fill("email", email)
        .fill("password", password)
        .press(&person)
        .await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.body);
    person
}

async fn form(person: &Person, path: &str, button: &str) -> Form {
    Form::with_button(&person.get(path).await.expect(200), button)
}

fn entity(form: Form) -> Form {
    form.fill("name", "Harbour Works GmbH")
        .fill("street", "Kaistraße 1")
        .fill("postcode", "10115")
        .fill("city", "Berlin")
        .fill("country", "de")
        .fill("tax_id", "DE123456788")
        .choose("currency", "EUR")
        .fill("time_zone", "Europe/Berlin")
        .fill("invoice_series", "BER")
}

async fn set_up_entity_and_location(person: &Person) {
    let form_of_entity = form(person, NEW_ENTITY, "Create legal entity").await;
    entity(form_of_entity).press_on(person).await;
    form(person, "/operator/locations/new", "Open location")
        .await
        .fill("name", "Harbour House")
        .fill("street", "Kaistraße 1")
        .fill("postcode", "10115")
        .fill("city", "Berlin")
        .fill("country", "DE")
        .fill("time_zone", "Europe/Berlin")
        .fill("opening_hours", "Mon-Fri 08:00-20:00; Sat 09:00-18:00")
        .press_on(person)
        .await;
}

async fn set_up_room_type(person: &Person) {
    form(person, "/operator/resource-types/new", "Create type")
        .await
        .fill("name", "Meeting room")
        .press_on(person)
        .await;
}

async fn price(person: &Person) -> Form {
    form(person, "/operator/prices/new", "Publish price")
        .await
        .fill("per_hour", "20.00")
}

async fn add_room(person: &Person, name: &str, people: &str) -> Answer {
    form(person, "/operator/resources/new", "Add")
        .await
        .fill("name", name)
        .fill("capacity", people)
        .press_on(person)
        .await
}

#[tokio::test]
async fn a_chain_opens_by_its_forms_alone() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;

    // What a new chain sees first is what it lacks.
    let first = olive.get("/operator").await;
    assert_eq!(first.location().path(), "/operator/set-up");
    let checklist = olive.visit("/operator").await.expect(200);
    assert!(checklist.body.contains("8 things are missing"), "{}", checklist.body);

    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let rate = form(&olive, "/operator/tax-rates/new", "Set rate").await;
    assert_eq!(rate.value("country"), Some("DE"), "the only country there is");
    assert_eq!(
        rate.value("effective_from"),
        Some("2026-01-01"),
        "the year of the test clock"
    );
    rate.fill("rate_percent", "19").press_on(&olive).await;
    price(&olive).await.press_on(&olive).await;
    add_room(&olive, "Elbe", "8").await;
    let rooms = add_room(&olive, "Spree", "4").await;
    assert!(
        rooms.body.contains("Elbe") && rooms.body.contains("EUR\u{a0}20.00"),
        "{}",
        rooms.body
    );
    let plans = form(&olive, "/operator/plans/new", "Publish plan")
        .await
        .fill("name", "Full time")
        .fill("price", "300")
        .fill("billing_day", "1")
        .choose("allowance_type_1", "Meeting room")
        .fill("allowance_hours_1", "5")
        .press_on(&olive)
        .await;
    assert!(plans.body.contains("EUR\u{a0}300.00"), "{}", plans.body);
    assert!(plans.body.contains("5 h Meeting room"), "{}", plans.body);

    let tenant = tenant_of(&house).await;
    house.settle(tenant).await;
    let checklist = olive.get("/operator/set-up").await.expect(200);
    assert!(checklist.body.contains("Everything is there"), "{}", checklist.body);
    let today = olive.get("/operator").await.expect(200);
    assert!(today.body.contains("2 of 2 free now"), "{}", today.body);
    assert!(today.body.contains("Europe/Berlin"), "{}", today.body);

    let seen = today::today(house.app(), tenant, None).await.unwrap();
    assert_eq!((seen.locations.len(), seen.locations[0].resources), (1, 2));
    house.shutdown().await;
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_the_rest_is_kept() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    let bad_zone = entity(form(&olive, NEW_ENTITY, "Create legal entity").await)
        .fill("time_zone", "Europe/Atlantis")
        .press(&olive)
        .await
        .expect(422);
    let said = error_at(&bad_zone, "time_zone").expect("the zone is refused at its field");
    assert!(said.contains("Europe/Atlantis"), "{said}");
    let again = Form::with_button(&bad_zone, "Create legal entity");
    assert_eq!(again.value("name"), Some("Harbour Works GmbH"));
    assert_eq!(again.value("currency"), Some("EUR"));
    assert_eq!(again.value("time_zone"), Some("Europe/Atlantis"));
    let listed = olive.get("/operator/legal-entities").await.expect(200);
    assert!(listed.body.contains("No legal entity yet"), "nothing was written");

    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let everywhere = price(&olive)
        .await
        .choose("currency", "GBP")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&everywhere, "currency").as_deref(),
        Some("None of your legal entities uses GBP.")
    );
    let here = price(&olive)
        .await
        .choose("location_id", "Harbour House")
        .choose("currency", "GBP")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&here, "currency").as_deref(),
        Some("Harbour Works GmbH bills in EUR, not in GBP.")
    );
    assert_eq!(
        Form::with_button(&here, "Publish price").value("per_hour"),
        Some("20.00")
    );
    let plan = form(&olive, "/operator/plans/new", "Publish plan")
        .await
        .fill("name", "Full time")
        .fill("price", "300,00")
        .choose("currency", "EUR")
        .fill("allowance_hours_1", "5")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&plan, "price").is_some(), "a comma is no point");
    assert!(error_at(&plan, "allowance_type_1").is_some(), "hours of nothing");
    let plan = Form::with_button(&plan, "Publish plan")
        .fill("price", "300.00")
        .choose("allowance_type_1", "Meeting room")
        .choose("currency", "GBP")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&plan, "currency").is_some());
    let plans = olive.get("/operator/plans").await.expect(200);
    assert!(plans.body.contains("No plan yet"), "nothing was written");

    let hours = form(&olive, "/operator/locations/new", "Open location")
        .await
        .fill("opening_hours", "whenever")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&hours, "opening_hours").is_some());
    house.shutdown().await;
}

#[tokio::test]
async fn everyone_stays_where_she_may() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    form(&olive, "/operator/staff/new", "Add colleague")
        .await
        .fill("name", "Otto Operator")
        .fill("email", "otto@harbour.example")
        .choose("role", "Operator")
        .fill("password", OWNER_PASSWORD)
        .press_on(&olive)
        .await;
    form(&olive, "/operator/members/new", "Add member")
        .await
        .fill("name", "Mia Member")
        .fill("email", "mia@example.com")
        .fill("password", OWNER_PASSWORD)
        .press_on(&olive)
        .await;

    let otto = sign_in(&house, "otto@harbour.example", OWNER_PASSWORD).await;
    otto.get("/operator/locations").await.expect(200);
    otto.get("/finance").await.expect(403);
    otto.get("/operator/staff").await.expect(403);
    otto.get("/operator/api-keys").await.expect(403);
    otto.post("/operator/api-keys", &[("role", "owner")]).await.expect(403);

    let mia = sign_in(&house, "mia@example.com", OWNER_PASSWORD).await;
    mia.get("/operator").await.expect(403);
    mia.post("/operator/legal-entities", &[("name", "Mine")])
        .await
        .expect(403);

    let key = form(&olive, "/operator/api-keys", "Make key")
        .await
        .choose("role", "Finance")
        .press(&olive)
        .await
        .expect(200);
    let (_, secret) = key
        .body
        .split_once("<code id=\"api-key\">")
        .expect("the secret is shown");
    let secret = secret.split('<').next().expect("it ends").to_owned();
    let found = session::find_api_key(house.app(), &secret)
        .await
        .unwrap()
        .expect("the key works");
    assert_eq!(found.role, Role::Finance);
    let listed = olive.get("/operator/api-keys").await.expect(200);
    assert!(listed.body.contains(&found.key_id.to_string()));
    assert!(!listed.body.contains(&secret), "a secret is shown once");
    house.shutdown().await;
}

#[tokio::test]
async fn an_operator_acts_for_a_member() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let rate = form(&olive, "/operator/tax-rates/new", "Set rate").await;
    rate.fill("rate_percent", "19").press_on(&olive).await;
    price(&olive).await.press_on(&olive).await;
    add_room(&olive, "Elbe", "8").await;
    form(&olive, "/operator/plans/new", "Publish plan")
        .await
        .fill("name", "Full time")
        .fill("price", "300")
        .press_on(&olive)
        .await;
    let without_password = form(&olive, "/operator/members/new", "Add member")
        .await
        .fill("name", "Mia Member")
        .fill("email", "mia@example.com")
        .press(&olive)
        .await
        .expect(200);
    assert!(
        without_password.body.contains("/set-password/"),
        "{}",
        without_password.body
    );
    let tenant = tenant_of(&house).await;
    house.settle(tenant).await;
    let found = member::page::list(
        house.app(),
        tenant,
        member::page::MemberFilter::default(),
        &PageRequest::default(),
    )
    .await
    .unwrap();
    let mia = format!("/operator/members/{}", found.items[0].member_id);

    let asked = form(&olive, &format!("{mia}/memberships/new"), "Show what it costs").await;
    let quote = asked
        .choose("plan_version_id", "Full time")
        .press(&olive)
        .await
        .expect(200);
    for figure in ["EUR\u{a0}116.13", "EUR\u{a0}22.06", "EUR\u{a0}138.19", "12 of 31 days"] {
        assert!(quote.body.contains(figure), "{figure}: {}", quote.body);
    }
    let page = Form::with_button(&quote, "Start this membership")
        .press_on(&olive)
        .await;
    assert!(page.body.contains("Full time"), "{}", page.body);

    // A free time of the day grid leads to its form.
    let grid = olive.get("/operator/bookings/new?date=2026-01-21").await.expect(200);
    assert!(grid.body.contains("start=2026-01-21T08:00:00Z"), "{}", grid.body);
    let (_, slot) = grid
        .body
        .split_once("href=\"/operator/bookings/new?resource=")
        .expect("a free time");
    let slot = slot.split('"').next().expect("it ends").replace("&#38;", "&");
    let book = form(&olive, &format!("/operator/bookings/new?resource={slot}"), "Book").await;
    let nobody = book
        .clone()
        .fill("member", "nobody@example.com")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&nobody, "member").is_some());
    let book = book
        .fill("member", "mia@example.com")
        .fill("starts_at", "10:00")
        .fill("ends_at", "12:00");
    let booked = book.press_on(&olive).await;
    assert!(booked.body.contains("10:00–12:00"), "{}", booked.body);
    let again = book.press(&olive).await.expect(409);
    assert!(again.body.contains("next free"), "{}", again.body);
    assert!(error_at(&again, "starts_at").is_some());
    let day = olive.get("/operator/bookings?date=2026-01-21").await.expect(200);
    assert!(
        day.body.contains("Mia Member") && day.body.contains("Europe/Berlin"),
        "{}",
        day.body
    );

    let cancel = Form::with_button(&booked, "Cancel booking");
    let unsure = cancel.press(&olive).await.expect(422);
    assert!(error_at(&unsure, "confirm").is_some());
    let cancelled = cancel.fill("confirm", "on").press_on(&olive).await;
    assert!(cancelled.body.contains("Cancelled"), "{}", cancelled.body);

    let clock = form(&olive, "/operator/test-clock", "To the 1st of next month").await;
    let moving = clock.press_on(&olive).await;
    assert!(
        moving.body.contains("Moving") || moving.body.contains("Arrived"),
        "{}",
        moving.body
    );
    let back = form_once_arrived(&house, &olive)
        .await
        .fill("date", "2026-01-01")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&back, "date").is_some(), "the clock goes forward");
    house.shutdown().await;
}

/// The clock's form, which is there again once the clock has arrived. The page says itself when to ask again.
async fn form_once_arrived(house: &TestStack, person: &Person) -> Form {
    let tenant = tenant_of(house).await;
    for _ in 0..200 {
        let page = person.get("/operator/test-clock").await.expect(200);
        if page.header("refresh").is_none() {
            assert!(page.body.contains("1 Feb 2026, 00:00"), "{}", page.body);
            return Form::with_button(&page, "Move the clock");
        }
        house.settle(tenant).await;
    }
    panic!("the clock did not arrive");
}
