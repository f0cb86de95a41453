//! Who issues invoices.

use coterie_app::{App, catalogue, invoice_run, legal_entity};
use coterie_domain::{Currency, LegalEntityId, catalogue::LegalEntity as Known, legal_entity::NewLegalEntity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    words::{Address, IN_ADDRESS},
};
use crate::{failure::Failure, json::ApiJson};

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
