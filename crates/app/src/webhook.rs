//! The webhook inbox: what Stripe told us, kept before it is answered, once per account and event. The worker makes jobs
//! of its rows.

use crate::{App, UseCaseError, clock};
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use uuid::Uuid;

/// Whether a webhook's body is of a kind that anything follows from. A new intent says nothing yet, and charges are told
/// by their intents; most of what Stripe sends is neither, and is kept without a job.
pub fn applies(body: &str) -> bool {
    serde_json::from_str::<Kind<'_>>(body).is_ok_and(|body| match body.kind.as_ref() {
        "payment_intent.created" => false,
        "checkout.session.completed" | "checkout.session.expired" => true,
        kind => kind.starts_with("payment_intent."),
    })
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
}

/// What is kept of a body: whole where something follows from it, else that it came. Stripe tells of customers and cards
/// with names and addresses, years after somebody was forgotten too.
fn kept(event_id: &str, body: &str) -> String {
    if applies(body) {
        return body.to_owned();
    }
    let kind = serde_json::from_str::<Kind<'_>>(body).map(|body| body.kind.into_owned());
    json!({ "id": event_id, "type": kind.unwrap_or_default() }).to_string()
}

/// Keeps a genuine event. The answer is whether it is new; one that is there already stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn receive(
    app: &App,
    tenant: Uuid,
    account_id: &str,
    event_id: &str,
    body: &str,
) -> Result<bool, UseCaseError> {
    let inserted = sqlx::query(
        "insert into installation.webhook_inbox (account_id, event_id, tenant_id, body, received_at)
         values ($1, $2, $3, $4, $5) on conflict (account_id, event_id) do nothing",
    )
    .bind(account_id)
    .bind(event_id)
    .bind(tenant)
    .bind(kept(event_id, body))
    .bind(clock::wall_now().to_sqlx())
    .execute(&app.pool)
    .await?
    .rows_affected();
    Ok(inserted == 1)
}
