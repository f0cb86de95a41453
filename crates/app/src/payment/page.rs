//! Attempts to collect invoices, as pages show them.

use crate::{
    App, UseCaseError,
    page::{Page, PageRequest},
    read::{self, Columns},
    seal::{Kept, open_documents},
};
use coterie_domain::{
    InvoiceId, LegalEntityId, Money, Payer, PaymentId,
    invoice::InvoiceEvent,
    payment::{DeclineKind, PaymentState},
};
use coterie_eventlog::seal::Keyring;
use jiff::Timestamp;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// The most attempts of one invoice that its page shows.
const MAX_ATTEMPTS: i64 = 100;

#[derive(Debug, Clone, PartialEq)]
pub struct PaymentRow {
    pub payment_id: PaymentId,
    pub invoice_id: InvoiceId,
    pub invoice_number: String,
    pub legal_entity_id: LegalEntityId,
    pub payer: Payer,
    pub buyer_name: String,
    /// 1 for the invoice's first attempt.
    pub attempt: i32,
    pub amount: Money,
    pub state: PaymentState,
    pub intent_id: Option<String>,
    /// Where the member goes when her bank wants to see her.
    pub redirect_url: Option<String>,
    /// Why it failed, or why nobody knows.
    pub failure: Option<PaymentFailure>,
    /// By the organization's clock.
    pub attempted_at: Timestamp,
    pub changed_at: Timestamp,
    pub position: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PaymentFailure {
    /// The issuer's decline code where it gave one, else the gateway's error code; `unknown` when there is no outcome.
    pub code: String,
    /// Absent when there is no outcome.
    pub kind: Option<DeclineKind>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct PaymentFilter {
    pub state: Option<PaymentState>,
}

macro_rules! select_payments {
    ($rest:literal) => {
        concat!(
            "select p.*, coalesce(i.number, '') as invoice_number, i.document::text as invoice, i.document_version as invoice_version
             from payment_view p left join invoice_view i on i.tenant_id = p.tenant_id and i.invoice_id = p.invoice_id
             where p.tenant_id = $1 ",
            $rest
        )
    };
}

/// Attempts, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: PaymentFilter,
    request: &PageRequest,
) -> Result<Page<PaymentRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_payments!(
        "and ($2::text is null or p.state = $2) and p.position < $3 order by p.position desc limit $4"
    ))
    .bind(tenant)
    .bind(filter.state.map(PaymentState::name))
    .bind(request.after::<i64>().unwrap_or(i64::MAX))
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = payments(&app.config.keys, &mut tx, tenant, &rows).await?;
    Ok(request.cut(items, |payment| payment.position))
}

/// One attempt; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: PaymentId) -> Result<Option<PaymentRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query(select_payments!("and p.payment_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    Ok(payments(&app.config.keys, &mut tx, tenant, row.as_slice()).await?.pop())
}

/// The attempts to collect one invoice, the first first.
pub(crate) async fn payments_of_invoice(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    invoice: InvoiceId,
) -> Result<Vec<PaymentRow>, UseCaseError> {
    let rows = sqlx::query(select_payments!("and p.invoice_id = $2 order by p.position limit $3"))
        .bind(tenant)
        .bind(invoice.0)
        .bind(MAX_ATTEMPTS)
        .fetch_all(&mut *conn)
        .await?;
    payments(keys, conn, tenant, &rows).await
}

/// The attempts that failed last and whose invoice is still not paid.
pub(crate) async fn recent_failures(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    limit: i64,
) -> Result<Vec<PaymentRow>, UseCaseError> {
    let rows = sqlx::query(select_payments!(
        "and p.state = 'failed' and i.last_payment_id = p.payment_id and i.state = 'failed'
         order by p.position desc limit $2"
    ))
    .bind(tenant)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    payments(keys, conn, tenant, &rows).await
}

/// Rows with the buyers' names out of the invoices' documents; an invoice that its model has not seen yet has none.
async fn payments(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    rows: &[PgRow],
) -> Result<Vec<PaymentRow>, UseCaseError> {
    let kept = rows.iter().map(|row| Kept::read(row, "invoice"));
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let known: Vec<bool> = kept.iter().map(Option::is_some).collect();
    let kept = kept.into_iter().flatten().collect();
    let mut invoices = open_documents(keys, conn, tenant, "InvoiceIssued", kept)
        .await?
        .into_iter();
    rows.iter()
        .zip(known)
        .map(|(row, known)| {
            let invoice = if known { invoices.next() } else { None };
            let buyer_name = invoice.map_or_else(String::new, |InvoiceEvent::InvoiceIssued(issued)| issued.buyer.name);
            payment(row, buyer_name)
        })
        .collect()
}

fn payment(row: &PgRow, buyer_name: String) -> Result<PaymentRow, UseCaseError> {
    let code: Option<String> = row.try_get("failure_code")?;
    let kind: Option<String> = row.try_get("failure_kind")?;
    let failure = match code {
        Some(code) => Some(PaymentFailure {
            code,
            kind: kind.map(|_| row.word("failure_kind")).transpose()?,
            message: row.try_get::<Option<String>, _>("failure_message")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(PaymentRow {
        payment_id: row.id("payment_id")?,
        invoice_id: row.id("invoice_id")?,
        invoice_number: row.try_get("invoice_number")?,
        legal_entity_id: row.id("legal_entity_id")?,
        payer: row.payer()?,
        buyer_name,
        attempt: row.try_get("attempt")?,
        amount: row.money("amount_minor")?,
        state: row.word("state")?,
        intent_id: row.try_get("intent_id")?,
        redirect_url: row.try_get("redirect_url")?,
        failure,
        attempted_at: row.time("attempted_at")?,
        changed_at: row.time("changed_at")?,
        position: row.try_get("position")?,
    })
}
