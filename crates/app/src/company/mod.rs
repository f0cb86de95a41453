//! Companies that settle for their members.

mod guard;
mod leave;
pub mod page;
mod project;

pub use leave::*;
pub(crate) use project::project_in_op;

use crate::{Actor, App, Caller, Operation, Outcome, Start, UseCaseError, access, member, trouble};
use coterie_domain::{
    CompanyId, LocationId, MemberId, Payer, Refusal,
    company::{self, Company, CompanyEvent},
    legal_entity::Address,
    local_time,
    member::Member,
};
use jiff::{civil::Date, tz::TimeZone};

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

/// Corrects what is known of a company; invoices that were issued keep what they say. Saying the same again changes nothing.
///
/// # Errors
/// `NotFound` for an unknown company; faulty fields; operators only.
pub async fn correct(app: &App, caller: &Caller, id: CompanyId, right: RegisterCompany) -> Outcome<CompanyId> {
    trouble::carry_out(app, caller, || correct_once(app, caller, id, right.clone())).await
}

async fn correct_once(app: &App, caller: &Caller, id: CompanyId, right: RegisterCompany) -> Outcome<CompanyId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (company, version) = load(&mut op, id).await?;
    let corrected = company::correct(
        &company,
        &right.name,
        &right.billing_email,
        right.address,
        &right.tax_id,
    )?;
    op.write(id.0, version, corrected.map(CompanyEvent::from))?;
    op.commit(id).await
}

/// Makes a company the payer of a member's coming memberships, from a day on; today where none is said. Joining again changes
/// nothing.
///
/// # Errors
/// Unknown ids; a member of another company; operators only.
pub async fn add_member(
    app: &App,
    caller: &Caller,
    company_id: CompanyId,
    member_id: MemberId,
    from: Option<Date>,
) -> Outcome<CompanyId> {
    trouble::carry_out(app, caller, || {
        add_member_once(app, caller, company_id, member_id, from)
    })
    .await
}

async fn add_member_once(
    app: &App,
    caller: &Caller,
    company_id: CompanyId,
    member_id: MemberId,
    from: Option<Date>,
) -> Outcome<CompanyId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    add_member_in_op(&mut op, company_id, member_id, from).await?;
    op.commit(company_id).await
}

/// # Errors
/// Unknown ids; a member of another company; whatever the database says.
pub(crate) async fn add_member_in_op(
    op: &mut Operation,
    company_id: CompanyId,
    member_id: MemberId,
    from: Option<Date>,
) -> Result<(), UseCaseError> {
    let (company, version) = load(op, company_id).await?;
    let (member, _) = member::hold(op, member_id).await?;
    let from = match from {
        Some(from) => from,
        None => today(op, member.home_location_id).await?,
    };
    match guard::of(op, member_id).await? {
        Some(known) if known.left_on.is_some_and(|left| left <= from) => {}
        Some(known) if known.company_id == company_id => return Ok(()),
        Some(_) => {
            return Err(
                Refusal::conflict("in_another_company", "This member already belongs to another company.").into(),
            );
        }
        None => {}
    }
    let joined = company::join(&company, member_id, from)?;
    guard::join(op, company_id, member_id, from).await?;
    op.write(company_id.0, version, [CompanyEvent::from(joined)])
}

/// Today at a house; at the chain's first one where none is named.
async fn today(op: &mut Operation, home: Option<LocationId>) -> Result<Date, UseCaseError> {
    let catalogue = op.catalogue().await?;
    let place = home.or_else(|| catalogue.locations.keys().next().copied());
    let zone = match place {
        Some(place) => catalogue.zone_of(place)?,
        None => TimeZone::UTC,
    };
    Ok(local_time::day_at(op.now, &zone))
}

/// Lets one of a company's members manage it, or not any more. Saying the same again changes nothing.
///
/// # Errors
/// Unknown ids, nobody of the company; operators only.
pub async fn set_manager(
    app: &App,
    caller: &Caller,
    id: CompanyId,
    member: MemberId,
    manages: bool,
) -> Outcome<CompanyId> {
    trouble::carry_out(app, caller, || set_manager_once(app, caller, id, member, manages)).await
}

async fn set_manager_once(
    app: &App,
    caller: &Caller,
    id: CompanyId,
    member_id: MemberId,
    manages: bool,
) -> Outcome<CompanyId> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (member, _) = member::hold(&mut op, member_id).await?;
    let today = today(&mut op, member.home_location_id).await?;
    let (company, version) = load(&mut op, id).await?;
    let event = company::set_manager(&company, member_id, manages, today)?;
    if event.is_some() {
        guard::set_manager(&mut op, member_id, manages).await?;
    }
    op.write(id.0, version, event)?;
    op.commit(id).await
}

/// Who acts for a company: staff, and whoever of its members manages it today. To everybody else it does not exist.
///
/// # Errors
/// `NotFound` for members who do not manage it, `Forbidden` for staff who do not operate.
pub async fn acts_for_in_op(op: &mut Operation, id: CompanyId) -> Result<(), UseCaseError> {
    let Actor::Member(member) = op.caller().actor else {
        return access::operates(op.caller());
    };
    match managed_by(op, member).await? {
        Some(managed) if managed == id => Ok(()),
        _ => Err(UseCaseError::NotFound),
    }
}

/// As [`acts_for_in_op`], for whoever only reads.
///
/// # Errors
/// As [`acts_for_in_op`].
pub async fn check_acts_for(app: &App, caller: &Caller, id: CompanyId) -> Result<(), UseCaseError> {
    let mut op = Operation::open(app, caller).await?;
    acts_for_in_op(&mut op, id).await
}

/// The company that a member manages today.
///
/// # Errors
/// When the database fails.
pub async fn managed_by(op: &mut Operation, member: MemberId) -> Result<Option<CompanyId>, UseCaseError> {
    let Some(known) = guard::of(op, member).await?.filter(|known| known.manager) else {
        return Ok(None);
    };
    let (her, _) = member::load(op, member).await?;
    let today = today(op, her.home_location_id).await?;
    Ok(known.on(today).then_some(known.company_id))
}

/// # Errors
/// `NotFound` when the organization has no such company.
pub async fn load(op: &mut Operation, id: CompanyId) -> Result<(Company, i64), UseCaseError> {
    op.load::<CompanyEvent, Company>(id.0, Company::evolve)
        .await?
        .ok_or(UseCaseError::NotFound)
}

/// The company that a member belongs to on a day.
///
/// # Errors
/// When the database fails.
pub(crate) async fn company_of(
    op: &mut Operation,
    member: MemberId,
    day: Date,
) -> Result<Option<CompanyId>, UseCaseError> {
    let known = guard::of(op, member).await?.filter(|known| known.on(day));
    Ok(known.map(|known| known.company_id))
}

/// Who settles for what a member begins on a day: her company, or she herself.
///
/// # Errors
/// When the database fails.
pub async fn payer_of(op: &mut Operation, member: MemberId, day: Date) -> Result<Payer, UseCaseError> {
    Ok(company_of(op, member, day)
        .await?
        .map_or(Payer::Member(member), Payer::Company))
}

/// Who settles for what a member begins today.
///
/// # Errors
/// `NotFound` for an unknown member; when the database fails.
pub async fn payer_today(op: &mut Operation, member: &Member) -> Result<Payer, UseCaseError> {
    let today = today(op, member.home_location_id).await?;
    payer_of(op, member.member_id, today).await
}
