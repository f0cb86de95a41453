//! The hosted pages: saving a card, paying once, and 3-D Secure.

mod charge;
mod once;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;
use serde_json::Value;

use crate::core::{Asker, Core, lock};
use crate::object::{checkout, payment_method, setup_intent};
use crate::test_card::{Behaviour, find};

const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/c/style.css", get(style))
        .route("/c/pay/{session}", get(pay).post(choose))
        .route("/c/pay/{session}/authenticate", get(ask_setup).post(answer_setup))
        .route(
            "/c/authenticate/{intent}/{secret}",
            get(charge::ask).post(charge::answer),
        )
        .route("/c/onboard/{account}", get(onboard))
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../templates/style.css"),
    )
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage<'a> {
    merchant: &'a str,
    session: &'a str,
    cancel_url: &'a str,
    debits: bool,
    error: &'a str,
}

#[derive(Template)]
#[template(path = "authenticate.html")]
struct AuthenticatePage<'a> {
    merchant: &'a str,
    action: &'a str,
    amount: &'a str,
}

#[derive(Template)]
#[template(path = "closed.html")]
struct ClosedPage<'a> {
    sentence: &'a str,
}

fn show(status: StatusCode, page: &impl Template) -> Response {
    let Ok(html) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    (
        status,
        [policy, (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Html(html),
    )
        .into_response()
}

fn closed(sentence: &str) -> Response {
    show(StatusCode::GONE, &ClosedPage { sentence })
}

/// Reads an open session, its account and the merchant's name; or the page that says why not.
fn open_session(core: &Arc<Core>, id: &str) -> Result<(String, Value, String), Box<Response>> {
    let gone = || Box::new(closed("This page is not open any more. Go back and start again."));
    let account = core.account_of(id).ok_or_else(gone)?;
    let (session, _) = core.with_desk(&account, Asker::default(), |desk| checkout::retrieve(desk, id));
    let session = session.map_err(|_| gone())?;
    let merchant = merchant(core, &account);
    if session["status"] == "open" {
        Ok((account, session, merchant))
    } else {
        Err(gone())
    }
}

fn merchant(core: &Core, account: &str) -> String {
    let books = lock(&core.books);
    let name = books
        .accounts
        .get(account)
        .and_then(|world| world.account["business_profile"]["name"].as_str());
    name.unwrap_or("a merchant").to_owned()
}

fn checkout_page(status: StatusCode, session: &Value, merchant: &str, error: &str) -> Response {
    if session["mode"] == "payment" {
        return once::page(status, session, merchant, error);
    }
    let text = |name: &str| session[name].as_str().unwrap_or_default();
    let page = CheckoutPage {
        merchant,
        session: text("id"),
        cancel_url: text("cancel_url"),
        debits: text("currency") == "eur",
        error,
    };
    show(status, &page)
}

async fn pay(State(core): State<Arc<Core>>, Path(id): Path<String>) -> Response {
    match open_session(&core, &id) {
        Ok((_, session, merchant)) => checkout_page(StatusCode::OK, &session, &merchant, ""),
        Err(page) => *page,
    }
}

#[derive(Deserialize)]
struct Choice {
    choice: String,
}

/// The choices of the page, as test cards.
fn card_of(choice: &str) -> Option<&'static str> {
    Some(match choice {
        "works" => "pm_card_visa",
        "declines_later" => "pm_card_chargeDeclinedInsufficientFunds",
        "expired_later" => "pm_card_chargeDeclinedExpiredCard",
        "authenticate" => "pm_card_authenticationRequired",
        "debit" => "pm_sepaDebit",
        "debit_fails" => "pm_sepaDebitFails",
        _ => return None,
    })
}

async fn choose(State(core): State<Arc<Core>>, Path(id): Path<String>, Form(form): Form<Choice>) -> Response {
    let (account, session, merchant) = match open_session(&core, &id) {
        Ok(open) => open,
        Err(page) => return *page,
    };
    if session["mode"] == "payment" {
        return once::choose(&core, &account, &session, &merchant, &form.choice);
    }
    if form.choice == "decline" {
        return refuse(
            &core,
            &account,
            &session,
            &merchant,
            "card_declined",
            "The card was declined. Try another card.",
        );
    }
    let Some(card) = card_of(&form.choice) else {
        return checkout_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &session,
            &merchant,
            "Choose one of the cards below.",
        );
    };
    if find(card).is_some_and(|card| card.behaviour == Behaviour::Authenticates) {
        return Redirect::to(&format!("/c/pay/{id}/authenticate")).into_response();
    }
    save(&core, &account, session, card)
}

fn refuse(core: &Arc<Core>, account: &str, session: &Value, merchant: &str, reason: &str, sentence: &str) -> Response {
    let setup = session["setup_intent"].as_str().unwrap_or_default();
    let (refused, _) = core.with_desk(account, Asker::default(), |desk| {
        setup_intent::refuse(desk, setup, reason, sentence)
    });
    match refused {
        Ok(()) => checkout_page(StatusCode::UNPROCESSABLE_ENTITY, session, merchant, sentence),
        Err(error) => closed(&error.message),
    }
}

/// Saves the card and leads back to the merchant.
fn save(core: &Arc<Core>, account: &str, session: Value, card: &str) -> Response {
    let back = session["success_url"].as_str().unwrap_or_default();
    let back = back.replace("{CHECKOUT_SESSION_ID}", session["id"].as_str().unwrap_or_default());
    let (saved, _) = core.with_desk(account, Asker::default(), |desk| {
        let customer = if let Some(customer) = session["customer"].as_str() {
            customer.to_owned()
        } else {
            let made = crate::object::customer::create(desk, &crate::form::Form::default())?;
            made["id"].as_str().unwrap_or_default().to_owned()
        };
        let card = find(card).ok_or_else(|| crate::answer::ApiError::missing("card", card))?;
        let method = payment_method::save(desk, card, Some(&customer))?;
        let method = method["id"].as_str().unwrap_or_default().to_owned();
        checkout::complete(desk, session, &method)
    });
    match saved {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(error) => closed(&error.message),
    }
}

async fn ask_setup(State(core): State<Arc<Core>>, Path(id): Path<String>) -> Response {
    match open_session(&core, &id) {
        Ok((_, _, merchant)) => {
            let action = format!("/c/pay/{id}/authenticate");
            show(
                StatusCode::OK,
                &AuthenticatePage {
                    merchant: &merchant,
                    action: &action,
                    amount: "",
                },
            )
        }
        Err(page) => *page,
    }
}

#[derive(Deserialize)]
struct Outcome {
    outcome: String,
}

async fn answer_setup(State(core): State<Arc<Core>>, Path(id): Path<String>, Form(form): Form<Outcome>) -> Response {
    match open_session(&core, &id) {
        Ok((account, session, merchant)) if session["mode"] == "payment" => {
            once::answer(&core, &account, &session, &merchant, form.outcome == "complete")
        }
        Ok((account, session, _)) if form.outcome == "complete" => {
            save(&core, &account, session, "pm_card_authenticationRequired")
        }
        Ok((account, session, merchant)) => {
            let reason = "setup_intent_authentication_failure";
            refuse(
                &core,
                &account,
                &session,
                &merchant,
                reason,
                "Authentication failed. Try again or use another card.",
            )
        }
        Err(page) => *page,
    }
}

#[derive(Deserialize)]
struct Onboard {
    to: String,
}

/// Nothing to fill in here: onboarding is passed by opening the link.
async fn onboard(Path(_account): Path<String>, Query(onboard): Query<Onboard>) -> Response {
    Redirect::to(&onboard.to).into_response()
}
