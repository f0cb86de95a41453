//! `POST /waitlist` and `/waitlist/{id}/leave`: waiting for a time that is taken.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, booking::Book, waitlist};
use coterie_domain::{ResourceId, WaitlistEntryId};

use super::{answers_form, book, book_form, command, day, id};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    session::MemberSession,
    state::AppState,
};

/// Joins the line; what is refused shows the booking form again, with its values.
pub(super) async fn join(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let outcome = async {
        let resource_id: ResourceId = id(submitted.get("resource"))?;
        let (start, end) = book_form::span(&submitted).ok_or_else(|| book::not_a_time(&submitted))?;
        let people = book_form::people(&submitted)?;
        let asked = format!("wait:{resource_id}:{start}:{end}:{people:?}");
        let caller = command::keyed(Caller::from(&session), &submitted, &asked);
        let wish = Book {
            member_id: session.member_id.into(),
            resource_id,
            start,
            end,
            people,
        };
        Ok(waitlist::join(&house.app, &caller, wish).await?)
    };
    match outcome.await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = "You wait for it. When it becomes free it is held for you, and you get an email.";
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to("/bookings")).into_response())
        }
        Err(failure) if answers_form(&failure) => day::render(&ctx, &house, &session, &submitted, Some(&failure)).await,
        Err(failure) => Err(failure),
    }
}

pub(super) async fn leave(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(entry): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: WaitlistEntryId = id(&entry)?;
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("leave:{id}"));
    let flash = match waitlist::leave(&house.app, &caller, id).await.map_err(Failure::from) {
        Ok(_) => Flash::success("You do not wait for it any more."),
        Err(failure) if answers_form(&failure) => Flash::error(failure.detail),
        Err(failure) => return Err(failure),
    };
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to("/bookings")).into_response())
}
