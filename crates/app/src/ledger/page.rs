//! The books as finance reads them.

use crate::{
    App, UseCaseError,
    page::{Page, PageRequest},
    read::{self, Columns},
};
use coterie_domain::{
    Currency, InvoiceId, LegalEntityId, Money,
    ledger::{JournalEntryPosted, LedgerAccount},
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// Entries that an export reads at a time.
const EXPORT_BATCH: i64 = 1000;
/// The most entries about one invoice that its page shows.
const MAX_ENTRIES: i64 = 200;

/// An entry and where it stands in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    pub entry: JournalEntryPosted,
    pub position: i64,
    /// By the organization's clock.
    pub occurred_at: Timestamp,
}

/// An account of a legal entity in one currency; minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub account: LedgerAccount,
    pub currency: Currency,
    /// Sum of the debits.
    pub debit_minor: i64,
    /// Sum of the credits, as a positive number.
    pub credit_minor: i64,
    /// Debits less credits.
    pub balance_minor: i64,
}

impl BalanceRow {
    pub fn balance(&self) -> Money {
        Money::new(self.balance_minor, self.currency)
    }
}

/// A month in which something was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRow {
    /// E.g. `2026-01`.
    pub period: String,
    pub first_date: Date,
    pub last_date: Date,
    pub entries: i64,
}

/// Journal entries, the last posted first.
///
/// # Errors
/// When the database fails.
pub async fn journal(
    app: &App,
    tenant: Uuid,
    legal_entity: Option<LegalEntityId>,
    request: &PageRequest,
) -> Result<Page<JournalRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select document, position, occurred_at from journal_view
         where tenant_id = $1 and ($2::uuid is null or legal_entity_id = $2) and position < $3
         order by position desc limit $4",
    )
    .bind(tenant)
    .bind(legal_entity.map(|id| id.0))
    .bind(request.after::<i64>().unwrap_or(i64::MAX))
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(items, |row| row.position))
}

/// What the books say about one invoice: its issue, what was earned of it, what was paid.
pub(crate) async fn entries_of_invoice(
    conn: &mut PgConnection,
    tenant: Uuid,
    invoice: InvoiceId,
) -> Result<Vec<JournalRow>, UseCaseError> {
    let rows = sqlx::query(
        "select document, position, occurred_at from journal_view
         where tenant_id = $1 and (source_stream_id = $2
            or entry_id in (select entry_id from posting_view where tenant_id = $1 and invoice_id = $2))
         order by position limit $3",
    )
    .bind(tenant)
    .bind(invoice.0)
    .bind(MAX_ENTRIES)
    .fetch_all(conn)
    .await?;
    rows.iter().map(entry).collect()
}

/// Every account with postings, by number: all entries up to and including a day, or all there are.
///
/// # Errors
/// When the database fails.
pub async fn trial_balance(
    app: &App,
    tenant: Uuid,
    legal_entity: LegalEntityId,
    as_of: Option<Date>,
) -> Result<Vec<BalanceRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select account, currency, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0)::bigint as debit_minor,
                coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)::bigint as credit_minor,
                sum(amount_minor)::bigint as balance_minor
         from posting_view
         where tenant_id = $1 and legal_entity_id = $2 and ($3::date is null or effective_date <= $3)
         group by account, currency",
    )
    .bind(tenant)
    .bind(legal_entity.0)
    .bind(as_of.map(ToSqlx::to_sqlx))
    .fetch_all(&mut *tx)
    .await?;
    let mut balances = rows
        .iter()
        .map(|row| {
            Ok(BalanceRow {
                account: row.word("account")?,
                currency: row.word("currency")?,
                debit_minor: row.try_get("debit_minor")?,
                credit_minor: row.try_get("credit_minor")?,
                balance_minor: row.try_get("balance_minor")?,
            })
        })
        .collect::<Result<Vec<_>, UseCaseError>>()?;
    balances.sort_by_key(|row| (row.account.number(), row.currency));
    Ok(balances)
}

/// The whole journal of a legal entity by effective date, then by position, read in batches.
///
/// # Errors
/// When the database fails.
pub async fn entries_for_export(
    app: &App,
    tenant: Uuid,
    legal_entity: LegalEntityId,
) -> Result<Vec<JournalEntryPosted>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut entries: Vec<JournalEntryPosted> = Vec::new();
    let mut after = (Date::ZERO, 0_i64);
    loop {
        let rows = sqlx::query(
            "select document, effective_date, position from journal_view
             where tenant_id = $1 and legal_entity_id = $2 and (effective_date, position) > ($3, $4)
             order by effective_date, position limit $5",
        )
        .bind(tenant)
        .bind(legal_entity.0)
        .bind(after.0.to_sqlx())
        .bind(after.1)
        .bind(EXPORT_BATCH)
        .fetch_all(&mut *tx)
        .await?;
        let Some(last) = rows.last() else { return Ok(entries) };
        after = (last.date("effective_date")?, last.try_get("position")?);
        for row in &rows {
            entries.push(row.document("document")?);
        }
    }
}

/// The months of a legal entity's books, the last first.
///
/// # Errors
/// When the database fails.
pub async fn periods(app: &App, tenant: Uuid, legal_entity: LegalEntityId) -> Result<Vec<PeriodRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select period, min(effective_date) as first_date, max(effective_date) as last_date, count(*) as entries
         from journal_view where tenant_id = $1 and legal_entity_id = $2
         group by period order by period desc limit 1200",
    )
    .bind(tenant)
    .bind(legal_entity.0)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(PeriodRow {
                period: row.try_get("period")?,
                first_date: row.date("first_date")?,
                last_date: row.date("last_date")?,
                entries: row.try_get("entries")?,
            })
        })
        .collect()
}

fn entry(row: &PgRow) -> Result<JournalRow, UseCaseError> {
    Ok(JournalRow {
        entry: row.document("document")?,
        position: row.try_get("position")?,
        occurred_at: row.time("occurred_at")?,
    })
}
