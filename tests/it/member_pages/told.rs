//! A house that tells its prices with the VAT in them: wherever she sees one, it says so, and what she agrees to is what it says.

use super::house::{assert_says, house, send};
use coterie_app::{add_on, catalogue, location, plan, resource};
use coterie_domain::{
    Money, add_on::NewAddOn, location::NewDayPasses, period::CycleLength, plan::NewPlanVersion, resource::NewPriceRule,
};

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().expect("EUR is known"))
}

#[tokio::test]
async fn she_sees_what_she_pays_with_the_vat_in_it() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let offer = catalogue::read(app, house.chain.tenant).await.expect("an offer");
    let legal_entity_id = *offer.legal_entities.keys().next().expect("an entity");
    let kind = *offer.resource_types.keys().next().expect("a type");
    let home = NewPlanVersion {
        name: "Home".to_owned(),
        legal_entity_id,
        price: eur(29_900),
        tax_included: true,
        billing_day: 1,
        terms: coterie_domain::plan::PlanTerms::default(),
        tax_category: "standard".to_owned(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: String::new(),
    };
    let home = plan::publish(app, &owner, None, home).await.expect("a plan").outcome;
    let rule = NewPriceRule {
        tax_included: true,
        location_id: Some(house.location),
        ..NewPriceRule::by_the_hour(kind, eur(2_380))
    };
    resource::publish_price(app, &owner, rule).await.expect("a price");
    let passes = NewDayPasses {
        price: eur(2_500),
        tax_included: true,
        capacity: 3,
        tax_category: "standard".to_owned(),
        horizon_days: 30,
    };
    location::set_day_passes(app, &owner, house.location, &passes)
        .await
        .expect("passes");
    let locker = NewAddOn {
        legal_entity_id,
        name: "Locker".to_owned(),
        price: eur(1_499),
        tax_included: true,
        length: CycleLength::Month,
        tax_category: "standard".to_owned(),
        self_service: true,
    };
    add_on::define(app, &owner, &locker).await.expect("a locker");

    let stranger = house.person();
    let welcome = stranger.get("/").await.expect(200);
    assert_says(&welcome, "EUR 299.00 a month, incl. VAT");
    // What is told without it still says so.
    assert_says(&welcome, "EUR 300.00 a month, plus VAT");

    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    let page = format!("/plans/{}?location={}", home.plan_version_id, house.location);
    let quote = ada.get(&page).await.expect(200);
    assert_says(&quote, "EUR 115.74 incl. VAT for 12 of 31 days");
    assert_says(&quote, "EUR 115.74 including 19 % VAT is EUR 97.26 net");
    assert_says(&quote, "EUR 299.00 incl. VAT a month from 1 February 2026 on");
    assert_says(&quote, "Agree and pay EUR 115.74");
    let done = send(&ada, &page, "/memberships", &[]).await.expect(303);
    let invoice = ada.get(done.location().as_str()).await.expect(200);
    assert_says(&invoice, "EUR 115.74");
    assert_says(&ada.get("/").await.expect(200), "EUR 299.00 a month, incl. VAT");

    let day = format!("/bookings/new?location={}&date=2026-01-22", house.location);
    assert_says(
        &ada.get(&day).await.expect(200),
        "Elbe Meeting room, 8 people, EUR 23.80 an hour incl. VAT",
    );
    let slot = format!("{day}&resource={}&start=2026-01-22T09:00:00Z", house.elbe);
    let form = ada.get(&slot).await.expect(200);
    assert_says(&form, "1 h at EUR 23.80 an hour including VAT");
    assert_says(&form, "EUR 23.80 incl. VAT, on the next invoice");
    let found = format!(
        "/bookings/find?location={}&first_day=2026-01-22&minutes=60",
        house.location
    );
    assert_says(&ada.get(&found).await.expect(200), "EUR 23.80 incl. VAT");
    let passes = ada.get("/passes").await.expect(200);
    assert_says(&passes, "It costs EUR 25.00 incl. VAT, and is sold 30 days ahead.");
    let membership = super::house::link(&ada.get("/").await.expect(200).body, "Change, pause or leave");
    assert_says(
        &ada.get(&membership).await.expect(200),
        "Locker, EUR 14.99 incl. VAT a month",
    );
    house.stack.shutdown().await;
}
