//! Reading one's own writes from models that lag or are halted.

use super::{Scene, scene, turned_away};
use crate::api::client::{id, member};
use coterie_app::projections;
use coterie_tests::{Answer, Person, stack, stack::PASSWORD};
use reqwest::Method;
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// Holds a model where it is: followers step over a checkpoint that somebody has locked.
async fn hold(scene: &Scene, projection: &str) -> Transaction<'static, Postgres> {
    let mut held = scene.stack.db.owner.begin().await.unwrap();
    sqlx::query("select from checkpoint where tenant_id = $1 and projection = $2 for update")
        .bind(scene.api.chain.tenant)
        .bind(projection)
        .execute(&mut *held)
        .await
        .unwrap();
    held
}

async fn park(scene: &Scene, parked: bool) {
    sqlx::query(
        "update checkpoint set parked_at = case when $3 then now() end, parked_position = case when $3 then position + 1 end,
                parked_reason = case when $3 then 'canary@example.test cannot be read' end
         where tenant_id = $1 and projection = $2",
    )
    .bind(scene.api.chain.tenant)
    .bind(projections::PEOPLE)
    .bind(parked)
    .execute(&scene.stack.db.owner)
    .await
    .unwrap();
}

async fn after(scene: &Scene, path: &str, position: i64) -> Answer {
    let position = position.to_string();
    let headers = [("min-position", position.as_str())];
    scene.api.send(Method::GET, path, &headers, None).await
}

#[tokio::test]
async fn an_api_reader_is_told_what_lags_what_is_halted_and_what_never_was() {
    let scene = scene(stack().await).await;
    let held = hold(&scene, projections::PEOPLE).await;
    let bea = member(&scene.api, "Bea").await;
    let path = format!("/v1/members/{}", id(&bea));
    let position = scene.head().await;
    turned_away(after(&scene, &path, position).await, "behind_position");
    // Control: who names no position is answered with what there is.
    scene.api.get(&path).await.expect(404);
    scene.api.get("/v1/members").await.expect(200);
    held.rollback().await.unwrap();
    after(&scene, &path, position).await.expect(200);

    park(&scene, true).await;
    let cem = member(&scene.api, "Cem").await;
    let position = scene.head().await;
    let answer = after(&scene, &format!("/v1/members/{}", id(&cem)), position).await;
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    turned_away(answer, "halted");
    // What it has seen before is still served, and so is what does not read it.
    after(&scene, &path, position - 1).await.expect(200);
    after(&scene, "/v1/locations", position).await.expect(200);
    park(&scene, false).await;
    after(&scene, "/v1/members", position).await.expect(200);
    scene.stack.shutdown().await;
}

/// Every GET of the table takes it, whatever it reads; a new one that does not is found here.
#[tokio::test]
async fn every_reading_route_knows_where_the_log_ends() {
    let scene = scene(stack().await).await;
    let document: Value = scene.api.get("/v1/openapi.json").await.expect(200).json();
    let beyond = scene.head().await + 1000;
    let mut walked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || path == "/v1/openapi.json" {
            continue;
        }
        let asked = concrete(&scene, path);
        let problem: Value = scene
            .api
            .get(&format!(
                "{asked}{}min_position={beyond}",
                if asked.contains('?') { '&' } else { '?' }
            ))
            .await
            .expect(422)
            .json();
        assert_eq!(problem["errors"][0]["field"], "min_position", "{asked}");
        let parameters = item["get"]["parameters"].as_array().unwrap();
        assert!(
            parameters.iter().any(|parameter| parameter["name"] == "min_position"),
            "{path}"
        );
        assert!(
            item["get"]["responses"]["503"]["headers"]["Retry-After"].is_object(),
            "{path}"
        );
        walked += 1;
    }
    assert!(walked > 20, "{walked}");
    scene.stack.shutdown().await;
}

/// An address that leads to something that is there, where the handler looks for it before it looks at the log.
fn concrete(scene: &Scene, path: &str) -> String {
    let resource = id(&scene.harbour.elbe);
    let asked = path
        .replace("{member_id}", id(&scene.ada))
        .replace("{resource_id}", resource)
        .replace("{location_id}", id(&scene.harbour.location))
        .replace("{legal_entity_id}", id(&scene.harbour.legal_entity))
        .replace("{date}", "2026-01-22")
        .replace("{position}", "1");
    let any = Uuid::now_v7().to_string();
    let mut filled = String::new();
    let mut rest = asked.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        filled = filled + before + &any;
        rest = after.split_once('}').unwrap().1;
    }
    // What a route does not answer without.
    let required = match path {
        "/v1/charges" => format!("?member_id={}", id(&scene.ada)),
        "/v1/trial_balance" => format!("?legal_entity_id={}", id(&scene.harbour.legal_entity)),
        _ => String::new(),
    };
    filled + rest + &required
}

async fn signed_in(scene: &Scene) -> Person {
    let person = scene.stack.person_at("harbour");
    let form = [("email", scene.api.chain.owner_email.as_str()), ("password", PASSWORD)];
    person.post("/sign-in", &form).await.expect(303);
    person
}

#[tokio::test]
async fn a_page_says_that_it_may_lag_and_tells_not_yet_from_not_there() {
    let scene = scene(stack().await).await;
    let olive = signed_in(&scene).await;
    let held = hold(&scene, projections::PEOPLE).await;
    let bea = member(&scene.api, "Bea").await;
    let page = format!("/operator/members/{}", id(&bea));
    // Control: who has written nothing is not waited for.
    olive.get(&page).await.expect(404);
    olive.keep_cookie("position", &scene.head().await.to_string());
    let list = olive.get("/operator/members").await.expect(200);
    assert!(list.body.contains("this page is not yet up to date"), "{}", list.body);
    let not_yet = olive.get(&page).await.expect(202);
    assert!(not_yet.header("retry-after").is_some());
    assert!(not_yet.body.contains("Not yet up to date"), "{}", not_yet.body);
    held.rollback().await.unwrap();
    let shown = olive.get(&page).await.expect(200);
    assert!(!shown.body.contains("not yet up to date"));
    let nobody = format!("/operator/members/{}", Uuid::now_v7());
    olive.get(&nobody).await.expect(404);

    park(&scene, true).await;
    let cem = member(&scene.api, "Cem").await;
    olive.keep_cookie("position", &scene.head().await.to_string());
    let halted = olive.get(&format!("/operator/members/{}", id(&cem))).await.expect(503);
    assert!(!halted.body.contains("canary"));
    let list = olive.get("/operator/members").await.expect(200);
    assert!(list.body.contains("is halted and will not show it"), "{}", list.body);
    // A log that was restored to before what this browser wrote has nothing to wait for.
    park(&scene, false).await;
    scene.stack.settle(scene.api.chain.tenant).await;
    olive.keep_cookie("position", "1000000");
    let list = olive.get("/operator/members").await.expect(200);
    assert!(!list.body.contains("not yet up to date"));
    scene.stack.shutdown().await;
}
