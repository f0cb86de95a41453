//! Who settles: a member for herself, or a company for its members.

use crate::{CompanyId, LegalEntityId, MemberId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who an invoice is addressed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    Member(MemberId),
    Company(CompanyId),
}

impl Payer {
    pub fn id(self) -> Uuid {
        match self {
            Self::Member(id) => id.0,
            Self::Company(id) => id.0,
        }
    }
    pub fn kind(self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::Company(_) => "company",
        }
    }
    pub fn from_parts(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "member" => Some(Self::Member(MemberId(id))),
            "company" => Some(Self::Company(CompanyId(id))),
            _ => None,
        }
    }
    /// The stream of this payer's account with one legal entity (its Stripe customer and saved card). Derived, so that
    /// it never has to be looked up.
    pub fn account_stream(self, entity: LegalEntityId) -> Uuid {
        Uuid::new_v5(&entity.0, self.id().as_bytes())
    }
}
