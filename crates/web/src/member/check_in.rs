//! `/check-in/{sign}`: where the sign at a door leads. Whoever has a booking of the room now checks in for it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, booking, projections};
use coterie_domain::{BookingId, booking::CheckInBy, local_time};
use http::StatusCode;

use super::{answers_form, command, id, when, who::Me};
use crate::{
    components::{ErrorSummary, Hidden},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/check_in.html")]
struct CheckInPage<'a> {
    ctx: &'a PageContext,
    title: String,
    errors: Option<ErrorSummary>,
    /// What and when, and its id.
    bookings: Vec<(String, BookingId)>,
    nothing: String,
    token: Hidden,
    day_href: String,
}

async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    sign: &str,
    failure: Option<&Failure>,
) -> Result<Response, Failure> {
    let me = Me::load(house, session).await?;
    let tenant = session.tenant.tenant;
    let at = booking::read_sign(&house.app, tenant, sign).ok_or_else(Failure::not_found)?;
    let resource = me.catalogue.resource(at)?;
    let place = me.catalogue.location(resource.location_id)?;
    let zone = local_time::zone(&place.time_zone)?;
    let waiting = booking::waiting_at(&house.app, &Caller::from(session), at).await?;
    let name = |id| me.catalogue.resource(id).map_or("", |found| found.name.as_str());
    let template = CheckInPage {
        ctx,
        title: format!("{}, {}", resource.name, place.name),
        errors: failure.map(ErrorSummary::new),
        bookings: waiting
            .into_iter()
            .map(|fact| {
                let span = when::span(fact.starts_at, fact.ends_at, &zone);
                (format!("{}, {span}", name(fact.resource_id)), fact.booking_id)
            })
            .collect(),
        nothing: "You have no booking here that waits for you now.".to_owned(),
        token: command::token(),
        day_href: format!(
            "/bookings/new?location={}&resource={at}&date={}",
            place.location_id,
            local_time::day_at(me.now, &zone)
        ),
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(sign): Path<String>,
) -> Result<Response, Failure> {
    let tenant = session.tenant.tenant;
    house.caught_up(&state, &jar, tenant, &[projections::BOOKINGS]).await?;
    render(&ctx, &house, &session, &sign, None).await
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(sign): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: BookingId = id(submitted.get("booking"))?;
    let caller = Caller::from(&session);
    let at = booking::read_sign(&house.app, session.tenant.tenant, &sign).ok_or_else(Failure::not_found)?;
    // The sign of one door shows presence at that door alone.
    let waiting = booking::waiting_at(&house.app, &caller, at).await?;
    let attempt = if waiting.iter().any(|fact| fact.booking_id == id) {
        let caller = command::keyed(caller, &submitted, &format!("check-in:{id}"));
        booking::check_in(&house.app, &caller, id, CheckInBy::Sign)
            .await
            .map_err(Failure::from)
    } else {
        let sentence = "This booking does not wait for you here.";
        Err(coterie_domain::Refusal::conflict("not_here", sentence).into())
    };
    match attempt {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success("You are checked in."));
            Ok((jar, Redirect::to(&format!("/bookings/{id}"))).into_response())
        }
        Err(failure) if answers_form(&failure) => render(&ctx, &house, &session, &sign, Some(&failure)).await,
        Err(failure) => Err(failure),
    }
}
