//! `/bookings/{id}/cancel`: what cancelling costs, asked of the rule that decides, before it is done.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, Operation, booking, charge};
use coterie_domain::{BookingId, ChargeId, booking as rules, booking::hours, credit, local_time};
use http::StatusCode;

use super::{command, id, money, when};
use crate::{
    components::Hidden,
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
#[template(path = "member/cancel.html")]
struct CancelPage<'a> {
    ctx: &'a PageContext,
    what: String,
    consequences: Vec<String>,
    /// Whether it became dearer since she last looked.
    changed: bool,
    back: String,
    hidden: [Hidden; 2],
}

/// What cancelling now would do.
struct Preview {
    what: String,
    percent_due: u8,
    consequences: Vec<String>,
}

async fn preview(house: &House, session: &MemberSession, id: BookingId) -> Result<Preview, Failure> {
    let mut op = Operation::open(&house.app, &Caller::from(session)).await?;
    let (booking, _) = booking::load(&mut op, id).await?;
    if booking.fact.member_id.0 != session.member_id {
        return Err(Failure::not_found());
    }
    let catalogue = op.catalogue().await?;
    let charged = match booking.fact.charge_id {
        Some(charge) => Some(charge::lock_in_op(&mut op, charge).await?),
        None => None,
    };
    let invoiced = charged.as_ref().is_some_and(|(_, invoiced)| *invoiced);
    let made = charged.as_ref().map(|(made, _)| made);
    let decided = rules::cancel(&booking, made, invoiced, ChargeId(op.new_id()), op.now, &catalogue)?;
    let zone = local_time::zone(&booking.fact.time_zone)?;
    let name = catalogue.resource(booking.fact.resource_id)?.name.clone();
    let mut consequences = Vec::new();
    let used: i64 = booking.fact.credit_uses.iter().map(|part| part.minutes).sum();
    if used > 0 && decided.fact.restored.is_empty() {
        consequences.push(format!("{} of your allowance stay used up.", hours(used)));
    } else if used > 0 {
        consequences.push(format!("{} go back to your allowance.", hours(used)));
    }
    if let Some(paid) = credit::paid(&booking.fact.money_uses) {
        consequences.push(if decided.fact.restored_money.is_empty() {
            format!("{} of your plan's money stay used up.", money(paid).text())
        } else {
            format!("{} go back to your plan's money.", money(paid).text())
        });
    }
    consequences.push(match (made, &decided.fee, decided.fact.voided_charge) {
        (None, ..) => "Nothing is charged.".to_owned(),
        (Some(made), None, Some(_)) => format!(
            "The charge of {} is taken back; nothing is due.",
            money(made.net).text()
        ),
        (Some(_), Some(fee), _) => format!(
            "{} % of the charge stays due: {} plus VAT.",
            decided.fact.percent_due,
            money(fee.net).text()
        ),
        (Some(made), None, None) => format!("The whole charge stays due: {} plus VAT.", money(made.net).text()),
    });
    Ok(Preview {
        what: format!(
            "{}, {} ({})",
            name,
            when::span(booking.fact.starts_at, booking.fact.ends_at, &zone),
            when::zone_name(&zone)
        ),
        percent_due: decided.fact.percent_due,
        consequences,
    })
}

fn render(ctx: &PageContext, id: BookingId, preview: Preview, changed: bool) -> Response {
    let template = CancelPage {
        ctx,
        what: preview.what,
        consequences: preview.consequences,
        changed,
        back: format!("/bookings/{id}"),
        hidden: [
            Hidden::new("percent_due", preview.percent_due.to_string()),
            command::token(),
        ],
    };
    let status = if changed { StatusCode::CONFLICT } else { StatusCode::OK };
    page_with_status(status, ctx, &template)
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(booking): Path<String>,
) -> Result<Response, Failure> {
    let id: BookingId = id(&booking)?;
    Ok(render(&ctx, id, preview(&house, &session, id).await?, false))
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
    // Time went on between looking and pressing: nobody pays more than she saw.
    if let Ok(seen) = submitted.get("percent_due").parse::<u8>() {
        match preview(&house, &session, id).await {
            Ok(now) if now.percent_due > seen => return Ok(render(&ctx, id, now, true)),
            _ => {}
        }
    }
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("cancel:{id}"));
    let done = booking::cancel(&house.app, &caller, id).await?;
    let jar = cookies::remember_position(&state.config, jar, done.position);
    let sentence = match done.outcome.percent_due {
        0 => "Cancelled. Nothing is due.".to_owned(),
        100 => "Cancelled. What it cost stays as it was.".to_owned(),
        percent => format!("Cancelled. {percent} % of the charge stays due."),
    };
    let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
    Ok((jar, Redirect::to(&format!("/bookings/{id}"))).into_response())
}
