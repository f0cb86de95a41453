//! Floors, their plans, and where rooms stand on them, through the API.

use super::client::{Client, id, set_up};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

const PLAN: &str = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 200 100' onload='attack()'>\
    <script>attack()</script><rect width='200' height='100' fill='#fff'/></svg>";

#[tokio::test]
async fn a_floor_has_a_plan_without_what_attacks_and_rooms_stand_on_it() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let new = json!({ "location_id": harbour.location, "name": "First floor", "level": 1 });
    let floor = api.made("/v1/floors", &new).await;
    assert_eq!(floor["plan"], Value::Null);
    let path = format!("/v1/floors/{}", id(&floor["floor_id"]));
    let twice: Value = api.post("/v1/floors", &new).await.expect(422).json();
    assert_eq!(twice["errors"][0]["field"], "name", "{twice}");

    let plan = format!("{path}/plan");
    api.get(&plan).await.expect(404);
    let refused: Value = api.post(&plan, &json!({ "svg": "<p>no</p>" })).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "svg", "{refused}");
    let set: Value = api.post(&plan, &json!({ "svg": PLAN })).await.expect(200).json();
    assert_eq!(set["plan"]["height_per_mille"], 500);
    let drawn: Value = api.get(&plan).await.expect(200).json();
    assert_eq!(
        drawn["svg"],
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 100\" width=\"1000\" height=\"500\">\
         <rect fill=\"#fff\" height=\"100\" width=\"200\"></rect></svg>"
    );
    let large = json!({ "svg": format!("{PLAN}{}", " ".repeat(600 * 1024)) });
    let refused: Value = api.post(&plan, &large).await.expect(422).json();
    assert_eq!(refused["errors"][0]["message"], "A plan has 512 KiB at most.");

    let elbe = format!("/v1/resources/{}", id(&harbour.elbe));
    let there = |x: &str| json!({ "position": { "floor_id": floor["floor_id"], "x_percent": x, "y_percent": "40" } });
    let refused: Value = api
        .post(&format!("{elbe}/position"), &there("101"))
        .await
        .expect(422)
        .json();
    assert_eq!(refused["errors"][0]["field"], "position.x_percent", "{refused}");
    let placed: Value = api
        .post(&format!("{elbe}/position"), &there("12.55"))
        .await
        .expect(200)
        .json();
    assert_eq!(placed["position"]["x_percent"], "12.6");
    // Terms come after it on the same stream.
    let terms = json!({ "lead_minutes": 15 });
    api.post(&format!("{elbe}/terms"), &terms).await.expect(200);
    let gone: Value = api
        .post(&format!("{elbe}/position"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!((&gone["position"], &gone["lead_minutes"]), (&Value::Null, &json!(15)));

    let renamed = json!({ "name": "Gallery", "level": 2 });
    let renamed: Value = api.post(&path, &renamed).await.expect(200).json();
    assert_eq!((&renamed["name"], &renamed["plan"]), (&json!("Gallery"), &set["plan"]));
    let listed: Value = api
        .get(&format!("/v1/floors?location_id={}", id(&harbour.location)))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["data"][0]["name"], "Gallery", "{listed}");
    guards_agree(&stack.db.worker, api.chain.tenant).await;
    stack.shutdown().await;
}

/// What is kept beside the log is not believed: a drawing that somebody changed by hand is not shown.
#[tokio::test]
async fn a_plan_that_was_changed_by_hand_is_not_shown() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let new = json!({ "location_id": harbour.location, "name": "First floor", "level": 1 });
    let floor = api.made("/v1/floors", &new).await;
    let plan = format!("/v1/floors/{}/plan", id(&floor["floor_id"]));
    api.post(&plan, &json!({ "svg": PLAN })).await.expect(200);
    api.get(&plan).await.expect(200);
    let hand = "update picture set bytes = '<svg onload=\"attack()\"/>'::bytea";
    sqlx::query(hand).execute(&stack.db.owner).await.expect("a hand");
    let answer = api.get(&plan).await.expect(500);
    assert!(!answer.body.contains("attack"), "{}", answer.body);
    stack.shutdown().await;
}
