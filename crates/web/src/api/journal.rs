//! The books.

use coterie_app::{
    catalogue,
    ledger::page::{self, BalanceRow, JournalRow},
    projections,
};
use coterie_domain::{LegalEntityId, ledger::LedgerAccount};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    reading::{PageQuery, Reading},
    reply::{Answer, List},
    words::{Money, Payer},
};
use crate::failure::{Failure, FieldError};

/// A balanced set of postings.
#[derive(Debug, Serialize, ToSchema)]
pub struct JournalEntry {
    entry_id: Uuid,
    legal_entity_id: Uuid,
    effective_date: Date,
    /// The accounting period.
    #[schema(example = "2026-01")]
    period: String,
    /// The posting rule and its version.
    rule: String,
    memo: String,
    source: Source,
    postings: Vec<Posting>,
    /// Where it stands in the log.
    position: i64,
    posted_at: Timestamp,
}

/// The event that it records.
#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    category: String,
    stream_id: Uuid,
    version: i64,
    event_type: String,
}

/// One signed line: debits are positive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Posting {
    account: Account,
    amount: Money,
    payer: Option<Payer>,
    invoice_id: Option<Uuid>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    /// In the chart.
    #[schema(example = 1400)]
    number: u16,
    #[schema(example = "Assets:Receivable")]
    path: &'static str,
    #[schema(example = "Accounts receivable")]
    title: &'static str,
}

impl From<LedgerAccount> for Account {
    fn from(account: LedgerAccount) -> Self {
        Self {
            number: account.number(),
            path: account.path(),
            title: account.title(),
        }
    }
}

impl From<JournalRow> for JournalEntry {
    fn from(row: JournalRow) -> Self {
        let entry = row.entry;
        let postings = entry.postings.iter().map(|posting| Posting {
            account: posting.account.into(),
            amount: Money {
                minor: posting.amount_minor,
                currency: entry.currency,
            },
            payer: posting.payer.map(Payer::from),
            invoice_id: posting.invoice_id.map(|id| id.0),
        });
        Self {
            entry_id: entry.entry_id.0,
            legal_entity_id: entry.legal_entity_id.0,
            effective_date: entry.effective_date,
            postings: postings.collect(),
            period: entry.period,
            rule: entry.rule,
            memo: entry.memo,
            source: Source {
                category: entry.source.category,
                stream_id: entry.source.stream_id,
                version: entry.source.version,
                event_type: entry.source.event_type,
            },
            position: row.position,
            posted_at: row.occurred_at,
        }
    }
}

/// An account in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Balance {
    account: Account,
    /// Sum of the debits.
    debit: Money,
    /// Sum of the credits, as a positive amount.
    credit: Money,
    /// Debits less credits.
    balance: Money,
}

impl From<BalanceRow> for Balance {
    fn from(row: BalanceRow) -> Self {
        let money = |minor| Money {
            minor,
            currency: row.currency,
        };
        Self {
            account: row.account.into(),
            debit: money(row.debit_minor),
            credit: money(row.credit_minor),
            balance: money(row.balance_minor),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JournalQuery {
    legal_entity_id: Option<Uuid>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// Whose books.
    #[param(required = true)]
    legal_entity_id: Option<Uuid>,
    /// All entries up to and including this day; all there are unless said.
    as_of: Option<Date>,
}

#[utoipa::path(get, path = "/v1/journal_entries", tag = "money", params(PageQuery, JournalQuery),
    responses((status = 200, description = "Entries, the last posted first", body = List<JournalEntry>)))]
pub async fn list(reading: Reading) -> Answer<List<JournalEntry>> {
    reading.finances()?;
    reading.settled(&[projections::JOURNAL]).await?;
    let JournalQuery { legal_entity_id } = reading.query()?;
    let entity = legal_entity_id.map(LegalEntityId);
    let page = page::journal(reading.app(), reading.tenant(), entity, &reading.page()?).await?;
    Ok(List::of(page, JournalEntry::from))
}

#[utoipa::path(get, path = "/v1/trial_balance", tag = "money", params(BalanceQuery),
    responses((status = 200, description = "Every account with postings, by number; balances sum to zero per currency", body = List<Balance>)))]
pub async fn trial_balance(reading: Reading) -> Answer<List<Balance>> {
    reading.finances()?;
    let query: BalanceQuery = reading.query()?;
    let entity = query
        .legal_entity_id
        .map(LegalEntityId)
        .ok_or_else(|| Failure::invalid(vec![FieldError::new("legal_entity_id", "Say whose books.")]))?;
    catalogue::read(reading.app(), reading.tenant())
        .await?
        .legal_entity(entity)?;
    reading.settled(&[projections::JOURNAL]).await?;
    let rows = page::trial_balance(reading.app(), reading.tenant(), entity, query.as_of).await?;
    Ok(List::whole(rows.into_iter().map(Balance::from).collect()))
}
