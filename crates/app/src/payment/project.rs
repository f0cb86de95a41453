//! Attempts to collect invoices, projected.

use crate::projections::{fact, insert_rows};
use coterie_domain::{
    Currency, InvoiceId, LegalEntityId, PaymentId,
    payment::{DeclineKind, PaymentEvent, PaymentState},
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct PaymentView {
    tenant_id: Uuid,
    payment_id: PaymentId,
    invoice_id: InvoiceId,
    legal_entity_id: LegalEntityId,
    payer_kind: &'static str,
    payer_id: Uuid,
    attempt: i32,
    amount_minor: i64,
    currency: Currency,
    state: PaymentState,
    intent_id: Option<String>,
    redirect_url: Option<String>,
    failure_code: Option<String>,
    failure_kind: Option<String>,
    failure_message: Option<String>,
    attempted_at: Timestamp,
    changed_at: Timestamp,
    position: i64,
    changed_position: i64,
}

/// What the gateway said of an attempt.
#[derive(Default)]
struct Said {
    intent_id: Option<String>,
    redirect_url: Option<String>,
    failure_code: Option<String>,
    failure_kind: Option<&'static str>,
    failure_message: Option<String>,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "payment") {
        match fact(event)? {
            PaymentEvent::PaymentAttempted(fact) => rows.push(PaymentView {
                tenant_id: tenant,
                payment_id: fact.payment_id,
                invoice_id: fact.invoice_id,
                legal_entity_id: fact.legal_entity_id,
                payer_kind: fact.payer.kind(),
                payer_id: fact.payer.id(),
                attempt: fact.attempt,
                amount_minor: fact.amount.minor,
                currency: fact.amount.currency,
                state: PaymentState::Submitted,
                intent_id: fact.intent_id,
                redirect_url: None,
                failure_code: None,
                failure_kind: None,
                failure_message: None,
                attempted_at: event.occurred_at,
                changed_at: event.occurred_at,
                position: event.position,
                changed_position: event.position,
            }),
            said => changes.extend(change(said).map(|(payment, state, said)| (event, payment, state, said))),
        }
    }
    insert_rows!(conn, "payment_view", rows);
    for (event, payment, state, said) in changes {
        sqlx::query(
            "update payment_view
             set state = $4, changed_at = $5, intent_id = coalesce($6, intent_id), redirect_url = $7,
                 failure_code = $8, failure_kind = $9, failure_message = $10, changed_position = $3
             where tenant_id = $1 and payment_id = $2 and changed_position < $3",
        )
        .bind(tenant)
        .bind(payment.0)
        .bind(event.position)
        .bind(state.name())
        .bind(event.occurred_at.to_sqlx())
        .bind(said.intent_id)
        .bind(said.redirect_url)
        .bind(said.failure_code)
        .bind(said.failure_kind)
        .bind(said.failure_message)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

fn change(event: PaymentEvent) -> Option<(PaymentId, PaymentState, Said)> {
    let intent = |intent_id| Said {
        intent_id,
        ..Said::default()
    };
    Some(match event {
        PaymentEvent::PaymentAttempted(_) => return None,
        PaymentEvent::PaymentProcessing(fact) => {
            (fact.payment_id, PaymentState::Processing, intent(Some(fact.intent_id)))
        }
        PaymentEvent::PaymentActionRequired(fact) => {
            let said = Said {
                redirect_url: fact.redirect_url,
                ..intent(Some(fact.intent_id))
            };
            (fact.payment_id, PaymentState::ActionRequired, said)
        }
        PaymentEvent::PaymentUnknown(fact) => {
            let said = Said {
                failure_code: Some("unknown".to_owned()),
                failure_message: Some(fact.reason),
                ..Said::default()
            };
            (fact.payment_id, PaymentState::Unknown, said)
        }
        PaymentEvent::PaymentSettled(fact) => (fact.payment_id, PaymentState::Settled, intent(Some(fact.intent_id))),
        PaymentEvent::PaymentFailed(fact) => {
            let said = Said {
                failure_code: Some(fact.decline_code.unwrap_or(fact.code)),
                failure_kind: Some(kind_name(fact.kind)),
                failure_message: Some(fact.message),
                ..intent(fact.intent_id)
            };
            (fact.payment_id, PaymentState::Failed, said)
        }
        PaymentEvent::PaymentCanceled(fact) => (fact.payment_id, PaymentState::Canceled, intent(fact.intent_id)),
    })
}

/// As it serialises.
fn kind_name(kind: DeclineKind) -> &'static str {
    match kind {
        DeclineKind::Soft => "soft",
        DeclineKind::Hard => "hard",
        DeclineKind::AuthenticationRequired => "authentication_required",
        DeclineKind::Other => "other",
    }
}
