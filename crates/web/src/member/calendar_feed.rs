//! `/calendar-feed`: the secret address by which a member's own calendar shows her bookings.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    calendar_feed::{self, Subject},
};
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
#[template(path = "member/calendar_feed.html")]
struct CalendarFeedPage<'a> {
    ctx: &'a PageContext,
    /// Right after it was made, and never again.
    address: Option<String>,
    made_at: Option<String>,
}

/// When an address was made is no time of any house.
fn made(at: Timestamp) -> String {
    format!("{} (UTC)", at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M"))
}

pub(super) async fn show(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    let subject = Subject::Member(session.member_id.into());
    let made_at = calendar_feed::made_at(&house.app, &Caller::from(&session), subject).await?;
    let template = CalendarFeedPage {
        ctx: &ctx,
        address: None,
        made_at: made_at.map(made),
    };
    Ok(page(&ctx, &template))
}

/// Makes the address, or another one in its place.
pub(super) async fn make(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    session: MemberSession,
) -> Result<Response, Failure> {
    let subject = Subject::Member(session.member_id.into());
    let feed = calendar_feed::make(&house.app, &Caller::from(&session), subject).await?;
    let site = state.config.public_url.of_chain(&session.tenant.slug);
    let template = CalendarFeedPage {
        ctx: &ctx,
        address: Some(format!("{site}{}", feed.path)),
        made_at: Some(made(feed.made_at)),
    };
    Ok(page(&ctx, &template))
}

pub(super) async fn revoke(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
) -> Result<Response, Failure> {
    let subject = Subject::Member(session.member_id.into());
    calendar_feed::revoke(&house.app, &Caller::from(&session), subject).await?;
    let flash = Flash::success("The address does not work any more.");
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to("/calendar-feed")).into_response())
}
