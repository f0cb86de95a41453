//! `/bookings/{id}`: one booking, what it costs and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller, Operation,
    booking::{
        self,
        page::{self as model, BookingRow, BookingState},
    },
    projections,
};
use coterie_domain::{
    BookingId,
    booking::{GuestInvited, Standing, hours},
    credit, local_time,
    location::CancellationPolicy,
};
use http::StatusCode;
use jiff::{Timestamp, tz::TimeZone};

use super::{badges, command, found, id, money, occupancy, when, who::Me};
use crate::{
    components::{DefinitionList, ErrorSummary, Field, Hidden, Photos},
    context::PageContext,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/booking.html")]
struct BookingPage<'a> {
    ctx: &'a PageContext,
    title: String,
    subtitle: String,
    facts: DefinitionList,
    photos: Photos,
    because: Vec<String>,
    policy: Vec<String>,
    series_href: Option<String>,
    move_href: Option<String>,
    cancel_href: Option<String>,
    /// Where a hold is booked.
    confirm_href: Option<String>,
    /// What there is to know, or to do, first.
    notices: Vec<String>,
    errors: Option<ErrorSummary>,
    guests: Vec<GuestInvited>,
    /// The form that invites one, while there is time.
    invite: Option<[Field; 2]>,
    token: Hidden,
    here: String,
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(booking): Path<String>,
) -> Result<Response, Failure> {
    let id: BookingId = id(&booking)?;
    let tenant = session.tenant.tenant;
    house.caught_up(&state, &jar, tenant, &[projections::BOOKINGS]).await?;
    shown(&ctx, &house, &session, id, None).await
}

/// The page; `refused` is what was filled in for a guest, and why it was not taken.
pub(super) async fn shown(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    id: BookingId,
    refused: Option<(&Submitted, &Failure)>,
) -> Result<Response, Failure> {
    let tenant = session.tenant.tenant;
    let row = found(model::find(&house.app, tenant, id).await?)?;
    if row.member_id.0 != session.member_id {
        return Err(Failure::not_found());
    }
    let me = Me::load(house, session).await?;
    let zone = local_time::zone(&row.time_zone)?;
    let live = BookingState::LIVE.contains(&row.state);
    let open = live && me.now < row.starts_at;
    let movable = row.state == BookingState::Confirmed && me.now < row.ends_at;
    let series = booking::series_of(&house.app, tenant, id).await?;
    let policy = me.catalogue.cancellation_at(row.location_id, row.catalogue_position)?;
    let template = BookingPage {
        ctx,
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        guests: booking::guests(&house.app, &Caller::from(session), id).await?,
        invite: (row.state == BookingState::Confirmed && me.now < row.ends_at).then(|| invite_form(refused)),
        token: command::token(),
        here: format!("/bookings/{id}"),
        title: format!("{}, {}", row.resource_name, row.location_name),
        subtitle: format!(
            "{} ({})",
            when::span(row.starts_at, row.ends_at, &zone),
            when::zone_name(&zone)
        ),
        facts: facts(&row),
        photos: Photos::new("/photos", &me.catalogue.photos_of(row.resource_id)),
        because: row.because.iter().map(|step| step.text.clone()).collect(),
        policy: if open && row.state == BookingState::Confirmed {
            terms(policy)
        } else {
            Vec::new()
        },
        confirm_href: (row.state == BookingState::Held).then(|| format!("/bookings/{id}/confirm")),
        notices: notices(house, session, &row, &zone).await?,
        series_href: series.map(|series| format!("/series/{series}")),
        move_href: movable.then(|| format!("/bookings/{id}/move")),
        cancel_href: open.then(|| format!("/bookings/{id}/cancel")),
    };
    let status = refused.map_or(StatusCode::OK, |(_, failure)| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

fn invite_form(refused: Option<(&Submitted, &Failure)>) -> [Field; 2] {
    [Field::text("name", "Name"), Field::email("email", "Email address")].map(|field| match refused {
        Some((submitted, failure)) => field.refused(submitted, failure),
        None => field,
    })
}

/// What she has to do about it, or what became of it.
async fn notices(
    house: &House,
    session: &MemberSession,
    row: &BookingRow,
    zone: &TimeZone,
) -> Result<Vec<String>, Failure> {
    let at = |time: Timestamp| zone.to_datetime(time).strftime("%-d %B, %H:%M").to_string();
    let mut notices = Vec::new();
    match (row.state, row.expires_at) {
        (BookingState::Held, Some(until)) => notices.push(format!(
            "It is held for you until {}. Book it before, or somebody else can.",
            at(until)
        )),
        (BookingState::Requested, Some(until)) => notices.push(format!(
            "The house was asked and answers by {}. Nothing is charged until it says yes.",
            at(until)
        )),
        (BookingState::Expired, _) => notices.push("Nobody booked it in time, so its time is free again.".to_owned()),
        (BookingState::Declined, _) => {
            let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
            let (booking, _) = booking::load(&mut op, row.booking_id).await?;
            if let Standing::Declined { reason } = booking.standing {
                notices.push(format!("The house declined it: {reason}"));
            }
        }
        (BookingState::NoShow, _) => {
            notices.push("Nobody checked in for it, so its time was given to others.".to_owned());
        }
        (BookingState::Confirmed, _) => match (row.checked_in_at, row.check_in_by) {
            (Some(when), _) => notices.push(format!("You checked in on {}.", at(when))),
            (None, Some(by)) => {
                let mut sentence = format!(
                    "Check in by {}: scan the sign at the door, or say hello at the desk. Otherwise others get the time.",
                    at(by)
                );
                if let Some(fee) = row.no_show_fee {
                    let fee = money(fee).text();
                    sentence = format!("{sentence} Not coming costs {fee} plus VAT on top.");
                }
                notices.push(sentence);
            }
            (None, None) => {}
        },
        _ => {}
    }
    Ok(notices)
}

fn facts(row: &BookingRow) -> DefinitionList {
    let mut facts = DefinitionList::new().item("Status", badges::booking(row.state));
    if let Some(people) = row.people {
        facts = facts.item("Who comes", occupancy::people(people));
    }
    facts = facts.item("Price of the time, net", money(row.full_price));
    if row.allowance_minutes > 0 {
        facts = facts.item("From the allowance", hours(row.allowance_minutes));
    }
    if row.allowance_money.minor > 0 {
        facts = facts.item("From your plan's money", money(row.allowance_money));
    }
    let charged = match row.state {
        BookingState::Held | BookingState::Requested => "To be charged, plus VAT",
        BookingState::Expired | BookingState::Declined => return facts,
        _ => "Charged, plus VAT",
    };
    facts = facts.item(charged, money(row.charged));
    if let Some(cancelled) = &row.cancelled {
        let restored: i64 = cancelled.restored.iter().map(|part| part.minutes).sum();
        if row.charged.minor != 0 {
            facts = facts.item("Still due", format!("{} % of the charge", cancelled.percent_due));
        }
        if restored > 0 {
            facts = facts.item("Back in the allowance", hours(restored));
        }
        if let Some(money_back) = credit::paid(&cancelled.restored_money) {
            facts = facts.item("Back in your plan's money", money(money_back));
        }
    }
    facts
}

/// A location's cancellation policy as sentences, the longest notice first.
fn terms(policy: &CancellationPolicy) -> Vec<String> {
    let mut steps = policy.steps.clone();
    steps.sort_by_key(|step| std::cmp::Reverse(step.at_least_minutes_before));
    let mut sentences: Vec<_> = steps
        .iter()
        .map(|step| {
            let before = hours(step.at_least_minutes_before);
            match step.percent_due {
                0 => format!("Up to {before} before the start: free, and the allowance comes back."),
                percent => format!("Up to {before} before the start: {percent} % of the charge stays due."),
            }
        })
        .collect();
    sentences.push("Later: the whole charge stays due.".to_owned());
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_from_long_notice_to_none() {
        insta::assert_snapshot!(terms(&CancellationPolicy::default()).join("\n"), @r"
        Up to 24 h before the start: free, and the allowance comes back.
        Later: the whole charge stays due.
        ");
    }
}
