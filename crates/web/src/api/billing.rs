//! How documents to a member or a company are addressed.

use coterie_app::billing;
use coterie_domain::{CompanyId, MemberId, Payer, billing::NewBillingDetails};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    command::Command,
    reading::Id,
    reply::{Carried, CommandAnswer, naming},
    words::{Address, IN_ADDRESS},
};
use crate::failure::Failure;

/// What later documents say of their recipient.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BillingDetails {
    /// `en` or `de`; empty, it is the legal entity's.
    #[serde(default)]
    language: String,
    address: Address,
    /// VAT identification number.
    #[serde(default)]
    tax_id: String,
    /// Your reference, such as a Leitweg-ID.
    #[serde(default)]
    #[schema(max_length = 64)]
    reference: String,
    /// One invoice for each location, rather than one for all.
    #[serde(default)]
    per_location: bool,
}

#[utoipa::path(post, path = "/v1/members/{member_id}/billing", tag = "members", params(("member_id" = Uuid, Path)), request_body = BillingDetails,
    responses((status = 200, description = "Documents are addressed like this from now on", body = BillingDetails)))]
pub async fn of_member(Id(id): Id, command: Command<BillingDetails>) -> CommandAnswer<BillingDetails> {
    set(Payer::Member(MemberId(id)), command).await
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/billing", tag = "members", params(("company_id" = Uuid, Path)), request_body = BillingDetails,
    responses((status = 200, description = "Documents are addressed like this from now on", body = BillingDetails)))]
pub async fn of_company(Id(id): Id, command: Command<BillingDetails>) -> CommandAnswer<BillingDetails> {
    set(Payer::Company(CompanyId(id)), command).await
}

async fn set(payer: Payer, command: Command<BillingDetails>) -> Result<Carried<BillingDetails>, Failure> {
    let said = command.body.clone();
    let body = command.body;
    let new = NewBillingDetails {
        language: body.language,
        street: body.address.street,
        postcode: body.address.postcode,
        city: body.address.city,
        country: body.address.country,
        tax_id: body.tax_id,
        reference: body.reference,
        per_location: body.per_location,
    };
    let done = billing::set(&command.house.app, &command.caller, payer, &new)
        .await
        .map_err(naming(&IN_ADDRESS))?;
    Ok(Carried::changed(&done, said))
}
