//! Invoice runs, the newest first; where one is opened, and which legal entities wait for them.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    Done, invoice_run,
    invoice_run::page::{self as runs, RunRow},
};
use coterie_domain::{InvoiceRunId, LegalEntityId, catalogue::Catalogue, invoice_run::Phase, local_time};
use http::StatusCode;

use super::{
    listing::Listing,
    office::{Office, entities, entity_name, entity_select},
    words,
};
use crate::{
    components::{Badge, Choice, Column, EmptyState, Field, Link, Pagination, Select, Table, Tone},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    operator::{
        desk::shown_again,
        form::{Form, beside},
        typed::{Typed, required},
    },
    page::page_with_status,
};

pub(super) const HERE: &str = "/finance/invoice-runs";

#[derive(Template)]
#[template(path = "finance/invoice_runs.html")]
struct Runs {
    ctx: PageContext,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
    open: Form,
    ways: Table,
    way: Form,
}

/// What was typed into one of the forms of the page, and why it was refused.
enum Again<'a> {
    Open(&'a Submitted, &'a Failure),
    Way(&'a Submitted, &'a Failure),
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    sheet(office, None, StatusCode::OK).await
}

async fn sheet(office: Office, again: Option<Again<'_>>, status: StatusCode) -> Result<Response, Failure> {
    let catalogue = office.catalogue().await?;
    let listing = Listing::new(HERE, &office.query, &[]);
    let found = runs::list(office.app(), office.tenant(), &listing.request()).await?;
    let now = office.now().await?;
    let today = entities(&catalogue).first().and_then(|entity| {
        let zone = local_time::zone(&entity.fact.time_zone).ok()?;
        Some(local_time::day_at(now, &zone))
    });
    let (mut open, mut way) = (open_form(&catalogue, today), way_form(&catalogue));
    match again {
        Some(Again::Open(submitted, failure)) => open = open.refused(submitted, failure),
        Some(Again::Way(submitted, failure)) => way = way.refused(submitted, failure),
        None => {}
    }
    let shown = Runs {
        table: table(&found.items, &catalogue),
        pagination: listing.pagination("Invoice runs", found.next.as_deref()),
        newest: listing.newest(),
        open,
        ways: ways(&catalogue),
        way,
        ctx: office.ctx,
    };
    Ok(page_with_status(status, &shown.ctx, &shown))
}

fn open_form(catalogue: &Catalogue, today: Option<jiff::civil::Date>) -> Form {
    Form::post(HERE, "Make the drafts").with(beside([
        entity_select("legal_entity_id", catalogue).into(),
        Field::date("cut_off", "Cut-off")
            .value(today.map(|day| day.to_string()).unwrap_or_default())
            .hint("Everything that can be billed on this day or before.")
            .into(),
    ]))
}

fn way_form(catalogue: &Catalogue) -> Form {
    let ways = [
        Choice::new("at_once", "At once, on each billing day"),
        Choice::new("by_run", "By invoice run"),
    ];
    Form::post("/finance/invoicing", "Save").with(beside([
        entity_select("entity", catalogue).into(),
        Select::new("way", "Recurring invoices", ways).into(),
    ]))
}

fn ways(catalogue: &Catalogue) -> Table {
    let mut table = Table::new("Now", ["Legal entity", "Recurring invoices"].map(Column::text));
    for entity in entities(catalogue) {
        let way = if entity.by_run {
            "Wait for an invoice run"
        } else {
            "Are issued on each billing day"
        };
        table.push([entity.fact.name.as_str().into(), way.into()]);
    }
    table
}

/// How far a run is.
pub(super) fn phase_badge(run: &RunRow) -> Badge {
    if run.stopped.is_some() {
        return Badge::new(Tone::Bad, "Stopped");
    }
    match run.phase {
        Phase::Drafting => Badge::new(Tone::Info, "Being drafted"),
        Phase::Drafted => Badge::new(Tone::Warning, "To be approved"),
        Phase::Approved => Badge::new(Tone::Warning, "Approved"),
        Phase::Issuing => Badge::new(Tone::Info, "Being issued"),
        Phase::Completed => Badge::new(Tone::Good, "Issued"),
        Phase::Cancelled => Badge::new(Tone::Neutral, "Cancelled"),
    }
}

fn table(found: &[RunRow], catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("Cut-off"),
        Column::text("Legal entity"),
        Column::text("State"),
        Column::number("To issue"),
        Column::number("Issued"),
        Column::number("Gross"),
    ];
    let mut table = Table::new("Invoice runs, the newest first", columns).empty(EmptyState::new(
        "No invoice runs",
        "Open one below: you see every invoice before it is issued.",
    ));
    for run in found {
        let Ok(entity) = catalogue.legal_entity(run.legal_entity_id) else {
            continue;
        };
        let gross = run.ready.gross_minor + run.issued.gross_minor;
        table.push([
            Link::new(words::day(run.cut_off), format!("{HERE}/{}", run.invoice_run_id)).into(),
            entity_name(catalogue, run.legal_entity_id).into(),
            phase_badge(run).into(),
            run.ready.count.to_string().into(),
            run.issued.count.to_string().into(),
            words::money(gross, entity.fact.currency).into(),
        ]);
    }
    table
}

/// Opens a run.
pub(super) async fn open(office: Office, submitted: Submitted) -> Result<Response, Failure> {
    match attempt(&office, &submitted).await {
        Ok(done) => {
            let next = format!("{HERE}/{}", done.outcome);
            Ok(office.done(done.position, "These are its drafts.", &next))
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let status = failure.status;
            sheet(office, Some(Again::Open(&submitted, &failure)), status).await
        }
    }
}

async fn attempt(office: &Office, submitted: &Submitted) -> Result<Done<InvoiceRunId>, Failure> {
    let mut typed = Typed::new(submitted);
    let entity: Option<LegalEntityId> = typed.id("legal_entity_id");
    let cut_off = typed.date("cut_off");
    typed.finish()?;
    let (entity, cut_off) = (required(entity, "legal_entity_id")?, required(cut_off, "cut_off")?);
    Ok(invoice_run::open(office.app(), &office.caller(), entity, cut_off).await?)
}

/// Says whether a legal entity's recurring invoices wait for runs.
pub(super) async fn set_invoicing(office: Office, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let entity: Option<LegalEntityId> = typed.id("entity");
        let way = submitted.get("way");
        if !["at_once", "by_run"].contains(&way) {
            typed.wrong("way", "Choose one of the list.");
        }
        typed.finish()?;
        let entity = required(entity, "entity")?;
        Ok::<_, Failure>(invoice_run::set_invoicing(office.app(), &office.caller(), entity, way == "by_run").await?)
    };
    match attempt.await {
        Ok(done) => Ok(office.done(done.position, "It is kept.", HERE)),
        Err(failure) => {
            let mut failure = shown_again(failure)?;
            for field in &mut failure.fields {
                if field.field == "legal_entity_id" {
                    "entity".clone_into(&mut field.field);
                }
            }
            let status = failure.status;
            sheet(office, Some(Again::Way(&submitted, &failure)), status).await
        }
    }
}
