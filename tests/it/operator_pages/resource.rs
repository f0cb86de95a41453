//! A room's own page: how it is booked, what it is combined of, and when it is out of service.

use super::forms::{Form, error_at};
use super::{add_room, form, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type};
use coterie_tests::stack;

#[tokio::test]
async fn a_room_is_set_up_and_taken_out_of_service_by_its_page() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    for name in ["Elbe", "Hall"] {
        add_room(&olive, name, "8").await;
    }
    let listed = olive.get("/operator/resources").await.expect(200);
    let pages: Vec<String> = listed
        .body
        .split('"')
        .filter(|part| part.starts_with("/operator/resources/") && !part.ends_with("/new"))
        .map(str::to_owned)
        .collect();
    // By name: Elbe, then Hall.
    let [elbe, hall] = pages.as_slice() else {
        panic!("the list leads to both rooms: {pages:?}")
    };
    let id = elbe.rsplit('/').next().expect("an id");
    let wrong = form(&olive, hall, "Change")
        .await
        .fill("horizon_days", "0")
        .fill("amenities", "projector, whiteboard")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "horizon_days").as_deref(),
        Some("Please give 1 to 730 days.")
    );
    let again = Form::with_button(&wrong, "Change");
    assert_eq!(again.value("amenities"), Some("projector, whiteboard"));
    let set = again
        .fill("horizon_days", "90")
        .fill("parts", id)
        .press_on(&olive)
        .await;
    assert!(
        set.body.contains("This counts for bookings made from now on."),
        "{}",
        set.body
    );
    let part = olive.get(elbe).await.expect(200);
    assert!(part.body.contains("A part of"), "{}", part.body);

    let blocking = async |path: &str, first: &str| {
        form(&olive, path, "Take it out of service")
            .await
            .fill("first_day", first)
            .fill("last_day", "2026-12-28")
            .fill("reason", "Painting")
    };
    let wrong = blocking(elbe, "2026-12-29").await.press(&olive).await.expect(422);
    assert_eq!(
        error_at(&wrong, "last_day").as_deref(),
        Some("It must end after it starts.")
    );
    let blocked = blocking(elbe, "2026-12-27").await.press_on(&olive).await;
    assert!(
        blocked.body.contains("Nobody can book it in this time."),
        "{}",
        blocked.body
    );
    let twice = blocking(hall, "2026-12-20").await.press(&olive).await.expect(409);
    assert!(
        twice.body.contains("It is out of service then already."),
        "{}",
        twice.body
    );
    let lifting = blocked
        .body
        .split('"')
        .find(|part| part.starts_with(&format!("{elbe}/blockers/")))
        .expect("it can be given back")
        .to_owned();
    let back = form(&olive, &lifting, "Give it back").await.press_on(&olive).await;
    assert!(back.body.contains("It can be booked again."), "{}", back.body);
    assert!(back.body.contains("In service"), "{}", back.body);
    house.shutdown().await;
}

#[tokio::test]
async fn an_office_is_assigned_by_its_page_and_given_back() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    add_room(&olive, "Office", "4").await;
    let list = olive.get("/operator/resources").await.expect(200);
    let mut links = list.body.split('"');
    let office = links
        .find(|part| part.starts_with("/operator/resources/") && !part.ends_with("/new"))
        .expect("a room");
    let wrong = form(&olive, office, "Assign it")
        .await
        .fill("member", "nobody@example.test")
        .fill("assigned_from", "2026-02-30")
        .press(&olive)
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "member").as_deref(),
        Some("No member with a membership has this address.")
    );
    assert_eq!(
        error_at(&wrong, "assigned_from").as_deref(),
        Some("Please give a date, such as 2026-01-20.")
    );
    assert_eq!(
        Form::with_button(&wrong, "Assign it").value("member"),
        Some("nobody@example.test")
    );
    house.shutdown().await;
}
