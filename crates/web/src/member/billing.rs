//! `/billing`: how her invoices are addressed. A company's, for whoever manages it, is the same form elsewhere.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, billing};
use coterie_domain::{Payer, billing::NewBillingDetails, legal_entity::Language};

use super::answers_form;
use crate::{
    components::{Checkbox, Choice, ErrorSummary, Field, Select},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page_with_status,
    session::MemberSession,
    state::AppState,
};

#[derive(Template)]
#[template(path = "member/billing.html")]
struct BillingPage<'a> {
    ctx: &'a PageContext,
    of: &'a Of,
    errors: Option<ErrorSummary>,
    language: Select,
    fields: Vec<Field>,
    per_location: Checkbox,
}

/// Whose invoices, and where one comes from and goes back to.
pub(super) struct Of {
    pub(super) payer: Payer,
    pub(super) title: String,
    pub(super) action: String,
    pub(super) back: String,
    pub(super) done: &'static str,
}

impl Of {
    fn her(session: &MemberSession) -> Self {
        Self {
            payer: Payer::Member(session.member_id.into()),
            title: "Address on your invoices".to_owned(),
            action: "/billing".to_owned(),
            back: "/invoices".to_owned(),
            done: "/billing",
        }
    }

    /// Where a saved form leads.
    fn next(&self) -> &str {
        if self.done.is_empty() { &self.back } else { self.done }
    }
}

pub(super) async fn show(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    show_of(&ctx, &house, &session, &Of::her(&session)).await
}

pub(super) async fn show_of(
    ctx: &PageContext,
    house: &House,
    session: &MemberSession,
    of: &Of,
) -> Result<Response, Failure> {
    let said = billing::find(&house.app, session.tenant.tenant, of.payer)
        .await?
        .details;
    let values = said.map_or_else(NewBillingDetails::default, |said| NewBillingDetails {
        language: said.language.map_or("", Language::code).to_owned(),
        street: said.address.street,
        postcode: said.address.postcode,
        city: said.address.city,
        country: said.address.country,
        tax_id: said.tax_id,
        reference: said.reference,
        per_location: said.per_location,
    });
    Ok(form(ctx, of, &values, None))
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let of = Of::her(&session);
    submit_of(&ctx, &state, (&house, jar), &session, &of, &submitted).await
}

pub(super) async fn submit_of(
    ctx: &PageContext,
    state: &AppState,
    (house, jar): (&House, CookieJar),
    session: &MemberSession,
    of: &Of,
    submitted: &Submitted,
) -> Result<Response, Failure> {
    let text = |name: &str| submitted.get(name).to_owned();
    let new = NewBillingDetails {
        language: text("language"),
        street: text("street"),
        postcode: text("postcode"),
        city: text("city"),
        country: text("country"),
        tax_id: text("tax_id"),
        reference: text("reference"),
        per_location: !submitted.get("per_location").is_empty(),
    };
    match billing::set(&house.app, &Caller::from(session), of.payer, &new).await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let flash = Flash::success("Coming invoices are addressed like this.");
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to(of.next())).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if answers_form(&failure) {
                Ok(form(ctx, of, &new, Some((submitted, &failure))))
            } else {
                Err(failure)
            }
        }
    }
}

fn form(ctx: &PageContext, of: &Of, values: &NewBillingDetails, refused: Option<(&Submitted, &Failure)>) -> Response {
    let languages = Language::ALL.map(|language| Choice::new(language.code(), language.name()));
    let mut language = Select::new("language", "Language of the invoices", languages)
        .value(&values.language)
        .prompt("As usual here")
        .optional();
    let mut fields = vec![
        Field::text("street", "Street and number")
            .value(&values.street)
            .autocomplete("street-address"),
        Field::text("postcode", "Postcode")
            .value(&values.postcode)
            .optional()
            .autocomplete("postal-code"),
        Field::text("city", "Town")
            .value(&values.city)
            .autocomplete("address-level2"),
        Field::text("country", "Country")
            .value(&values.country)
            .hint("Two letters, such as DE.")
            .autocomplete("country"),
        Field::text("tax_id", "VAT identification number")
            .value(&values.tax_id)
            .optional(),
        Field::text("reference", "Your reference")
            .value(&values.reference)
            .optional()
            .hint("It stands on every invoice, such as a Leitweg-ID."),
    ];
    let mut per_location = Checkbox::new("per_location", "One invoice for each location").checked(values.per_location);
    if let Some((submitted, failure)) = refused {
        per_location = per_location.refused(submitted, failure);
        language = language.refused(submitted, failure);
        fields = fields
            .into_iter()
            .map(|field| field.refused(submitted, failure))
            .collect();
    }
    let shown = BillingPage {
        ctx,
        of,
        per_location,
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        language,
        fields,
    };
    let status = refused.map_or(http::StatusCode::OK, |(_, failure)| failure.status);
    page_with_status(status, ctx, &shown)
}
