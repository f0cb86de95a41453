use crate::{
    OrganizationId, StaffId,
    event::{domain_events, same_shape},
    personal::Personal,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an organization.
    OrganizationEvent, "organization", { OrganizationCreated = 1 }
);
domain_events!(
    /// What happened to a member of staff.
    StaffEvent, "staff", { StaffAdded = 2 [1 => same_shape] personal by StaffAdded::personal }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationCreated {
    pub organization_id: OrganizationId,
    pub name: String,
    /// The label of its own host name.
    pub slug: String,
    /// A sandbox pays through the simulator, its mail is captured, and its clock is moved by its owner. For ever.
    pub sandbox: bool,
}

/// What a member of staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Catalogue, members, bookings.
    Operator,
    /// Invoices, payments, journal, exports.
    Finance,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Finance => "finance",
        }
    }
    /// Every role there is.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Operator, Self::Finance];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
    /// May change catalogue, members and bookings.
    pub fn operates(self) -> bool {
        matches!(self, Self::Owner | Self::Operator)
    }
    /// May see and export money.
    pub fn finances(self) -> bool {
        matches!(self, Self::Owner | Self::Finance)
    }
    /// May read the log: who did what, when. It tells what was paid, so it is not for operators.
    pub fn audits(self) -> bool {
        matches!(self, Self::Owner | Self::Finance)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StaffAdded {
    pub staff_id: StaffId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

impl StaffAdded {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.staff_id, &["/name", "/email"])
    }
}
