//! `/door-code`: the six digits by which doors know a member.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, door};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    house::House,
    page::page,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/door_code.html")]
struct DoorCodePage<'a> {
    ctx: &'a PageContext,
    /// Right after it was made, and never again.
    code: Option<String>,
    made_at: Option<String>,
}

/// When a code was made is no time of any house.
fn made(at: Timestamp) -> String {
    format!("{} (UTC)", at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M"))
}

pub(super) async fn show(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    let made_at = door::code_made_at(&house.app, &Caller::from(&session), session.member_id.into()).await?;
    let template = DoorCodePage {
        ctx: &ctx,
        code: None,
        made_at: made_at.map(made),
    };
    Ok(page(&ctx, &template))
}

/// Makes a code, or another one in its place.
pub(super) async fn make(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    let code = door::make_code(&house.app, &Caller::from(&session), session.member_id.into()).await?;
    let template = DoorCodePage {
        ctx: &ctx,
        code: Some(code.code),
        made_at: Some(made(code.made_at)),
    };
    Ok(page(&ctx, &template))
}

pub(super) async fn revoke(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
) -> Result<Response, Failure> {
    door::revoke_code(&house.app, &Caller::from(&session), session.member_id.into()).await?;
    let flash = Flash::success("The code does not work any more.");
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to("/door-code")).into_response())
}
