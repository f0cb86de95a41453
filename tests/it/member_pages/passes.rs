//! A member buys a pass for a day and gives it back.

use super::house::{assert_says, hidden, house, link};
use coterie_app::location;
use coterie_domain::{Money, location::NewDayPasses};
use coterie_tests::{Answer, Person};

/// Sends the form of a page that was opened before, as it stands.
async fn press(person: &Person, page: &Answer, action: &str) -> Answer {
    let hidden = hidden(&page.body, action);
    let form: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = person.post(action, &form).await;
    if answer.status.is_redirection() {
        return person.get(answer.location().as_str()).await.expect(200);
    }
    answer
}

#[tokio::test]
async fn she_buys_a_pass_sees_it_at_home_and_gives_it_back() {
    let house = house().await;
    let terms = NewDayPasses {
        price: Money::new(2_500, "EUR".parse().expect("EUR is known")),
        tax_included: false,
        capacity: 1,
        tax_category: "standard".to_owned(),
        horizon_days: 30,
    };
    location::set_day_passes(house.stack.app(), &house.chain.owner(), house.location, &terms)
        .await
        .expect("the house sells passes");
    let ada = house.sign_up("Ada", "ada@example.test").await;
    let bob = house.sign_up("Bob", "bob@example.test").await;

    let page = ada.get("/passes").await.expect(200);
    assert_says(&page, "is sold 30 days ahead");
    let offer = link(&page.body, "Buy for Fri 23 January 2026");
    // Without a membership she is told what is missing.
    let refused = ada.get(&offer).await.expect(409);
    assert_says(&refused, "A pass needs a membership that covers its day.");
    for person in [&ada, &bob] {
        house.save_card(person, "/card", "works").await.expect(200);
        house.subscribe(person).await;
    }
    let offered = ada.get(&offer).await.expect(200);
    assert_says(&offered, "A day pass for Speicher costs EUR 25.00 net");
    assert_says(&offered, "Up to 24 h before the house opens on that day: free.");
    let bought = press(&ada, &offered, "/passes").await;
    assert_says(&bought, "The pass for Fri 23 January 2026 is yours.");
    assert_says(&bought, "You have one");
    assert_says(&ada.get("/").await.expect(200), "Day passes");

    // Bob looked before; the day is sold out by now, and the next one is a link away.
    let late = press(&bob, &offered, "/passes").await.expect(409);
    assert_says(&late, "The only pass for Speicher on 23 January 2026 is sold.");
    let next = link(&late.body, "Take Sat 24 January 2026 instead");
    bob.get(&next).await.expect(200);

    let back = link(&bought.body, "Give back Fri 23 January 2026");
    bob.get(&back).await.expect(404);
    let asked = ada.get(&back).await.expect(200);
    assert_says(&asked, "is taken back; nothing is due.");
    let given = press(&ada, &asked, &back).await;
    assert_says(&given, "Given back. Nothing is due.");
    let offered = bob.get(&offer).await.expect(200);
    let bought = press(&bob, &offered, "/passes").await;
    assert_says(&bought, "You have one");
    // No day, a day that is none, and a house that there is not.
    assert_says(
        &ada.get(&format!("/passes/new?location={}&day=soon", house.location))
            .await
            .expect(422),
        "Please give a day, such as 2026-01-22.",
    );
    ada.get("/passes/new?location=nowhere&day=2026-01-23").await.expect(404);
    house.stack.shutdown().await;
}
