//! Invoices, projected: as issued, and where collecting them stands.

use super::page::InvoiceState;
use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{
    Currency, InvoiceId, LegalEntityId, MemberId, Money, PaymentId,
    credit_note::{CreditNoteEvent, CreditNoteIssued},
    deposit::{DepositApplied, DepositEvent},
    invoice::InvoiceEvent,
    member::MemberEvent,
    payment::{PaymentEvent, PaymentSettled},
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct InvoiceView<'a> {
    tenant_id: Uuid,
    invoice_id: InvoiceId,
    number: String,
    legal_entity_id: LegalEntityId,
    payer_kind: &'static str,
    payer_id: Uuid,
    /// Who that is stands, sealed, in the document.
    buyer_name: &'static str,
    issue_date: Date,
    due_date: Date,
    currency: Currency,
    net_minor: i64,
    tax_minor: i64,
    gross_minor: i64,
    paid_minor: i64,
    credited_minor: i64,
    state: InvoiceState,
    last_payment_id: Option<PaymentId>,
    document: &'a RawValue,
    document_version: i16,
    position: i64,
    changed_position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch {
        match event.category.as_str() {
            "invoice" => {
                let InvoiceEvent::InvoiceIssued(fact) = fact(event)?;
                rows.push(InvoiceView {
                    tenant_id: tenant,
                    invoice_id: fact.invoice_id,
                    number: fact.number,
                    legal_entity_id: fact.legal_entity_id,
                    payer_kind: fact.payer.kind(),
                    payer_id: fact.payer.id(),
                    buyer_name: "",
                    issue_date: fact.issue_date,
                    due_date: fact.due_date,
                    currency: fact.currency,
                    net_minor: fact.net_minor,
                    tax_minor: fact.tax_minor,
                    gross_minor: fact.gross_minor,
                    paid_minor: 0,
                    credited_minor: 0,
                    state: if fact.gross_minor > 0 {
                        InvoiceState::Open
                    } else {
                        InvoiceState::Paid
                    },
                    last_payment_id: None,
                    document: payload(event)?,
                    document_version: event.event_version,
                    position: event.position,
                    changed_position: event.position,
                });
            }
            "member" => {
                if let MemberEvent::MemberForgotten(forgotten) = fact(event)? {
                    let_go(conn, tenant, forgotten.member_id).await?;
                }
            }
            "payment" => changes.push((event.position, Change::Payment(Box::new(fact(event)?)))),
            "deposit" => {
                if let DepositEvent::DepositApplied(applied) = fact(event)? {
                    changes.push((event.position, Change::Deposit(applied)));
                }
            }
            "credit_note" => changes.push((event.position, Change::Credit(Box::new(fact(event)?)))),
            _ => {}
        }
    }
    insert_rows!(conn, "invoice_view", rows);
    for (position, change) in changes {
        let event = match change {
            Change::Payment(event) => *event,
            Change::Deposit(fact) => {
                paid_from_deposit(conn, tenant, position, &fact).await?;
                continue;
            }
            Change::Credit(event) => {
                let CreditNoteEvent::CreditNoteIssued(fact) = *event;
                credited(conn, tenant, position, &fact).await?;
                continue;
            }
        };
        let (payment, state) = match event {
            PaymentEvent::PaymentAttempted(fact) => {
                attempted(conn, tenant, position, fact.invoice_id, fact.payment_id).await?;
                continue;
            }
            PaymentEvent::PaymentSettled(fact) => {
                settled(conn, tenant, position, &fact).await?;
                continue;
            }
            PaymentEvent::PaymentProcessing(fact) => (fact.payment_id, InvoiceState::Pending),
            PaymentEvent::PaymentUnknown(fact) => (fact.payment_id, InvoiceState::Pending),
            PaymentEvent::PaymentActionRequired(fact) => (fact.payment_id, InvoiceState::ActionRequired),
            PaymentEvent::PaymentFailed(fact) => (fact.payment_id, InvoiceState::Failed),
            PaymentEvent::PaymentCanceled(fact) => (fact.payment_id, InvoiceState::Open),
        };
        latest_is(conn, tenant, position, payment, state).await?;
    }
    Ok(())
}

/// What touches an invoice that is there.
enum Change {
    Payment(Box<PaymentEvent>),
    Credit(Box<CreditNoteEvent>),
    Deposit(DepositApplied),
}

/// Rows from before names were sealed have the buyer's beside the document.
async fn let_go(conn: &mut PgConnection, tenant: Uuid, member: MemberId) -> Result<(), FollowError> {
    sqlx::query("update invoice_view set buyer_name = '' where tenant_id = $1 and payer_id = $2 and buyer_name <> ''")
        .bind(tenant)
        .bind(member.0)
        .execute(conn)
        .await?;
    Ok(())
}

async fn attempted(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    invoice: InvoiceId,
    payment: PaymentId,
) -> Result<(), FollowError> {
    sqlx::query(
        "update invoice_view
         set last_payment_id = $4, state = case when state in ('paid', 'credited') then state else 'pending' end, changed_position = $3
         where tenant_id = $1 and invoice_id = $2 and changed_position < $3",
    )
    .bind(tenant)
    .bind(invoice.0)
    .bind(position)
    .bind(payment.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// News of an attempt moves its invoice only while it is the latest one: an older attempt that ends says nothing of the
/// newer. What is paid stays paid.
async fn latest_is(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    payment: PaymentId,
    state: InvoiceState,
) -> Result<(), FollowError> {
    sqlx::query(
        "update invoice_view
         set state = case when state in ('paid', 'credited') then state else $4 end, changed_position = $3
         where tenant_id = $1 and last_payment_id = $2 and changed_position < $3
           and invoice_id = (select invoice_id from payment_view where tenant_id = $1 and payment_id = $2)",
    )
    .bind(tenant)
    .bind(payment.0)
    .bind(position)
    .bind(state.name())
    .execute(conn)
    .await?;
    Ok(())
}

/// Money came, whichever attempt brought it. In another currency it settles nothing, as in the books.
async fn settled(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    fact: &PaymentSettled,
) -> Result<(), FollowError> {
    came_in(conn, tenant, position, fact.invoice_id, fact.amount).await
}

/// What was held pays for it.
async fn paid_from_deposit(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    fact: &DepositApplied,
) -> Result<(), FollowError> {
    came_in(conn, tenant, position, fact.invoice_id, fact.amount).await
}

async fn came_in(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    invoice: InvoiceId,
    amount: Money,
) -> Result<(), FollowError> {
    sqlx::query(
        "update invoice_view
         set paid_minor = least(gross_minor, paid_minor + $4),
             state = case when state = 'credited' then state when paid_minor + credited_minor + $4 >= gross_minor then 'paid' else 'open' end, changed_position = $3
         where tenant_id = $1 and invoice_id = $2 and changed_position < $3 and currency = $5",
    )
    .bind(tenant)
    .bind(invoice.0)
    .bind(position)
    .bind(amount.minor)
    .bind(amount.currency.code())
    .execute(conn)
    .await?;
    Ok(())
}

/// A credit note takes back of the invoice, whether that was paid or not.
async fn credited(
    conn: &mut PgConnection,
    tenant: Uuid,
    position: i64,
    fact: &CreditNoteIssued,
) -> Result<(), FollowError> {
    sqlx::query(
        "update invoice_view
         set credited_minor = credited_minor + $4,
             state = case when credited_minor + $4 >= gross_minor then 'credited'
                          when paid_minor + credited_minor + $4 >= gross_minor then 'paid' else state end,
             changed_position = $3
         where tenant_id = $1 and invoice_id = $2 and changed_position < $3",
    )
    .bind(tenant)
    .bind(fact.invoice_id.0)
    .bind(position)
    .bind(fact.gross_minor)
    .execute(conn)
    .await?;
    Ok(())
}
