//! Which request does what.

use crate::answer::{ApiError, ApiResult};
use crate::books::Desk;
use crate::form::Form;
use crate::object::{
    account, charge, checkout, customer, event, intent, payment_method, refund, setup_intent, webhook_endpoint,
};

/// Answers one request; `path` starts with `/v1/`.
pub(crate) fn route(desk: &mut Desk, method: &str, path: &str, form: &Form) -> ApiResult {
    let parts: Vec<&str> = path
        .trim_start_matches("/v1/")
        .trim_end_matches('/')
        .split('/')
        .collect();
    match (method, parts.as_slice()) {
        ("POST", ["accounts"]) => account::create(desk, form),
        ("GET", ["accounts", id]) => account::retrieve(desk, id),
        ("POST", ["account_links"]) => account::link(desk, form),

        ("POST", ["customers"]) => customer::create(desk, form),
        ("GET", ["customers", id]) => customer::retrieve(desk, id),
        ("POST", ["customers", id]) => customer::update(desk, id, form),
        ("DELETE", ["customers", id]) => customer::delete(desk, id),
        ("GET", ["customers", id, "payment_methods"]) => {
            customer::retrieve(desk, id)?;
            payment_method::list(desk, Some(id), form, path)
        }

        ("POST", ["checkout", "sessions"]) => checkout::create(desk, form),
        ("GET", ["checkout", "sessions", id]) => checkout::retrieve(desk, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => checkout::expire(desk, id, form),

        ("GET", ["setup_intents", id]) => setup_intent::retrieve(desk, id),

        ("GET", ["payment_methods"]) => payment_method::list(desk, None, form, path),
        ("GET", ["payment_methods", id]) => payment_method::retrieve(desk, id),
        ("POST", ["payment_methods", id, "attach"]) => payment_method::attach(desk, id, form),
        ("POST", ["payment_methods", id, "detach"]) => payment_method::detach(desk, id, form),

        ("POST", ["payment_intents"]) => intent::create(desk, form),
        ("GET", ["payment_intents"]) => intent::list(desk, form),
        ("GET", ["payment_intents", "search"]) => intent::search(desk, form),
        ("GET", ["payment_intents", id]) => intent::retrieve(desk, id),
        ("POST", ["payment_intents", id, "confirm"]) => intent::confirm(desk, id, form),
        ("POST", ["payment_intents", id, "cancel"]) => intent::cancel(desk, id, form),

        ("POST", ["refunds"]) => refund::create(desk, form),
        ("GET", ["refunds"]) => refund::list(desk, form),
        ("GET", ["refunds", id]) => refund::retrieve(desk, id),

        ("GET", ["charges"]) => charge::list(desk, form),
        ("GET", ["charges", id]) => charge::retrieve(desk, id),
        ("GET", ["balance_transactions"]) => charge::list_balance(desk, form),

        ("GET", ["events"]) => event::list(desk, form),
        ("GET", ["events", id]) => event::retrieve(desk, id),

        ("POST", ["webhook_endpoints"]) => webhook_endpoint::create(desk, form),
        ("GET", ["webhook_endpoints"]) => webhook_endpoint::list(desk, form),

        _ => {
            let message = format!("Unrecognized request URL ({method}: {path}).");
            Err(ApiError::with_status(404, "invalid_request_error", "", message))
        }
    }
}
