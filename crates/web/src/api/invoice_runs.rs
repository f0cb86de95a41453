//! Invoicing everybody of a legal entity at once: preview, approve, issue.

use coterie_app::{
    App, catalogue,
    invoice_run::{
        self, RunStep,
        page::{self, DraftDetail, DraftRow, RunRow, Sums},
    },
    projections,
};
use coterie_domain::{
    Currency, InvoiceRunId, LegalEntityId,
    invoice_run::{Difference as Changed, DraftLine, LineChange},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    invoices::InvoiceLine,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Money, Payer},
};
use crate::{failure::Failure, json::ApiJson};

/// What drafts add up to.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftTotals {
    count: i64,
    net: Money,
    tax: Money,
    gross: Money,
}

impl DraftTotals {
    fn of(sums: Sums, currency: Currency) -> Self {
        let money = |minor| Money { minor, currency };
        Self {
            count: sums.count,
            net: money(sums.net_minor),
            tax: money(sums.tax_minor),
            gross: money(sums.gross_minor),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceRun {
    invoice_run_id: Uuid,
    legal_entity_id: Uuid,
    /// Charges that can be billed on this day or before.
    cut_off: Date,
    /// `drafting`, `drafted`, `approved`, `issuing`, `completed` or `cancelled`.
    phase: &'static str,
    /// Why it stands still.
    stopped: Option<String>,
    /// To be issued.
    ready: DraftTotals,
    issued: DraftTotals,
    /// Not issued as they stand: no tax rate, nothing owed.
    waits: DraftTotals,
    excluded: DraftTotals,
    /// What they are made of changed after the approval.
    set_aside: DraftTotals,
}

fn shown(row: RunRow, currency: Currency) -> InvoiceRun {
    InvoiceRun {
        invoice_run_id: row.invoice_run_id.0,
        legal_entity_id: row.legal_entity_id.0,
        cut_off: row.cut_off,
        phase: row.phase.name(),
        stopped: row.stopped,
        ready: DraftTotals::of(row.ready, currency),
        issued: DraftTotals::of(row.issued, currency),
        waits: DraftTotals::of(row.waits, currency),
        excluded: DraftTotals::of(row.excluded, currency),
        set_aside: DraftTotals::of(row.set_aside, currency),
    }
}

/// One payer's invoice as it would be issued.
#[derive(Debug, Serialize, ToSchema)]
pub struct Draft {
    payer: Payer,
    /// `ready`, `waits`, `excluded`, `issued` or `set_aside`.
    standing: &'static str,
    lines: i64,
    net: Money,
    tax: Money,
    gross: Money,
    /// SHA-256 of everything the invoice is made of.
    inputs_sha256: String,
    /// `tax_rate`, `something_owed` or `other_charges`.
    waits_for: Option<&'static str>,
    without_address: bool,
    /// Gross of the payer's last invoice.
    last_gross: Option<Money>,
    /// More than half more or less than the last one.
    jumps: bool,
    invoice_id: Option<Uuid>,
}

fn draft(row: DraftRow, currency: Currency) -> Draft {
    let money = |minor| Money { minor, currency };
    Draft {
        jumps: row.jumps(),
        payer: row.payer.into(),
        standing: row.standing,
        lines: row.lines,
        net: money(row.net_minor),
        tax: money(row.tax_minor),
        gross: money(row.gross_minor),
        inputs_sha256: row.inputs_sha256,
        waits_for: row.waits.map(coterie_domain::invoice_run::WaitsFor::name),
        without_address: row.without_address,
        last_gross: row.last_gross_minor.map(money),
        invoice_id: row.invoice_id.map(|id| id.0),
    }
}

/// A charge of a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftedCharge {
    charge_id: Uuid,
    net: Money,
    tax_percent: Option<String>,
}

/// What changed since a draft was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftDifference {
    came: Vec<DraftedCharge>,
    went: Vec<DraftedCharge>,
    taxed_otherwise: Vec<DraftedCharge>,
    buyer_changed: bool,
    seller_changed: bool,
    buyer_forgotten: bool,
}

fn difference(changed: Changed, currency: Currency) -> DraftDifference {
    let charges = |lines: Vec<DraftLine>| {
        let lines = lines.into_iter().map(|line| DraftedCharge {
            charge_id: line.charge_id.0,
            net: Money {
                minor: line.net_minor,
                currency,
            },
            tax_percent: line.tax_percent.map(|percent| percent.to_string()),
        });
        lines.collect()
    };
    DraftDifference {
        came: charges(changed.came),
        went: charges(changed.went),
        taxed_otherwise: charges(changed.taxed_otherwise),
        buyer_changed: changed.buyer_changed,
        seller_changed: changed.seller_changed,
        buyer_forgotten: changed.buyer_forgotten,
    }
}

/// A line beside the payer's last invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineBesideLast {
    description: String,
    before: Option<Money>,
    now: Option<Money>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WholeDraft {
    payer: Payer,
    standing: &'static str,
    inputs_sha256: String,
    net: Money,
    tax: Money,
    gross: Money,
    /// As they would be printed; empty while the draft cannot be.
    lines: Vec<InvoiceLine>,
    /// Why it cannot be printed.
    in_the_way: Option<String>,
    last_invoice_id: Option<Uuid>,
    /// What is new, gone or of another amount.
    beside_last: Vec<LineBesideLast>,
    /// It becomes one invoice for each location, which the payer asked for.
    per_location: bool,
    /// Why it was set aside, or would be.
    changed: Option<DraftDifference>,
}

fn whole(detail: DraftDetail) -> WholeDraft {
    use coterie_domain::invoice_run::Standing;
    let currency = detail.currency;
    let money = |minor| Money { minor, currency };
    let standing = detail.standing.name();
    let changed = match detail.standing {
        Standing::SetAside(difference) => Some(difference),
        _ => detail.changed,
    };
    let (lines, in_the_way) = match detail.document {
        Ok(document) => (document.told_lines(), None),
        Err(sentence) => (Vec::new(), Some(sentence)),
    };
    let beside = |change: LineChange| LineBesideLast {
        description: change.description,
        before: change.before_minor.map(money),
        now: change.now_minor.map(money),
    };
    WholeDraft {
        payer: detail.draft.payer.into(),
        standing,
        inputs_sha256: detail.draft.inputs_sha256,
        net: money(detail.draft.net_minor),
        tax: money(detail.draft.tax_minor),
        gross: money(detail.draft.gross_minor),
        lines: lines.into_iter().map(|line| InvoiceLine::of(line, currency)).collect(),
        in_the_way,
        last_invoice_id: detail.last.map(|(id, _, _)| id.0),
        beside_last: detail.changes.into_iter().map(beside).collect(),
        per_location: detail.draft.per_location,
        changed: changed.map(|changed| difference(changed, currency)),
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenInvoiceRun {
    legal_entity_id: Uuid,
    /// Today at the legal entity, or earlier.
    cut_off: Date,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDraft {
    /// Whether the payer is invoiced by this run.
    included: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DraftQuery {
    /// `ready`, `waits`, `excluded`, `issued` or `set_aside`.
    standing: Option<String>,
}

async fn one(app: &App, tenant: Uuid, id: InvoiceRunId) -> Result<InvoiceRun, Failure> {
    let row = page::find(app, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let catalogue = catalogue::read(app, tenant).await?;
    let currency = catalogue.legal_entity(row.legal_entity_id)?.fact.currency;
    Ok(shown(row, currency))
}

#[utoipa::path(get, path = "/v1/invoice_runs", tag = "money", params(PageQuery),
    responses((status = 200, description = "Runs, the newest first", body = List<InvoiceRun>)))]
pub async fn list(reading: Reading) -> Answer<List<InvoiceRun>> {
    reading.finances()?;
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let found = page::list(reading.app(), reading.tenant(), &reading.page()?).await?;
    let mut data = Vec::with_capacity(found.items.len());
    for row in found.items {
        let currency = catalogue.legal_entity(row.legal_entity_id)?.fact.currency;
        data.push(shown(row, currency));
    }
    let runs = coterie_app::page::Page {
        items: data,
        next: found.next,
    };
    Ok(List::of(runs, |run| run))
}

#[utoipa::path(post, path = "/v1/invoice_runs", tag = "money", request_body = OpenInvoiceRun,
    responses((status = 201, description = "Open, with its first drafts", body = InvoiceRun),
        (status = 409, description = "Another run of the legal entity is not over")))]
pub async fn create(command: Command<OpenInvoiceRun>) -> CommandAnswer<InvoiceRun> {
    let app = &command.house.app;
    let entity = LegalEntityId(command.body.legal_entity_id);
    let done = invoice_run::open(app, &command.caller, entity, command.body.cut_off).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(
        &done,
        format!("/v1/invoice_runs/{}", done.outcome),
        body,
    ))
}

#[utoipa::path(get, path = "/v1/invoice_runs/{invoice_run_id}", tag = "money", params(("invoice_run_id" = Uuid, Path)),
    responses((status = 200, description = "One run", body = InvoiceRun)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<InvoiceRun> {
    reading.finances()?;
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), InvoiceRunId(id)).await?))
}

#[utoipa::path(get, path = "/v1/invoice_runs/{invoice_run_id}/drafts", tag = "money",
    params(("invoice_run_id" = Uuid, Path), PageQuery, DraftQuery),
    responses((status = 200, description = "Its drafts by payer", body = List<Draft>)))]
pub async fn drafts(Id(id): Id, reading: Reading) -> Answer<List<Draft>> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let id = InvoiceRunId(id);
    let run = page::find(reading.app(), reading.tenant(), id)
        .await?
        .ok_or_else(Failure::not_found)?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let currency = catalogue.legal_entity(run.legal_entity_id)?.fact.currency;
    let query: DraftQuery = reading.query()?;
    let standing = query.standing.as_deref();
    let found = page::drafts(reading.app(), reading.tenant(), id, standing, &reading.page()?).await?;
    Ok(List::of(found, |row| draft(row, currency)))
}

#[utoipa::path(get, path = "/v1/invoice_runs/{invoice_run_id}/drafts/{payer_id}", tag = "money",
    params(("invoice_run_id" = Uuid, Path), ("payer_id" = Uuid, Path)),
    responses((status = 200, description = "One draft with its lines", body = WholeDraft)))]
pub async fn show_draft(Id((id, payer)): Id<(Uuid, Uuid)>, reading: Reading) -> Answer<WholeDraft> {
    reading.finances()?;
    reading.settled(&[projections::MONEY]).await?;
    let detail = page::draft(reading.app(), reading.tenant(), InvoiceRunId(id), payer).await?;
    Ok(ApiJson(whole(detail)))
}

#[utoipa::path(post, path = "/v1/invoice_runs/{invoice_run_id}/drafts/{payer_id}", tag = "money",
    params(("invoice_run_id" = Uuid, Path), ("payer_id" = Uuid, Path)), request_body = SetDraft,
    responses((status = 200, description = "The payer is left out, or taken in", body = InvoiceRun),
        (status = 409, description = "The run is approved")))]
pub async fn set_draft(Id((id, payer)): Id<(Uuid, Uuid)>, command: Command<SetDraft>) -> CommandAnswer<InvoiceRun> {
    let app = &command.house.app;
    let included = command.body.included;
    let done = invoice_run::include(app, &command.caller, InvoiceRunId(id), payer, included).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::changed(&done, body))
}

async fn decide(id: Uuid, step: RunStep, command: Command<Nothing>) -> CommandAnswer<InvoiceRun> {
    let app = &command.house.app;
    let done = invoice_run::decide(app, &command.caller, InvoiceRunId(id), step).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(post, path = "/v1/invoice_runs/{invoice_run_id}/approve", tag = "money", params(("invoice_run_id" = Uuid, Path)),
    request_body = Nothing, responses((status = 200, description = "Approved", body = InvoiceRun)))]
pub async fn approve(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<InvoiceRun> {
    decide(id, RunStep::Approve, command).await
}

#[utoipa::path(post, path = "/v1/invoice_runs/{invoice_run_id}/issue", tag = "money", params(("invoice_run_id" = Uuid, Path)),
    request_body = Nothing, responses((status = 200, description = "Its drafts are being issued, batch by batch", body = InvoiceRun)))]
pub async fn issue(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<InvoiceRun> {
    decide(id, RunStep::Issue, command).await
}

#[utoipa::path(post, path = "/v1/invoice_runs/{invoice_run_id}/resume", tag = "money", params(("invoice_run_id" = Uuid, Path)),
    request_body = Nothing, responses((status = 200, description = "It goes on after it stopped", body = InvoiceRun)))]
pub async fn resume(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<InvoiceRun> {
    decide(id, RunStep::Resume, command).await
}

#[utoipa::path(post, path = "/v1/invoice_runs/{invoice_run_id}/cancel", tag = "money", params(("invoice_run_id" = Uuid, Path)),
    request_body = Nothing, responses((status = 200, description = "Given up; its charges wait for another", body = InvoiceRun)))]
pub async fn cancel(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<InvoiceRun> {
    decide(id, RunStep::Cancel, command).await
}
