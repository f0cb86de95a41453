//! A price by its form: for each who comes, for one company's members, and for visitors.

use super::{form, forms::error_at, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type, tenant_of};
use coterie_app::catalogue;
use coterie_domain::{Money, resource::BookedBy};
use coterie_tests::stack;

#[tokio::test]
async fn a_price_asks_who_books_how_many_come_and_which_company_pays() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let company = form(&olive, "/operator/companies/new", "Register").await;
    company
        .fill("name", "Tide Ltd")
        .fill("billing_email", "bills@tide.test")
        .press_on(&olive)
        .await;

    let new = "/operator/prices/new";
    let wrong = form(&olive, new, "Publish price")
        .await
        .fill("per_hour", "5.00")
        .choose("booked_by", "Visitors")
        .choose("company_id", "Tide Ltd")
        .fill("min_people", "0")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        [error_at(&wrong, "booked_by"), error_at(&wrong, "min_people")].map(Option::unwrap_or_default),
        [
            "Visitors are on no plan, and no company pays for them.",
            "Please give a number of people, 1 or more."
        ]
    );
    assert!(
        wrong.body.contains("value=\"visitor\" selected") && wrong.body.contains("value=\"5.00\""),
        "what was filled in is there again: {}",
        wrong.body
    );
    let listed = form(&olive, new, "Publish price")
        .await
        .fill("per_hour", "5.00")
        .fill("per_seat", "yes")
        .choose("booked_by", "Members")
        .choose("company_id", "Tide Ltd")
        .fill("min_people", "2")
        .press_on(&olive)
        .await;
    for told in ["for Tide Ltd, for members, 2 people or more", "Each seat"] {
        assert!(listed.body.contains(told), "{told}: {}", listed.body);
    }
    let visitors = form(&olive, new, "Publish price")
        .await
        .fill("per_hour", "9.00")
        .fill("half_day", "30.00")
        .choose("booked_by", "Visitors")
        .press_on(&olive)
        .await;
    assert!(visitors.body.contains("for visitors"), "{}", visitors.body);

    let known = catalogue::read(house.app(), tenant_of(&house).await)
        .await
        .expect("a catalogue");
    let rules: Vec<_> = known
        .price_rules
        .values()
        .map(|rule| (rule.per_seat, rule.half_day, rule.conditions.booked_by))
        .collect();
    let half_day = Money::new(3_000, "EUR".parse().expect("EUR is known"));
    assert_eq!(
        rules,
        [
            (true, None, Some(BookedBy::Member)),
            (false, Some(half_day), Some(BookedBy::Visitor))
        ]
    );
    house.shutdown().await;
}
