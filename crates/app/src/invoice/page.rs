//! Invoices as lists and single pages show them. Why a line costs what it costs is in `explain.rs`.

use crate::{
    App, UseCaseError,
    credit_note::page::{CreditNoteRow, of_invoice},
    ledger::page::{JournalRow, entries_of_invoice},
    page::{Page, PageRequest},
    payment::page::{PaymentRow, payments_of_invoice},
    read::{self, Columns, states},
    seal::{Kept, open_documents},
};
use coterie_domain::{
    Currency, InvoiceId, LegalEntityId, MemberId, Money, Payer,
    invoice::{InvoiceEvent, InvoiceIssued},
};
use coterie_eventlog::seal::Keyring;
use jiff::civil::Date;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

pub use super::explain::{LineExplanation, explain};

states!(
    /// Where collecting an invoice stands.
    InvoiceState {
        /// Nothing is under way.
        Open = "open",
        /// An attempt is at the gateway, at the bank, or without a known outcome.
        Pending = "pending",
        /// The bank wants to see the member.
        ActionRequired = "action_required",
        Failed = "failed",
        /// Nothing is owed any more.
        Paid = "paid",
        /// Credit notes took back all of it.
        Credited = "credited",
    }
);

#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceRow {
    pub invoice_id: InvoiceId,
    pub number: String,
    pub legal_entity_id: LegalEntityId,
    pub payer: Payer,
    pub buyer_name: String,
    pub issue_date: Date,
    pub due_date: Date,
    pub net: Money,
    pub tax: Money,
    pub gross: Money,
    /// Never more than the gross.
    pub paid: Money,
    /// Taken back by credit notes.
    pub credited: Money,
    pub state: InvoiceState,
    pub position: i64,
}

impl InvoiceRow {
    /// What is still owed.
    pub fn open(&self) -> Money {
        let left = self.gross.minor - self.credited.minor - self.paid.minor;
        Money::new(left.max(0), self.gross.currency)
    }

    /// Whether nobody owes anything on it.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, InvoiceState::Paid | InvoiceState::Credited)
    }
}

/// Which invoices: an absent field asks for all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InvoiceFilter {
    pub payer: Option<Payer>,
    /// Those addressed to this member herself; what a company pays for her is the company's.
    pub member: Option<MemberId>,
    pub legal_entity: Option<LegalEntityId>,
    pub state: Option<InvoiceState>,
}

/// An invoice with what was done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct InvoiceDetail {
    pub row: InvoiceRow,
    /// As it was issued.
    pub document: InvoiceIssued,
    /// Attempts to collect it, the first first.
    pub payments: Vec<PaymentRow>,
    /// What corrects it, the first first.
    pub credit_notes: Vec<CreditNoteRow>,
    /// What the books say of it, in the order of the log.
    pub entries: Vec<JournalRow>,
}

macro_rules! select_invoices {
    ($rest:literal) => {
        concat!(
            "select invoice_id, number, legal_entity_id, payer_kind, payer_id, issue_date, due_date, currency,
                    net_minor, tax_minor, gross_minor, paid_minor, credited_minor, state, position, document::text as document, document_version
             from invoice_view where tenant_id = $1 ",
            $rest
        )
    };
}

/// Invoices, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: InvoiceFilter,
    request: &PageRequest,
) -> Result<Page<InvoiceRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_invoices!(
        "and ($2::uuid is null or (payer_id = $2 and payer_kind = $3))
           and ($4::uuid is null or (payer_id = $4 and payer_kind = 'member'))
           and ($5::uuid is null or legal_entity_id = $5) and ($6::text is null or state = $6) and position < $7
         order by position desc limit $8"
    ))
    .bind(tenant)
    .bind(filter.payer.map(Payer::id))
    .bind(filter.payer.map(Payer::kind))
    .bind(filter.member.map(|id| id.0))
    .bind(filter.legal_entity.map(|id| id.0))
    .bind(filter.state.map(InvoiceState::name))
    .bind(request.after::<i64>().unwrap_or(i64::MAX))
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = invoices(&app.config.keys, &mut tx, tenant, &rows).await?;
    let items = items.into_iter().map(|(row, _)| row).collect();
    Ok(request.cut(items, |invoice| invoice.position))
}

/// One invoice whole; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: InvoiceId) -> Result<Option<InvoiceDetail>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let Some((row, document)) = find_in_op(&app.config.keys, &mut tx, tenant, id).await? else {
        return Ok(None);
    };
    Ok(Some(InvoiceDetail {
        row,
        document,
        payments: payments_of_invoice(&app.config.keys, &mut tx, tenant, id).await?,
        credit_notes: of_invoice(&app.config.keys, &mut tx, tenant, id).await?,
        entries: entries_of_invoice(&mut tx, tenant, id).await?,
    }))
}

/// The currency of an invoice, by its guard; `None` when the organization has no such invoice.
///
/// # Errors
/// When the database fails.
pub async fn currency(app: &App, tenant: Uuid, id: InvoiceId) -> Result<Option<Currency>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query("select currency from invoice_guard where tenant_id = $1 and invoice_id = $2")
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| row.word("currency")).transpose()
}

/// An invoice that something is open on, by its guard.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenInvoice {
    pub invoice_id: InvoiceId,
    /// Empty until the model has seen it.
    pub number: String,
    pub open: Money,
}

/// The most open invoices of one payer that a choice offers.
const MAX_OPEN: i64 = 200;

/// What a payer owes a legal entity on issued invoices, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_of_payer(
    app: &App,
    tenant: Uuid,
    payer: Payer,
    entity: LegalEntityId,
) -> Result<Vec<OpenInvoice>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select g.invoice_id, g.currency, g.open_minor, coalesce(v.number, '') as number from invoice_guard g
         left join invoice_view v on v.tenant_id = g.tenant_id and v.invoice_id = g.invoice_id
         where g.tenant_id = $1 and g.payer_id = $2 and g.legal_entity_id = $3 and g.open_minor > 0
           and not exists (select from deposit_guard d where d.tenant_id = g.tenant_id and d.invoice_id = g.invoice_id)
         order by v.issue_date, g.invoice_id limit $4",
    )
    .bind(tenant)
    .bind(payer.id())
    .bind(entity.0)
    .bind(MAX_OPEN)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenInvoice {
                invoice_id: row.id("invoice_id")?,
                number: row.try_get("number")?,
                open: row.money("open_minor")?,
            })
        })
        .collect()
}

pub(super) async fn find_in_op(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    id: InvoiceId,
) -> Result<Option<(InvoiceRow, InvoiceIssued)>, UseCaseError> {
    let row = sqlx::query(select_invoices!("and invoice_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *conn)
        .await?;
    Ok(invoices(keys, conn, tenant, row.as_slice()).await?.pop())
}

/// Rows with their documents, which tell who the buyer is for as long as that is kept.
async fn invoices(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    rows: &[PgRow],
) -> Result<Vec<(InvoiceRow, InvoiceIssued)>, UseCaseError> {
    let kept = rows.iter().filter_map(|row| Kept::read(row, "document").transpose());
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let documents = open_documents(keys, conn, tenant, "InvoiceIssued", kept).await?;
    rows.iter()
        .zip(documents)
        .map(|(row, InvoiceEvent::InvoiceIssued(document))| Ok((invoice(row, &document)?, document)))
        .collect()
}

fn invoice(row: &PgRow, document: &InvoiceIssued) -> Result<InvoiceRow, UseCaseError> {
    Ok(InvoiceRow {
        invoice_id: row.id("invoice_id")?,
        number: row.try_get("number")?,
        legal_entity_id: row.id("legal_entity_id")?,
        payer: row.payer()?,
        buyer_name: document.buyer.name.clone(),
        issue_date: row.date("issue_date")?,
        due_date: row.date("due_date")?,
        net: row.money("net_minor")?,
        tax: row.money("tax_minor")?,
        gross: row.money("gross_minor")?,
        paid: row.money("paid_minor")?,
        credited: row.money("credited_minor")?,
        state: row.word("state")?,
        position: row.try_get("position")?,
    })
}
