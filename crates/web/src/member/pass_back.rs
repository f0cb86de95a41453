//! `/passes/{id}/give-back`: what giving a pass back costs, asked of the rule that decides, before it is done.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, pass};
use coterie_domain::PassId;
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
#[template(path = "member/pass_back.html")]
struct GiveBackPage<'a> {
    ctx: &'a PageContext,
    what: String,
    consequence: String,
    /// Whether it became dearer since she last looked.
    changed: bool,
    hidden: [Hidden; 2],
}

/// What giving back now would do.
struct Preview {
    what: String,
    percent_due: u8,
    consequence: String,
}

async fn preview(house: &House, session: &MemberSession, id: PassId) -> Result<Preview, Failure> {
    let (held, made, back) = pass::quote_give_back(&house.app, &Caller::from(session), id).await?;
    let catalogue = coterie_app::catalogue::read(&house.app, session.tenant.tenant).await?;
    let consequence = match (made, &back.fee, back.fact.voided_charge) {
        (None, ..) => "Nothing is charged.".to_owned(),
        (Some(made), None, Some(_)) => format!(
            "The charge of {} is taken back; nothing is due.",
            money(made.net).text()
        ),
        (Some(_), Some(fee), _) => format!(
            "{} % of the price stays due: {} plus VAT.",
            back.fact.percent_due,
            money(fee.net).text()
        ),
        (Some(made), None, None) => format!("The whole price stays due: {} plus VAT.", money(made.net).text()),
    };
    Ok(Preview {
        what: format!(
            "{}, {}",
            catalogue.location(held.fact.location_id)?.name,
            when::day(held.fact.day)
        ),
        percent_due: back.fact.percent_due,
        consequence,
    })
}

fn render(ctx: &PageContext, preview: Preview, changed: bool) -> Response {
    let template = GiveBackPage {
        ctx,
        what: preview.what,
        consequence: preview.consequence,
        changed,
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
    Path(pass): Path<String>,
) -> Result<Response, Failure> {
    let id: PassId = id(&pass)?;
    Ok(render(&ctx, preview(&house, &session, id).await?, false))
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(pass): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: PassId = id(&pass)?;
    // Time went on between looking and pressing: nobody pays more than she saw.
    if let Ok(seen) = submitted.get("percent_due").parse::<u8>() {
        match preview(&house, &session, id).await {
            Ok(now) if now.percent_due > seen => return Ok(render(&ctx, now, true)),
            _ => {}
        }
    }
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("give-back:{id}"));
    let done = pass::give_back(&house.app, &caller, id).await?;
    let jar = cookies::remember_position(&state.config, jar, done.position);
    let sentence = match done.outcome.percent_due {
        0 => "Given back. Nothing is due.".to_owned(),
        100 => "Given back. What it cost stays due.".to_owned(),
        percent => format!("Given back. {percent} % of the price stays due."),
    };
    let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
    Ok((jar, Redirect::to("/passes")).into_response())
}
