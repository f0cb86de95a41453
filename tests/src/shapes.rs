//! Holds requests and answers against Stripe's published shapes (OpenAPI): the subset of JSON Schema used there.

#![expect(clippy::missing_panics_doc, reason = "a harness panics whenever a test must fail")]

use std::path::PathBuf;

use serde_json::{Map, Value};

/// The shapes.
pub struct Shapes {
    root: Value,
}

/// Finds the shapes: `STRIPE_API_SPEC`, or `shared/` beside the repository.
pub fn find() -> Option<Shapes> {
    let named = std::env::var_os("STRIPE_API_SPEC").map(PathBuf::from);
    let path = named.unwrap_or_else(|| crate::skip::root().join("../shared/stripe/stripe-api-2026-10-28.json"));
    let text = std::fs::read_to_string(path).ok()?;
    Some(Shapes {
        root: serde_json::from_str(&text).expect("the shapes are JSON"),
    })
}

/// What a value is checked as: an answer, or a form whose values are all text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Answer,
    Form,
}

impl Shapes {
    /// The operation for a method and a concrete path; exact paths go before templates.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.root["paths"].as_object()?;
        let wanted: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == wanted.len()
                && parts
                    .iter()
                    .zip(&wanted)
                    .all(|(part, word)| part.starts_with('{') || part == word)
        };
        let found = paths
            .get(path)
            .or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, item)| item))?;
        found.get(method.to_ascii_lowercase())
    }

    /// Problems of a request's parameters, each with where it lies.
    pub fn check_request(&self, method: &str, path: &str, parameters: &Value) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else {
            return vec![format!("no operation {method} {path}")];
        };
        let schema = match method {
            "GET" => operation.get("x-query-schema"),
            _ => operation.pointer("/requestBody/content/application~1x-www-form-urlencoded/schema"),
        };
        let mut problems = Vec::new();
        match schema {
            Some(schema) => self.check(
                schema,
                parameters,
                Side::Form,
                &format!("{method} {path}"),
                &mut problems,
            ),
            None if parameters.as_object().is_some_and(Map::is_empty) => {}
            None => problems.push(format!("{method} {path} takes no parameters")),
        }
        problems
    }

    /// Problems of a good answer.
    pub fn check_answer(&self, method: &str, path: &str, answer: &Value) -> Vec<String> {
        let schema = self.operation(method, path);
        let schema = schema.and_then(|found| found.pointer("/responses/200/content/application~1json/schema"));
        let mut problems = Vec::new();
        match schema {
            Some(schema) => {
                self.check(
                    schema,
                    answer,
                    Side::Answer,
                    &format!("answer to {method} {path}"),
                    &mut problems,
                );
            }
            None => problems.push(format!("no answer described for {method} {path}")),
        }
        problems
    }

    /// Problems of one object by the name of its shape (`PaymentIntent`).
    pub fn check_object(&self, name: &str, object: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        self.check(
            &self.root["components"]["schemas"][name],
            object,
            Side::Answer,
            name,
            &mut problems,
        );
        problems
    }

    fn check(&self, schema: &Value, value: &Value, side: Side, at: &str, problems: &mut Vec<String>) {
        if value.is_null() && schema["nullable"] == true {
            return;
        }
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            match self.root.pointer(pointer) {
                Some(target) => self.check(target, value, side, at, problems),
                None => problems.push(format!("{at}: the shapes lack {name}")),
            }
            return;
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let mut nearest: Option<Vec<String>> = None;
            for choice in any {
                let mut found = Vec::new();
                self.check(choice, value, side, at, &mut found);
                if found.is_empty() {
                    return;
                }
                if nearest.as_ref().is_none_or(|nearest| found.len() < nearest.len()) {
                    nearest = Some(found);
                }
            }
            problems.extend(nearest.unwrap_or_default());
            return;
        }
        if let Some(words) = schema["enum"].as_array() {
            let same = |word: &Value| word == value || (side == Side::Form && word.as_str() == value.as_str());
            if !words.iter().any(same) {
                problems.push(format!("{at}: {value} is none of {words:?}"));
            }
            return;
        }
        match schema["type"].as_str() {
            Some("object") => self.check_fields(schema, value, side, at, problems),
            Some("array") => match value.as_array() {
                Some(items) => {
                    for (number, item) in items.iter().enumerate() {
                        self.check(&schema["items"], item, side, &format!("{at}[{number}]"), problems);
                    }
                }
                None => problems.push(format!("{at}: {value} is no list")),
            },
            Some(kind) if !scalar_fits(kind, value, side) => problems.push(format!("{at}: {value} is no {kind}")),
            _ => {}
        }
    }

    fn check_fields(&self, schema: &Value, value: &Value, side: Side, at: &str, problems: &mut Vec<String>) {
        let Some(fields) = value.as_object() else {
            problems.push(format!("{at}: {value} is no object"));
            return;
        };
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !fields.contains_key(name) {
                problems.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, inner) in fields {
            let here = format!("{at}.{name}");
            if let Some(known) = schema["properties"].get(name) {
                self.check(known, inner, side, &here, problems);
            } else if schema["additionalProperties"].is_object() {
                self.check(&schema["additionalProperties"], inner, side, &here, problems);
            } else if schema["additionalProperties"] == false {
                problems.push(format!("{here}: unknown"));
            }
        }
    }
}

fn scalar_fits(kind: &str, value: &Value, side: Side) -> bool {
    match (kind, side, value.as_str()) {
        ("string", _, text) => text.is_some(),
        ("integer", Side::Answer, _) => value.is_i64() || value.is_u64(),
        ("integer", Side::Form, Some(text)) => text.parse::<i64>().is_ok(),
        ("number", Side::Answer, _) => value.is_number(),
        ("number", Side::Form, Some(text)) => text.parse::<f64>().is_ok(),
        ("boolean", Side::Answer, _) => value.is_boolean(),
        ("boolean", Side::Form, Some(text)) => matches!(text, "true" | "false"),
        _ => false,
    }
}
