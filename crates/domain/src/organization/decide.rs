use super::{OrganizationCreated, Role, StaffAdded};
use crate::{
    OrganizationId, StaffId,
    refusal::{Faults, Refusal},
    text,
};

/// # Errors
/// All faulty fields at once.
pub fn create(id: OrganizationId, name: &str, slug: &str, sandbox: bool) -> Result<OrganizationCreated, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let slug = text::slug(slug)
        .map_err(|message| faults.add("slug", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(OrganizationCreated {
        organization_id: id,
        name,
        slug,
        sandbox,
    })
}

/// # Errors
/// All faulty fields at once.
pub fn add_staff(id: StaffId, name: &str, email: &str, role: Role) -> Result<StaffAdded, Refusal> {
    let mut faults = Faults::default();
    let name = text::name(name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let email = text::email(email)
        .map_err(|message| faults.add("email", message))
        .unwrap_or_default();
    faults.finish()?;
    Ok(StaffAdded {
        staff_id: id,
        name,
        email,
        role,
    })
}
