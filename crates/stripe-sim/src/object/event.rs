//! Events, for the sweep.

use super::list;
use crate::answer::{ApiError, ApiResult};
use crate::books::Desk;
use crate::form::Form;

/// Stripe answers for the last 30 days only.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    let account = desk.account.clone();
    desk.books
        .event(&account, id)
        .cloned()
        .ok_or_else(|| ApiError::missing("event", id))
}

pub(crate) fn list(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["type", "types", "delivery_success"]].concat())?;
    let types = form.list("types");
    let oldest = desk.now - KEPT_SECONDS;
    let newest_first = desk.world().events.iter().rev().filter(|event| {
        event["created"].as_i64().is_some_and(|created| created >= oldest)
            && form.text("type").is_none_or(|kind| event["type"] == kind)
            && (types.is_empty() || types.iter().any(|kind| event["type"] == kind.as_str()))
    });
    let all: Vec<_> = newest_first.cloned().collect();
    list::page(&all, form, "/v1/events")
}
