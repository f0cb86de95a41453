//! What staff do for a member by their pages: find her a time, book it again and again, move it, put her in line.

use super::forms::Form;
use crate::api::client::{Client, Harbour, booking, id, set_up, subscribed};
use crate::member_pages::house::{assert_says, link};
use coterie_tests::{Person, TestStack, stack};
use serde_json::Value;

/// The password of every owner that the harness opens a chain for.
const PASSWORD: &str = "correct horse battery";

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    olive: Person,
}

async fn house() -> House {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let olive = stack.person_at("harbour");
    let page = olive.get("/sign-in").await.expect(200);
    Form::with_button(&page, "Sign in")
        .fill("email", &api.chain.owner_email)
        .fill("password", PASSWORD)
        .press(&olive)
        .await
        .expect(303);
    stack.settle(api.chain.tenant).await;
    House {
        stack,
        api,
        harbour,
        ada,
        olive,
    }
}

#[tokio::test]
async fn a_booking_is_moved_at_the_price_that_was_shown_first() {
    let house = house().await;
    let wish = booking(&house.ada, &house.harbour.elbe, 10, 16);
    let booked = house.api.made("/v1/bookings", &wish).await;
    house.stack.settle(house.api.chain.tenant).await;
    let page = house
        .olive
        .get(&format!("/operator/bookings/{}", id(&booked["booking_id"])))
        .await
        .expect(200);
    let form = house.olive.get(&link(&page.body, "Move it")).await.expect(200);
    assert_says(&form, "Ada has Elbe");
    // Six hours cost one beyond the allowance; eight cost three.
    let path = form.url.path().to_owned();
    let asked = format!(
        "{path}?resource={}&date=2026-01-23&starts_at=10:00&ends_at=18:00",
        id(&house.harbour.spree)
    );
    let quoted = house.olive.get(&asked).await.expect(200);
    assert_says(
        &quoted,
        "It is charged with EUR 60.00 plus VAT instead of EUR 20.00: EUR 40.00 more.",
    );
    let moved = Form::with_button(&quoted, "Move the booking")
        .press_on(&house.olive)
        .await;
    assert_says(
        &moved,
        "Moved. It is charged with EUR 60.00 plus VAT instead of EUR 20.00",
    );
    assert_says(&moved, "Spree");
    // Without a price that was shown nothing is moved, and what cannot be is said.
    let closed = [
        ("resource", id(&house.harbour.spree)),
        ("date", "2026-01-24"),
        ("starts_at", "05:00"),
        ("ends_at", "06:00"),
        ("agreed_minor", "0"),
    ];
    let refused = house.olive.post(&path, &closed).await.expect(422);
    assert_says(&refused, "Speicher is open");
    let shown = house.olive.post(&path, &closed[..1]).await.expect(422);
    assert_says(&shown, "Enter a day such as 2026-01-22.");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_time_is_found_for_a_member_and_booked_every_week() {
    let house = house().await;
    let her_page = house
        .olive
        .get(&format!("/operator/members/{}", id(&house.ada)))
        .await
        .expect(200);
    let search = house
        .olive
        .get(&link(&her_page.body, "Find her a time"))
        .await
        .expect(200);
    assert!(search.body.contains("value=\"ada@example.test\""), "{}", search.body);
    let asked = "/operator/bookings/find?member=ada@example.test&minutes=120&first_day=2026-01-22&last_day=&from=09:00&until=&people=8&location=";
    let found = house.olive.get(asked).await.expect(200);
    assert_says(
        &found,
        "Thu 22 Jan 2026, 09:00 09:00 to 20:00 Elbe Speicher (Europe/Berlin) EUR 40.00",
    );
    let form = house
        .olive
        .get(&link(&found.body, "Thu 22 Jan 2026, 09:00"))
        .await
        .expect(200);
    let booked = Form::with_button(&form, "Book")
        .choose("repeat", "Every week")
        .fill("repeat_until", "2026-02-05")
        .press_on(&house.olive)
        .await;
    assert_says(&booked, "3 bookings are hers.");
    assert_says(&booked, "Elbe, again and again");
    let nobody = house.olive.get(&asked.replace("ada@", "nobody@")).await.expect(422);
    assert_says(&nobody, "No member has this address.");
    // A rule whose last day is missing is said at its control, with what was chosen.
    let form = house
        .olive
        .get(&link(&found.body, "Thu 22 Jan 2026, 09:00"))
        .await
        .expect(200);
    let again = Form::with_button(&form, "Book")
        .choose("repeat", "Every week")
        .press(&house.olive)
        .await
        .expect(422);
    assert_says(&again, "Say until which day it comes again");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_member_is_put_in_line_and_taken_out_again() {
    let house = house().await;
    let bea = subscribed(&house.api, &house.harbour, "Bea").await;
    house
        .api
        .made("/v1/bookings", &booking(&bea, &house.harbour.elbe, 10, 12))
        .await;
    house.stack.settle(house.api.chain.tenant).await;
    let form = format!(
        "/operator/bookings/new?resource={}&start=2026-01-22T09:00:00Z&member={}",
        id(&house.harbour.elbe),
        id(&house.ada)
    );
    let form = house.olive.get(&form).await.expect(200);
    let taken = Form::with_button(&form, "Book").press(&house.olive).await.expect(409);
    assert_says(&taken, "Elbe is already taken then.");
    let line = house
        .olive
        .get(&link(&taken.body, "Put her in line for it"))
        .await
        .expect(200);
    assert_says(&line, "Nobody waits");
    let waits = Form::with_button(&line, "Put in line").press_on(&house.olive).await;
    assert_says(&waits, "Ada Elbe, Speicher");
    assert_says(&waits, "She is next");
    let twice = Form::with_button(&line, "Put in line")
        .press(&house.olive)
        .await
        .expect(409);
    assert_says(&twice, "You wait for this time already.");
    let ask = house.olive.get(&link(&waits.body, "Take out")).await.expect(200);
    assert_says(&ask, "Ada waits for Elbe");
    let gone = Form::with_button(&ask, "Take her out").press_on(&house.olive).await;
    assert_says(&gone, "She does not wait any more.");
    assert_says(&gone, "Nobody waits");
    house.stack.shutdown().await;
}
