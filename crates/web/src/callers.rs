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

/// The role behind a set of rights: the inverse of [`capabilities`].
fn role(capabilities: &[Capability]) -> Role {
    match (
        capabilities.contains(&Capability::Operate),
        capabilities.contains(&Capability::Finance),
    ) {
        (true, true) => Role::Owner,
        (true, false) => Role::Operator,
        _ => Role::Finance,
    }
}

impl From<&MemberSession> for Caller {
    fn from(session: &MemberSession) -> Self {
        Self::new(session.tenant.tenant, Actor::Member(MemberId(session.member_id)))
    }
}

impl From<&StaffSession> for Caller {
    fn from(session: &StaffSession) -> Self {
        let role = role(&session.capabilities);
        Self::new(
            session.tenant.tenant,
            Actor::Staff {
                id: StaffId(session.staff_id),
                role,
            },
        )
    }
}

impl From<&ApiCaller> for Caller {
    fn from(caller: &ApiCaller) -> Self {
        Self::new(
            caller.tenant,
            Actor::ApiKey {
                id: caller.key_id,
                role: role(&caller.scopes),
            },
        )
    }
}
