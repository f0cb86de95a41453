//! Companies that settle for their members.

use coterie_app::{
    company::{self, RegisterCompany},
    member::page::{self, CompanyRow, MemberRow},
    projections,
};
use coterie_domain::{CompanyId, MemberId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List, naming},
    seats::GivenUp,
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
    /// The first day that she belongs to it; today unless said.
    from: Option<Date>,
}

/// What is right, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectCompany {
    name: String,
    billing_email: String,
    #[serde(default)]
    address: Address,
    #[serde(default)]
    tax_id: String,
}

/// Somebody of a company.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyMember {
    member_id: Uuid,
    name: String,
    /// The first day that she belongs to it, where it is known.
    from: Option<Date>,
    /// The first day that she does not any more.
    until: Option<Date>,
    /// Whether she manages it: she sees its invoices and gives its seats.
    manager: bool,
}

impl From<MemberRow> for CompanyMember {
    fn from(row: MemberRow) -> Self {
        Self {
            member_id: row.member_id.0,
            name: row.name,
            from: row.company_from,
            until: row.company_until,
            manager: row.company_manager,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveCompany {
    /// The first day that she does not belong to it; today unless said.
    from: Option<Date>,
}

/// What leaving led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompanyLeft {
    company_id: Uuid,
    from: Date,
    /// What she had booked with a seat: given up, at no cost.
    given_up: Vec<GivenUp>,
    /// Her own memberships, which she pays for herself from that day on.
    pays_herself: Vec<Uuid>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetManager {
    manages: bool,
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
    responses((status = 200, description = "The company pays for her memberships that begin from that day on; joining again changes nothing", body = CompanyChanged)))]
pub async fn join(Id(id): Id, command: Command<JoinCompany>) -> CommandAnswer<CompanyChanged> {
    let member = MemberId(command.body.member_id);
    let done = company::add_member(
        &command.house.app,
        &command.caller,
        CompanyId(id),
        member,
        command.body.from,
    )
    .await?;
    let company_id = done.outcome.0;
    Ok(Carried::changed(&done, CompanyChanged { company_id }))
}

#[utoipa::path(get, path = "/v1/companies/{company_id}/members", tag = "members", params(("company_id" = Uuid, Path)),
    responses((status = 200, description = "Its people by name, those who left among them", body = List<CompanyMember>)))]
pub async fn members(Id(id): Id, reading: Reading) -> Answer<List<CompanyMember>> {
    reading.settled(&[projections::PEOPLE]).await?;
    let found = page::company(reading.app(), reading.tenant(), CompanyId(id)).await?;
    let found = found.ok_or_else(Failure::not_found)?;
    Ok(List::whole(
        found.members.into_iter().map(CompanyMember::from).collect(),
    ))
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/correction", tag = "members", params(("company_id" = Uuid, Path)), request_body = CorrectCompany,
    responses((status = 200, description = "It is known like this from now on; issued invoices keep what they say", body = CompanyChanged)))]
pub async fn correct(Id(id): Id, command: Command<CorrectCompany>) -> CommandAnswer<CompanyChanged> {
    let right = command.body;
    let right = RegisterCompany {
        external_id: None,
        name: right.name,
        billing_email: right.billing_email,
        address: right.address.into(),
        tax_id: right.tax_id,
    };
    let done = company::correct(&command.house.app, &command.caller, CompanyId(id), right)
        .await
        .map_err(naming(&IN_ADDRESS))?;
    Ok(Carried::changed(&done, CompanyChanged { company_id: id }))
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/members/{member_id}/leave", tag = "members", params(("company_id" = Uuid, Path), ("member_id" = Uuid, Path)), request_body = LeaveCompany,
    responses((status = 200, description = "She belongs to it no more from that day on, has none of its seats, and pays for her own", body = CompanyLeft)))]
pub async fn leave(
    Id((company_id, member)): Id<(Uuid, Uuid)>,
    command: Command<LeaveCompany>,
) -> CommandAnswer<CompanyLeft> {
    let (app, from) = (&command.house.app, command.body.from);
    let done = company::remove_member(app, &command.caller, CompanyId(company_id), MemberId(member), from).await?;
    let left = &done.outcome;
    let body = CompanyLeft {
        company_id,
        from: left.from,
        given_up: left.given_up.iter().map(GivenUp::from).collect(),
        pays_herself: left.pays_herself.iter().map(|id| id.0).collect(),
    };
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(post, path = "/v1/companies/{company_id}/members/{member_id}/manager", tag = "members", params(("company_id" = Uuid, Path), ("member_id" = Uuid, Path)), request_body = SetManager,
    responses((status = 200, description = "She manages the company, or does not any more", body = CompanyChanged)))]
pub async fn manager(
    Id((company_id, member)): Id<(Uuid, Uuid)>,
    command: Command<SetManager>,
) -> CommandAnswer<CompanyChanged> {
    let (app, manages) = (&command.house.app, command.body.manages);
    let done = company::set_manager(app, &command.caller, CompanyId(company_id), MemberId(member), manages).await?;
    Ok(Carried::changed(&done, CompanyChanged { company_id }))
}
