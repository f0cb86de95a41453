//! The published description says what there is.

use coterie_tests::stack;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

#[tokio::test]
async fn the_description_is_openapi_3_1_and_lists_every_route() {
    let stack = stack().await;
    let answer = stack.person().get("/v1/openapi.json").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document: Value = answer.json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1."))
    );
    assert_eq!(document["info"]["title"], "Coterie");

    let table = stack.house.routes.iter().filter(|route| route.path.starts_with("/v1"));
    let table: BTreeSet<_> = table.map(|route| format!("{} {}", route.method, route.path)).collect();
    let paths = document["paths"].as_object().expect("paths");
    let listed: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flat_map(Map::keys)
                .map(move |verb| format!("{} {path}", verb.to_uppercase()))
        })
        .collect();
    assert_eq!(listed, table);
    assert!(table.len() > 40, "{table:?}");

    let mut ids = BTreeSet::new();
    for (path, item) in paths {
        for (verb, operation) in item.as_object().expect("operations") {
            well_formed(path, verb, operation);
            assert!(
                ids.insert(operation["operationId"].to_string()),
                "{path} {verb}: an id of its own"
            );
        }
    }
    let mut references = Vec::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a reference into the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    stack.shutdown().await;
}

fn well_formed(path: &str, verb: &str, operation: &Value) {
    let responses = operation["responses"].as_object().expect("responses");
    assert!(responses.keys().any(|status| status.starts_with('2')), "{path} {verb}");
    assert!(
        responses.values().all(|response| response["description"].is_string()),
        "{path} {verb}"
    );
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let of = |place: &str| -> BTreeSet<String> {
        let there = parameters.iter().filter(|parameter| parameter["in"] == place);
        there
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
            .collect()
    };
    let placeholders: BTreeSet<_> = path.split(['{', '}']).skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(of("path"), placeholders, "{path} {verb}");
    assert!(
        parameters
            .iter()
            .all(|parameter| parameter["in"] != "path" || parameter["required"] == true)
    );
    if path != "/v1/openapi.json" {
        assert_eq!(
            operation["security"][0]["api_key"],
            Value::Array(Vec::new()),
            "{path} {verb}"
        );
        assert!(
            responses["default"]["content"]["application/problem+json"].is_object(),
            "{path} {verb}"
        );
        assert_eq!(
            of("header").contains("Idempotency-Key"),
            verb == "post",
            "{path} {verb}"
        );
        assert_eq!(operation["requestBody"].is_object(), verb == "post", "{path} {verb}");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
