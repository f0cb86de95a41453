//! `/` at a chain's host: a welcome for strangers, her home for a member, the office for staff.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    assignment::{self, AssignmentRow},
    booking::page::{BookingFilter, BookingState},
    catalogue,
    invoice::page::InvoiceFilter,
    membership::{
        page::{MembershipFilter, MembershipRow, MembershipState},
        sharing,
    },
    page::PageRequest,
    pass::page::{PassFilter, PassState},
    projections,
};
use coterie_domain::local_time;
use jiff::tz::TimeZone;

use super::{allowance, badges, bookings, invoices, money, offers, passes, when, who::Me};
use crate::{
    access::Capability,
    components::{DefinitionList, EmptyState, Table, Tiles},
    context::{PageContext, Viewer},
    failure::Failure,
    house::House,
    identity::TenantInfo,
    page::page,
    session::{MemberSession, Tenant},
    state::AppState,
    told,
};

/// Bookings and invoices on the home page; the rest is a link away.
const FEW: i64 = 5;

#[derive(Template)]
#[template(path = "member/welcome.html")]
struct WelcomePage<'a> {
    ctx: &'a PageContext,
    places: Vec<offers::Place>,
    empty: EmptyState,
}

#[derive(Template)]
#[template(path = "member/home.html")]
struct HomePage<'a> {
    ctx: &'a PageContext,
    today: String,
    confirmed: bool,
    email: String,
    company: Option<String>,
    memberships: Vec<MembershipCard>,
    /// The company that she manages: where its page is, and its name.
    manages: Option<(String, String)>,
    /// Memberships of others that she has a seat of.
    seats: Vec<String>,
    /// Rooms and desks that are her own, each with its days.
    own: Vec<String>,
    no_membership: EmptyState,
    allowances: Tiles,
    bookings: Table,
    /// Those of today and later.
    passes: Option<Table>,
    invoices: Table,
}

struct MembershipCard {
    title: String,
    facts: DefinitionList,
    href: String,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
) -> Result<Response, Failure> {
    match &ctx.viewer {
        Viewer::Stranger => welcome(&ctx, &house, &tenant).await,
        Viewer::Staff { capabilities, .. } => Ok(Redirect::to(office(capabilities)).into_response()),
        Viewer::Member { id, name, email } => {
            let session = MemberSession {
                tenant,
                member_id: *id,
                name: name.clone(),
                email: email.clone(),
            };
            home(&ctx, &state, &house, &jar, &session).await
        }
    }
}

async fn welcome(ctx: &PageContext, house: &House, tenant: &TenantInfo) -> Result<Response, Failure> {
    let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
    let empty = EmptyState::new(
        "Opening soon",
        "This chain is still setting up its houses. Come back in a while.",
    );
    let template = WelcomePage {
        ctx,
        places: offers::places(&catalogue),
        empty,
    };
    Ok(page(ctx, &template))
}

async fn home(
    ctx: &PageContext,
    state: &AppState,
    house: &House,
    jar: &CookieJar,
    session: &MemberSession,
) -> Result<Response, Failure> {
    let (app, tenant) = (&house.app, session.tenant.tenant);
    let models = [projections::PEOPLE, projections::BOOKINGS, projections::MONEY];
    house.caught_up(state, jar, tenant, &models).await?;
    let me = Me::load(house, session).await?;
    let member = Some(me.member.member_id);
    let few = PageRequest {
        limit: Some(FEW),
        after: None,
    };
    let filter = MembershipFilter { member, state: None };
    let memberships = coterie_app::membership::page::list(app, tenant, filter, &few).await?;
    let allowances = coterie_app::membership::page::allowances(app, tenant, me.member.member_id).await?;
    let next = BookingFilter {
        member,
        from: Some(me.now),
        states: BookingState::LIVE.to_vec(),
        ..BookingFilter::default()
    };
    let next = coterie_app::booking::page::list(app, tenant, next, &few).await?;
    let filter = InvoiceFilter {
        member,
        ..InvoiceFilter::default()
    };
    let mut open = coterie_app::invoice::page::list(app, tenant, filter, &PageRequest::default())
        .await?
        .items;
    open.retain(|invoice| !invoice.is_closed());
    let cards: Vec<_> = memberships
        .items
        .iter()
        .filter(|row| row.state != MembershipState::Ended)
        .map(membership_card)
        .collect();
    let empty = EmptyState::new(
        "No bookings ahead",
        "What you book appears here, with a way to cancel it.",
    );
    let bookings = bookings::table("Next bookings", &next.items)?.empty(empty.action("Book a room", "/bookings/new"));
    let filter = PassFilter {
        member,
        // A pass of today somewhere may be one of yesterday by another clock.
        from: Some(
            local_time::day_at(me.now, &TimeZone::UTC)
                .yesterday()
                .unwrap_or_default(),
        ),
        state: Some(PassState::Bought),
        ..PassFilter::default()
    };
    let mut ahead = coterie_app::pass::page::list(app, tenant, filter, &few).await?.items;
    ahead.retain(|pass| me.now < pass.closes_at);
    let passes = (!ahead.is_empty())
        .then(|| passes::mine("Day passes", &ahead, me.now))
        .transpose()?;
    let all_paid = EmptyState::new("No open invoices", "Everything addressed to you is paid.");
    let seats = sharing::seats_of(app, tenant, me.member.member_id).await?;
    let own = assignment::list(app, tenant, None, member).await?;
    let page_of = HomePage {
        own: own.iter().map(own_place).collect(),
        ctx,
        today: today(&me)?,
        confirmed: me.member.confirmed,
        email: me.member.email.clone(),
        company: me.company.clone(),
        memberships: cards,
        manages: me
            .manages
            .as_ref()
            .map(|(id, name)| (format!("/companies/{id}"), name.clone())),
        seats: seats
            .iter()
            .map(|shared| format!("{} of {}", shared.plan_name, shared.holder_name))
            .collect(),
        no_membership: EmptyState::new(
            "No membership yet",
            "Choose a plan to book rooms and to be let in. You see the price before you agree.",
        )
        .action("See the plans", "/plans"),
        allowances: Tiles {
            tiles: allowance::tiles(
                &me,
                &memberships.items,
                &allowances,
                allowance::coming(house, session, me.payer).await?,
            )?,
        },
        bookings,
        passes,
        invoices: invoices::table("Open invoices", &open).empty(all_paid),
    };
    Ok(page(ctx, &page_of))
}

/// Today at her own house, or at any house of the chain.
fn today(me: &Me) -> Result<String, Failure> {
    let home = me
        .member
        .home_location_id
        .and_then(|id| me.catalogue.locations.get(&id))
        .or_else(|| me.catalogue.locations.values().next());
    let Some(home) = home else { return Ok(String::new()) };
    let zone = local_time::zone(&home.time_zone)?;
    Ok(format!(
        "{} · {}",
        when::day(local_time::day_at(me.now, &zone)),
        home.name
    ))
}

/// `Desk 12 at Mitte, from 1 Feb 2026 on`
fn own_place(row: &AssignmentRow) -> String {
    let days = match row.last_day {
        Some(last) => format!("{} to {}", when::date(row.first_day), when::date(last)),
        None => format!("from {} on", when::date(row.first_day)),
    };
    format!("{} at {}, {days}", row.resource_name, row.location_name)
}

fn membership_card(row: &MembershipRow) -> MembershipCard {
    let mut facts = DefinitionList::new()
        .item("Status", badges::membership(row.state))
        .item(
            "Price",
            format!(
                "{} a {}, {}",
                money(row.price).text(),
                row.length,
                told::vat(row.tax_included)
            ),
        );
    if let Some(cycle) = row.cycle {
        facts = facts.item("This cycle", when::days(cycle));
    }
    facts = match row.last_day {
        Some(last) => facts.item("Ends on", when::date(last)),
        None => facts.item("Member since", when::date(row.start)),
    };
    MembershipCard {
        title: format!("{} at {}", row.plan_name, row.home_location_name),
        facts,
        href: format!("/memberships/{}", row.membership_id),
    }
}

/// Where staff begin: the houses, the money, or what happened.
fn office(capabilities: &[Capability]) -> &'static str {
    if capabilities.contains(&Capability::Operate) {
        "/operator"
    } else if capabilities.contains(&Capability::Finance) {
        "/finance"
    } else {
        "/log"
    }
}
