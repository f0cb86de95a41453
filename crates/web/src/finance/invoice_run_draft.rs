//! One payer's draft: its lines, what is different from her last invoice, and what changed since it was made.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice_run::{
        self,
        page::{self as runs, DraftDetail},
    },
    projections,
};
use coterie_domain::{
    Currency, InvoiceRunId,
    invoice_run::{Difference, Phase, Standing},
};
use uuid::Uuid;

use super::{
    invoice_run::{payer_name, standing_badge, waits_word},
    invoice_runs::HERE,
    office::{Id, Office},
    words,
};
use crate::{
    components::{Badge, Column, DefinitionList, EmptyState, Link, Table},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/invoice_run_draft.html")]
struct Draft {
    ctx: PageContext,
    here: String,
    back: String,
    payer: String,
    state: Badge,
    waits: Option<String>,
    facts: DefinitionList,
    lines: Table,
    in_the_way: Option<String>,
    last: Option<Link>,
    changes: Table,
    changed: Vec<String>,
    was_set_aside: bool,
    invoice: Option<Link>,
    /// What the button would do: leave out, or take in.
    include: Option<bool>,
}

pub(super) async fn show(office: Office, Id((id, payer)): Id<(Uuid, Uuid)>) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let id = InvoiceRunId(id);
    let run = runs::find(office.app(), office.tenant(), id)
        .await?
        .ok_or_else(Failure::not_found)?;
    let detail = runs::draft(office.app(), office.tenant(), id, payer).await?;
    let currency = detail.currency;
    let back = format!("{HERE}/{id}");
    let buyer = detail.document.as_ref().map(|document| document.buyer.name.as_str());
    let changed = match &detail.standing {
        Standing::SetAside(difference) => Some(difference),
        _ => detail.changed.as_ref(),
    };
    let shown = Draft {
        here: format!("{back}/drafts/{payer}"),
        back,
        payer: payer_name(buyer.unwrap_or_default(), detail.draft.payer),
        state: standing_badge(detail.standing.name()),
        waits: detail
            .draft
            .waits
            .as_ref()
            .map(|waits| format!("It waits: {}. {}", waits_word(waits.why), waits.sentence)),
        facts: facts(&detail, currency),
        lines: lines(&detail, currency),
        in_the_way: detail.document.as_ref().err().cloned(),
        last: detail
            .last
            .as_ref()
            .map(|(id, number, _)| Link::new(format!("Invoice {number}"), format!("/finance/invoices/{id}"))),
        changes: changes(&detail, currency),
        changed: changed
            .map(|difference| sentences(difference, currency))
            .unwrap_or_default(),
        was_set_aside: matches!(detail.standing, Standing::SetAside(_)),
        invoice: match &detail.standing {
            Standing::Issued(id) => Some(Link::new("The invoice", format!("/finance/invoices/{id}"))),
            _ => None,
        },
        include: (run.phase == Phase::Drafted).then_some(detail.standing == Standing::Excluded),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn facts(detail: &DraftDetail, currency: Currency) -> DefinitionList {
    let draft = &detail.draft;
    DefinitionList::new()
        .item("Net", words::money(draft.net_minor, currency))
        .item("VAT", words::money(draft.tax_minor, currency))
        .item("Total", words::money(draft.gross_minor, currency))
        .item("Hash of its inputs", draft.inputs_sha256.as_str())
}

fn lines(detail: &DraftDetail, currency: Currency) -> Table {
    let columns = [
        Column::text("Description"),
        Column::text("Supplied"),
        Column::number("Quantity"),
        Column::number("VAT rate"),
        Column::number("Net"),
    ];
    let mut table = Table::new("Lines", columns);
    for line in detail
        .document
        .iter()
        .flat_map(coterie_domain::invoice::InvoiceIssued::told_lines)
    {
        table.push([
            line.description.as_str().into(),
            words::service(line.service_from, line.service_to).into(),
            words::quantity(&line.quantity, &line.unit).into(),
            format!("{} %", line.tax_percent).into(),
            words::money(line.net_minor, currency).into(),
        ]);
    }
    table
}

fn changes(detail: &DraftDetail, currency: Currency) -> Table {
    let columns = [
        Column::text("What"),
        Column::number("Last invoice"),
        Column::number("Now"),
    ];
    let mut table = Table::new("What is different", columns).empty(EmptyState::new(
        "Nothing is different",
        "The same lines with the same amounts.",
    ));
    let amount = |minor: Option<i64>, absent: &'static str| {
        minor.map_or_else(|| absent.into(), |minor| words::money(minor, currency).into())
    };
    for change in &detail.changes {
        table.push([
            change.description.as_str().into(),
            amount(change.before_minor, "new"),
            amount(change.now_minor, "gone"),
        ]);
    }
    table
}

fn sentences(difference: &Difference, currency: Currency) -> Vec<String> {
    let lines = |count: usize, what: &str| {
        let noun = if count == 1 { "charge" } else { "charges" };
        (count > 0).then(|| format!("{count} {noun} {what}."))
    };
    let said = |happened: bool, sentence: &str| happened.then(|| sentence.to_owned());
    let amounts = format!(
        "Gross: {} when it was drafted, {} as it is now.",
        words::money(difference.gross_before_minor, currency).text(),
        words::money(difference.gross_now_minor, currency).text()
    );
    [
        lines(difference.came.len(), "came since"),
        lines(difference.went.len(), "went since: invoiced otherwise, or taken back"),
        lines(difference.taxed_otherwise.len(), "would be taxed at another rate"),
        said(difference.buyer_changed, "The buyer's name or address changed."),
        said(difference.seller_changed, "What the legal entity prints changed."),
        said(difference.buyer_forgotten, "The buyer was forgotten at her wish."),
        Some(amounts),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Leaves the payer out, or takes her in again.
pub(super) async fn set(
    office: Office,
    Id((id, payer)): Id<(Uuid, Uuid)>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let next = format!("{HERE}/{id}");
    let included = submitted.get("included") == "yes";
    match invoice_run::include(office.app(), &office.caller(), InvoiceRunId(id), payer, included).await {
        Ok(done) if included => Ok(office.done(done.position, "She is invoiced by this run.", &next)),
        Ok(done) => Ok(office.done(done.position, "She is left out of this run.", &next)),
        Err(error) => office.refused(error.into(), &next),
    }
}
