//! `/bookings`: what she has booked, ahead and behind.

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    booking::page::{self as model, BookingFilter, BookingRow, BookingState},
    page::PageRequest,
    projections,
    waitlist::{self, WaitlistRow},
};
use coterie_domain::{booking::hours, local_time};

use super::{badges, command, money, query, when, who::Me};
use crate::{
    components::{Column, EmptyState, Hidden, Link, Pagination, Table},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    session::MemberSession,
    state::AppState,
};

/// Bookings ahead shown at once; nobody books more than this one by one.
const AHEAD: i64 = 100;

#[derive(Template)]
#[template(path = "member/bookings.html")]
struct BookingsPage<'a> {
    ctx: &'a PageContext,
    /// Times that she waits for.
    waiting: Vec<Waiting>,
    token: Hidden,
    ahead: Table,
    behind: Option<Table>,
    pagination: Pagination,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let tenant = session.tenant.tenant;
    house.caught_up(&state, &jar, tenant, &[projections::BOOKINGS]).await?;
    let me = Me::load(&house, &session).await?;
    let mine = BookingFilter {
        member: Some(me.member.member_id),
        ..BookingFilter::default()
    };
    let next = BookingFilter {
        from: Some(me.now),
        states: BookingState::LIVE.to_vec(),
        ..mine.clone()
    };
    let request = PageRequest {
        limit: Some(AHEAD),
        after: None,
    };
    let ahead = model::list(&house.app, tenant, next, &request).await?;
    let history = BookingFilter {
        latest_first: true,
        ..mine
    };
    let request = PageRequest {
        limit: None,
        after: Some(asked.get("after").to_owned()).filter(|after| !after.is_empty()),
    };
    let all = model::list(&house.app, tenant, history, &request).await?;
    let empty = EmptyState::new(
        "No bookings ahead",
        "What you book appears here, with a way to cancel it.",
    )
    .action("Book a room", "/bookings/new");
    let waiting = waitlist::list(&house.app, &Caller::from(&session), None, None).await?;
    let template = BookingsPage {
        ctx: &ctx,
        waiting: waiting.iter().map(Waiting::of).collect::<Result<_, _>>()?,
        token: command::token(),
        ahead: table("Ahead", &ahead.items)?.empty(empty),
        behind: (!all.items.is_empty())
            .then(|| table("All bookings, the latest first", &all.items))
            .transpose()?,
        pagination: Pagination {
            label: "Bookings".to_owned(),
            previous: None,
            next: all.next.map(|cursor| format!("/bookings?after={cursor}")),
        },
    };
    Ok(page(&ctx, &template))
}

/// A time that she waits for.
struct Waiting {
    what: String,
    /// Where she stands, or what she can do now.
    sentence: String,
    /// Of what is held for her.
    href: Option<String>,
    leave: String,
}

impl Waiting {
    fn of(row: &WaitlistRow) -> Result<Self, Failure> {
        let zone = local_time::zone(&row.time_zone)?;
        Ok(Self {
            what: format!(
                "{}, {}, {} ({})",
                row.resource_name,
                row.location_name,
                when::span(row.starts_at, row.ends_at, &zone),
                when::zone_name(&zone)
            ),
            sentence: match (row.booking_id, row.ahead) {
                (Some(_), _) => "It became free and is held for you.".to_owned(),
                (None, 0) => "You are next.".to_owned(),
                (None, 1) => "One waits before you.".to_owned(),
                (None, many) => format!("{many} wait before you."),
            },
            href: row.booking_id.map(|id| format!("/bookings/{id}")),
            leave: format!("/waitlist/{}/leave", row.entry_id),
        })
    }
}

/// Bookings as rows; each names its zone, because her houses may lie in several.
pub(super) fn table(caption: &str, bookings: &[BookingRow]) -> Result<Table, Failure> {
    let columns = [
        Column::text("When"),
        Column::text("What"),
        Column::text("Where"),
        Column::number("Price, net"),
        Column::text("Status"),
    ];
    let mut table = Table::new(caption, columns);
    for booking in bookings {
        let zone = local_time::zone(&booking.time_zone)?;
        table.push([
            Link::new(
                when::span(booking.starts_at, booking.ends_at, &zone),
                format!("/bookings/{}", booking.booking_id),
            )
            .into(),
            booking.resource_name.clone().into(),
            format!("{} ({})", booking.location_name, when::zone_name(&zone)).into(),
            if booking.charged.minor == 0 && booking.allowance_minutes > 0 {
                format!("{} of allowance", hours(booking.allowance_minutes)).into()
            } else {
                money(booking.charged).into()
            },
            badges::booking(booking.state).into(),
        ]);
    }
    Ok(table)
}
