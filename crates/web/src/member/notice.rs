//! `/memberships/{id}/notice`: leaving, with the last day named before she confirms.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, membership};
use coterie_domain::{MembershipId, membership as rules};

use super::{command, id, membership::Mine, when};
use crate::{
    components::Hidden,
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/notice.html")]
struct NoticePage<'a> {
    ctx: &'a PageContext,
    plan: String,
    last_day: String,
    command: Hidden,
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    session: MemberSession,
    Path(membership): Path<String>,
) -> Result<Response, Failure> {
    let mine = Mine::load(&house, &session, id(&membership)?).await?;
    // The same rule that will decide, asked without writing anything.
    let term = mine.membership.term_on(mine.today);
    let plan = mine.catalogue.plan_version(term.plan_version_id)?;
    let notice = rules::give_notice(&mine.membership, plan, mine.today)?;
    let template = NoticePage {
        ctx: &ctx,
        plan: term.plan_name.clone(),
        last_day: when::day(notice.last_day),
        command: command::token(),
    };
    Ok(page(&ctx, &template))
}

pub(super) async fn submit(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(membership): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: MembershipId = id(&membership)?;
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("notice:{id}"));
    let done = membership::give_notice(&house.app, &caller, id, None).await?;
    let jar = cookies::remember_position(&state.config, jar, done.position);
    let sentence = format!(
        "Your membership ends on {}. Until then everything stays as it is.",
        when::day(done.outcome.last_day)
    );
    let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
    Ok((jar, Redirect::to("/")).into_response())
}
