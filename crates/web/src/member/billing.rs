//! `/billing`: how her invoices are addressed.

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
    components::{Choice, ErrorSummary, Field, Select},
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
    errors: Option<ErrorSummary>,
    language: Select,
    fields: Vec<Field>,
}

pub(super) async fn show(ctx: PageContext, house: House, session: MemberSession) -> Result<Response, Failure> {
    let payer = Payer::Member(session.member_id.into());
    let said = billing::find(&house.app, session.tenant.tenant, payer).await?.details;
    let values = said.map_or_else(NewBillingDetails::default, |said| NewBillingDetails {
        language: said.language.map_or("", Language::code).to_owned(),
        street: said.address.street,
        postcode: said.address.postcode,
        city: said.address.city,
        country: said.address.country,
        tax_id: said.tax_id,
        reference: said.reference,
    });
    Ok(form(&ctx, &values, None))
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    submitted: Submitted,
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
    };
    let payer = Payer::Member(session.member_id.into());
    match billing::set(&house.app, &Caller::from(&session), payer, &new).await {
        Ok(done) => {
            let jar = cookies::remember_position(&state.config, jar, done.position);
            let flash = Flash::success("Your coming invoices are addressed like this.");
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to("/billing")).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if answers_form(&failure) {
                Ok(form(&ctx, &new, Some((&submitted, &failure))))
            } else {
                Err(failure)
            }
        }
    }
}

fn form(ctx: &PageContext, values: &NewBillingDetails, refused: Option<(&Submitted, &Failure)>) -> Response {
    let languages = Language::ALL.map(|language| Choice::new(language.code(), language.name()));
    let mut language = Select::new("language", "Language of your invoices", languages)
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
    if let Some((submitted, failure)) = refused {
        language = language.refused(submitted, failure);
        fields = fields
            .into_iter()
            .map(|field| field.refused(submitted, failure))
            .collect();
    }
    let shown = BillingPage {
        ctx,
        errors: refused.map(|(_, failure)| ErrorSummary::new(failure)),
        language,
        fields,
    };
    let status = refused.map_or(http::StatusCode::OK, |(_, failure)| failure.status);
    page_with_status(status, ctx, &shown)
}
