//! `/organizations/new`: opens a chain with its first owner, and leads to the chain's own host.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use coterie_app::{
    organization::{self, CreateOrganization},
    session,
};
use http::{HeaderValue, StatusCode, header};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use crate::{
    components::{Checkbox, ErrorSummary, Field},
    context::PageContext,
    failure::{Failure, FieldError},
    form::Submitted,
    host::PublicUrl,
    house::House,
    page::page_with_status,
    stack::CONTENT_SECURITY_POLICY,
    state::AppState,
};

#[derive(Deserialize)]
struct NewOrganization {
    name: String,
    slug: String,
    owner_name: String,
    owner_email: String,
    owner_password: String,
}

#[derive(Template)]
#[template(path = "platform/new_organization.html")]
struct NewOrganizationPage<'a> {
    ctx: &'a PageContext,
    errors: Option<ErrorSummary>,
    chain: [Field; 2],
    sandbox: Checkbox,
    clock: Field,
    owner: [Field; 3],
}

pub(super) async fn show(ctx: PageContext, State(state): State<AppState>) -> Response {
    form(&ctx, &state.config.public_url, &Submitted::default(), None)
}

fn form(ctx: &PageContext, public: &PublicUrl, submitted: &Submitted, failure: Option<&Failure>) -> Response {
    let field = |field: Field| match failure {
        Some(failure) => field.refused(submitted, failure),
        None => field,
    };
    let sandbox = Checkbox::new(
        "sandbox",
        "A sandbox: payments are simulated, mail stays here, and a test clock is yours to move",
    )
    .hint("A sandbox never becomes live. Untick it to open a chain that charges real cards.");
    let address = format!("Its pages live at {}.", public.of_chain("your-name"));
    let page = NewOrganizationPage {
        ctx,
        errors: failure.map(ErrorSummary::new),
        chain: [
            field(Field::text("name", "Name of the chain").autocomplete("organization")),
            field(
                Field::text("slug", "Short name")
                    .hint(address)
                    .attribute("autocapitalize", "none"),
            ),
        ],
        sandbox: match failure {
            Some(failure) => sandbox.refused(submitted, failure),
            None => sandbox.checked(true),
        },
        clock: field(
            Field::text("clock_starts_at", "Test clock starts at (UTC)")
                .optional()
                .hint("Such as 2026-01-20T09:00, for a sandbox. Left empty, it starts now."),
        ),
        owner: [
            field(Field::text("owner_name", "Your name").autocomplete("name")),
            field(Field::email("owner_email", "Your email")),
            field(
                Field::password("owner_password", "Password")
                    .autocomplete("new-password")
                    .hint(format!("At least {} characters.", session::PASSWORD_MIN_CHARS)),
            ),
        ],
    };
    let response = page_with_status(failure.map_or(StatusCode::OK, |failure| failure.status), ctx, &page);
    lead_to_chains(response, public)
}

/// Browsers hold the form's page to its `form-action` when its answer redirects: here it leads to a chain's own host, which
/// is below this one.
fn lead_to_chains(mut response: Response, public: &PublicUrl) -> Response {
    let chains = public.of_chain("*");
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {chains}"));
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let public = &state.config.public_url;
    match create(&house, public, &submitted).await {
        Ok(address) => Ok(Redirect::to(&format!("{address}/sign-in")).into_response()),
        Err(failure) if matches!(failure.status.as_u16(), 409 | 422) => {
            Ok(form(&ctx, public, &submitted, Some(&in_this_form(failure))))
        }
        Err(failure) => Err(failure),
    }
}

async fn create(house: &House, public: &PublicUrl, submitted: &Submitted) -> Result<PublicUrl, Failure> {
    let typed: NewOrganization = submitted.parse()?;
    let sandbox = submitted.has("sandbox");
    let clock_starts_at = clock(submitted.get("clock_starts_at"))?.filter(|_| sandbox);
    // What is no label has no host; the use case says what is wrong with it.
    let slug = typed.slug.trim().to_ascii_lowercase();
    let address = public.of_chain(&slug);
    let wish = CreateOrganization {
        name: typed.name,
        slug,
        sandbox,
        clock_starts_at,
        host: address.host().to_owned(),
        owner_name: typed.owner_name,
        owner_email: typed.owner_email,
        owner_password: typed.owner_password,
    };
    organization::create(&house.app, wish).await?;
    Ok(address)
}

/// An instant, or a day and time in UTC.
fn clock(text: &str) -> Result<Option<Timestamp>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wall = || {
        let wall: DateTime = text.parse().ok()?;
        Some(wall.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(wall).map(Some).ok_or_else(|| {
        Failure::invalid(vec![FieldError::new(
            "clock_starts_at",
            "Write a day and time in UTC such as 2026-01-20T09:00.",
        )])
    })
}

/// The use case says `password`; this form's field is the owner's.
fn in_this_form(mut failure: Failure) -> Failure {
    for error in &mut failure.fields {
        if error.field == "password" {
            "owner_password".clone_into(&mut error.field);
        }
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_an_instant_or_a_time_in_utc() {
        let nine = "2026-01-20T09:00:00Z".parse().ok();
        for text in [
            "2026-01-20T09:00:00Z",
            "2026-01-20T09:00",
            "2026-01-20 09:00",
            "2026-01-20T10:00:00+01:00",
        ] {
            assert_eq!(clock(text).unwrap(), nine, "{text}");
        }
        assert_eq!(clock(" ").unwrap(), None);
        assert_eq!(clock("tomorrow").unwrap_err().fields[0].field, "clock_starts_at");
    }

    #[test]
    fn the_form_may_lead_to_a_chain_and_nowhere_else() {
        let response = form(
            &PageContext::default(),
            &"http://localhost:8080".parse().unwrap(),
            &Submitted::default(),
            None,
        );
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("form-action 'self' http://*.localhost:8080;"),
            "{policy}"
        );
    }
}
