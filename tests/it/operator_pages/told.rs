//! An operator says how prices are told; the next form remembers it.

use super::{form, forms::error_at, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type, tenant_of};
use coterie_app::catalogue;
use coterie_tests::stack;

#[tokio::test]
async fn prices_are_told_with_vat_from_the_form_on() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let rate = form(&olive, "/operator/tax-rates/new", "Set rate").await;
    rate.fill("rate_percent", "19").press_on(&olive).await;

    let plans = "/operator/plans/new";
    let first = form(&olive, plans, "Publish plan").await;
    assert_eq!(first.value("tax_included"), Some("false"), "nobody told a price yet");
    let wrong = first
        .clone()
        .fill("name", "Home")
        .fill("price", "299")
        .fill("tax_included", "maybe")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "tax_included").as_deref(),
        Some("Please choose one from the list.")
    );
    let listed = first
        .fill("name", "Home")
        .fill("price", "299")
        .choose("tax_included", "with VAT")
        .press_on(&olive)
        .await;
    assert!(listed.body.contains("EUR\u{a0}299.00 incl. VAT"), "{}", listed.body);

    for (page, button) in [
        (plans, "Publish plan"),
        ("/operator/prices/new", "Publish price"),
        ("/operator/add-ons/new", "Define this add-on"),
    ] {
        let next = form(&olive, page, button).await;
        assert_eq!(next.value("tax_included"), Some("true"), "{page}");
    }
    let prices = form(&olive, "/operator/prices/new", "Publish price")
        .await
        .fill("per_hour", "23.80")
        .press_on(&olive)
        .await;
    assert!(prices.body.contains("incl. VAT"), "{}", prices.body);
    let rules = catalogue::read(house.app(), tenant_of(&house).await)
        .await
        .expect("an offer");
    assert!(rules.price_rules.values().all(|rule| rule.tax_included));
    let add_ons = form(&olive, "/operator/add-ons/new", "Define this add-on")
        .await
        .fill("name", "Locker")
        .fill("price", "15")
        .choose("tax_included", "without VAT")
        .press_on(&olive)
        .await;
    assert!(add_ons.body.contains("EUR\u{a0}15.00 plus VAT"), "{}", add_ons.body);
    house.shutdown().await;
}
