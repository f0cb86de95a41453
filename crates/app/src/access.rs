//! Who may do what. Asked at the top of a use case, again for a replayed command.

use crate::{Actor, Caller, UseCaseError};
use coterie_domain::{MemberId, organization::Role};

fn role(caller: &Caller) -> Option<Role> {
    match caller.actor {
        Actor::Staff { role, .. } | Actor::ApiKey { role, .. } => Some(role),
        Actor::System(_) => Some(Role::Owner),
        Actor::Member(_) => None,
    }
}

/// # Errors
/// `Forbidden` unless the caller may change catalogue, members and bookings.
pub fn operates(caller: &Caller) -> Result<(), UseCaseError> {
    if role(caller).is_some_and(Role::operates) {
        Ok(())
    } else {
        Err(UseCaseError::Forbidden)
    }
}

/// # Errors
/// `Forbidden` unless the caller may see and export money.
pub fn finances(caller: &Caller) -> Result<(), UseCaseError> {
    if role(caller).is_some_and(Role::finances) {
        Ok(())
    } else {
        Err(UseCaseError::Forbidden)
    }
}

/// # Errors
/// `Forbidden` unless the caller may read the log.
pub fn audits(caller: &Caller) -> Result<(), UseCaseError> {
    if role(caller).is_some_and(Role::audits) {
        Ok(())
    } else {
        Err(UseCaseError::Forbidden)
    }
}

/// # Errors
/// `Forbidden` unless the caller owns the organization.
pub fn owns(caller: &Caller) -> Result<(), UseCaseError> {
    if role(caller) == Some(Role::Owner) {
        Ok(())
    } else {
        Err(UseCaseError::Forbidden)
    }
}

/// A member acts for herself; staff who operate act on behalf of anyone. Another member's things do not exist for her.
///
/// # Errors
/// `NotFound` for another member's, `Forbidden` for staff who do not operate.
pub fn acts_for(caller: &Caller, member: MemberId) -> Result<(), UseCaseError> {
    match caller.actor {
        Actor::Member(id) if id == member => Ok(()),
        Actor::Member(_) => Err(UseCaseError::NotFound),
        _ => operates(caller),
    }
}
