//! The webhook inbox: what Stripe told us, kept before it is answered, once per account and event. The worker makes jobs
//! of its rows.

use crate::{App, UseCaseError, clock};
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

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
    .bind(body)
    .bind(clock::wall_now().to_sqlx())
    .execute(&app.pool)
    .await?
    .rows_affected();
    Ok(inserted == 1)
}
