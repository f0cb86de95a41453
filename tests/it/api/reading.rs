//! Pages of lists, and answers that have seen what was written.

use super::client::{Client, id, member, set_up};
use coterie_tests::stack;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn lists_come_in_pages_and_wait_for_what_was_written() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    for name in ["Ada", "Bea", "Cem", "Dea", "Eva"] {
        member(&api, name).await;
    }
    // Not at rest: the list has to wait for the last of them.
    let position = api.head(&stack).await;

    let mut names = Vec::new();
    let mut path = format!("/v1/members?limit=2&min_position={position}");
    loop {
        let page: Value = api.get(&path).await.expect(200).json();
        let data = page["data"].as_array().expect("members");
        assert!(data.len() <= 2);
        names.extend(data.iter().map(|member| id(&member["name"]).to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/members?limit=2&after={next}");
    }
    assert_eq!(names, ["Ada", "Bea", "Cem", "Dea", "Eva"]);

    set_up(&api).await;
    let first: Value = api.get("/v1/resources?limit=1").await.expect(200).json();
    let next = id(&first["next"]);
    let second: Value = api
        .get(&format!("/v1/resources?limit=1&after={next}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&first["data"][0]["name"], &second["data"][0]["name"]),
        (&json!("Elbe"), &json!("Spree"))
    );
    assert_eq!(second["next"], Value::Null);

    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("after=%25", "after"),
        ("min_position=x", "min_position"),
    ] {
        let problem: Value = api.get(&format!("/v1/members?{query}")).await.expect(422).json();
        assert_eq!(problem["errors"][0]["field"], field, "{query}");
    }

    let head = api.head_at_rest(&stack).await;
    let ahead = (head + 1000).to_string();
    for path in ["/v1/members", "/v1/locations"] {
        let beyond = api
            .send(Method::GET, path, &[("min-position", &ahead)], None)
            .await
            .expect(422);
        let problem: Value = beyond.json();
        assert_eq!(problem["errors"][0]["field"], "Min-Position");
        let sentence = format!("The log ends at position {head}; no command has answered {ahead}.");
        assert_eq!(problem["errors"][0]["message"], sentence.as_str());
    }
    stack.shutdown().await;
}
