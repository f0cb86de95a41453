//! A coupon typed at the plan and at the membership, and a locker beside it.

use super::house::{assert_says, house, link, send, value};
use coterie_app::{add_on, coupon};
use coterie_domain::{
    Money,
    add_on::NewAddOn,
    coupon::{NewCoupon, NewOff},
};

#[tokio::test]
async fn a_code_lowers_the_price_and_a_wrong_one_comes_back_with_a_sentence() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let new = NewCoupon {
        code: "SPRING".to_owned(),
        name: "Spring".to_owned(),
        off: NewOff {
            percent: Some(50.into()),
            amount: None,
        },
        cycles: Some(3),
        plans: Vec::new(),
        first_day: None,
        last_day: None,
        limit: None,
        once_per_member: true,
    };
    coupon::create(app, &owner, &new).await.expect("a coupon");
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    let page = house.quote_path();
    let wrong = ada.get(&format!("{page}&coupon=autumn")).await.expect(422);
    assert_says(&wrong, "There is no coupon of this code.");
    assert_says(&wrong, "Agree and pay EUR 138.19");
    assert_eq!(value(&wrong.body, "coupon"), "autumn");
    let with = format!("{page}&coupon=spring");
    let shown = ada.get(&with).await.expect(200);
    assert_says(&shown, "Spring, 50 % for 3 cycles");
    assert_says(&shown, "50 % of EUR 300.00 is EUR 150.00");
    assert_says(&shown, "Agree and pay EUR 69.10");
    let done = send(&ada, &with, "/memberships", &[]).await.expect(303);
    let invoice = ada.get(done.location().as_str()).await.expect(200);
    assert_says(&invoice, "Spring, 50 % off Flex");
    let why = ada.get(&link(&invoice.body, "Spring, 50 % off Flex")).await.expect(200);
    assert_says(&why, "Coupon SPRING takes 50 % off a month");
    let membership = link(&ada.get("/").await.expect(200).body, "Change, pause or leave");
    let mine = ada.get(&membership).await.expect(200);
    assert_says(&mine, "Spring: 50 % off, from");
    assert_says(&mine, "for 2 more cycles.");
    let redeem = format!("{membership}/coupons");
    let refused = send(&ada, &membership, &redeem, &[("coupon", "spring")])
        .await
        .expect(422);
    assert_says(&refused, "it was redeemed already");
    assert_eq!(value(&refused.body, "coupon"), "spring");
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_locker_is_added_seen_and_removed() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    house.subscribe(&ada).await;
    let catalogue = coterie_app::catalogue::read(app, house.chain.tenant)
        .await
        .expect("an offer");
    let new = NewAddOn {
        legal_entity_id: *catalogue.legal_entities.keys().next().expect("an entity"),
        name: "Locker".to_owned(),
        price: Money::new(1_500, "EUR".parse().expect("EUR is known")),
        tax_included: false,
        length: coterie_domain::period::CycleLength::Month,
        tax_category: "standard".to_owned(),
        self_service: true,
    };
    let locker = add_on::define(app, &owner, &new)
        .await
        .expect("a locker")
        .outcome
        .to_string();
    let membership = link(&ada.get("/").await.expect(200).body, "Change, pause or leave");
    assert_says(
        &ada.get(&membership).await.expect(200),
        "Locker, EUR 15.00 plus VAT a month",
    );
    let add = format!("{membership}/add-ons");
    let wrong = [("add_on_id", locker.as_str()), ("quantity", "0")];
    let refused = send(&ada, &membership, &add, &wrong).await.expect(422);
    assert_says(&refused, "Please give a number from 1 to 1000.");
    assert_eq!(value(&refused.body, "quantity"), "0");
    let right = [("add_on_id", locker.as_str()), ("quantity", "2")];
    send(&ada, &membership, &add, &right).await.expect(303);
    let mine = ada.get(&membership).await.expect(200);
    assert_says(&mine, "EUR 11.61 plus VAT are invoiced.");
    assert_says(&mine, "2 x Locker, EUR 30.00 plus VAT a month, from");
    let remove = format!("{membership}/add-ons/remove");
    send(&ada, &membership, &remove, &[("removed_id", locker.as_str())])
        .await
        .expect(303);
    let mine = ada.get(&membership).await.expect(200);
    assert_says(&mine, "EUR 11.61 plus VAT are given back on your next invoice.");
    house.stack.shutdown().await;
}
