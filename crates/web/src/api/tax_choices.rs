//! How a member or a company is taxed by each legal entity: nothing of it is found out by the house.

use coterie_app::billing::{self, ChooseTax};
use coterie_domain::{
    CompanyId, LegalEntityId, MemberId, Payer,
    billing::{NewTaxChoice, TaxChoiceSet},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
};
use crate::{failure::Failure, json::ApiJson};

/// What was said, from a day of supply on.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxChoice {
    legal_entity_id: Uuid,
    /// `standard`, `reverse_charge` or `exempt`.
    treatment: String,
    /// The provision, as documents name it; empty where the treatment says enough.
    reason: String,
    /// Of the list VATEX; empty where there is none.
    code: String,
    from: Date,
}

impl From<&TaxChoiceSet> for TaxChoice {
    fn from(said: &TaxChoiceSet) -> Self {
        let exemption = said.choice.exemption();
        Self {
            legal_entity_id: said.legal_entity_id.0,
            treatment: said.choice.name().to_owned(),
            reason: exemption.as_ref().map(|why| why.reason.clone()).unwrap_or_default(),
            code: exemption.map(|why| why.code).unwrap_or_default(),
            from: said.from,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TaxChoices {
    /// By legal entity and day; where nothing stands here, tax is charged at the rates of the categories.
    choices: Vec<TaxChoice>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseTaxTreatment {
    legal_entity_id: Uuid,
    /// `standard`, `reverse_charge` (needs the payer's VAT id, of another country or with a reason) or `exempt` (needs a reason).
    treatment: String,
    /// The provision.
    #[serde(default)]
    #[schema(max_length = 200)]
    reason: String,
    /// Of the list VATEX.
    #[serde(default)]
    code: String,
    /// The first day of supply; today at the legal entity unless said.
    from: Option<Date>,
}

#[utoipa::path(get, path = "/v1/members/{member_id}/tax", tag = "members", params(("member_id" = Uuid, Path)),
    responses((status = 200, description = "How she is taxed", body = TaxChoices)))]
pub async fn of_member(Id(id): Id, reading: Reading) -> Answer<TaxChoices> {
    of(Payer::Member(MemberId(id)), &reading).await
}

#[utoipa::path(get, path = "/v1/companies/{company_id}/tax", tag = "members", params(("company_id" = Uuid, Path)),
    responses((status = 200, description = "How it is taxed", body = TaxChoices)))]
pub async fn of_company(Id(id): Id, reading: Reading) -> Answer<TaxChoices> {
    of(Payer::Company(CompanyId(id)), &reading).await
}

async fn of(payer: Payer, reading: &Reading) -> Answer<TaxChoices> {
    // It is read from the log itself.
    reading.settled(&[]).await?;
    let known = billing::of_known(reading.app(), &reading.caller(), payer).await?;
    let choices = known.tax.values().flat_map(|all| &all.0);
    Ok(ApiJson(TaxChoices {
        choices: choices.map(TaxChoice::from).collect(),
    }))
}

#[utoipa::path(post, path = "/v1/members/{member_id}/tax", tag = "members", params(("member_id" = Uuid, Path)), request_body = ChooseTaxTreatment,
    responses((status = 200, description = "What is supplied from that day on is taxed like this", body = TaxChoices)))]
pub async fn choose_for_member(Id(id): Id, command: Command<ChooseTaxTreatment>) -> CommandAnswer<TaxChoices> {
    choose(Payer::Member(MemberId(id)), command).await
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/tax", tag = "members", params(("company_id" = Uuid, Path)), request_body = ChooseTaxTreatment,
    responses((status = 200, description = "What is supplied from that day on is taxed like this", body = TaxChoices)))]
pub async fn choose_for_company(Id(id): Id, command: Command<ChooseTaxTreatment>) -> CommandAnswer<TaxChoices> {
    choose(Payer::Company(CompanyId(id)), command).await
}

async fn choose(payer: Payer, command: Command<ChooseTaxTreatment>) -> Result<Carried<TaxChoices>, Failure> {
    let body = command.body;
    let wanted = ChooseTax {
        payer,
        legal_entity_id: LegalEntityId(body.legal_entity_id),
        new: NewTaxChoice {
            treatment: body.treatment,
            reason: body.reason,
            code: body.code,
        },
        from: body.from,
    };
    let app = &command.house.app;
    let done = billing::choose_tax(app, &command.caller, &wanted).await?;
    let known = billing::find(app, command.caller.tenant, payer).await?;
    let choices = known.tax.values().flat_map(|all| &all.0);
    let body = TaxChoices {
        choices: choices.map(TaxChoice::from).collect(),
    };
    Ok(Carried::changed(&done, body))
}
