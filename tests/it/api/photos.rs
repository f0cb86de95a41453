//! Photos of rooms and what a house has, through the API.

use super::client::{Client, id, set_up};
use crate::pictures::png;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

#[tokio::test]
async fn a_room_has_photos_and_a_house_its_amenities() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let photo =
        |bytes: &[u8], alt: &str| json!({ "resource_id": harbour.elbe, "alt": alt, "image": STANDARD.encode(bytes) });
    for (body, field) in [
        (
            json!({ "resource_id": harbour.elbe, "alt": "A table", "image": "?" }),
            "image",
        ),
        (photo(b"GIF89a", "A table"), "image"),
        (photo(&png(80, 80), " "), "alt"),
    ] {
        let refused: Value = api.post("/v1/photos", &body).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let made = api.made("/v1/photos", &photo(&png(200, 100), "A table")).await;
    let list = format!("/v1/photos?resource_id={}", id(&harbour.elbe));
    let listed: Value = api.get(&list).await.expect(200).json();
    let shown = &listed["data"][0];
    assert_eq!(
        (&shown["alt"], &shown["width"], &shown["height"]),
        (&json!("A table"), &json!(200), &json!(100))
    );
    let of_spree: Value = api
        .get(&format!("/v1/photos?resource_id={}", id(&harbour.spree)))
        .await
        .expect(200)
        .json();
    assert_eq!(of_spree["data"], json!([]));

    let remove = format!("/v1/photos/{}/remove", id(&made["photo_id"]));
    api.post(&remove, &json!({})).await.expect(200);
    let twice: Value = api.post(&remove, &json!({})).await.expect(409).json();
    assert_eq!(twice["code"], "already_removed");
    let kept: i64 = sqlx::query_scalar("select count(*) from picture")
        .fetch_one(&stack.db.owner)
        .await
        .expect("a count");
    assert_eq!(kept, 0, "its bytes are gone with it");

    let amenities = format!("/v1/locations/{}/amenities", id(&harbour.location));
    let set: Value = api
        .post(&amenities, &json!({ "amenities": ["Showers", "kitchen", "showers"] }))
        .await
        .expect(200)
        .json();
    assert_eq!(set["amenities"], json!(["kitchen", "showers"]));
    let refused: Value = api
        .post(&amenities, &json!({ "amenities": [""] }))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "amenities");
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}
