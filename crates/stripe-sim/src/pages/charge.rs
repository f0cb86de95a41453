//! 3-D Secure for a charge: the payer passes or fails, and goes back to the merchant.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::{AuthenticatePage, Outcome, closed, merchant, show};
use crate::core::{Asker, Core};
use crate::object::intent_attempt;

/// Reads an intent that waits for its payer. The secret in the address keeps others out.
fn waiting_intent(core: &Arc<Core>, id: &str, secret: &str) -> Result<(String, Value), Box<Response>> {
    let gone = || Box::new(closed("This payment does not wait for you any more."));
    let account = core.account_of(id).ok_or_else(gone)?;
    let (intent, _) = core.with_desk(&account, Asker::default(), |desk| desk.read("payment_intent", id));
    let intent = intent.map_err(|_| gone())?;
    let waits = intent["client_secret"] == secret && intent["next_action"]["type"] == "redirect_to_url";
    if waits { Ok((account, intent)) } else { Err(gone()) }
}

pub(super) async fn ask(State(core): State<Arc<Core>>, Path((id, secret)): Path<(String, String)>) -> Response {
    match waiting_intent(&core, &id, &secret) {
        Ok((account, intent)) => {
            let currency = intent["currency"].as_str().unwrap_or_default().to_uppercase();
            let amount = format!("{} {currency}, in its smallest unit", intent["amount"]);
            let action = format!("/c/authenticate/{id}/{secret}");
            let merchant = merchant(&core, &account);
            show(
                StatusCode::OK,
                &AuthenticatePage {
                    merchant: &merchant,
                    action: &action,
                    amount: &amount,
                },
            )
        }
        Err(page) => *page,
    }
}

pub(super) async fn answer(
    State(core): State<Arc<Core>>,
    Path((id, secret)): Path<(String, String)>,
    Form(form): Form<Outcome>,
) -> Response {
    let (account, intent) = match waiting_intent(&core, &id, &secret) {
        Ok(waiting) => waiting,
        Err(page) => return *page,
    };
    let passed = form.outcome == "complete";
    let back = intent["next_action"]["redirect_to_url"]["return_url"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let (done, _) = core.with_desk(&account, Asker::default(), |desk| {
        // Read again under the lock: the page may have been sent twice.
        let intent = desk.read("payment_intent", &id)?;
        if intent["status"] == "requires_action" {
            intent_attempt::authenticated(desk, intent, passed)
        } else {
            Ok(intent)
        }
    });
    let status = if done.is_ok_and(|intent| intent["status"] == "succeeded") {
        "succeeded"
    } else {
        "failed"
    };
    let query = serde_urlencoded::to_string([
        ("payment_intent", id.as_str()),
        ("payment_intent_client_secret", secret.as_str()),
        ("redirect_status", status),
    ]);
    let joint = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{joint}{}", query.unwrap_or_default())).into_response()
}
