//! Who asks, in the use cases' words.

use coterie_app::{Actor, Caller};
use coterie_domain::{MemberId, StaffId, organization::Role};

use crate::{
    access::Capability,
    session::{ApiCaller, MemberSession, StaffSession},
};

/// The rights of a role, as guards know them.
pub fn capabilities(role: Role) -> Vec<Capability> {
    match role {
        Role::Owner => vec![Capability::Operate, Capability::Finance, Capability::Audit],
        Role::Operator => vec![Capability::Operate],
        Role::Finance => vec![Capability::Finance, Capability::Audit],
    }
}

/// The role behind a set of rights: the inverse of [`capabilities`]. Rights that are no role's act as nobody's.
fn actor(capabilities: &[Capability], as_role: impl Fn(Role) -> Actor) -> Actor {
    let has = |capability| capabilities.contains(&capability);
    match (has(Capability::Operate), has(Capability::Finance)) {
        (true, true) => as_role(Role::Owner),
        (true, false) => as_role(Role::Operator),
        (false, true) => as_role(Role::Finance),
        (false, false) => Actor::Member(MemberId(uuid::Uuid::nil())),
    }
}

impl From<&MemberSession> for Caller {
    fn from(session: &MemberSession) -> Self {
        Self::new(session.tenant.tenant, Actor::Member(MemberId(session.member_id)))
    }
}

impl From<&StaffSession> for Caller {
    fn from(session: &StaffSession) -> Self {
        let id = StaffId(session.staff_id);
        Self::new(
            session.tenant.tenant,
            actor(&session.capabilities, |role| Actor::Staff { id, role }),
        )
    }
}

impl From<&ApiCaller> for Caller {
    fn from(caller: &ApiCaller) -> Self {
        Self::new(
            caller.tenant,
            actor(&caller.scopes, |role| Actor::ApiKey {
                id: caller.key_id,
                role,
            }),
        )
    }
}
