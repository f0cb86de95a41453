//! Addresses for calendars, on the page of a house and on that of a room.

use super::forms::Form;
use super::{add_room, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type};
use coterie_tests::{Answer, stack};

fn link(page: &Answer, below: &str) -> String {
    let found = page
        .body
        .split('"')
        .find(|part| part.starts_with(below) && !part.ends_with("/new"));
    found
        .unwrap_or_else(|| panic!("no link below {below}: {}", page.body))
        .to_owned()
}

fn address(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("id=\"feed-address\">").expect("an address");
    rest.split('<').next().expect("its text").to_owned()
}

#[tokio::test]
async fn a_house_and_a_room_have_addresses_that_are_made_replaced_and_revoked() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    let rooms = add_room(&olive, "Elbe", "8").await;
    let places = olive.get("/operator/locations").await.expect(200);
    let calendar = house.person_at("harbour");
    for path in [
        link(&places, "/operator/locations/"),
        link(&rooms, "/operator/resources/"),
    ] {
        let page = olive.get(&path).await.expect(200);
        let made = Form::with_button(&page, "Make an address")
            .press(&olive)
            .await
            .expect(200);
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let first = address(&made);
        calendar.get(&first).await.expect(200);

        let page = olive.get(&path).await.expect(200);
        assert!(
            !page.body.contains("/calendars/"),
            "it is not shown again: {}",
            page.body
        );
        let second = Form::with_button(&page, "Make another address")
            .press(&olive)
            .await
            .expect(200);
        let second = address(&second);
        calendar.get(&first).await.expect(404);
        calendar.get(&second).await.expect(200);

        let revoked = Form::with_button(&page, "Revoke the address").press_on(&olive).await;
        assert!(
            revoked.body.contains("The address does not work any more."),
            "{}",
            revoked.body
        );
        assert!(revoked.body.contains("Make an address"), "{}", revoked.body);
        calendar.get(&second).await.expect(404);
    }
    house.shutdown().await;
}
