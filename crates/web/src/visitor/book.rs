//! `POST /visit/{resource}`: holds the time and asks the gateway for its page. The page of the visit leads on to it: Chrome would
//! hold our `form-action` against a redirect after the form.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::visitor_booking::{self, OpenVisit};

use super::{payment_page, room, room_page, stranger};
use crate::{
    context::PageContext,
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    member::{answers_form, command},
    session::Tenant,
    state::AppState,
};

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let caller = stranger(tenant.tenant);
    let resource = room::resource(&house, tenant.tenant, &id).await?;
    let wish = room_page::wish(&house, &caller, resource, &submitted).await?;
    let (name, email) = (submitted.get("name").to_owned(), submitted.get("email").to_owned());
    let outcome = async {
        let Some(time) = wish.time() else {
            return Err(Failure::invalid(vec![FieldError::new(
                "start",
                "Please choose a time.",
            )]));
        };
        let asked = format!("visit:{resource}:{}:{}:{email}:{name}", time.start, time.end);
        let caller = command::keyed(caller.clone(), &submitted, &asked);
        let wish = OpenVisit { time, name, email };
        let done = visitor_booking::open(&house.app, &caller, wish).await?;
        let found = visitor_booking::page::find(&house.app, &stranger(tenant.tenant), done.outcome).await?;
        payment_page::of_visit(&state, &stranger(tenant.tenant), &tenant, &found).await?;
        Ok((done.position, payment_page::address(&house.app, tenant.tenant, &found)))
    };
    match outcome.await {
        Ok((position, address)) => {
            let jar = cookies::remember_position(&state.config, jar, position);
            Ok((jar, Redirect::to(&address)).into_response())
        }
        Err(failure) if answers_form(&failure) => {
            let price = match wish.time() {
                Some(time) => visitor_booking::quote(&house.app, &caller, time).await.ok(),
                None => None,
            };
            room_page::show(
                &ctx,
                &house,
                &caller,
                &wish,
                price.map(Ok),
                Some((&submitted, &failure)),
            )
            .await
        }
        Err(failure) => Err(failure),
    }
}
