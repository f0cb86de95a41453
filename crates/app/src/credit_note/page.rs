//! Credit notes as lists and single pages show them.

use super::{credited_in_op, given_back_in_op, together};
use crate::{
    App, Caller, Operation, UseCaseError,
    page::{Page, PageRequest},
    read::{self, Columns},
    seal::{Kept, open_documents},
};
use coterie_domain::{
    CreditNoteId, InvoiceId, LegalEntityId, MemberId, Money, Payer,
    credit_note::{CreditNoteEvent, CreditNoteIssued, Credited},
    invoice::InvoiceIssued,
};
use coterie_eventlog::seal::Keyring;
use jiff::civil::Date;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

/// The most that stand beside one invoice.
const MAX_OF_INVOICE: i64 = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct CreditNoteRow {
    pub credit_note_id: CreditNoteId,
    pub number: String,
    pub invoice_id: InvoiceId,
    pub issue_date: Date,
    pub payer: Payer,
    pub gross: Money,
    pub position: i64,
    /// As it was issued.
    pub document: CreditNoteIssued,
}

/// Which credit notes: an absent field asks for all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CreditNoteFilter {
    /// Those addressed to this member herself.
    pub member: Option<MemberId>,
    pub invoice: Option<InvoiceId>,
    pub legal_entity: Option<LegalEntityId>,
}

macro_rules! select_credit_notes {
    ($rest:literal) => {
        concat!(
            "select credit_note_id, number, invoice_id, issue_date, payer_kind, payer_id, currency, gross_minor, position,
                    document::text as document, document_version
             from credit_note_view where tenant_id = $1 ",
            $rest
        )
    };
}

/// Credit notes, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: &CreditNoteFilter,
    request: &PageRequest,
) -> Result<Page<CreditNoteRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_credit_notes!(
        "and ($2::uuid is null or (payer_id = $2 and payer_kind = 'member')) and ($3::uuid is null or invoice_id = $3)
           and ($4::uuid is null or legal_entity_id = $4) and position < $5
         order by position desc limit $6"
    ))
    .bind(tenant)
    .bind(filter.member.map(|id| id.0))
    .bind(filter.invoice.map(|id| id.0))
    .bind(filter.legal_entity.map(|id| id.0))
    .bind(request.after::<i64>().unwrap_or(i64::MAX))
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = read_rows(&app.config.keys, &mut tx, tenant, &rows).await?;
    Ok(request.cut(items, |note| note.position))
}

/// One of them; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: CreditNoteId) -> Result<Option<CreditNoteRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let row = sqlx::query(select_credit_notes!("and credit_note_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    Ok(read_rows(&app.config.keys, &mut tx, tenant, row.as_slice())
        .await?
        .pop())
}

/// What corrects an invoice, the first first.
pub(crate) async fn of_invoice(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    invoice: InvoiceId,
) -> Result<Vec<CreditNoteRow>, UseCaseError> {
    let rows = sqlx::query(select_credit_notes!("and invoice_id = $2 order by position limit $3"))
        .bind(tenant)
        .bind(invoice.0)
        .bind(MAX_OF_INVOICE)
        .fetch_all(&mut *conn)
        .await?;
    read_rows(keys, conn, tenant, &rows).await
}

/// All that came back of an invoice's lines already, by credit notes and because the agreement changed: as whoever takes more back
/// decides by.
///
/// # Errors
/// When the database fails.
pub async fn taken_of(app: &App, tenant: Uuid, document: &InvoiceIssued) -> Result<Credited, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    let credited = credited_in_op(&mut op, document.invoice_id).await?;
    let given_back = given_back_in_op(&mut op, document).await?;
    Ok(together(&credited, &given_back))
}

async fn read_rows(
    keys: &Keyring,
    conn: &mut PgConnection,
    tenant: Uuid,
    rows: &[PgRow],
) -> Result<Vec<CreditNoteRow>, UseCaseError> {
    let kept = rows.iter().filter_map(|row| Kept::read(row, "document").transpose());
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let documents = open_documents(keys, conn, tenant, "CreditNoteIssued", kept).await?;
    rows.iter()
        .zip(documents)
        .map(|(row, CreditNoteEvent::CreditNoteIssued(document))| {
            Ok(CreditNoteRow {
                credit_note_id: row.id("credit_note_id")?,
                number: row.try_get("number")?,
                invoice_id: row.id("invoice_id")?,
                issue_date: row.date("issue_date")?,
                payer: row.payer()?,
                gross: row.money("gross_minor")?,
                position: row.try_get("position")?,
                document,
            })
        })
        .collect()
}
