//! An operator makes a coupon and an add-on, redeems the one and adds the other for a member, and withdraws both.

use super::charges::chain_with_mia;
use super::form;
use super::forms::{Form, error_at};
use coterie_tests::stack;

#[tokio::test]
async fn coupons_and_add_ons_are_set_up_and_used() {
    let house = stack().await;
    let (olive, mia) = chain_with_mia(&house).await;
    let wrong = form(&olive, "/operator/coupons/new", "Make this coupon")
        .await
        .fill("code", "x")
        .fill("name", "Spring")
        .fill("percent", "120")
        .press(&olive)
        .await
        .expect(422);
    assert!(
        error_at(&wrong, "code").is_some() && error_at(&wrong, "percent").is_some(),
        "{}",
        wrong.body
    );
    let again = Form::with_button(&wrong, "Make this coupon");
    assert_eq!(again.value("name"), Some("Spring"));
    let made = again
        .fill("code", "spring-26")
        .fill("percent", "50")
        .fill("cycles", "3")
        .press_on(&olive)
        .await;
    assert!(
        made.body.contains("The coupon is made.") && made.body.contains("50 % for 3 cycles"),
        "{}",
        made.body
    );
    let defined = form(&olive, "/operator/add-ons/new", "Define this add-on")
        .await
        .fill("name", "Locker")
        .fill("price", "15")
        .press_on(&olive)
        .await;
    assert!(defined.body.contains("The add-on is defined."), "{}", defined.body);

    let member = olive.get(&mia).await.expect(200);
    let membership = member
        .body
        .split('"')
        .find(|part| part.starts_with(&format!("{mia}/memberships/")) && !part.ends_with("/new"))
        .expect("she has a membership")
        .to_owned();
    let wrong = form(&olive, &membership, "Redeem it")
        .await
        .fill("coupon", "autumn")
        .press(&olive)
        .await
        .expect(422);
    assert!(error_at(&wrong, "coupon").is_some(), "{}", wrong.body);
    let redeemed = Form::with_button(&wrong, "Redeem it")
        .fill("coupon", "spring-26")
        .press_on(&olive)
        .await;
    assert!(
        redeemed.body.contains("The coupon is redeemed.") && redeemed.body.contains("for 3 more cycles"),
        "{}",
        redeemed.body
    );
    let added = form(&olive, &membership, "Add it")
        .await
        .choose("add_on_id", "Locker")
        .fill("quantity", "2")
        .press_on(&olive)
        .await;
    assert!(
        added.body.contains("It is added.") && added.body.contains("2 x Locker"),
        "{}",
        added.body
    );
    let removed = form(&olive, &membership, "Remove it")
        .await
        .choose("removed_id", "Locker")
        .press_on(&olive)
        .await;
    assert!(removed.body.contains("It is removed."), "{}", removed.body);

    let listed = olive.get("/operator/coupons").await.expect(200);
    let coupon = listed
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/coupons/") && !part.ends_with("/new"))
        .expect("it is listed")
        .to_owned();
    let gone = form(&olive, &coupon, "Withdraw it").await.press_on(&olive).await;
    assert!(gone.body.contains("The coupon is withdrawn."), "{}", gone.body);
    house.shutdown().await;
}
