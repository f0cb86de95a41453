//! One attempt to take the money of an intent.

use serde_json::{Value, json};

use super::charge::{self, Failure};
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, Due};
use crate::test_card::{Behaviour, find};

/// Debits take five days.
const DEBIT_SECONDS: i64 = 5 * 24 * 60 * 60;
const NOT_AUTHENTICATED: &str = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod \
     to attempt to fulfill this PaymentIntent again.";

pub(crate) struct Attempt {
    pub off_session: bool,
    pub return_url: Option<String>,
    /// 3-D Secure was passed for this attempt.
    pub authenticated: bool,
}

/// Tries. A refusal is an `Err` with status 402, and everything it changed stays changed.
pub(crate) fn attempt(desk: &mut Desk, mut intent: Value, method: &Value, how: &Attempt) -> ApiResult {
    let card = desk
        .world()
        .cards
        .get(method["id"].as_str().unwrap_or_default())
        .and_then(|id| find(id));
    intent["payment_method"] = method["id"].clone();
    intent["next_action"] = Value::Null;
    intent["last_payment_error"] = Value::Null;
    match card.map_or(Behaviour::Works, |card| card.behaviour) {
        Behaviour::Authenticates if how.off_session => {
            let message = "Your card was declined. This transaction requires authentication.";
            let failure = Failure {
                code: "authentication_required",
                decline_code: Some("authentication_required"),
                message,
            };
            Err(refuse(desk, intent, method, failure))
        }
        Behaviour::Authenticates if !how.authenticated => Ok(ask(desk, intent, how.return_url.as_deref())),
        Behaviour::Works | Behaviour::Authenticates => Ok(succeed(desk, intent, method)),
        Behaviour::Refuses {
            code,
            decline_code,
            message,
        } => Err(refuse(
            desk,
            intent,
            method,
            Failure {
                code,
                decline_code,
                message,
            },
        )),
        Behaviour::CannotAttach => {
            let failure = Failure {
                code: "card_declined",
                decline_code: Some("generic_decline"),
                message: "Declined.",
            };
            Err(refuse(desk, intent, method, failure))
        }
        Behaviour::Debits { fails } => Ok(process(desk, intent, method, fails)),
    }
}

fn succeed(desk: &mut Desk, mut intent: Value, method: &Value) -> Value {
    let paid = charge::open(desk, &intent, method, "succeeded", None);
    intent["status"] = json!("succeeded");
    intent["amount_received"] = intent["amount"].clone();
    intent["latest_charge"] = paid["id"].clone();
    let intent = desk.write(intent);
    desk.emit("payment_intent.succeeded", &intent);
    intent
}

fn refuse(desk: &mut Desk, mut intent: Value, method: &Value, why: Failure<'_>) -> Box<ApiError> {
    let failed = charge::open(desk, &intent, method, "failed", Some(why));
    let error = ApiError {
        status: 402,
        kind: "card_error",
        code: Some(why.code.to_owned()),
        decline_code: why.decline_code.map(str::to_owned),
        message: why.message.to_owned(),
        charge: failed["id"].as_str().map(str::to_owned),
        payment_method: Some(method.clone()),
        ..ApiError::default()
    };
    intent["latest_charge"] = failed["id"].clone();
    let intent = reopen(desk, intent, error.body()["error"].clone());
    Box::new(ApiError {
        payment_intent: Some(intent),
        ..error
    })
}

/// Back to `requires_payment_method`, with the reason and without the method.
fn reopen(desk: &mut Desk, mut intent: Value, why: Value) -> Value {
    intent["status"] = json!("requires_payment_method");
    intent["payment_method"] = Value::Null;
    intent["next_action"] = Value::Null;
    intent["processing"] = Value::Null;
    intent["last_payment_error"] = why;
    let intent = desk.write(intent);
    desk.emit("payment_intent.payment_failed", &intent);
    intent
}

fn ask(desk: &mut Desk, mut intent: Value, return_url: Option<&str>) -> Value {
    let id = intent["id"].as_str().unwrap_or_default().to_owned();
    intent["status"] = json!("requires_action");
    intent["next_action"] = match return_url {
        Some(back) => {
            let secret = intent["client_secret"].as_str().unwrap_or_default();
            let url = format!("{}/c/authenticate/{id}/{secret}", desk.public_url);
            json!({ "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": back } })
        }
        None => json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }),
    };
    let intent = desk.write(intent);
    desk.emit("payment_intent.requires_action", &intent);
    intent
}

/// The payer came through 3-D Secure, or did not.
pub(crate) fn authenticated(desk: &mut Desk, intent: Value, passed: bool) -> ApiResult {
    let method_id = intent["payment_method"].as_str().unwrap_or_default().to_owned();
    let method = desk.read("payment_method", &method_id)?;
    if passed {
        let how = Attempt {
            off_session: false,
            return_url: None,
            authenticated: true,
        };
        return attempt(desk, intent, &method, &how);
    }
    let why = json!({ "type": "invalid_request_error", "code": "payment_intent_authentication_failure",
        "message": NOT_AUTHENTICATED, "payment_method": method });
    Ok(reopen(desk, intent, why))
}

fn process(desk: &mut Desk, mut intent: Value, method: &Value, fails: bool) -> Value {
    let pending = charge::open(desk, &intent, method, "pending", None);
    intent["status"] = json!("processing");
    intent["latest_charge"] = pending["id"].clone();
    let due = Due {
        at: desk.now + DEBIT_SECONDS,
        intent: intent["id"].as_str().unwrap_or_default().to_owned(),
        fails,
    };
    desk.world().due.push(due);
    let intent = desk.write(intent);
    desk.emit("payment_intent.processing", &intent);
    intent
}

/// A debit's five days are over.
pub(crate) fn settle(desk: &mut Desk, due: &Due) -> Result<(), Box<ApiError>> {
    let mut intent = desk.read("payment_intent", &due.intent)?;
    let charge_id = intent["latest_charge"].as_str().unwrap_or_default().to_owned();
    if !due.fails {
        charge::settle(desk, &charge_id, None)?;
        intent["status"] = json!("succeeded");
        intent["amount_received"] = intent["amount"].clone();
        let intent = desk.write(intent);
        desk.emit("payment_intent.succeeded", &intent);
        return Ok(());
    }
    let message = "The customer's account has insufficient funds to cover this payment.";
    let failure = Failure {
        code: "insufficient_funds",
        decline_code: None,
        message,
    };
    charge::settle(desk, &charge_id, Some(failure))?;
    let why = json!({ "type": "card_error", "code": "payment_intent_payment_attempt_failed",
        "decline_code": "insufficient_funds", "message": message, "charge": charge_id });
    reopen(desk, intent, why);
    Ok(())
}
