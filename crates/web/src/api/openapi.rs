//! `/v1/openapi.json`: `OpenAPI` 3.1 made from the handlers and their schemas.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::header;
use serde_json::json;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
        content::ContentBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{KnownFormat, SchemaFormat, SchemaType, Type},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    add_ons, assignments, availability, billing, blockers, bookings, calendar_feeds, charges, companies, coupons,
    courtesies, credit_notes, credit_packs, deposits, doors, explanations, floors, free_slots, invoice_now,
    invoice_runs, invoices, journal, kiosks, legal_entities, locations, log, members, membership_changes, memberships,
    meters, occupancy, organization, passes, payments, photos, plans, price_changes, price_rules, resource_types,
    resources, seats, series, simulations, staff, tax_choices, tax_rates, test_clock, usage, visitor_bookings,
    waitlist,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Coterie",
        version = "1",
        description = "A coworking chain's spaces, members, bookings and money. Money is in minor units; wall times are those of the location, instants are RFC 3339."
    ),
    paths(
        organization::show, staff::create, staff::create_api_key,
        legal_entities::create, legal_entities::list, legal_entities::show, legal_entities::set_letterhead,
        locations::create, locations::list, locations::show, locations::set_hours, locations::set_cancellation,
        locations::closures, locations::close, locations::import_closures, locations::lift_closure, availability::show,
        resource_types::create, resource_types::list,
        resources::create, resources::list, resources::show, resources::set_terms, resources::place,
        photos::list, photos::create, photos::remove, locations::set_amenities,
        floors::create, floors::list, floors::show, floors::rename, floors::plan, floors::set_plan,
        price_rules::create, price_rules::list, price_rules::preview, simulations::create,
        tax_rates::create, tax_rates::list,
        meters::create, meters::list, coupons::create, coupons::list, coupons::withdraw,
        credit_packs::create, credit_packs::list, credit_packs::withdraw, credit_packs::buy, credit_packs::of,
        add_ons::create, add_ons::list, add_ons::withdraw,
        plans::create, plans::list, plans::versions,
        price_changes::preview, price_changes::create, price_changes::list, price_changes::show, price_changes::memberships,
        price_changes::call_off,
        members::create, members::list, members::show, members::allowances, members::forget,
        companies::create, companies::list, companies::show, companies::join, companies::members,
        companies::correct, companies::leave, companies::manager, seats::show, seats::give, seats::take, seats::split,
        billing::of_member, billing::of_company,
        memberships::quote, memberships::create, memberships::list, memberships::show,
        membership_changes::plan, membership_changes::quote, membership_changes::call_off, membership_changes::payer,
        membership_changes::pause, membership_changes::resume, membership_changes::price, membership_changes::notice,
        membership_changes::withdraw, courtesies::give, coupons::redeem, coupons::of_membership,
        add_ons::of_membership, add_ons::add, add_ons::remove,
        bookings::create, bookings::list, bookings::show, bookings::cancel, bookings::guests, bookings::invite, bookings::uninvite, bookings::confirm, bookings::decline, bookings::check_in, bookings::quote_move, bookings::move_booking,
        waitlist::list, waitlist::join, waitlist::leave, free_slots::list, series::create, series::quote, series::show, series::cancel, blockers::list, blockers::create, blockers::lift,
        assignments::list, assignments::create, assignments::end,
        visitor_bookings::create, visitor_bookings::show,
        passes::create, passes::list, passes::show, passes::give_back, passes::days, passes::set,
        calendar_feeds::of_member, calendar_feeds::make_of_member, calendar_feeds::revoke_of_member,
        calendar_feeds::of_resource, calendar_feeds::make_of_resource, calendar_feeds::revoke_of_resource,
        calendar_feeds::of_location, calendar_feeds::make_of_location, calendar_feeds::revoke_of_location,
        doors::show, doors::make, doors::revoke, doors::show_code, doors::revoke_code,
        kiosks::show, kiosks::make, kiosks::revoke,
        occupancy::show,
        legal_entities::set_invoicing, invoice_runs::list, invoice_runs::create, invoice_runs::show, invoice_runs::drafts,
        invoice_runs::show_draft, invoice_runs::set_draft, invoice_runs::approve, invoice_runs::issue, invoice_runs::resume,
        invoice_runs::cancel, invoice_now::create,
        invoice_now::pay_back, tax_choices::of_member, tax_choices::choose_for_member, tax_choices::of_company,
        tax_choices::choose_for_company,
        invoices::list, invoices::show, explanations::show,
        deposits::list, deposits::show, deposits::apply, deposits::give_back,
        invoices::pdf, credit_notes::list, credit_notes::show, credit_notes::create, credit_notes::pdf,
        invoices::factur_x, invoices::xrechnung, credit_notes::factur_x, credit_notes::xrechnung,
        payments::list, payments::show, charges::list, charges::create, charges::void, usage::list, usage::report, journal::list, journal::trial_balance,
        test_clock::show, test_clock::advance, log::list, log::head, log::show, log::stream, document,
    ),
    components(schemas(Problem)),
    modifiers(&Common),
)]
struct Document;

/// Why a request was not done (RFC 9457). Further members depend on the code, such as `next_free`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is published; `problem.rs` writes the document")]
struct Problem {
    #[schema(example = "urn:coterie:problem:slot_taken")]
    r#type: String,
    title: String,
    status: u16,
    /// A sentence for people.
    detail: String,
    /// The path asked for.
    instance: String,
    /// Stable, for programs.
    #[schema(example = "slot_taken")]
    code: String,
    request_id: String,
    errors: Option<Vec<FieldProblem>>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is published")]
struct FieldProblem {
    /// A field of the body, such as `address.country`, or a parameter.
    field: String,
    message: String,
}

/// What every operation has in common, said once.
struct Common;

impl Modify for Common {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("ck_…".to_owned());
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        for (path, item) in &mut api.paths.paths {
            for (verb, operation) in [("get", &mut item.get), ("post", &mut item.post)] {
                let Some(operation) = operation else { continue };
                operation.operation_id = Some(operation_id(verb, path));
                if path == PATH {
                    operation.security = Some(Vec::new());
                    continue;
                }
                operation.security = Some(vec![SecurityRequirement::new("api_key", [""; 0])]);
                if verb == "get" {
                    reads(operation);
                } else {
                    writes(operation);
                }
                operation
                    .responses
                    .responses
                    .insert("default".to_owned(), RefOr::T(problem()));
            }
        }
    }
}

const PATH: &str = "/v1/openapi.json";

/// `post_bookings_booking_id_cancel`: unique, because method and path are.
fn operation_id(verb: &str, path: &str) -> String {
    let words = path.trim_start_matches("/v1/").split(['/', '{', '}', '.']);
    words
        .filter(|word| !word.is_empty())
        .fold(verb.to_owned(), |id, word| id + "_" + word)
}

fn integer() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
}

fn parameter(name: &str, place: ParameterIn, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

fn reads(operation: &mut Operation) {
    let about = "The Log-Position of a command: the answer has seen it, or is 503 with Retry-After; 422 beyond the end of the log. The header Min-Position says the same.";
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(parameter(
        "min_position",
        ParameterIn::Query,
        about,
        integer(),
    )));
    let about = "What is read has not seen `min_position` yet (`behind_position`), is halted (`halted`), or the house is short of breath";
    let mut late = problem();
    about.clone_into(&mut late.description);
    let seconds = HeaderBuilder::new()
        .schema(Some(integer()))
        .description(Some("Seconds after which asking again makes sense."))
        .build();
    late.headers.insert("Retry-After".to_owned(), seconds.into());
    operation.responses.responses.insert("503".to_owned(), RefOr::T(late));
}

fn writes(operation: &mut Operation) {
    let about = "Your own name for this attempt: sent again with the same body it answers the same outcome, with another body it is refused.";
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(255));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(parameter("Idempotency-Key", ParameterIn::Header, about, text)));
    for (status, response) in &mut operation.responses.responses {
        let (true, RefOr::T(response)) = (status.starts_with('2'), response) else {
            continue;
        };
        let position = HeaderBuilder::new()
            .schema(Some(integer()))
            .description(Some(
                "Where the command stands in the log. Absent where nothing is logged.",
            ))
            .build();
        response.headers.insert("Log-Position".to_owned(), position.into());
        let replayed = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(SchemaType::Type(Type::Boolean))))
            .description(Some(
                "`true` when this was carried out before under the same Idempotency-Key.",
            ))
            .build();
        response
            .headers
            .insert("Idempotent-Replayed".to_owned(), replayed.into());
    }
}

fn problem() -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description("Not done; nothing was written")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(schema)).build(),
        )
        .build()
}

static RENDERED: LazyLock<String> = LazyLock::new(|| json!(Document::openapi()).to_string());

#[utoipa::path(get, path = "/v1/openapi.json", tag = "log", responses((status = 200, description = "This document")))]
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], RENDERED.as_str()).into_response()
}
