//! The guests of a booking, below its page.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, booking};
use coterie_domain::{BookingId, GuestId};

use super::{answers_form, booking::shown, command, id};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    session::MemberSession,
    state::AppState,
};

/// Invites one; what is refused shows the booking's page again with the form as it was filled in.
pub(super) async fn invite(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(booking): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: BookingId = id(&booking)?;
    let (name, email) = (submitted.get("name"), submitted.get("email"));
    let caller = command::keyed(
        Caller::from(&session),
        &submitted,
        &format!("invite:{id}:{email}:{name}"),
    );
    match booking::invite(&house.app, &caller, id, name, email)
        .await
        .map_err(Failure::from)
    {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = "Invited. An email with the time for the calendar is on its way.";
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to(&format!("/bookings/{id}"))).into_response())
        }
        Err(failure) if answers_form(&failure) => shown(&ctx, &house, &session, id, Some((&submitted, &failure))).await,
        Err(failure) => Err(failure),
    }
}

pub(super) async fn uninvite(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(booking): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let id: BookingId = id(&booking)?;
    let guest: GuestId = super::id(submitted.get("guest"))?;
    let caller = command::keyed(Caller::from(&session), &submitted, &format!("uninvite:{id}:{guest}"));
    let flash = match booking::uninvite(&house.app, &caller, id, guest)
        .await
        .map_err(Failure::from)
    {
        Ok(_) => Flash::success("The invitation is taken back, and the guest is told."),
        Err(failure) if answers_form(&failure) => Flash::error(failure.detail),
        Err(failure) => return Err(failure),
    };
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to(&format!("/bookings/{id}"))).into_response())
}
