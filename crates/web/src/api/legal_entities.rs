//! Who issues invoices.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use coterie_app::{
    App, catalogue, invoice_run,
    legal_entity::{self, LogoChange},
};
use coterie_domain::{
    Currency, LegalEntityId,
    catalogue::LegalEntity as Known,
    legal_entity::{NewLegalEntity, NewLetterhead},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::{Address, IN_ADDRESS},
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
};

#[derive(Debug, Serialize, ToSchema)]
pub struct LegalEntity {
    legal_entity_id: Uuid,
    name: String,
    address: Address,
    /// VAT identification number; empty where there is none.
    tax_id: String,
    /// ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    currency: Currency,
    /// IANA zone of invoice dates and accounting periods.
    time_zone: String,
    /// Invoice numbers are `{series}-{000001}`.
    invoice_series: String,
    payment_terms_days: i32,
    /// The connected account through which it is paid.
    stripe_account: Option<String>,
    /// Whether its recurring invoices wait for an invoice run.
    by_run: bool,
}

impl From<&Known> for LegalEntity {
    fn from(known: &Known) -> Self {
        let fact = &known.fact;
        Self {
            legal_entity_id: fact.legal_entity_id.0,
            name: fact.name.clone(),
            address: (&fact.address).into(),
            tax_id: fact.tax_id.clone(),
            currency: fact.currency,
            time_zone: fact.time_zone.clone(),
            invoice_series: fact.invoice_series.clone(),
            payment_terms_days: fact.payment_terms_days,
            stripe_account: known.stripe_account.clone(),
            by_run: known.by_run,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLegalEntity {
    #[schema(example = "Harbour Berlin GmbH")]
    name: String,
    address: Address,
    #[serde(default)]
    tax_id: String,
    /// ISO 4217; everything it bills is in it.
    #[schema(example = "EUR")]
    currency: String,
    /// IANA.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    #[schema(example = "BER")]
    invoice_series: String,
    /// Days from issue to due date, 14 unless said.
    #[serde(default = "two_weeks")]
    payment_terms_days: i32,
}

fn two_weeks() -> i32 {
    14
}

#[utoipa::path(post, path = "/v1/legal_entities", tag = "catalogue", request_body = CreateLegalEntity,
    responses((status = 201, description = "Created", body = LegalEntity)))]
pub async fn create(command: Command<CreateLegalEntity>) -> CommandAnswer<LegalEntity> {
    let (app, new) = (&command.house.app, command.body);
    let new = NewLegalEntity {
        name: new.name,
        street: new.address.street,
        postcode: new.address.postcode,
        city: new.address.city,
        country: new.address.country,
        tax_id: new.tax_id,
        currency: new.currency,
        time_zone: new.time_zone,
        invoice_series: new.invoice_series,
        payment_terms_days: new.payment_terms_days,
    };
    let done = legal_entity::create(app, &command.caller, new)
        .await
        .map_err(naming(&IN_ADDRESS))?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::created(
        &done,
        format!("/v1/legal_entities/{}", done.outcome),
        body,
    ))
}

#[utoipa::path(get, path = "/v1/legal_entities", tag = "catalogue", params(PageQuery),
    responses((status = 200, description = "Legal entities, the oldest first", body = List<LegalEntity>)))]
pub async fn list(reading: Reading) -> Answer<List<LegalEntity>> {
    reading.settled(&[]).await?;
    let catalogue = catalogue::read(reading.app(), reading.tenant()).await?;
    let known = catalogue.legal_entities.values();
    Ok(List::by_id(
        &reading.page()?,
        known,
        |known| known.fact.legal_entity_id.0,
        LegalEntity::from,
    ))
}

#[utoipa::path(get, path = "/v1/legal_entities/{legal_entity_id}", tag = "catalogue", params(("legal_entity_id" = Uuid, Path)),
    responses((status = 200, description = "One legal entity", body = LegalEntity)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<LegalEntity> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), reading.tenant(), LegalEntityId(id)).await?))
}

async fn one(app: &App, tenant: Uuid, id: LegalEntityId) -> Result<LegalEntity, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    catalogue
        .legal_entities
        .get(&id)
        .map(LegalEntity::from)
        .ok_or_else(Failure::not_found)
}

/// How its documents look from now on. Those that were issued keep theirs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterheadRequest {
    /// `en` or `de`, of documents to customers who chose none; the country's where it is left out.
    #[serde(default)]
    language: String,
    #[serde(default)]
    #[schema(example = "#1f4e5f")]
    colour: String,
    #[serde(default)]
    bank: Bank,
    #[serde(default)]
    contact: Contact,
    /// The entry in the commercial register.
    #[serde(default)]
    register: String,
    /// A JPEG, PNG or WebP in base64, written anew; `""` removes it, and left out it stays as it is.
    logo: Option<String>,
}

/// Where invoices are paid to.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bank {
    account_holder: String,
    #[schema(example = "DE02120300000000202051")]
    iban: String,
    bic: String,
}

/// Whom to ask about a document.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    name: String,
    phone: String,
    email: String,
}

/// The letterhead of documents that are issued now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Letterhead {
    legal_entity_id: Uuid,
    language: &'static str,
    colour: String,
    bank: Option<Bank>,
    contact: Contact,
    register: String,
    /// Digest of the logo's bytes; null where there is none.
    #[schema(required)]
    logo_sha256: Option<String>,
}

/// Base64 makes four letters of three bytes.
pub const LETTERHEAD_LIMIT_BYTES: usize = coterie_app::photo::MAX_PHOTO_BYTES / 3 * 4 + 256 * 1024;

/// Fields of the letterhead as they are called in the body.
const IN_LETTERHEAD: [(&str, &str); 7] = [
    ("iban", "bank.iban"),
    ("bic", "bank.bic"),
    ("account_holder", "bank.account_holder"),
    ("contact_name", "contact.name"),
    ("contact_phone", "contact.phone"),
    ("contact_email", "contact.email"),
    ("image", "logo"),
];

#[utoipa::path(post, path = "/v1/legal_entities/{legal_entity_id}/letterhead", tag = "catalogue", params(("legal_entity_id" = Uuid, Path)), request_body = LetterheadRequest,
    responses((status = 200, description = "Documents look like this from now on", body = Letterhead)))]
pub async fn set_letterhead(Id(id): Id, command: Command<LetterheadRequest>) -> CommandAnswer<Letterhead> {
    let (app, body, id) = (&command.house.app, command.body, LegalEntityId(id));
    let logo = match body.logo.as_deref().map(str::trim) {
        None => LogoChange::Keep,
        Some("") => LogoChange::Remove,
        Some(text) => LogoChange::Take(
            STANDARD
                .decode(text)
                .map_err(|_| Failure::invalid(vec![FieldError::new("logo", "This is no base64.")]))?,
        ),
    };
    let new = NewLetterhead {
        language: body.language,
        colour: body.colour,
        account_holder: body.bank.account_holder,
        iban: body.bank.iban,
        bic: body.bank.bic,
        contact_name: body.contact.name,
        contact_phone: body.contact.phone,
        contact_email: body.contact.email,
        register: body.register,
    };
    let done = legal_entity::set_letterhead(app, &command.caller, id, &new, logo)
        .await
        .map_err(naming(&IN_LETTERHEAD))?;
    let catalogue = catalogue::read(app, command.caller.tenant).await?;
    let language = catalogue.language_of(&catalogue.legal_entity(id)?.fact);
    let now = catalogue.letterhead_of(id);
    let body = Letterhead {
        legal_entity_id: id.0,
        language: language.code(),
        colour: now.colour,
        bank: now.bank.map(|bank| Bank {
            account_holder: bank.holder,
            iban: bank.iban,
            bic: bank.bic,
        }),
        contact: Contact {
            name: now.contact.name,
            phone: now.contact.phone,
            email: now.contact.email,
        },
        register: now.register,
        logo_sha256: now.logo.map(|logo| logo.sha256),
    };
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetInvoicing {
    /// Whether its recurring invoices wait for an invoice run instead of being issued on the billing day.
    by_run: bool,
}

#[utoipa::path(post, path = "/v1/legal_entities/{legal_entity_id}/invoicing", tag = "money", params(("legal_entity_id" = Uuid, Path)),
    request_body = SetInvoicing, responses((status = 200, description = "As it is now", body = LegalEntity)))]
pub async fn set_invoicing(Id(id): Id, command: Command<SetInvoicing>) -> CommandAnswer<LegalEntity> {
    let app = &command.house.app;
    let done = invoice_run::set_invoicing(app, &command.caller, LegalEntityId(id), command.body.by_run).await?;
    let body = one(app, command.caller.tenant, done.outcome).await?;
    Ok(Carried::changed(&done, body))
}
