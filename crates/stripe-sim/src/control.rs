//! `/_sim`: what tests and the demo may do that Stripe's customers cannot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::core::{Asker, Core, lock};
use crate::faults::Fault;
use crate::object::{account, refund};
use crate::recorded::Recorded;

/// The longest that `/_sim/idle` waits.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

pub(crate) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/_sim/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/_sim/clock", post(move_clock))
        .route("/_sim/idle", get(idle))
        .route("/_sim/state", get(state))
        .route("/_sim/release", post(release))
        .route("/_sim/redeliver", post(redeliver))
        .route("/_sim/recorded", get(recorded))
        .route("/_sim/accounts/{id}", post(change_account))
        .route("/_sim/refunds/{id}", post(turn_refund))
}

async fn list_faults(State(core): State<Arc<Core>>) -> Json<Vec<Fault>> {
    Json(lock(&core.faults).waiting().to_vec())
}

async fn add_fault(State(core): State<Arc<Core>>, Json(fault): Json<Fault>) -> StatusCode {
    lock(&core.faults).push(fault);
    StatusCode::CREATED
}

async fn clear_faults(State(core): State<Arc<Core>>) -> StatusCode {
    lock(&core.faults).clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct Clock {
    account: String,
    now: Instant,
}

/// Seconds since 1970, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
enum Instant {
    Seconds(i64),
    Text(jiff::Timestamp),
}

async fn move_clock(State(core): State<Arc<Core>>, Json(clock): Json<Clock>) -> (StatusCode, Json<Value>) {
    let now = match clock.now {
        Instant::Seconds(seconds) => seconds,
        Instant::Text(time) => time.as_second(),
    };
    if core.move_clock(&clock.account, now) {
        (StatusCode::OK, Json(json!({ "account": clock.account, "now": now })))
    } else {
        let why = "no such account, or its clock is already later";
        (StatusCode::CONFLICT, Json(json!({ "error": why })))
    }
}

#[derive(Deserialize)]
struct Wait {
    #[serde(default)]
    wait_ms: u64,
}

async fn idle(State(core): State<Arc<Core>>, Query(wait): Query<Wait>) -> Json<Value> {
    let wait = Duration::from_millis(wait.wait_ms).min(LONGEST_WAIT);
    let pending = core.courier.idle(wait).await;
    Json(json!({ "pending_webhooks": pending, "held_webhooks": core.courier.held() }))
}

#[derive(Deserialize)]
struct OfAccount {
    account: String,
}

async fn state(State(core): State<Arc<Core>>, Query(of): Query<OfAccount>) -> Result<Json<Value>, StatusCode> {
    summary(&core, &of.account).map(Json).ok_or(StatusCode::NOT_FOUND)
}

/// Counts and sums for reconciliation; amounts in minor units.
pub(crate) fn summary(core: &Core, account: &str) -> Option<Value> {
    let books = lock(&core.books);
    let world = books.accounts.get(account)?;
    let of_kind = |kind: &'static str| world.objects.values().filter(move |object| object["object"] == kind);
    let mut charges: BTreeMap<&str, u64> = BTreeMap::new();
    let mut intents: BTreeMap<&str, u64> = BTreeMap::new();
    let mut invoices: BTreeMap<&str, Value> = BTreeMap::new();
    let mut captured: BTreeMap<&str, i64> = BTreeMap::new();
    let mut refunded: BTreeMap<&str, i64> = BTreeMap::new();
    for intent in of_kind("payment_intent") {
        *intents
            .entry(intent["status"].as_str().unwrap_or_default())
            .or_default() += 1;
    }
    for charge in of_kind("charge") {
        *charges
            .entry(charge["status"].as_str().unwrap_or_default())
            .or_default() += 1;
        if charge["status"] != "succeeded" {
            continue;
        }
        let amount = charge["amount_captured"].as_i64().unwrap_or_default();
        let back = charge["amount_refunded"].as_i64().unwrap_or_default();
        let currency = charge["currency"].as_str().unwrap_or_default();
        *captured.entry(currency).or_default() += amount;
        *refunded.entry(currency).or_default() += back;
        let invoice = charge["metadata"]["invoice"].as_str().unwrap_or_default();
        let sum = invoices
            .entry(invoice)
            .or_insert_with(|| json!({ "currency": currency, "charges": 0, "captured_minor": 0, "refunded_minor": 0 }));
        for (name, more) in [("charges", 1), ("captured_minor", amount), ("refunded_minor", back)] {
            sum[name] = json!(sum[name].as_i64().unwrap_or_default() + more);
        }
    }
    Some(json!({
        "account": account, "now": books.now(account, core.config.wall_clock.seconds()), "charges": charges,
        "intents": intents, "captured_minor": captured, "refunded_minor": refunded, "invoices": invoices,
        "events": world.events.len(), "customers": of_kind("customer").count(),
        "payment_methods": of_kind("payment_method").count(),
    }))
}

async fn release(State(core): State<Arc<Core>>) -> Json<Value> {
    Json(json!({ "released": core.courier.release(&core) }))
}

#[derive(Deserialize)]
struct Redeliver {
    account: String,
    event: String,
}

async fn redeliver(State(core): State<Arc<Core>>, Json(again): Json<Redeliver>) -> StatusCode {
    let found = core.courier.redeliver(&core, &again.account, &again.event);
    if found {
        StatusCode::ACCEPTED
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn recorded(State(core): State<Arc<Core>>) -> Json<Vec<Recorded>> {
    Json(core.recorded())
}

#[derive(Deserialize)]
struct AccountChange {
    charges_enabled: Option<bool>,
    #[serde(default)]
    deauthorized: bool,
}

async fn change_account(
    State(core): State<Arc<Core>>,
    Path(id): Path<String>,
    Json(change): Json<AccountChange>,
) -> StatusCode {
    if !lock(&core.books).accounts.contains_key(&id) {
        return StatusCode::NOT_FOUND;
    }
    core.with_desk(&id, Asker::default(), |desk| {
        if let Some(enabled) = change.charges_enabled {
            account::set_charges_enabled(desk, enabled);
        }
        if change.deauthorized {
            account::deauthorize(desk);
        }
    });
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct RefundChange {
    status: String,
}

async fn turn_refund(
    State(core): State<Arc<Core>>,
    Path(id): Path<String>,
    Json(change): Json<RefundChange>,
) -> (StatusCode, Json<Value>) {
    let Some(account) = core.account_of(&id) else {
        return (StatusCode::NOT_FOUND, Json(Value::Null));
    };
    if !matches!(change.status.as_str(), "pending" | "succeeded" | "failed") {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "pending, succeeded or failed" })),
        );
    }
    match core
        .with_desk(&account, Asker::default(), |desk| {
            refund::turn(desk, &id, &change.status)
        })
        .0
    {
        Ok(refund) => (StatusCode::OK, Json(refund)),
        Err(error) => (StatusCode::NOT_FOUND, Json(error.body())),
    }
}
