//! Photos of a room come in by its page.

use super::forms::{Form, error_at};
use super::{add_room, form, owner_of_a_new_chain, set_up_entity_and_location, set_up_room_type};
use crate::pictures::png;
use coterie_tests::stack;

#[tokio::test]
async fn a_photo_is_added_with_its_words_and_taken_away() {
    let house = stack().await;
    let olive = owner_of_a_new_chain(&house).await;
    set_up_entity_and_location(&olive).await;
    set_up_room_type(&olive).await;
    add_room(&olive, "Elbe", "8").await;
    let list = olive.get("/operator/resources").await.expect(200);
    let mut links = list.body.split('"');
    let elbe = links
        .find(|part| part.starts_with("/operator/resources/") && !part.ends_with("/new"))
        .expect("a room");
    let upload = form(&olive, elbe, "Add the photo").await;
    let wrong = upload
        .clone()
        .fill("alt", "A table")
        .press_with_file(&olive, "image", "elbe.png", b"<svg/>")
        .await
        .expect(422);
    assert_eq!(
        error_at(&wrong, "image").as_deref(),
        Some("Please choose a JPEG, PNG or WebP picture.")
    );
    let again = Form::with_button(&wrong, "Add the photo");
    assert_eq!(again.value("alt"), Some("A table"));
    again
        .press_with_file(&olive, "image", "elbe.png", &png(200, 100))
        .await
        .expect(303);
    let page = olive.get(elbe).await.expect(200);
    let shown = page
        .body
        .split('"')
        .find(|part| part.starts_with("/operator/photos/"))
        .expect("a photo");
    assert!(
        page.body.contains("alt=\"A table\" width=\"200\" height=\"100\""),
        "{}",
        page.body
    );
    let picture = olive.get(shown).await.expect(200);
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert_eq!(picture.header("x-content-type-options"), Some("nosniff"));
    let remove = format!("{elbe}/photos/{}", shown.rsplit('/').next().expect("an id"));
    let gone = form(&olive, &remove, "Remove it").await.press_on(&olive).await;
    assert!(gone.body.contains("The photo is gone."), "{}", gone.body);
    olive.get(shown).await.expect(404);
    house.shutdown().await;
}
