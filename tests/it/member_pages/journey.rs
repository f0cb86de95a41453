//! She signs up, saves a card, agrees to what she saw, books, pays for it and reads why.

use super::house::{assert_says, hidden, house, link, send, value, words};

#[tokio::test]
async fn from_a_stranger_to_a_paid_invoice_that_explains_itself() {
    let house = house().await;
    let stranger = house.person();
    assert_says(
        &stranger.get("/").await.expect(200),
        "EUR 300.00 a month, plus VAT 5 h of Meeting room a month",
    );
    assert_says(&stranger.get("/plans").await.expect(200), "Speicher");

    // Signed up, not yet confirmed: she is told where to look, and cannot agree to anything.
    let ada = stranger;
    let form = [
        ("name", "Ada Lovelace"),
        ("email", "ada@example.test"),
        ("password", "ada member password"),
    ];
    send(&ada, "/sign-up", "/sign-up", &form).await.expect(303);
    assert_says(&ada.visit("/").await, "We sent a link to ada@example.test.");
    assert_says(
        &ada.get(&house.quote_path()).await.expect(200),
        "First confirm your email address",
    );
    let confirm = house.link_for("ada@example.test", "/confirm-email/").await;
    assert_says(&ada.visit(&confirm).await, "Your address is confirmed.");

    // The quote, the card, the agreement.
    let quote = ada.get(&house.quote_path()).await.expect(200);
    assert_says(&quote, "EUR 116.13 + 22.06 VAT for 12 of 31 days");
    assert_says(
        &quote,
        "12 of the 31 days from 2026-01-01 to 2026-01-31 (2026-01-20 to 2026-01-31)",
    );
    let back = house.save_card(&ada, &link(&quote.body, "Save a card"), "works").await;
    assert_eq!(
        back.url.path(),
        format!("/plans/{}", house.plan),
        "the card page leads on to the quote"
    );
    assert_says(&back, "Saved: Visa ending in 4242");
    assert_says(&back, "Agree and pay EUR 138.19");
    let invoice = house.subscribe(&ada).await;
    assert_says(&invoice, "Invoice BER-000001");
    assert_says(&invoice, "EUR 138.19");

    // The worker charges the card by itself.
    house.stack.settle(house.chain.tenant).await;
    let paid = ada.get(invoice.url.path()).await.expect(200);
    assert_says(&paid, "Paid EUR 138.19");
    assert!(!paid.body.contains("/pay\""), "a paid invoice offers no payment");
    let line = ada.get(&link(&paid.body, "Flex, 2026-01-20")).await.expect(200);
    assert_says(&line, "Flex version 1 costs EUR 300.00 a month");
    assert_says(&line, "Membership started");
    assert_says(&ada.get("/").await.expect(200), "5 h of 5 h");

    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_room_is_booked_from_the_grid_by_allowance_and_beyond_it_and_given_back() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    house.subscribe(&ada).await;

    // A free half hour of the grid leads to the form with its time filled in.
    let day = format!("/bookings/new?location={}&date=2026-01-22", house.location);
    let grid = ada.get(&day).await.expect(200);
    assert_says(&grid, "Times in Europe/Berlin");
    assert_says(&grid, "Meeting room: 5 h left until 31 January 2026");
    let slot = format!("&resource={}&start=2026-01-22T09:00:00Z", house.elbe);
    let form = ada.get(&format!("{day}{slot}")).await.expect(200);
    assert!(words(&grid.body).contains("Elbe Meeting room, 8 people, EUR 20.00 an hour"));
    assert!(
        grid.body.replace("&#38;", "&").contains(&slot),
        "the grid links to the slot"
    );
    assert_eq!(value(&form.body, "starts_at"), "10:00");
    assert_eq!(value(&form.body, "ends_at"), "11:00");
    assert_says(&form, "Nothing to pay");

    let two = house.book(&ada, "2026-01-22", "10:00", "12:00").await;
    assert_says(&two, "Booked. It is yours.");
    assert_says(&two, "2 h from the allowance, 0 h charged");
    let four = house.book(&ada, "2026-01-22", "13:00", "17:00").await;
    assert_says(&four, "3 h from the allowance, 1 h charged");
    assert_says(&four, "Charged, plus VAT EUR 20.00");
    assert_says(&ada.get("/").await.expect(200), "On your next invoice so far EUR 20.00");

    // The same form sent twice is one booking.
    let page = ada.get(&format!("{day}&resource={}", house.elbe)).await.expect(200);
    let elbe = house.elbe.to_string();
    let hidden = hidden(&page.body, "/bookings");
    let mut twice: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    twice.extend([
        ("resource", elbe.as_str()),
        ("date", "2026-01-23"),
        ("starts_at", "09:00"),
        ("ends_at", "10:00"),
    ]);
    let (first, second) = (ada.post("/bookings", &twice).await, ada.post("/bookings", &twice).await);
    assert_eq!(first.expect(303).location(), second.expect(303).location());

    // Too late: the next free time is offered, as a link to the form with it filled in.
    let bob = house.sign_up("Bob", "bob@example.test").await;
    house.save_card(&bob, "/card", "works").await.expect(200);
    house.subscribe(&bob).await;
    let refused = house.book(&bob, "2026-01-22", "10:00", "12:00").await.expect(409);
    assert_says(&refused, "Elbe is already taken then.");
    assert_eq!(
        value(&refused.body, "starts_at"),
        "10:00",
        "what was typed is still there"
    );
    let instead = bob.get(&link(&refused.body, "instead")).await.expect(200);
    assert_eq!(
        (value(&instead.body, "starts_at"), value(&instead.body, "ends_at")),
        ("17:00".into(), "19:00".into())
    );
    assert!(!refused.body.contains("Ada"), "nobody learns who has the room");

    // Cancelling says first what it costs.
    let cancel = format!("{}/cancel", four.url.path());
    let preview = ada.get(&cancel).await.expect(200);
    assert_says(
        &preview,
        "3 h go back to your allowance. The charge of EUR 20.00 is taken back; nothing is due.",
    );
    let done = send(&ada, &cancel, &cancel, &[]).await.expect(303);
    let cancelled = ada.get(done.location().as_str()).await.expect(200);
    assert_says(&cancelled, "Cancelled. Nothing is due.");
    assert_says(&cancelled, "Back in the allowance 3 h");
    ada.get(&cancel).await.expect(409);

    // Leaving names the last day first.
    let home = ada.get("/").await.expect(200);
    let membership = link(&home.body, "Change, pause or leave");
    let membership = ada.get(&membership).await.expect(200);
    let notice = link(&membership.body, "Give notice");
    assert_says(
        &ada.get(&notice).await.expect(200),
        "Your last day would be Sat 31 January 2026",
    );
    let left = send(&ada, &notice, &notice, &[]).await.expect(303);
    assert_says(&ada.visit(left.location().as_str()).await, "Ends soon");

    house.stack.shutdown().await;
}
