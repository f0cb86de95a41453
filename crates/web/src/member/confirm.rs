//! `/bookings/{id}/confirm`: booking what is held, at the price that was shown.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, Operation, booking};
use coterie_domain::{BookingId, Money, local_time};
use http::StatusCode;

use super::{answers_form, book_form, command, id, when};
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
#[template(path = "member/confirm.html")]
struct ConfirmPage<'a> {
    ctx: &'a PageContext,
    what: String,
    errors: Option<ErrorSummary>,
    price: Vec<String>,
    hidden: Vec<Hidden>,
    back: String,
}

/// The page with what it costs now; `failure` is why it was not booked a moment ago.
async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    id: BookingId,
    failure: Option<Failure>,
) -> Result<Response, Failure> {
    let caller = Caller::from(session);
    let what = {
        let mut op = Operation::open(&house.app, &caller).await?;
        let (held, _) = booking::load(&mut op, id).await?;
        if held.fact.member_id.0 != session.member_id {
            return Err(Failure::not_found());
        }
        let zone = local_time::zone(&held.fact.time_zone)?;
        format!(
            "{}, {} ({})",
            op.catalogue().await?.resource(held.fact.resource_id)?.name,
            when::span(held.fact.starts_at, held.fact.ends_at, &zone),
            when::zone_name(&zone)
        )
    };
    let (price, failure) = match booking::quote_confirm(&house.app, &caller, id).await {
        Ok(price) => (Some(price), failure),
        Err(error) => {
            let error = Failure::from(error);
            if !answers_form(&error) {
                return Err(error);
            }
            (None, Some(failure.unwrap_or(error)))
        }
    };
    let mut hidden = vec![command::token()];
    hidden.extend(
        price
            .as_ref()
            .map(|price| Hidden::new("agreed_minor", price.charged.minor.to_string())),
    );
    let template = ConfirmPage {
        ctx,
        what,
        errors: failure.as_ref().map(ErrorSummary::new),
        price: price.map(book_form::steps).unwrap_or_default(),
        hidden,
        back: format!("/bookings/{id}"),
    };
    let status = failure.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(booking): Path<String>,
) -> Result<Response, Failure> {
    render(&ctx, &house, &session, id(&booking)?, None).await
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(booking): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: BookingId = id(&booking)?;
    // Nothing is booked at a price that was not shown.
    let Ok(agreed) = submitted.get("agreed_minor").parse::<i64>() else {
        return render(&ctx, &house, &session, id, None).await;
    };
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("confirm:{id}:{agreed}"));
    let attempt = async {
        let currency = {
            let mut op = Operation::open(&house.app, &caller).await?;
            booking::load(&mut op, id).await?.0.fact.charged.currency
        };
        booking::confirm(&house.app, &caller, id, Some(Money::new(agreed, currency))).await
    };
    match attempt.await.map_err(Failure::from) {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success("Booked. It is yours."));
            Ok((jar, Redirect::to(&format!("/bookings/{id}"))).into_response())
        }
        Err(failure) if answers_form(&failure) => render(&ctx, &house, &session, id, Some(failure)).await,
        Err(failure) => Err(failure),
    }
}
