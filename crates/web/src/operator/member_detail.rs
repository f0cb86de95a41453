//! One member: what she has, and what can be done for her.

use axum::{extract::Path, response::Response};
use coterie_app::{
    booking::page::{self as booking_page, BookingFilter},
    company,
    credit_pack::{self, page::PackState},
    invoice::page::{self as invoice_page, InvoiceFilter},
    member::page::{self as member_page, MemberRow},
    membership::page::{self as membership_page, MembershipFilter, MembershipState},
    page::{MAX_PAGE, PageRequest},
    projections,
};
use coterie_domain::{MemberId, Payer, credit::Holds};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{
    assignments, booking_table, charges,
    desk::Desk,
    form::{Form, beside},
    member_table, members, membership,
    sheet::{Html, Sheet},
    times,
    typed::{Typed, required},
    usage,
};
use crate::{
    audit::links,
    components::{Badge, Cell, Choice, Column, DefinitionList, EmptyState, Field, Link, Money, Select, Table, Tone},
    failure::Failure,
    form::Submitted,
    told,
};

/// How much of each list stands on her page.
const SHOWN: i64 = 10;

pub(super) fn address(id: impl std::fmt::Display) -> String {
    format!("{}/{id}", members::HERE)
}

/// Her page.
pub(super) async fn detail(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    desk.caught_up(&[projections::PEOPLE, projections::BOOKINGS, projections::MONEY])
        .await?;
    let member = find(&desk, id).await?;
    let mut facts = DefinitionList::new()
        .item("Email", member.email.clone())
        .item("Membership", member_table::standing(&member))
        .item("Home", member.home_location_name.clone().unwrap_or_default())
        .item("Joined", times::moment(member.joined_at, &TimeZone::UTC) + " UTC");
    if let (Some(company), Some(name)) = (member.company_id, &member.company_name) {
        facts = facts.item("Company", Link::new(name, format!("/operator/companies/{company}")));
        if let Some(until) = member.company_until {
            facts = facts.item("Of the company until before", times::day(until));
        }
    }
    let mut sheet = Sheet::people(&desk, &member.name).back("Members", members::HERE);
    if !member.visitor {
        sheet = sheet
            .action("Start a membership", format!("{}/memberships/new", address(id)))
            .action("Charge her", format!("{}/charges/new", address(id)))
            .action("Sell her a pack", format!("{}/credit-packs/new", address(id)))
            .action("How she is taxed", format!("{}/tax", address(id)))
            .action("Book for her", format!("/operator/bookings/new?member={id}"))
            .action("Find her a time", format!("{}?member={id}", super::find::HERE));
    }
    sheet = sheet
        .history(links::member(id))
        .action("Forget this person", format!("{}/forget", address(id)))
        .card("facts", "Details", &[Html::of(&facts)])
        .part(&memberships(&desk, member.member_id).await?)
        .part(&allowances(&desk, member.member_id).await?)
        .part(&packs(&desk, member.member_id).await?)
        .part(&assignments::table(&desk, None, Some(member.member_id)).await?)
        .part(&bookings(&desk, member.member_id).await?);
    let catalogue = desk.catalogue().await?;
    sheet = sheet.part(&charges::table(&desk, member.member_id).await?);
    if !catalogue.meters.is_empty() {
        sheet = sheet.part(&usage::table(&desk, &catalogue, Some(member.member_id)).await?);
    }
    if desk.finances() {
        sheet = sheet.part(&invoices(&desk, &member).await?);
    }
    if (member.company_id.is_none() || member.company_until.is_some())
        && let Some(form) = company_form(&desk, id).await?
    {
        let remark = Html::text("It pays for her memberships from then on. What she subscribed to before stays hers.");
        sheet = sheet.card("company", "Put her into a company", &[remark, Html::of(&form)]);
    }
    Ok(sheet.show())
}

pub(super) async fn find(desk: &Desk, id: Uuid) -> Result<MemberRow, Failure> {
    member_page::find(&desk.house.app, desk.tenant(), MemberId(id))
        .await?
        .ok_or_else(Failure::not_found)
}

fn some() -> PageRequest {
    PageRequest {
        limit: Some(SHOWN),
        after: None,
    }
}

async fn memberships(desk: &Desk, member: MemberId) -> Result<Html, Failure> {
    let filter = MembershipFilter {
        member: Some(member),
        state: None,
    };
    let page = membership_page::list(&desk.house.app, desk.tenant(), filter, &some()).await?;
    let mut columns = vec![
        Column::text("Plan"),
        Column::text("At"),
        Column::text("Since"),
        Column::text("Paid until"),
        Column::number("A cycle"),
        Column::text("State"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Memberships", columns).empty(
        EmptyState::new(
            "No membership",
            "She can subscribe herself, or you start a membership for her.",
        )
        .action("Start a membership", format!("{}/memberships/new", address(member))),
    );
    for row in &page.items {
        let state = match (row.state, row.last_day) {
            (MembershipState::Active, _) => Badge::new(Tone::Good, "Active"),
            (MembershipState::Notice, Some(day)) => Badge::new(Tone::Warning, format!("Ends {}", times::day(day))),
            (MembershipState::Notice, None) => Badge::new(Tone::Warning, "Ends"),
            (MembershipState::Ended, _) => Badge::new(Tone::Neutral, "Ended"),
        };
        let mut cells: Vec<Cell> = vec![
            Link::new(&row.plan_name, membership::address(member, row.membership_id)).into(),
            row.home_location_name.clone().into(),
            times::day(row.start).into(),
            row.cycle
                .map_or_else(String::new, |cycle| times::day(cycle.last()))
                .into(),
            told::price(row.price, row.tax_included).into(),
            state.into(),
        ];
        cells.extend(desk.history_cell(row.membership_id.0));
        table.push(cells);
    }
    Ok(Html::of(&table))
}

async fn allowances(desk: &Desk, member: MemberId) -> Result<Html, Failure> {
    let mut lots = membership_page::allowances(&desk.house.app, desk.tenant(), member).await?;
    lots.retain(|lot| lot.pack_name.is_none());
    if lots.is_empty() {
        return Ok(Html::default());
    }
    let columns = [
        Column::text("Included"),
        Column::number("Left"),
        Column::number("Granted"),
        Column::text("For"),
    ];
    let mut table = Table::new("Included in the plan", columns);
    for lot in lots {
        table.push([
            match lot.holds {
                Holds::Minutes { .. } => lot.type_name.as_str().into(),
                Holds::DayPasses => "Day passes".into(),
                Holds::Money { .. } => "Money for bookings and passes".into(),
            },
            lot.holds.told(lot.left).into(),
            lot.holds.told(lot.granted).into(),
            if lot.current {
                "now".into()
            } else {
                "the next cycle".into()
            },
        ]);
    }
    Ok(Html::of(&table))
}

/// What she bought; nothing where she never did.
async fn packs(desk: &Desk, member: MemberId) -> Result<Html, Failure> {
    let rows = credit_pack::page::of_member(&desk.house.app, &desk.caller(), member).await?;
    if rows.is_empty() {
        return Ok(Html::default());
    }
    let mut columns = vec![
        Column::text("Pack"),
        Column::number("Left"),
        Column::number("Bought"),
        Column::text("Until"),
        Column::text("State"),
    ];
    columns.extend(desk.history_column());
    let mut table = Table::new("Packs", columns);
    for row in rows {
        let fact = &row.fact;
        let mut cells: Vec<Cell> = vec![
            fact.name.clone().into(),
            fact.holds.told(row.left).into(),
            fact.holds.told(fact.amount).into(),
            times::day(fact.last_day).into(),
            pack_badge(row.state).into(),
        ];
        cells.extend(desk.history_cell(fact.lot_id.0));
        table.push(cells);
    }
    Ok(Html::of(&table))
}

fn pack_badge(state: PackState) -> Badge {
    match state {
        PackState::Open => Badge::new(Tone::Good, "Open"),
        PackState::UsedUp => Badge::new(Tone::Neutral, "Used up"),
        PackState::Lapsed => Badge::new(Tone::Neutral, "Lapsed"),
        PackState::TakenBack => Badge::new(Tone::Neutral, "Taken back"),
    }
}

async fn bookings(desk: &Desk, member: MemberId) -> Result<Html, Failure> {
    let filter = BookingFilter {
        member: Some(member),
        latest_first: true,
        ..BookingFilter::default()
    };
    let page = booking_page::list(&desk.house.app, desk.tenant(), filter, &some()).await?;
    let empty = EmptyState::new("No bookings", "What she books appears here.")
        .action("Book for her", format!("/operator/bookings/new?member={member}"));
    Ok(Html::of(
        &booking_table::with_days(&page.items, "Latest bookings")?.empty(empty),
    ))
}

async fn invoices(desk: &Desk, member: &MemberRow) -> Result<Html, Failure> {
    let payer = member
        .company_id
        .map_or(Payer::Member(member.member_id), Payer::Company);
    let filter = InvoiceFilter {
        payer: Some(payer),
        ..InvoiceFilter::default()
    };
    let page = invoice_page::list(&desk.house.app, desk.tenant(), filter, &some()).await?;
    let columns = [
        Column::text("Number"),
        Column::text("Date"),
        Column::number("Total"),
        Column::number("Open"),
        Column::text("State"),
    ];
    let caption = if member.company_id.is_some() {
        "Latest invoices of her company"
    } else {
        "Latest invoices"
    };
    let mut table =
        Table::new(caption, columns).empty(EmptyState::new("No invoices", "The first one comes with a membership."));
    for row in &page.items {
        table.push([
            Link::new(&row.number, format!("/finance/invoices/{}", row.invoice_id)).into(),
            times::day(row.issue_date).into(),
            Money::new(row.gross.minor, row.gross.currency.code()).into(),
            Money::new(row.open().minor, row.gross.currency.code()).into(),
            invoice_badge(row.state).into(),
        ]);
    }
    Ok(Html::of(&table))
}

fn invoice_badge(state: invoice_page::InvoiceState) -> Badge {
    use invoice_page::InvoiceState::{ActionRequired, Credited, Failed, Open, Paid, Pending};
    match state {
        Open => Badge::new(Tone::Neutral, "Open"),
        Pending => Badge::new(Tone::Info, "Pending"),
        ActionRequired => Badge::new(Tone::Warning, "Waits for the bank"),
        Failed => Badge::new(Tone::Bad, "Failed"),
        Paid => Badge::new(Tone::Good, "Paid"),
        Credited => Badge::new(Tone::Neutral, "Credited"),
    }
}

/// The companies she can be put into; none where there is no company.
async fn company_form(desk: &Desk, id: Uuid) -> Result<Option<Form>, Failure> {
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let companies = member_page::companies(&desk.house.app, desk.tenant(), &request).await?;
    if companies.items.is_empty() {
        return Ok(None);
    }
    let choices = companies
        .items
        .iter()
        .map(|company| Choice::new(company.company_id.to_string(), &company.name));
    let select = Select::new("company_id", "Company", choices);
    Ok(Some(
        Form::post(format!("{}/company", address(id)), "Put into company").with(beside([
            select.into(),
            Field::date("company_from", "From")
                .optional()
                .hint("Left empty: today.")
                .into(),
        ])),
    ))
}

/// Makes a company pay for her.
pub(super) async fn join(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    match attempt_join(&desk, id, &submitted).await {
        Ok(position) => Ok(desk.done(position, "The company pays for her from now on.", &address(id))),
        Err(failure) => desk.refused(failure, &address(id)),
    }
}

async fn attempt_join(desk: &Desk, id: Uuid, submitted: &Submitted) -> Result<i64, Failure> {
    let mut typed = Typed::new(submitted);
    let company = typed.id("company_id");
    let from = (!submitted.get("company_from").trim().is_empty())
        .then(|| typed.date("company_from"))
        .flatten();
    typed.finish()?;
    let company = required(company, "company_id")?;
    let done = company::add_member(&desk.house.app, &desk.caller(), company, MemberId(id), from).await?;
    Ok(done.position)
}
