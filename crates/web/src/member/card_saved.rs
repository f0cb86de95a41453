//! `/card/saved`: where the hosted page leads back to. What it says is read from the gateway, never from the address.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, member};
use coterie_domain::LegalEntityId;
use coterie_gateway::{SessionStatus, domain_outcome};

use super::{card, gateway_away, id, query, who::Me};
use crate::{
    context::Flash, cookies, failure::Failure, guard::safe_next, house::House, session::MemberSession, state::AppState,
};

pub(super) async fn show(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let asked = query(raw)?;
    let entity_id: LegalEntityId = id(asked.get("legal_entity"))?;
    let me = Me::load(&house, &session).await?;
    let entity = me.catalogue.legal_entity(entity_id)?;
    let account = entity.stripe_account.as_deref().ok_or_else(Failure::not_found)?;
    let caller = Caller::from(&session);
    let known = member::account(&house.app, &caller, me.herself(), entity_id).await?;
    let session_id = asked.get("session_id");
    if !session_id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        || session_id.is_empty()
    {
        return Err(Failure::not_found());
    }
    let found = house
        .gateway(session.tenant.sandbox)?
        .retrieve_setup_session(account, session_id)
        .await
        .map_err(|error| gateway_away::failure(&error))?;
    // Another person's session id in the address must not make her card this member's.
    if known.customer_id.is_none() || found.customer != known.customer_id {
        return Err(Failure::not_found());
    }
    let method = found.method.filter(|_| found.status == SessionStatus::Complete);
    let Some(method) = method else {
        let flash = Flash::notice("No card was saved. You can try again whenever you like.");
        return Ok((cookies::leave_flash(&state.config, jar, &flash), Redirect::to("/card")).into_response());
    };
    let saved = domain_outcome::saved_method(me.herself(), entity_id, &method);
    let sentence = format!("Saved: {}.", card::describe(&saved));
    // The webhook says the same at the same moment: whoever comes second looks again and finds it done.
    let done = member::save_payment_method(&house.app, &caller, saved).await?;
    let jar = cookies::remember_position(&state.config, jar, done.position);
    let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
    let next = match safe_next(asked.get("next")) {
        "/" => "/card",
        next => next,
    };
    Ok((jar, Redirect::to(next)).into_response())
}
