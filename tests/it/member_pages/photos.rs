//! A member sees what a room looks like where she books it.

use super::house::{assert_says, house};
use crate::pictures::png;
use coterie_app::{
    location,
    photo::{self, NewPhoto},
};

#[tokio::test]
async fn she_sees_photos_and_what_the_house_has() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let new = NewPhoto {
        resource_id: house.elbe,
        alt: "A long table".to_owned(),
        image: png(200, 100),
    };
    let photo = photo::add(app, &owner, new).await.expect("a photo").outcome;
    location::set_amenities(app, &owner, house.location, &["Showers".to_owned()])
        .await
        .expect("amenities");
    let ada = house.sign_up("Ada", "ada@example.test").await;
    let day = format!("/bookings/new?location={}&date=2026-01-22", house.location);
    let page = ada.get(&day).await.expect(200);
    assert_says(&page, "The house has showers.");
    assert!(!page.body.contains("/photos/"), "{}", page.body);
    let page = ada.get(&format!("{day}&resource={}", house.elbe)).await.expect(200);
    let path = format!("/photos/{photo}");
    assert!(
        page.body.contains(&format!("<img src=\"{path}\" alt=\"A long table\"")),
        "{}",
        page.body
    );
    ada.get(&path).await.expect(200);
    house.person().get(&path).await.expect(303);
    house.stack.shutdown().await;
}
