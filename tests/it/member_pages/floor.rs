//! A member looks at the plan of a floor and goes on to the day of a room.

use super::house::{assert_says, house, link};
use coterie_app::{floor, resource};
use coterie_domain::{floor::NewFloor, resource::NewPosition};

const PLAN: &[u8] = b"<svg viewBox='0 0 400 300'><rect width='400' height='300' fill='#eee'/></svg>";

#[tokio::test]
async fn she_finds_a_room_on_the_plan_and_in_the_list_beside_it() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let new = NewFloor {
        name: "Gallery".to_owned(),
        level: 2,
    };
    let gallery = floor::add(app, &owner, house.location, new)
        .await
        .expect("a floor")
        .outcome;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    let day = format!("/bookings/new?location={}", house.location);
    let path = link(&ada.get(&day).await.expect(200).body, "Gallery");
    assert_eq!(path, format!("/floors/{gallery}"));
    assert_says(&ada.get(&path).await.expect(200), "There is no plan of this floor yet.");
    ada.get(&format!("{path}/plan.svg")).await.expect(404);

    floor::set_plan(app, &owner, gallery, PLAN).await.expect("a plan");
    let position = NewPosition {
        floor_id: gallery,
        x_percent: 25.into(),
        y_percent: 50.into(),
    };
    resource::place(app, &owner, house.elbe, Some(position))
        .await
        .expect("a place");
    let page = ada.get(&path).await.expect(200);
    let to_elbe = format!("/bookings/new?location={}&#38;resource={}", house.location, house.elbe);
    // Once on the plan, once in the list.
    assert_eq!(
        page.body.matches(&format!("href=\"{to_elbe}\"")).count(),
        2,
        "{}",
        page.body
    );
    assert!(page.body.contains("<circle cx=\"250\" cy=\"375\""), "{}", page.body);
    assert_says(&page, "Elbe");
    let plan = ada.get(&format!("{path}/plan.svg")).await.expect(200);
    assert_eq!(plan.header("content-type"), Some("image/svg+xml"));
    ada.get(&link(&page.body, "Elbe")).await.expect(200);
    // Nobody else's eyes.
    let stranger = house.person().get(&format!("{path}/plan.svg")).await.expect(303);
    assert_eq!(stranger.location().path(), "/sign-in");
    house.stack.shutdown().await;
}
