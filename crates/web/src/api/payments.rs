//! Attempts to collect invoices.

use coterie_app::{
    payment::page::{self, PaymentFilter, PaymentRow},
    projections,
};
use coterie_domain::{
    PaymentId,
    payment::{DeclineKind, PaymentState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    reading::{Id, PageQuery, Reading},
    reply::{Answer, List},
    words::{Money, Payer},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Payment {
    payment_id: Uuid,
    invoice_id: Uuid,
    invoice_number: String,
    legal_entity_id: Uuid,
    payer: Payer,
    /// 1 for the invoice's first attempt.
    attempt: i32,
    amount: Money,
    /// `submitted`, `processing`, `action_required`, `unknown`, `settled`, `failed` or `canceled`.
    state: &'static str,
    /// At the gateway.
    intent_id: Option<String>,
    failure: Option<PaymentFailure>,
    attempted_at: Timestamp,
    changed_at: Timestamp,
}

/// Why it failed, or why nobody knows.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentFailure {
    code: String,
    /// `soft`, `hard`, `authentication_required` or `other`; null when there is no outcome.
    #[schema(value_type = Option<String>)]
    kind: Option<DeclineKind>,
    message: String,
}

impl From<PaymentRow> for Payment {
    fn from(row: PaymentRow) -> Self {
        Self {
            payment_id: row.payment_id.0,
            invoice_id: row.invoice_id.0,
            invoice_number: row.invoice_number,
            legal_entity_id: row.legal_entity_id.0,
            payer: row.payer.into(),
            attempt: row.attempt,
            amount: row.amount.into(),
            state: row.state.name(),
            intent_id: row.intent_id,
            failure: row.failure.map(|failure| PaymentFailure {
                code: failure.code,
                kind: failure.kind,
                message: failure.message,
            }),
            attempted_at: row.attempted_at,
            changed_at: row.changed_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    #[param(value_type = Option<String>)]
    state: Option<PaymentState>,
}

#[utoipa::path(get, path = "/v1/payments", tag = "money", params(PageQuery, PaymentQuery),
    responses((status = 200, description = "Attempts, the newest first", body = List<Payment>)))]
pub async fn list(reading: Reading) -> Answer<List<Payment>> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let PaymentQuery { state } = reading.query()?;
    let page = page::list(
        reading.app(),
        reading.tenant(),
        PaymentFilter { state },
        &reading.page()?,
    )
    .await?;
    Ok(List::of(page, Payment::from))
}

#[utoipa::path(get, path = "/v1/payments/{payment_id}", tag = "money", params(("payment_id" = Uuid, Path)),
    responses((status = 200, description = "One attempt", body = Payment)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Payment> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let row = page::find(reading.app(), reading.tenant(), PaymentId(id)).await?;
    Ok(ApiJson(row.ok_or_else(Failure::not_found)?.into()))
}
