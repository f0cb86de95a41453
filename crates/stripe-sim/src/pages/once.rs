//! Paying once on the hosted page, without an account.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::{closed, show};
use crate::core::{Asker, Core};
use crate::object::{checkout, payment_method};
use crate::test_card::{Behaviour, find};

#[derive(Template)]
#[template(path = "pay_once.html")]
struct PayOncePage<'a> {
    merchant: &'a str,
    session: &'a str,
    cancel_url: &'a str,
    amount: &'a str,
    error: &'a str,
}

pub(super) fn page(status: StatusCode, session: &Value, merchant: &str, error: &str) -> Response {
    let text = |name: &str| session[name].as_str().unwrap_or_default();
    let currency = text("currency").to_uppercase();
    let amount = format!("{} {currency}, in its smallest unit", session["amount_total"]);
    let page = PayOncePage {
        merchant,
        session: text("id"),
        cancel_url: text("cancel_url"),
        amount: &amount,
        error,
    };
    show(status, &page)
}

/// The choices of the page, as test cards.
fn card_of(choice: &str) -> Option<&'static str> {
    Some(match choice {
        "works" => "pm_card_visa",
        "authenticate" => "pm_card_authenticationRequired",
        "decline" => "pm_card_chargeDeclinedInsufficientFunds",
        _ => return None,
    })
}

pub(super) fn choose(core: &Arc<Core>, account: &str, session: &Value, merchant: &str, choice: &str) -> Response {
    let Some(card) = card_of(choice) else {
        let error = "Choose one of the cards below.";
        return page(StatusCode::UNPROCESSABLE_ENTITY, session, merchant, error);
    };
    if find(card).is_some_and(|card| card.behaviour == Behaviour::Authenticates) {
        let id = session["id"].as_str().unwrap_or_default();
        return Redirect::to(&format!("/c/pay/{id}/authenticate")).into_response();
    }
    pay(core, account, session, merchant, card)
}

/// She came through 3-D Secure, or did not.
pub(super) fn answer(core: &Arc<Core>, account: &str, session: &Value, merchant: &str, passed: bool) -> Response {
    if passed {
        return pay(core, account, session, merchant, "pm_card_authenticationRequired");
    }
    let error = "Authentication failed. Try again or use another card.";
    page(StatusCode::UNPROCESSABLE_ENTITY, session, merchant, error)
}

fn pay(core: &Arc<Core>, account: &str, session: &Value, merchant: &str, card: &str) -> Response {
    let id = session["id"].as_str().unwrap_or_default().to_owned();
    let back = session["success_url"].as_str().unwrap_or_default();
    let back = back.replace("{CHECKOUT_SESSION_ID}", &id);
    let (paid, _) = core.with_desk(account, Asker::default(), |desk| {
        // Read again under the lock: the page may have been sent twice.
        let session = checkout::retrieve(desk, &id)?;
        if session["status"] != "open" {
            return Err(crate::answer::ApiError::invalid(
                "",
                "",
                "This page is not open any more.",
            ));
        }
        let card = find(card).ok_or_else(|| crate::answer::ApiError::missing("card", card))?;
        let method = payment_method::save(desk, card, None)?;
        checkout::pay(desk, session, &method, true)
    });
    match paid {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(error) if error.status == 402 => page(StatusCode::UNPROCESSABLE_ENTITY, session, merchant, &error.message),
        Err(error) => closed(&error.message),
    }
}
