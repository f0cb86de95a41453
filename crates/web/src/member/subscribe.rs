//! `POST /memberships`: she agrees to what she saw. A price that changed meanwhile is shown again, not charged.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    membership::{self, Subscribe},
};
use coterie_domain::{LocationId, PlanVersionId};
use serde::Deserialize;

use super::{answers_form, command, quote, who::Me};
use crate::{
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    session::MemberSession,
    state::AppState,
};

#[derive(Deserialize)]
struct SeenQuote {
    plan_version_id: PlanVersionId,
    location_id: LocationId,
    agreed_gross_minor: i64,
    #[serde(default)]
    coupon: String,
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let agreed: SeenQuote = submitted.parse()?;
    let wish = Subscribe {
        member_id: session.member_id.into(),
        plan_version_id: agreed.plan_version_id,
        location_id: agreed.location_id,
        agreed_gross_minor: Some(agreed.agreed_gross_minor),
        without_card: false,
        coupon: Some(agreed.coupon.clone()),
    };
    let asked = format!(
        "subscribe:{}:{}:{}:{}",
        agreed.plan_version_id, agreed.location_id, agreed.agreed_gross_minor, agreed.coupon
    );
    let caller = command::keyed(Caller::from(&session), &submitted, &asked);
    match membership::subscribe(&house.app, &caller, wish).await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let flash = Flash::success("Your membership has begun. Welcome!");
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            let me = Me::load(&house, &session).await?;
            // What a company pays is the company's to see.
            let hers = done.outcome.invoice_id.filter(|_| me.company.is_none());
            let next = hers.map_or_else(|| "/".to_owned(), |invoice| format!("/invoices/{invoice}"));
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !answers_form(&failure) {
                return Err(failure);
            }
            let me = Me::load(&house, &session).await?;
            let wish = quote::Wish {
                version: agreed.plan_version_id,
                location: agreed.location_id,
                coupon: agreed.coupon.trim(),
            };
            // Where even the quote is refused, its refusal says more than the page could.
            quote::render(&ctx, &house, &session, &me, wish, Some(&failure)).await
        }
    }
}
