//! Credit notes: corrections of issued invoices.

use axum::response::Response;
use coterie_app::{
    Done,
    credit_note::{
        self,
        page::{self, CreditNoteFilter, CreditNoteRow},
    },
    projections,
};
use coterie_documents::paper::Issued;
use coterie_domain::{
    ChargeId, CreditNoteId, Currency, InvoiceId, LegalEntityId, MemberId,
    credit_note::{NewCreditNote, WantedLine},
};
use http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::Command,
    invoices::{InvoiceLine, Party, TaxSubtotal},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Money, Payer},
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
    papers,
};

/// A credit note as it was issued. Amounts are what is taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditNote {
    credit_note_id: Uuid,
    number: String,
    /// What it corrects.
    invoice_id: Uuid,
    invoice_number: String,
    legal_entity_id: Uuid,
    payer: Payer,
    issue_date: Date,
    reason: String,
    seller: Party,
    buyer: Party,
    lines: Vec<InvoiceLine>,
    tax_subtotals: Vec<TaxSubtotal>,
    /// Charges that wait for an invoice again.
    billed_again: Vec<Uuid>,
    net: Money,
    tax: Money,
    gross: Money,
    /// What was still owed and is no longer.
    settled: Money,
    /// What was paid already, and is the payer's credit now.
    owed_to_payer: Money,
}

impl From<CreditNoteRow> for CreditNote {
    fn from(row: CreditNoteRow) -> Self {
        let issued = row.document;
        let currency = issued.currency;
        let money = |minor| Money { minor, currency };
        Self {
            owed_to_payer: money(issued.owed_minor()),
            credit_note_id: issued.credit_note_id.0,
            number: issued.number,
            invoice_id: issued.invoice_id.0,
            invoice_number: issued.invoice_number,
            legal_entity_id: issued.legal_entity_id.0,
            payer: issued.payer.into(),
            issue_date: issued.issue_date,
            reason: issued.reason,
            seller: issued.seller.into(),
            buyer: issued.buyer.into(),
            lines: issued
                .lines
                .into_iter()
                .map(|line| InvoiceLine::of(line, currency))
                .collect(),
            tax_subtotals: issued
                .tax
                .iter()
                .map(|group| TaxSubtotal::of(group, currency))
                .collect(),
            billed_again: issued.bill_again.into_iter().map(Uuid::from).collect(),
            net: money(issued.net_minor),
            tax: money(issued.tax_minor),
            gross: money(issued.gross_minor),
            settled: money(issued.settled_minor),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CreditNoteQuery {
    /// Addressed to this member herself.
    member_id: Option<Uuid>,
    /// Of this invoice.
    invoice_id: Option<Uuid>,
    legal_entity_id: Option<Uuid>,
}

#[utoipa::path(get, path = "/v1/credit_notes", tag = "money", params(PageQuery, CreditNoteQuery),
    responses((status = 200, description = "Credit notes, the newest first", body = List<CreditNote>)))]
pub async fn list(reading: Reading) -> Answer<List<CreditNote>> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let query: CreditNoteQuery = reading.query()?;
    let filter = CreditNoteFilter {
        member: query.member_id.map(MemberId),
        invoice: query.invoice_id.map(InvoiceId),
        legal_entity: query.legal_entity_id.map(LegalEntityId),
    };
    let page = page::list(reading.app(), reading.tenant(), &filter, &reading.page()?).await?;
    Ok(List::of(page, CreditNote::from))
}

#[utoipa::path(get, path = "/v1/credit_notes/{credit_note_id}", tag = "money", params(("credit_note_id" = Uuid, Path)),
    responses((status = 200, description = "One credit note, whole", body = CreditNote)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<CreditNote> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let found = page::find(reading.app(), reading.tenant(), CreditNoteId(id)).await?;
    Ok(ApiJson(found.ok_or_else(Failure::not_found)?.into()))
}

#[utoipa::path(get, path = "/v1/credit_notes/{credit_note_id}/credit_note.pdf", tag = "money", params(("credit_note_id" = Uuid, Path)),
    responses((status = 200, description = "The credit note as PDF, the same bytes every time", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn pdf(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let found = page::find(reading.app(), reading.tenant(), CreditNoteId(id)).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::Pdf,
    )
    .await
}

#[utoipa::path(get, path = "/v1/credit_notes/{credit_note_id}/factur_x.pdf", tag = "money", params(("credit_note_id" = Uuid, Path)),
    responses((status = 200, description = "The credit note as PDF with its e-invoice inside (Factur-X, profile EN 16931); 409 names by field what it lacks", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn factur_x(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let found = page::find(reading.app(), reading.tenant(), CreditNoteId(id)).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::FacturX,
    )
    .await
}

#[utoipa::path(get, path = "/v1/credit_notes/{credit_note_id}/xrechnung.xml", tag = "money", params(("credit_note_id" = Uuid, Path)),
    responses((status = 200, description = "The credit note as XRechnung in UBL; 409 names by field what it lacks", body = Vec<u8>, content_type = "application/xml")))]
pub async fn xrechnung(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let found = page::find(reading.app(), reading.tenant(), CreditNoteId(id)).await?;
    let document = found.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::CreditNote(Box::new(document)),
        papers::Form::XRechnung,
    )
    .await
}

/// What to take back of an invoice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditNoteRequest {
    /// Why, as the buyer reads it.
    #[schema(max_length = 500)]
    reason: String,
    /// Left out or empty, everything that is left of the invoice.
    #[serde(default)]
    lines: Vec<CreditedLine>,
    /// Whether the charges of its lines are to stand on a later invoice again; they must be taken back whole.
    #[serde(default)]
    bill_again: bool,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditedLine {
    charge_id: Uuid,
    /// Of its net; left out, whatever is left of the line.
    net: Option<Money>,
}

/// The document is read at its address, by this `Log-Position`.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedCreditNote {
    credit_note_id: Uuid,
}

#[utoipa::path(post, path = "/v1/invoices/{invoice_id}/credit_notes", tag = "money", params(("invoice_id" = Uuid, Path)), request_body = CreditNoteRequest,
    responses((status = 201, description = "The credit note is issued", body = IssuedCreditNote)))]
pub async fn create(Id(id): Id, command: Command<CreditNoteRequest>) -> CommandAnswer<IssuedCreditNote> {
    let body = command.body;
    let mut lines = Vec::with_capacity(body.lines.len());
    let mut currency: Option<Currency> = None;
    for line in body.lines {
        currency = currency.or(line.net.as_ref().map(|net| net.currency));
        lines.push(WantedLine {
            charge_id: ChargeId(line.charge_id),
            net_minor: line.net.map(|net| net.minor),
        });
    }
    let app = &command.house.app;
    if let Some(currency) = currency {
        check_currency(app, &command.caller, InvoiceId(id), currency).await?;
    }
    let new = NewCreditNote {
        reason: body.reason,
        lines,
        bill_again: body.bill_again,
    };
    let done: Done<CreditNoteId> = credit_note::issue(app, &command.caller, InvoiceId(id), &new).await?;
    let address = format!("/v1/credit_notes/{}", done.outcome);
    let body = IssuedCreditNote {
        credit_note_id: done.outcome.0,
    };
    Ok(Carried::created(&done, address, body))
}

/// An amount in another currency than the invoice's is no amount of its lines.
async fn check_currency(
    app: &coterie_app::App,
    caller: &coterie_app::Caller,
    id: InvoiceId,
    currency: Currency,
) -> Result<(), Failure> {
    coterie_app::access::finances(caller)?;
    let of = coterie_app::invoice::page::currency(app, caller.tenant, id).await?;
    let of = of.ok_or_else(Failure::not_found)?;
    if of == currency {
        return Ok(());
    }
    let mut failure = Failure::invalid(vec![FieldError::new("lines", format!("This invoice is in {of}."))]);
    failure.status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(failure)
}
