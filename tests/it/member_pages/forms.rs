//! Forms that were not accepted come back with what was typed and what is wrong.

use super::house::{PASSWORD, assert_says, hidden, house, send, value};

#[tokio::test]
async fn a_refused_form_comes_back_with_its_values() {
    let house = house().await;
    let ada = house.person();
    let wrong = [("name", "Ada"), ("email", "ada@"), ("password", PASSWORD)];
    let refused = send(&ada, "/sign-up", "/sign-up", &wrong).await.expect(422);
    assert_eq!(
        (value(&refused.body, "name"), value(&refused.body, "email")),
        ("Ada".into(), "ada@".into())
    );
    assert_says(&refused, "Please write an email address such as ada@example.com.");
    assert!(!refused.body.contains(PASSWORD), "a password is never sent back");
    let short = [("name", "Ada"), ("email", "ada@example.test"), ("password", "short")];
    assert_says(
        &send(&ada, "/sign-up", "/sign-up", &short).await.expect(422),
        "10 characters or more",
    );

    let ada = house.sign_up("Ada", "ada@example.test").await;
    let again = [("name", "Ada"), ("email", "Ada@example.test"), ("password", PASSWORD)];
    let taken = send(&house.person(), "/sign-up", "/sign-up", &again).await.expect(409);
    assert_says(&taken, "Somebody already signed up with this address.");

    // Signing in: one sentence for whatever was wrong, then on to where she wanted to go, never off the host.
    let stranger = house.person();
    let turned_away = stranger.get("/bookings").await.expect(303).location();
    assert_eq!(
        (turned_away.path(), turned_away.query()),
        ("/sign-in", Some("next=%2Fbookings"))
    );
    let wrong = [("email", "ada@example.test"), ("password", "not her password")];
    let refused = send(&stranger, "/sign-in?next=/bookings", "/sign-in", &wrong)
        .await
        .expect(422);
    assert_says(&refused, "Address and password do not match.");
    assert_eq!(value(&refused.body, "email"), "ada@example.test");
    let right = [("email", "ada@example.test"), ("password", PASSWORD)];
    let signed_in = send(&stranger, "/sign-in?next=/bookings", "/sign-in", &right)
        .await
        .expect(303);
    assert_eq!(signed_in.location().path(), "/bookings");
    let elsewhere = [right[0], right[1], ("next", "//evil.example/")];
    assert_eq!(
        stranger.post("/sign-in", &elsewhere).await.expect(303).location(),
        stranger.url("/")
    );
    stranger.post("/sign-out", &[]).await.expect(303);
    stranger.get("/bookings").await.expect(303);

    // A link that is not genuine changes nothing.
    ada.get("/confirm-email/not-a-token").await.expect(422);
    let forged = send(
        &ada,
        "/set-password/not-a-token",
        "/set-password/not-a-token",
        &[("password", PASSWORD)],
    )
    .await;
    assert_says(&forged.expect(422), "This link is no longer valid.");

    house.stack.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_agreed_to_or_booked_says_why() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    // Without a card the page offers no button, and the use case refuses whoever presses anyway.
    let (plan, location) = (house.plan.to_string(), house.location.to_string());
    let agreed = [
        ("plan_version_id", plan.as_str()),
        ("location_id", location.as_str()),
        ("agreed_gross_minor", "13819"),
    ];
    assert_says(
        &ada.post("/memberships", &agreed).await.expect(409),
        "Please save a card first",
    );
    house.save_card(&ada, "/card", "works").await.expect(200);
    let stale = [agreed[0], agreed[1], ("agreed_gross_minor", "13818")];
    let changed = ada.post("/memberships", &stale).await.expect(409);
    assert_says(
        &changed,
        "The price is now EUR 138.19; please look again before you agree.",
    );
    let fresh = hidden(&changed.body, "/memberships");
    assert!(
        fresh.contains(&("agreed_gross_minor".to_owned(), "13819".to_owned())),
        "{fresh:?}"
    );

    assert_says(
        &house.book(&ada, "2026-01-22", "10:00", "11:00").await.expect(409),
        "Booking needs a membership.",
    );
    house.subscribe(&ada).await;
    let head = ada.cookie("position");
    for (date, from, to, status, sentence) in [
        (
            "2026-03-29",
            "02:30",
            "04:00",
            422,
            "does not exist in Europe/Berlin: the clocks go forward. The next valid time is 03:00.",
        ),
        (
            "2026-01-22",
            "06:00",
            "08:00",
            422,
            "Speicher is open Mon-Sun 07:00-22:00 (Europe/Berlin).",
        ),
        (
            "2026-01-22",
            "12:00",
            "11:00",
            422,
            "The booking must end after it starts.",
        ),
        (
            "2026-01-19",
            "12:00",
            "13:00",
            422,
            "That time has passed; please choose a later one.",
        ),
        ("2026-01-22", "noon", "13:00", 422, "Enter a time such as 14:30."),
        ("2026-02-30", "12:00", "13:00", 422, "Enter a day such as 2026-01-22."),
    ] {
        let refused = house.book(&ada, date, from, to).await.expect(status);
        assert_says(&refused, sentence);
    }
    assert_eq!(ada.cookie("position"), head, "what is refused writes nothing");

    // A card that is declined on the hosted page, and a session id that is somebody else's.
    let page = send(&ada, "/card", "/card", &[]).await.expect(200);
    let bob = house.sign_up("Bob", "bob@example.test").await;
    let session = page
        .body
        .split("/c/pay/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a session");
    let entity = &hidden(&ada.get("/card").await.body, "/card")[0].1;
    let hers = format!("/card/saved?session_id={session}&legal_entity={entity}");
    bob.get(&hers).await.expect(404);
    assert_says(&ada.visit(&hers).await, "No card was saved.");
    ada.get("/card/saved?session_id=..%2F..&legal_entity=nonsense")
        .await
        .expect(404);

    house.stack.shutdown().await;
}

#[tokio::test]
async fn the_installation_opens_a_chain_and_leads_to_it() {
    let house = house().await;
    let olive = house.stack.person();
    assert_says(&olive.get("/").await.expect(200), "Coterie runs coworking chains");
    let mut form = [
        ("name", "Tower"),
        ("slug", "To wer"),
        ("sandbox", "on"),
        ("clock_starts_at", "2026-01-20T09:00"),
        ("owner_name", "Olive"),
        ("owner_email", "olive@tower.test"),
        ("owner_password", PASSWORD),
    ];
    let refused = olive.post("/organizations", &form).await.expect(422);
    assert_says(&refused, "Please use 2 to 40 letters, digits or hyphens");
    assert_eq!(
        (value(&refused.body, "slug"), value(&refused.body, "clock_starts_at")),
        ("To wer".into(), "2026-01-20T09:00".into())
    );
    form[1].1 = "harbour";
    assert_says(
        &olive.post("/organizations", &form).await.expect(409),
        "This name is taken; please choose another.",
    );
    form[1].1 = "tower";
    form[6].1 = "short";
    let short = olive.post("/organizations", &form).await.expect(422);
    assert!(short.body.contains(r#"id="error-owner_password""#), "{}", short.body);
    form[6].1 = PASSWORD;
    form[3].1 = "soon";
    assert_says(
        &olive.post("/organizations", &form).await.expect(422),
        "Write a day and time in UTC",
    );
    form[3].1 = "2026-01-20T09:00";
    let opened = olive.post("/organizations", &form).await.expect(303).location();
    assert_eq!(
        (opened.host_str(), opened.path()),
        (Some("tower.localhost"), "/sign-in")
    );
    let at_tower = house.stack.person_at("tower");
    assert_says(
        &at_tower.get("/").await.expect(200),
        "Test clock: Tue 20 Jan 2026, 09:00 UTC",
    );
    let signed_in = at_tower
        .post("/sign-in", &[("email", "olive@tower.test"), ("password", PASSWORD)])
        .await;
    assert_eq!(signed_in.expect(303).location().path(), "/");
    assert_eq!(at_tower.get("/").await.expect(303).location().path(), "/operator");

    house.stack.shutdown().await;
}
