//! One run: what it would issue, what is out of the ordinary, and how far issuing is.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    invoice_run::{
        self, BATCH, RunStep,
        page::{self as runs, DraftRow, Exceptions, RunRow, Sums},
    },
    projections,
};
use coterie_domain::{
    Currency, InvoiceRunId, Payer,
    invoice_run::{Phase, WaitsFor},
};
use uuid::Uuid;

use super::{
    invoice_runs::{HERE, phase_badge},
    listing::Listing,
    office::{Id, Office, entity_name},
    words,
};
use crate::{
    audit::links,
    components::{Badge, Choice, Column, EmptyState, Link, Pagination, Select, Table, Tone},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/invoice_run.html")]
struct Run {
    ctx: PageContext,
    here: String,
    entity: String,
    cut_off: String,
    state: Badge,
    stopped: Option<String>,
    /// Done and all, while something is under way.
    progress: Option<(i64, i64)>,
    drafting: bool,
    /// What can be decided now: address, what the button says, and whether it cannot be undone.
    steps: Vec<(&'static str, &'static str, bool)>,
    totals: Table,
    exceptions: Vec<String>,
    standing: Select,
    drafts: Table,
    pagination: Pagination,
    newest: Option<Link>,
    history: Link,
}

pub(super) async fn show(office: Office, Id(id): Id) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::PEOPLE]).await?;
    let id = InvoiceRunId(id);
    let (app, tenant) = (office.app(), office.tenant());
    let run = runs::find(app, tenant, id).await?.ok_or_else(Failure::not_found)?;
    let catalogue = office.catalogue().await?;
    let currency = catalogue.legal_entity(run.legal_entity_id)?.fact.currency;
    let standing = office.choice("standing", |name| {
        runs::STANDINGS.into_iter().find(|known| *known == name)
    })?;
    let here = format!("{HERE}/{id}");
    let listing = Listing::new(&here, &office.query, &["standing"]);
    let found = runs::drafts(app, tenant, id, standing, &listing.request()).await?;
    let exceptions = runs::exceptions(app, tenant, id).await?;
    let shown = Run {
        entity: entity_name(&catalogue, run.legal_entity_id),
        cut_off: words::day(run.cut_off),
        state: phase_badge(&run),
        progress: progress(&run),
        drafting: run.phase == Phase::Drafting,
        steps: steps(&run),
        totals: totals(&run, currency),
        exceptions: sentences(&exceptions),
        standing: Select::new("standing", "Drafts", standings())
            .value(standing.unwrap_or_default())
            .prompt("All")
            .optional(),
        drafts: drafts(&found.items, &here, currency),
        pagination: listing.pagination("Drafts", found.next.as_deref()),
        newest: listing.newest(),
        history: Link::new("History in the log", links::stream(id.0)),
        stopped: run.stopped,
        here,
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}

fn progress(run: &RunRow) -> Option<(i64, i64)> {
    let done = run.issued.count + run.set_aside.count;
    match run.phase {
        Phase::Drafting if run.stopped.is_none() => Some((0, 1)),
        Phase::Issuing if run.stopped.is_none() => Some((done, done + run.ready.count)),
        _ => None,
    }
}

fn steps(run: &RunRow) -> Vec<(&'static str, &'static str, bool)> {
    const CANCEL: (&str, &str, bool) = ("cancel", "Cancel the run", true);
    match run.phase {
        _ if run.stopped.is_some() => vec![("resume", "Go on", false), CANCEL],
        Phase::Drafting => vec![("go-on", "Go on now", false), CANCEL],
        Phase::Drafted if run.ready.count > 0 => vec![("approve", "Approve", false), CANCEL],
        Phase::Drafted => vec![CANCEL],
        Phase::Approved => vec![("issue", "Issue the invoices", false), CANCEL],
        Phase::Issuing => vec![("go-on", "Go on now", false)],
        Phase::Completed | Phase::Cancelled => Vec::new(),
    }
}

pub(super) fn standing_word(standing: &str) -> &'static str {
    match standing {
        "ready" => "To be issued",
        "waits" => "Waits",
        "excluded" => "Left out",
        "issued" => "Issued",
        _ => "Set aside",
    }
}

pub(super) fn standing_badge(standing: &str) -> Badge {
    let tone = match standing {
        "ready" => Tone::Info,
        "waits" => Tone::Warning,
        "excluded" => Tone::Neutral,
        "issued" => Tone::Good,
        _ => Tone::Bad,
    };
    Badge::new(tone, standing_word(standing))
}

fn standings() -> impl Iterator<Item = Choice> {
    runs::STANDINGS
        .into_iter()
        .map(|name| Choice::new(name, standing_word(name)))
}

fn totals(run: &RunRow, currency: Currency) -> Table {
    let columns = [
        Column::text("Drafts"),
        Column::number("Payers"),
        Column::number("Net"),
        Column::number("VAT"),
        Column::number("Gross"),
    ];
    let mut table = Table::new("Totals", columns);
    let rows: [(&str, Sums); 5] = [
        ("ready", run.ready),
        ("issued", run.issued),
        ("waits", run.waits),
        ("excluded", run.excluded),
        ("set_aside", run.set_aside),
    ];
    for (standing, sums) in rows {
        if sums.count > 0 || standing == "ready" {
            table.push([
                standing_word(standing).into(),
                sums.count.to_string().into(),
                words::money(sums.net_minor, currency).into(),
                words::money(sums.tax_minor, currency).into(),
                words::money(sums.gross_minor, currency).into(),
            ]);
        }
    }
    table
}

pub(super) fn waits_word(why: WaitsFor) -> &'static str {
    match why {
        WaitsFor::TaxRate => "no tax rate",
        WaitsFor::SomethingOwed => "nothing owed",
        WaitsFor::OtherCharges => "a charge that cannot be billed here",
    }
}

fn sentences(found: &Exceptions) -> Vec<String> {
    let payers = |count: i64| match count {
        1 => "1 payer".to_owned(),
        count => format!("{count} payers"),
    };
    let mut sentences: Vec<String> = found
        .waits
        .iter()
        .map(|(why, count)| format!("{}: {}. They wait for a later run.", payers(*count), waits_word(*why)))
        .collect();
    if found.jumps > 0 {
        sentences.push(format!(
            "{}: more than half more or less than the last invoice.",
            payers(found.jumps)
        ));
    }
    if found.without_address > 0 {
        sentences.push(format!(
            "{}: no street or town is known, which an invoice should have.",
            payers(found.without_address)
        ));
    }
    sentences
}

/// A payer as she is called; her id where the models do not know her yet.
pub(super) fn payer_name(name: &str, payer: Payer) -> String {
    if name.is_empty() {
        payer.id().to_string()
    } else {
        name.to_owned()
    }
}

fn remarks(draft: &DraftRow) -> String {
    let mut remarks = Vec::new();
    remarks.extend(draft.waits.map(waits_word));
    if draft.jumps() {
        remarks.push("unlike the last invoice");
    }
    if draft.without_address {
        remarks.push("no address");
    }
    if draft.last_gross_minor.is_none() {
        remarks.push("first invoice");
    }
    remarks.join(", ")
}

fn drafts(found: &[DraftRow], here: &str, currency: Currency) -> Table {
    let columns = [
        Column::text("Payer"),
        Column::text("State"),
        Column::text("Remarks"),
        Column::number("Lines"),
        Column::number("Net"),
        Column::number("Gross"),
        Column::number("Last invoice"),
    ];
    let mut table = Table::new("Drafts", columns).empty(EmptyState::new(
        "No drafts",
        "Nobody owes anything that could be billed up to the cut-off.",
    ));
    for draft in found {
        let name = payer_name(&draft.payer_name, draft.payer);
        let last = draft.last_gross_minor.map(|minor| words::money(minor, currency).into());
        table.push([
            Link::new(name, format!("{here}/drafts/{}", draft.payer.id())).into(),
            standing_badge(draft.standing).into(),
            remarks(draft).into(),
            draft.lines.to_string().into(),
            words::money(draft.net_minor, currency).into(),
            words::money(draft.gross_minor, currency).into(),
            last.unwrap_or_else(|| "none".into()),
        ]);
    }
    table
}

async fn decide(office: Office, id: Uuid, step: RunStep, said: &str) -> Result<Response, Failure> {
    let next = format!("{HERE}/{id}");
    match invoice_run::decide(office.app(), &office.caller(), InvoiceRunId(id), step).await {
        Ok(done) => Ok(office.done(done.position, said, &next)),
        Err(error) => office.refused(error.into(), &next),
    }
}

pub(super) async fn approve(office: Office, Id(id): Id) -> Result<Response, Failure> {
    decide(office, id, RunStep::Approve, "The run is approved.").await
}

pub(super) async fn issue(office: Office, Id(id): Id) -> Result<Response, Failure> {
    decide(office, id, RunStep::Issue, "The invoices are being issued.").await
}

pub(super) async fn resume(office: Office, Id(id): Id) -> Result<Response, Failure> {
    decide(office, id, RunStep::Resume, "The run goes on.").await
}

pub(super) async fn cancel(office: Office, Id(id): Id) -> Result<Response, Failure> {
    decide(
        office,
        id,
        RunStep::Cancel,
        "The run is cancelled. Its charges wait for another.",
    )
    .await
}

/// One bounded batch by hand: where no worker runs, or somebody would rather not wait for it.
pub(super) async fn go_on(office: Office, Id(id): Id) -> Result<Response, Failure> {
    let next = format!("{HERE}/{id}");
    match invoice_run::advance(office.app(), &office.caller(), InvoiceRunId(id), BATCH).await {
        Ok(done) if done.outcome => Ok(office.done(done.position, "A batch is done; there is more.", &next)),
        Ok(done) => Ok(office.done(done.position, "It is done.", &next)),
        Err(error) => office.refused(error.into(), &next),
    }
}
