//! `/series/{id}`: bookings that belong together, and giving up those from a day on.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, Operation, booking};
use coterie_domain::{SeriesId, booking::hours, local_time, series::Series};
use http::StatusCode;
use jiff::civil::{Date, DateTime};

use super::{badges, command, id, money, when};
use crate::{
    components::{Column, ErrorSummary, Field, Hidden, Link, Table},
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/series.html")]
struct SeriesPage<'a> {
    ctx: &'a PageContext,
    title: String,
    subtitle: String,
    bookings: Table,
    left_out: Vec<String>,
    /// While any of them is ahead.
    from: Option<Field>,
    errors: Option<ErrorSummary>,
    token: Hidden,
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(series): Path<String>,
) -> Result<Response, Failure> {
    let id: SeriesId = id(&series)?;
    render(&ctx, &house, &session, id, None).await
}

async fn render(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    id: SeriesId,
    refused: Option<(&Submitted, &Failure)>,
) -> Result<Response, Failure> {
    let caller = Caller::from(session);
    let Series { fact, .. } = booking::series(&house.app, &caller, id).await?;
    // Read from the log itself, so that whoever just booked or cancelled sees it.
    let mut op = Operation::open(&house.app, &caller).await?;
    let catalogue = op.catalogue().await?;
    let resource = catalogue.resource(fact.resource_id)?;
    let zone = local_time::zone(&fact.time_zone)?;
    let columns = [
        Column::text("When"),
        Column::number("Price, net"),
        Column::text("Status"),
    ];
    let mut table = Table::new("Bookings of the series", columns);
    let mut next: Option<Date> = None;
    for time in &fact.bookings {
        let (booking, _) = booking::load(&mut op, time.booking_id).await?;
        let now = &booking.fact;
        let allowance: i64 = now.credit_uses.iter().map(|part| part.minutes).sum();
        if booking.check_live().is_ok() && op.now < now.starts_at {
            next = next.or(Some(time.starts_at.date()));
        }
        table.push([
            Link::new(
                when::span(now.starts_at, now.ends_at, &zone),
                format!("/bookings/{}", now.booking_id),
            )
            .into(),
            if now.charged.minor == 0 && allowance > 0 {
                format!("{} of allowance", hours(allowance)).into()
            } else {
                money(now.charged).into()
            },
            badges::booking(booking::page::BookingState::from(&booking)).into(),
        ]);
    }
    let from = next.map(|next| {
        let field = Field::date("from", "From day").value(next.to_string()).hint(
            "Bookings of the series on this day and later are cancelled, each by its own terms. Those before stay.",
        );
        match refused {
            Some((submitted, failure)) => field.refused(submitted, failure),
            None => field,
        }
    });
    let template = SeriesPage {
        ctx,
        title: format!("{}, again and again", resource.name),
        subtitle: format!("{} bookings ({})", fact.bookings.len(), when::zone_name(&zone)),
        bookings: table,
        left_out: fact
            .left_out
            .iter()
            .map(|time| format!("{}: {}", wall(time.starts_at), time.reason))
            .collect(),
        from,
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        token: command::token(),
    };
    let status = refused.map_or(StatusCode::OK, |(_, failure)| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

pub(super) fn wall(at: DateTime) -> String {
    format!("{}, {}", when::day(at.date()), at.strftime("%H:%M"))
}

pub(super) async fn cancel(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(series): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: SeriesId = id(&series)?;
    let outcome = async {
        let from: Date = submitted
            .get("from")
            .parse()
            .map_err(|_| Failure::invalid(vec![FieldError::new("from", "Enter a day such as 2026-01-22.")]))?;
        let caller = command::keyed(
            Caller::from(&session),
            &submitted,
            &format!("cancel-series:{id}:{from}"),
        );
        Ok(booking::cancel_series(&house.app, &caller, id, from).await?)
    };
    match outcome.await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let outcome = &done.outcome;
            let mut sentence = match outcome.bookings.len() {
                1 => "One booking is cancelled.".to_owned(),
                many => format!("{many} bookings are cancelled."),
            };
            if outcome.restored_minutes > 0 {
                sentence = format!(
                    "{sentence} {} are back in your allowance.",
                    hours(outcome.restored_minutes)
                );
            }
            if outcome.with_fee > 0 {
                sentence = format!("{sentence} Of {} something stays due.", outcome.with_fee);
            }
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to(&format!("/series/{id}"))).into_response())
        }
        Err(failure) if super::answers_form(&failure) => {
            render(&ctx, &house, &session, id, Some((&submitted, &failure))).await
        }
        Err(failure) => Err(failure),
    }
}
