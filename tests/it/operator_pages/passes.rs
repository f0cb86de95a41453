//! An operator says what a house sells of day passes, sells one, and takes it back.

use super::forms::error_at;
use super::{form, owner_of_a_new_chain, set_up_entity_and_location};
use coterie_tests::stack;

#[tokio::test]
async fn what_is_sold_is_said_on_the_house_and_seen_today() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    let listed = olive.get("/operator/locations").await.expect(200);
    let path = listed
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/locations/") && !part.ends_with("/new"))
        .expect("the list leads to the house")
        .to_owned();
    let nothing = olive.get("/operator/passes").await.expect(200);
    assert!(nothing.body.contains("sells none."), "{}", nothing.body);

    let wrong = form(&olive, &path, "Change passes")
        .await
        .fill("price", "25,00")
        .fill("capacity", "12")
        .press(&olive)
        .await
        .expect(422);
    assert!(
        error_at(&wrong, "price")
            .expect("it is refused")
            .contains("with a point")
    );
    let set = form(&olive, &path, "Change passes")
        .await
        .fill("price", "25.00")
        .fill("capacity", "12")
        .press_on(&olive)
        .await;
    assert!(
        set.body.contains("This counts for passes bought from now on."),
        "{}",
        set.body
    );
    assert!(set.body.contains("value=\"25.00\""), "{}", set.body);

    let today = olive.get("/operator").await.expect(200);
    assert!(
        today.body.contains("0 of 12") && today.body.contains("sold for today, 12 left"),
        "{}",
        today.body
    );
    let wrong = form(&olive, "/operator/passes", "Buy the pass")
        .await
        .fill("member", "nobody@example.test")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "member").as_deref(),
        Some("No member has this address.")
    );
    house.shutdown().await;
}
