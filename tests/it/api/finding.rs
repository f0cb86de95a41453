//! A free time is found by what is wanted of it, and a refusal names another room.

use super::client::{Client, set_up, subscribed};
use coterie_tests::stack;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_found_can_be_booked_and_what_is_taken_is_not_found() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let member = ada.as_str().expect("an id");
    let spree = harbour.spree.as_str().expect("an id");
    let terms = json!({ "amenities": ["Projector", "Whiteboard"] });
    api.post(&format!("/v1/resources/{spree}/terms"), &terms)
        .await
        .expect(200);
    let wish = |room: &Value, from: &str, to: &str| {
        json!({ "member_id": ada, "resource_id": room,
            "starts_at": format!("2026-01-22T{from}"), "ends_at": format!("2026-01-22T{to}") })
    };
    api.made("/v1/bookings", &wish(&harbour.spree, "10:00", "12:00")).await;
    let find = async |query: &str| {
        let path = format!("/v1/free_slots?first_day=2026-01-22&{query}");
        let found: Value = api.get(&path).await.expect(200).json();
        let items = found["items"].as_array().expect("items").clone();
        let line = |item: &Value| {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            let time = |name: &str| text(name).trim_start_matches("2026-01-").to_owned();
            format!(
                "{} {} to {} {}",
                text("name"),
                time("first_start"),
                time("last_start"),
                item["price"]["minor"]
            )
        };
        items.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        find(&format!("minutes=90&from=08:00&until=18:00&member_id={member}")).await,
        [
            "Elbe 22T08:00 to 22T16:30 3000",
            "Spree 22T08:00 to 22T08:30 3000",
            "Spree 22T12:00 to 22T16:30 3000"
        ]
    );
    assert_eq!(
        find("minutes=60&from=09:30&until=12:30&amenities=whiteboard,projector").await,
        Vec::<String>::new()
    );
    assert_eq!(
        find("minutes=60&from=09:00&until=13:00&capacity=5").await,
        ["Elbe 22T09:00 to 22T12:00 2000"]
    );
    assert_eq!(
        find("minutes=60&from=09:00&until=13:00&at_most_minor=1999").await,
        Vec::<String>::new()
    );
    let wrong: Value = api
        .get("/v1/free_slots?first_day=2026-01-22&last_day=2026-03-01&minutes=1")
        .await
        .expect(422)
        .json();
    let fields: Vec<&str> = wrong["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["field"].as_str())
        .collect();
    assert_eq!(fields, ["last_day", "minutes"]);

    // What was offered is booked, and whoever wants the same is told of the other room.
    api.made("/v1/bookings", &wish(&harbour.spree, "12:00", "13:30")).await;
    let refused: Value = api
        .post("/v1/bookings", &wish(&harbour.spree, "12:30", "13:30"))
        .await
        .expect(409)
        .json();
    assert_eq!(
        refused["detail"],
        "Spree is already taken then. It is next free for this long on 22 January 2026 from 13:30 to 14:30 (Europe/Berlin). Elbe \
         is free at that time."
    );
    assert_eq!(
        refused["free_instead"],
        json!([{ "resource_id": harbour.elbe, "name": "Elbe" }])
    );
    api.made("/v1/bookings", &wish(&harbour.elbe, "12:30", "13:30")).await;
    let refused: Value = api
        .post("/v1/bookings", &wish(&harbour.spree, "12:30", "13:30"))
        .await
        .expect(409)
        .json();
    assert_eq!(refused.get("free_instead"), None);
    stack.shutdown().await;
}
