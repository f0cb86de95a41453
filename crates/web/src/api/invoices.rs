//! Issued documents. Why each line costs what it costs is in `explanations.rs`.

use axum::response::Response;
use coterie_app::{
    invoice::page::{self, InvoiceDetail, InvoiceFilter, InvoiceRow, InvoiceState},
    projections,
};
use coterie_documents::paper::Issued;
use coterie_domain::{
    CompanyId, Currency, InvoiceId, LegalEntityId, MemberId,
    invoice::{InvoiceLine as Line, Party as Printed},
    tax::TaxSubtotal as Group,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    payments::Payment,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, List},
    words::{Address, Money, Payer},
};
use crate::{failure::Failure, json::ApiJson, papers};

#[derive(Debug, Serialize, ToSchema)]
pub struct Invoice {
    invoice_id: Uuid,
    number: String,
    legal_entity_id: Uuid,
    payer: Payer,
    buyer_name: String,
    issue_date: Date,
    due_date: Date,
    net: Money,
    tax: Money,
    gross: Money,
    paid: Money,
    /// Taken back by credit notes.
    credited: Money,
    /// What is still owed.
    open: Money,
    /// `open`, `pending`, `action_required`, `failed`, `paid` or `credited`.
    state: &'static str,
}

impl From<InvoiceRow> for Invoice {
    fn from(row: InvoiceRow) -> Self {
        Self {
            open: row.open().into(),
            invoice_id: row.invoice_id.0,
            number: row.number,
            legal_entity_id: row.legal_entity_id.0,
            payer: row.payer.into(),
            buyer_name: row.buyer_name,
            issue_date: row.issue_date,
            due_date: row.due_date,
            net: row.net.into(),
            tax: row.tax.into(),
            gross: row.gross.into(),
            paid: row.paid.into(),
            credited: row.credited.into(),
            state: row.state.name(),
        }
    }
}

/// An invoice as it was issued, with what was done to collect it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeInvoice {
    #[serde(flatten)]
    invoice: Invoice,
    seller: Party,
    buyer: Party,
    lines: Vec<InvoiceLine>,
    /// One per category and rate.
    tax_subtotals: Vec<TaxSubtotal>,
    /// Attempts to collect it, the first first.
    payments: Vec<Payment>,
    /// What corrects it, the first first.
    credit_note_ids: Vec<Uuid>,
}

/// Seller or buyer as printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Party {
    name: String,
    address: Address,
    tax_id: String,
    email: String,
}

impl From<Printed> for Party {
    fn from(party: Printed) -> Self {
        Self {
            name: party.name,
            address: (&party.address).into(),
            tax_id: party.tax_id,
            email: party.email,
        }
    }
}

/// A line bills one charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceLine {
    charge_id: Uuid,
    location_id: Uuid,
    description: String,
    /// A decimal text, in `unit`.
    quantity: String,
    unit: String,
    unit_price: Money,
    net: Money,
    tax_category: String,
    #[schema(example = "19")]
    tax_percent: String,
    /// `standard`, `zero_rated`, `exempt`, `reverse_charge` or `out_of_scope`.
    tax_treatment: &'static str,
    /// Days of supply, `[service_from, service_to)`.
    service_from: Date,
    service_to: Date,
}

impl InvoiceLine {
    pub fn of(line: Line, currency: Currency) -> Self {
        let money = |minor| Money { minor, currency };
        Self {
            charge_id: line.charge_id.0,
            location_id: line.location_id.0,
            description: line.description,
            quantity: line.quantity,
            unit: line.unit,
            unit_price: money(line.unit_price_minor),
            net: money(line.net_minor),
            tax_category: line.tax_category,
            tax_percent: line.tax_percent.to_string(),
            tax_treatment: line.treatment.name(),
            service_from: line.service_from,
            service_to: line.service_to,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TaxSubtotal {
    category: String,
    #[schema(example = "19")]
    rate_percent: String,
    /// `standard`, `zero_rated`, `exempt`, `reverse_charge` or `out_of_scope`.
    treatment: &'static str,
    /// Why there is no tax, where that was chosen for the payer: the provision (BT-120) ...
    exemption_reason: Option<String>,
    /// ... and its code of the list VATEX (BT-121).
    exemption_code: Option<String>,
    basis: Money,
    tax: Money,
}

impl TaxSubtotal {
    pub fn of(group: &Group, currency: Currency) -> Self {
        let money = |minor| Money { minor, currency };
        Self {
            category: group.category.clone(),
            rate_percent: group.rate_percent.to_string(),
            treatment: group.treatment.name(),
            exemption_reason: group.exemption.as_ref().map(|why| why.reason.clone()),
            exemption_code: group.exemption.as_ref().map(|why| why.code.clone()),
            basis: money(group.basis_minor),
            tax: money(group.tax_minor),
        }
    }
}

impl From<InvoiceDetail> for WholeInvoice {
    fn from(detail: InvoiceDetail) -> Self {
        let currency = detail.document.currency;
        let subtotals = detail.document.tax.iter().map(|group| TaxSubtotal::of(group, currency));
        let tax_subtotals = subtotals.collect();
        let lines = detail.document.told_lines().into_iter();
        Self {
            invoice: detail.row.into(),
            seller: detail.document.seller.into(),
            buyer: detail.document.buyer.into(),
            lines: lines.map(|line| InvoiceLine::of(line, currency)).collect(),
            tax_subtotals,
            credit_note_ids: detail.credit_notes.iter().map(|note| note.credit_note_id.0).collect(),
            payments: detail.payments.into_iter().map(Payment::from).collect(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InvoiceQuery {
    /// Addressed to this member herself.
    member_id: Option<Uuid>,
    /// Addressed to this company.
    company_id: Option<Uuid>,
    legal_entity_id: Option<Uuid>,
    /// `open`, `pending`, `action_required`, `failed`, `paid` or `credited`.
    #[param(value_type = Option<String>)]
    state: Option<InvoiceState>,
}

#[utoipa::path(get, path = "/v1/invoices", tag = "money", params(PageQuery, InvoiceQuery),
    responses((status = 200, description = "Invoices, the newest first", body = List<Invoice>)))]
pub async fn list(reading: Reading) -> Answer<List<Invoice>> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let query: InvoiceQuery = reading.query()?;
    let filter = InvoiceFilter {
        payer: query.company_id.map(|id| coterie_domain::Payer::Company(CompanyId(id))),
        member: query.member_id.map(MemberId),
        legal_entity: query.legal_entity_id.map(LegalEntityId),
        state: query.state,
    };
    let page = page::list(reading.app(), reading.tenant(), filter, &reading.page()?).await?;
    Ok(List::of(page, Invoice::from))
}

#[utoipa::path(get, path = "/v1/invoices/{invoice_id}", tag = "money", params(("invoice_id" = Uuid, Path)),
    responses((status = 200, description = "One invoice, whole", body = WholeInvoice)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<WholeInvoice> {
    reading.finances()?;
    reading.settled(&[projections::MONEY, projections::JOURNAL]).await?;
    let detail = page::find(reading.app(), reading.tenant(), InvoiceId(id)).await?;
    Ok(ApiJson(detail.ok_or_else(Failure::not_found)?.into()))
}

#[utoipa::path(get, path = "/v1/invoices/{invoice_id}/invoice.pdf", tag = "money", params(("invoice_id" = Uuid, Path)),
    responses((status = 200, description = "The invoice as PDF, the same bytes every time", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn pdf(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let detail = page::find(reading.app(), reading.tenant(), InvoiceId(id)).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::Pdf,
    )
    .await
}

#[utoipa::path(get, path = "/v1/invoices/{invoice_id}/factur_x.pdf", tag = "money", params(("invoice_id" = Uuid, Path)),
    responses((status = 200, description = "The invoice as PDF with its e-invoice inside (Factur-X, profile EN 16931); 409 names by field what it lacks", body = Vec<u8>, content_type = "application/pdf")))]
pub async fn factur_x(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let detail = page::find(reading.app(), reading.tenant(), InvoiceId(id)).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::FacturX,
    )
    .await
}

#[utoipa::path(get, path = "/v1/invoices/{invoice_id}/xrechnung.xml", tag = "money", params(("invoice_id" = Uuid, Path)),
    responses((status = 200, description = "The invoice as XRechnung in UBL; 409 names by field what it lacks", body = Vec<u8>, content_type = "application/xml")))]
pub async fn xrechnung(Id(id): Id, reading: Reading) -> Result<Response, Failure> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let detail = page::find(reading.app(), reading.tenant(), InvoiceId(id)).await?;
    let document = detail.ok_or_else(Failure::not_found)?.document;
    papers::answer(
        reading.app(),
        reading.tenant(),
        Issued::Invoice(Box::new(document)),
        papers::Form::XRechnung,
    )
    .await
}
