//! A member puts her bookings into her own calendar.

use super::house::{assert_says, house, link};

#[tokio::test]
async fn she_makes_an_address_replaces_it_and_takes_it_away() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    house.subscribe(&ada).await;
    house.book(&ada, "2026-01-22", "10:00", "12:00").await;
    house.stack.settle(house.chain.tenant).await;

    let path = link(&ada.get("/bookings").await.expect(200).body, "In your calendar");
    assert_eq!(path, "/calendar-feed");
    assert_says(&ada.get(&path).await.expect(200), "No address yet");
    let made = ada.post("/calendar-feed", &[]).await.expect(200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let address = |body: &str| {
        let (_, rest) = body.split_once("id=\"feed-address\">").expect("an address");
        rest.split('<').next().expect("its text").to_owned()
    };
    let first = address(&made.body);
    assert!(
        first.starts_with(&house.chain.url) && first.split_once(".ics").is_some_and(|(_, rest)| rest.is_empty()),
        "{first}"
    );
    // A calendar is nobody: it has no session.
    let calendar = house.person();
    let read = calendar.get(&first).await.expect(200);
    assert!(read.body.contains("SUMMARY:Elbe\r\n") && read.body.contains("DTSTART:20260122T090000Z\r\n"));
    assert!(
        !read.body.contains("Ada"),
        "it tells of her bookings and not of her: {}",
        read.body
    );

    let page = ada.get("/calendar-feed").await.expect(200);
    assert_says(&page, "It works");
    assert!(!page.body.contains("/calendars/"), "it is not shown again");
    let second = address(&ada.post("/calendar-feed", &[]).await.expect(200).body);
    calendar.get(&first).await.expect(404);
    calendar.get(&second).await.expect(200);

    // Bob's own is another one, and he cannot take hers away.
    let bob = house.sign_up("Bob", "bob@example.test").await;
    bob.post("/calendar-feed/revoke", &[]).await.expect(303);
    let his = address(&bob.post("/calendar-feed", &[]).await.expect(200).body);
    assert!(!calendar.get(&his).await.expect(200).body.contains("BEGIN:VEVENT"));
    calendar.get(&second).await.expect(200);

    let revoked = ada.submit("/calendar-feed/revoke", &[]).await.expect(200);
    assert_says(&revoked, "The address does not work any more.");
    assert_says(&revoked, "No address yet");
    calendar.get(&second).await.expect(404);
    house.stack.shutdown().await;
}
