//! `/bookings/{id}`: one booking, what it costs and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    booking::{
        self,
        page::{self as model, BookingRow, BookingState},
    },
    projections,
};
use coterie_domain::{BookingId, booking::hours, local_time, location::CancellationPolicy};

use super::{badges, found, id, money, when, who::Me};
use crate::{
    components::{DefinitionList, Photos},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
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
    let row = found(model::find(&house.app, tenant, id).await?)?;
    if row.member_id.0 != session.member_id {
        return Err(Failure::not_found());
    }
    let me = Me::load(&house, &session).await?;
    let zone = local_time::zone(&row.time_zone)?;
    let open = row.state == BookingState::Confirmed && me.now < row.starts_at;
    let movable = row.state == BookingState::Confirmed && me.now < row.ends_at;
    let series = booking::series_of(&house.app, tenant, id).await?;
    let policy = me.catalogue.cancellation_at(row.location_id, row.catalogue_position)?;
    let template = BookingPage {
        ctx: &ctx,
        title: format!("{}, {}", row.resource_name, row.location_name),
        subtitle: format!(
            "{} ({})",
            when::span(row.starts_at, row.ends_at, &zone),
            when::zone_name(&zone)
        ),
        facts: facts(&row),
        photos: Photos::new("/photos", &me.catalogue.photos_of(row.resource_id)),
        because: row.because.iter().map(|step| step.text.clone()).collect(),
        policy: if open { terms(policy) } else { Vec::new() },
        series_href: series.map(|series| format!("/series/{series}")),
        move_href: movable.then(|| format!("/bookings/{id}/move")),
        cancel_href: open.then(|| format!("/bookings/{id}/cancel")),
    };
    Ok(page(&ctx, &template))
}

fn facts(row: &BookingRow) -> DefinitionList {
    let mut facts = DefinitionList::new()
        .item("Status", badges::booking(row.state))
        .item("Price of the time", money(row.full_price));
    if row.allowance_minutes > 0 {
        facts = facts.item("From the allowance", hours(row.allowance_minutes));
    }
    facts = facts.item("Charged, plus VAT", money(row.charged));
    if let Some(cancelled) = &row.cancelled {
        let restored: i64 = cancelled.restored.iter().map(|part| part.minutes).sum();
        if row.charged.minor != 0 {
            facts = facts.item("Still due", format!("{} % of the charge", cancelled.percent_due));
        }
        if restored > 0 {
            facts = facts.item("Back in the allowance", hours(restored));
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
