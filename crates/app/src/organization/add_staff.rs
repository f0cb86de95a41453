use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, session};
use coterie_domain::{
    Refusal, StaffId,
    organization::{self, Role, StaffAdded, StaffEvent},
};

#[derive(Debug, Clone)]
pub struct AddStaff {
    pub name: String,
    pub email: String,
    pub role: Role,
    /// None: she sets one by the link in her email.
    pub password: Option<String>,
}

/// Adds a colleague with a role.
///
/// # Errors
/// Only owners may; faulty fields; an address that is already used in the organization.
pub async fn add_staff(app: &App, caller: &Caller, command: AddStaff) -> Outcome<StaffId> {
    access::owns(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let id = StaffId(op.new_id());
    let staff = organization::add_staff(id, &command.name, &command.email, command.role)?;
    let hash = match command.password {
        Some(password) => {
            session::check_password(&password)?;
            Some(session::hash_password(app, password).await?)
        }
        None => None,
    };
    write_staff(&mut op, &staff, hash).await?;
    op.write(id.0, 0, [StaffEvent::from(staff)])?;
    op.commit(id).await
}

/// Guards of a staff member: her unique address and her role.
pub(crate) async fn write_staff(
    op: &mut Operation,
    staff: &StaffAdded,
    password_hash: Option<String>,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    session::claim_email(op, &staff.email, "staff", staff.staff_id.0, password_hash)
        .await?
        .ok_or_else(|| {
            UseCaseError::from(
                Refusal::conflict("email_taken", "Somebody here already uses this address.")
                    .on("email", "Somebody here already uses this address."),
            )
        })?;
    sqlx::query("insert into staff (tenant_id, staff_id, name, role) values ($1, $2, $3, $4)")
        .bind(tenant)
        .bind(staff.staff_id.0)
        .bind(&staff.name)
        .bind(staff.role.name())
        .execute(op.conn())
        .await?;
    Ok(())
}
