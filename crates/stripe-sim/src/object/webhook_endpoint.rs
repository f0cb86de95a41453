//! Webhook endpoints, created over the API.

use serde_json::{Value, json};

use super::list;
use crate::answer::{ApiResult, nobody_knows};
use crate::books::{Desk, Endpoint, fresh_id};
use crate::form::Form;

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[
        "url",
        "enabled_events",
        "api_version",
        "connect",
        "description",
        "metadata",
    ])?;
    let endpoint = Endpoint {
        id: fresh_id("we"),
        url: form.need("url")?.to_owned(),
        secret: format!("whsec_{}", fresh_id("x")),
        previous_secret: None,
        enabled_events: Some(form.list("enabled_events"))
            .filter(|list| !list.is_empty())
            .unwrap_or(vec!["*".into()]),
        configured: false,
    };
    // The secret is told once, at creation.
    let mut answer = object(&endpoint, desk.now);
    answer["secret"] = json!(endpoint.secret);
    desk.books.endpoints.push(endpoint);
    Ok(answer)
}

pub(crate) fn list(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&list::CURSORS)?;
    let now = desk.now;
    let all: Vec<Value> = desk
        .books
        .endpoints
        .iter()
        .rev()
        .map(|endpoint| object(endpoint, now))
        .collect();
    list::page(&all, form, "/v1/webhook_endpoints")
}

fn object(endpoint: &Endpoint, created: i64) -> Value {
    json!({
        "id": endpoint.id, "object": "webhook_endpoint", "url": endpoint.url, "status": "enabled",
        "enabled_events": endpoint.enabled_events, "api_version": crate::API_VERSION, "application": null,
        "created": created, "description": null, "livemode": false, "metadata": {}, "nobody_knows": nobody_knows(),
    })
}
