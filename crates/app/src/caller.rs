//! Who asks, for which organization, and under which idempotency key.

use coterie_domain::{MemberId, StaffId, organization::Role};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Staff {
        id: StaffId,
        role: Role,
    },
    Member(MemberId),
    ApiKey {
        id: Uuid,
        role: Role,
    },
    /// The house itself: alarms, jobs, imports.
    System(&'static str),
}

impl Actor {
    /// As written beside every event, and the scope of command keys.
    pub fn label(self) -> String {
        match self {
            Self::Staff { id, .. } => format!("staff:{id}"),
            Self::Member(id) => format!("member:{id}"),
            Self::ApiKey { id, .. } => format!("key:{id}"),
            Self::System(name) => format!("system:{name}"),
        }
    }
}

/// A client's key for one command, and the hash of its canonical request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    pub key: String,
    pub request_hash: [u8; 32],
}

#[derive(Debug, Clone)]
pub struct Caller {
    pub tenant: Uuid,
    pub actor: Actor,
    /// Ties everything that follows from one request together.
    pub correlation: Uuid,
    /// The event that led here, for reactions.
    pub causation: Option<i64>,
    pub idempotency: Option<Idempotency>,
}

impl Caller {
    pub fn new(tenant: Uuid, actor: Actor) -> Self {
        Self {
            tenant,
            actor,
            correlation: Uuid::now_v7(),
            causation: None,
            idempotency: None,
        }
    }
    pub fn system(tenant: Uuid, name: &'static str) -> Self {
        Self::new(tenant, Actor::System(name))
    }
    #[must_use]
    pub fn with_key(mut self, key: &str, canonical_request: &[u8]) -> Self {
        self.idempotency = Some(Idempotency {
            key: key.to_owned(),
            request_hash: crate::secret::sha256(canonical_request),
        });
        self
    }
}
