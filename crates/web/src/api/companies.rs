//! Companies that settle for their members.

use coterie_app::{
    company::{self, RegisterCompany},
    member::page::{self, CompanyRow},
    projections,
};
use coterie_domain::{CompanyId, MemberId};
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
pub struct Company {
    company_id: Uuid,
    name: String,
    /// Where its invoices are sent.
    billing_email: String,
    address: Address,
    tax_id: String,
    /// How many members it settles for.
    members: i64,
}

impl From<CompanyRow> for Company {
    fn from(row: CompanyRow) -> Self {
        Self {
            company_id: row.company_id.0,
            name: row.name,
            address: (&row.fact.address).into(),
            billing_email: row.fact.billing_email,
            tax_id: row.fact.tax_id,
            members: row.members,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCompany {
    /// Its id in your own system: sent again, it changes nothing and answers the same company.
    external_id: Option<String>,
    name: String,
    billing_email: String,
    #[serde(default)]
    address: Address,
    #[serde(default)]
    tax_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyChanged {
    company_id: Uuid,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinCompany {
    member_id: Uuid,
}

#[utoipa::path(post, path = "/v1/companies", tag = "members", request_body = CreateCompany,
    responses((status = 201, description = "Registered", body = CompanyChanged)))]
pub async fn create(command: Command<CreateCompany>) -> CommandAnswer<CompanyChanged> {
    let new = command.body;
    let new = RegisterCompany {
        external_id: new.external_id,
        name: new.name,
        billing_email: new.billing_email,
        address: new.address.into(),
        tax_id: new.tax_id,
    };
    let done = company::register(&command.house.app, &command.caller, new)
        .await
        .map_err(naming(&IN_ADDRESS))?;
    let company_id = done.outcome.0;
    Ok(Carried::created(
        &done,
        format!("/v1/companies/{company_id}"),
        CompanyChanged { company_id },
    ))
}

#[utoipa::path(get, path = "/v1/companies", tag = "members", params(PageQuery),
    responses((status = 200, description = "Companies by name", body = List<Company>)))]
pub async fn list(reading: Reading) -> Answer<List<Company>> {
    reading.settled(&[projections::PEOPLE]).await?;
    let page = page::companies(reading.app(), reading.tenant(), &reading.page()?).await?;
    Ok(List::of(page, Company::from))
}

#[utoipa::path(get, path = "/v1/companies/{company_id}", tag = "members", params(("company_id" = Uuid, Path)),
    responses((status = 200, description = "One company", body = Company)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Company> {
    reading.settled(&[projections::PEOPLE]).await?;
    let found = page::company(reading.app(), reading.tenant(), CompanyId(id)).await?;
    Ok(ApiJson(found.ok_or_else(Failure::not_found)?.row.into()))
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/members", tag = "members", params(("company_id" = Uuid, Path)), request_body = JoinCompany,
    responses((status = 200, description = "The company pays for her coming memberships; joining again changes nothing", body = CompanyChanged)))]
pub async fn join(Id(id): Id, command: Command<JoinCompany>) -> CommandAnswer<CompanyChanged> {
    let member = MemberId(command.body.member_id);
    let done = company::add_member(&command.house.app, &command.caller, CompanyId(id), member).await?;
    let company_id = done.outcome.0;
    Ok(Carried::changed(&done, CompanyChanged { company_id }))
}
