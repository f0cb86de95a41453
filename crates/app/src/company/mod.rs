//! Companies that settle for their members.

pub mod page;
mod project;

pub(crate) use project::project_in_op;

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, member, trouble};
use coterie_domain::{
    CompanyId, MemberId, Payer, Refusal,
    company::{self, Company, CompanyEvent},
    legal_entity::Address,
};
use uuid::Uuid;

#[derive(Debug, Clone, Default)]
pub struct RegisterCompany {
    /// The row's id in another system's list, when imported.
    pub external_id: Option<String>,
    pub name: String,
    pub billing_email: String,
    pub address: Address,
    pub tax_id: String,
}

/// # Errors
/// Faulty fields; operators only.
pub async fn register(app: &App, caller: &Caller, command: RegisterCompany) -> Outcome<CompanyId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = register_in_op(&mut op, command).await?;
    op.commit(id).await
}

/// # Errors
/// Faulty fields; whatever the database says.
pub(crate) async fn register_in_op(op: &mut Operation, command: RegisterCompany) -> Result<CompanyId, UseCaseError> {
    let id = CompanyId(op.new_id());
    if let Some(external_id) = &command.external_id
        && let Some(known) = member::claim_import(op, "company", external_id, id.0).await?
    {
        return Ok(CompanyId(known));
    }
    let registered = company::register(
        id,
        &command.name,
        &command.billing_email,
        command.address,
        &command.tax_id,
    )?;
    op.write(id.0, 0, [CompanyEvent::from(registered)])?;
    Ok(id)
}

/// Makes a company the payer of a member's coming memberships. Joining again changes nothing.
///
/// # Errors
/// Unknown ids; a member of another company; operators only.
pub async fn add_member(app: &App, caller: &Caller, company_id: CompanyId, member_id: MemberId) -> Outcome<CompanyId> {
    trouble::carry_out(app, caller, || add_member_once(app, caller, company_id, member_id)).await
}

async fn add_member_once(app: &App, caller: &Caller, company_id: CompanyId, member_id: MemberId) -> Outcome<CompanyId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    add_member_in_op(&mut op, company_id, member_id).await?;
    op.commit(company_id).await
}

/// # Errors
/// Unknown ids; a member of another company; whatever the database says.
pub(crate) async fn add_member_in_op(
    op: &mut Operation,
    company_id: CompanyId,
    member_id: MemberId,
) -> Result<(), UseCaseError> {
    member::hold(op, member_id).await?;
    match company_of(op, member_id).await? {
        Some(known) if known == company_id => return Ok(()),
        Some(_) => {
            return Err(
                Refusal::conflict("in_another_company", "This member already belongs to another company.").into(),
            );
        }
        None => {}
    }
    let (company, version) = load(op, company_id).await?;
    let joined = company::join(&company, member_id)?;
    let tenant = op.tenant();
    sqlx::query("insert into company_member (tenant_id, member_id, company_id) values ($1, $2, $3)")
        .bind(tenant)
        .bind(member_id.0)
        .bind(company_id.0)
        .execute(op.conn())
        .await?;
    op.write(company_id.0, version, [CompanyEvent::from(joined)])
}

/// # Errors
/// `NotFound` when the organization has no such company.
pub async fn load(op: &mut Operation, id: CompanyId) -> Result<(Company, i64), UseCaseError> {
    op.load::<CompanyEvent, Company>(id.0, Company::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

async fn company_of(op: &mut Operation, member: MemberId) -> Result<Option<CompanyId>, UseCaseError> {
    let tenant = op.tenant();
    let id: Option<Uuid> =
        sqlx::query_scalar("select company_id from company_member where tenant_id = $1 and member_id = $2")
            .bind(tenant)
            .bind(member.0)
            .fetch_optional(op.conn())
            .await?;
    Ok(id.map(CompanyId))
}

/// Who settles for a member: her company, or she herself.
///
/// # Errors
/// When the database fails.
pub async fn payer_of(op: &mut Operation, member: MemberId) -> Result<Payer, UseCaseError> {
    Ok(company_of(op, member)
        .await?
        .map_or(Payer::Member(member), Payer::Company))
}
