//! `/sign-up`: a stranger becomes a person the chain knows; she is charged nothing until she agrees to a plan.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, catalogue, member, session};
use coterie_domain::{LocationId, catalogue::Catalogue};
use http::StatusCode;
use serde::Deserialize;

use super::{answers_form, command};
use crate::{
    components::{Choice, ErrorSummary, Field, Hidden, Select},
    context::{Flash, PageContext, Viewer},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::Tenant,
    state::AppState,
};

#[derive(Deserialize)]
struct SignUp {
    name: String,
    email: String,
    password: String,
    home_location_id: Option<LocationId>,
}

#[derive(Template)]
#[template(path = "member/sign_up.html")]
struct SignUpPage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    fields: [Field; 3],
    location: Option<Select>,
    command: Hidden,
}

pub(super) async fn show(ctx: PageContext, house: House, Tenant(tenant): Tenant) -> Result<Response, Failure> {
    if matches!(ctx.viewer, Viewer::Member { .. }) {
        return Ok(Redirect::to("/plans").into_response());
    }
    let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
    Ok(form(&ctx, &catalogue, &Submitted::default(), None))
}

fn form(ctx: &PageContext, catalogue: &Catalogue, submitted: &Submitted, failure: Option<&Failure>) -> Response {
    let field = |field: Field| match failure {
        Some(failure) => field.refused(submitted, failure),
        None => field,
    };
    let hint = format!("At least {} characters.", session::PASSWORD_MIN_CHARS);
    let page = SignUpPage {
        ctx,
        errors: failure.map(ErrorSummary::new),
        fields: [
            field(Field::text("name", "Name").autocomplete("name")),
            field(Field::email("email", "Email").hint("We send a link to confirm it.")),
            field(
                Field::password("password", "Password")
                    .autocomplete("new-password")
                    .hint(hint),
            ),
        ],
        location: locations(catalogue, submitted, failure),
        command: command::token(),
    };
    page_with_status(failure.map_or(StatusCode::OK, |failure| failure.status), ctx, &page)
}

/// Which house she will use most; not asked where there is no choice.
fn locations(catalogue: &Catalogue, submitted: &Submitted, failure: Option<&Failure>) -> Option<Select> {
    if catalogue.locations.len() < 2 {
        return None;
    }
    let mut choices: Vec<_> = catalogue
        .locations
        .values()
        .map(|location| (&location.name, location.location_id))
        .collect();
    choices.sort();
    let choices = choices
        .into_iter()
        .map(|(name, id)| Choice::new(id.to_string(), format!("{name}, {}", city(catalogue, id))));
    let select = Select::new("home_location_id", "Where will you work most?", choices)
        .prompt("Not sure yet")
        .optional();
    Some(match failure {
        Some(failure) => select.refused(submitted, failure),
        None => select,
    })
}

fn city(catalogue: &Catalogue, id: LocationId) -> &str {
    catalogue
        .locations
        .get(&id)
        .map_or("", |location| location.address.city.as_str())
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    Tenant(tenant): Tenant,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let outcome = async {
        let typed: SignUp = submitted.parse()?;
        let caller = Caller::system(tenant.tenant, "sign_up");
        let caller = command::keyed(caller, &submitted, &format!("sign-up:{}:{}", typed.email, typed.name));
        let wish = member::SignUp {
            name: typed.name,
            email: typed.email,
            password: typed.password,
            home_location_id: typed.home_location_id,
        };
        Ok(member::sign_up(&house.app, &caller, wish).await?)
    };
    match outcome.await {
        Ok(done) => {
            let token = session::open_session(&house.app, tenant.tenant, "member", done.outcome.0).await?;
            let jar = cookies::start_session(&state.config, jar, &token);
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let sentence = "Welcome! We sent you an email: please follow its link to confirm your address.";
            let jar = cookies::leave_flash(&state.config, jar, &Flash::success(sentence));
            Ok((jar, Redirect::to("/")).into_response())
        }
        Err(failure) if answers_form(&failure) => {
            let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
            Ok(form(&ctx, &catalogue, &submitted, Some(&failure)))
        }
        Err(failure) => Err(failure),
    }
}
