//! What finance wants to know first: each legal entity's month, and whatever needs attention.

use askama::Template;
use axum::response::Response;
use coterie_app::{ledger::page as ledger, projections};
use coterie_domain::{
    catalogue::{Catalogue, LegalEntity},
    ledger::LedgerAccount,
    local_time,
};
use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{
    books::{self, Balances},
    figures::Figures,
    office::{Office, entities, zone},
    overview_exceptions::{self, Exception},
    words,
};
use crate::{
    components::{Bar, BarChart, EmptyState},
    context::PageContext,
    failure::Failure,
    page::page,
};

/// Months of revenue that are drawn.
const MONTHS: i32 = 12;
/// Ids of the charts: as many legal entities get one.
const CHARTS: [&str; 8] = [
    "revenue-1",
    "revenue-2",
    "revenue-3",
    "revenue-4",
    "revenue-5",
    "revenue-6",
    "revenue-7",
    "revenue-8",
];

#[derive(Template)]
#[template(path = "finance/overview.html")]
struct Overview {
    ctx: PageContext,
    exceptions: Vec<Exception>,
    sections: Vec<Section>,
    empty: EmptyState,
}

/// One legal entity.
struct Section {
    id: String,
    name: String,
    today: String,
    figures: Figures,
    chart: Option<BarChart>,
    /// Whether the receivable and the open invoices agree; `None` where there are too many to say.
    agrees: Option<bool>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY, projections::JOURNAL]).await?;
    let catalogue = office.catalogue().await?;
    let now = office.now().await?;
    let mut sections = Vec::new();
    let mut charts = CHARTS.into_iter();
    for entity in entities(&catalogue) {
        sections.push(section(&office, &catalogue, entity, now, charts.next()).await?);
    }
    let mut exceptions = overview_exceptions::of_catalogue(&office, &catalogue, now)?;
    exceptions.extend(overview_exceptions::of_payments(&office).await?);
    let differing = sections.iter().filter(|section| section.agrees == Some(false));
    exceptions.extend(differing.map(|section| overview_exceptions::of_receivable(&section.name, &section.id)));
    let overview = Overview {
        exceptions,
        sections,
        empty: EmptyState::new(
            "No legal entity yet",
            "Books belong to a legal entity. An operator sets one up first.",
        ),
        ctx: office.ctx,
    };
    Ok(page(&overview.ctx, &overview))
}

async fn section(
    office: &Office,
    catalogue: &Catalogue,
    entity: &LegalEntity,
    now: Timestamp,
    chart_id: Option<&'static str>,
) -> Result<Section, Failure> {
    let fact = &entity.fact;
    let id = fact.legal_entity_id;
    let (app, tenant) = (office.app(), office.tenant());
    let today = local_time::day_at(now, &zone(catalogue, id));
    let current = Balances::read(app, tenant, fact, today).await?;
    let before = Balances::read(app, tenant, fact, today.first_of_month().yesterday().unwrap_or(today)).await?;
    let unpaid = books::unpaid(app, tenant, id).await?;
    let chart = match chart_id {
        Some(chart_id) => revenue(office, entity, today, chart_id).await?,
        None => None,
    };
    let receivable = current.balance(LedgerAccount::AccountsReceivable);
    let agrees = receivable == unpaid.open_minor(fact.currency);
    Ok(Section {
        id: id.to_string(),
        name: fact.name.clone(),
        today: format!("{}, {}", words::day(today), fact.time_zone),
        figures: Figures::new(entity, today, &current, &before, &unpaid),
        chart,
        agrees: unpaid.complete.then_some(agrees),
    })
}

/// What was earned month by month, out of the balances at each month's end.
async fn revenue(
    office: &Office,
    entity: &LegalEntity,
    today: Date,
    id: &'static str,
) -> Result<Option<BarChart>, Failure> {
    let fact = &entity.fact;
    let periods = ledger::periods(office.app(), office.tenant(), fact.legal_entity_id).await?;
    let Some(first) = periods.last() else { return Ok(None) };
    let this_month = today.first_of_month();
    let earliest = this_month.saturating_sub((MONTHS - 1).months());
    let mut month = first.first_date.first_of_month().max(earliest);
    let before = month.yesterday().unwrap_or(month);
    let mut earned = Balances::read(office.app(), office.tenant(), fact, before)
        .await?
        .revenue();
    let mut bars = Vec::new();
    while month <= this_month {
        let end = month.last_of_month().min(today);
        let until = Balances::read(office.app(), office.tenant(), fact, end)
            .await?
            .revenue();
        let figure = until - earned;
        let display = words::money(figure, fact.currency).text();
        bars.push(Bar::new(month.strftime("%b %y").to_string(), figure, display));
        earned = until;
        month = month.saturating_add(1.month());
    }
    let title = format!("Revenue earned by month, net, {} so far", words::month(today));
    Ok((!bars.is_empty()).then(|| BarChart::new(id, title, ("Month", "Earned"), bars)))
}
