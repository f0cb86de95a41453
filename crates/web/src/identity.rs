//! The seam through which the pages learn who asks. Implemented on the use cases;
//! unit tests use a fake.

use std::{future::Future, pin::Pin};

use jiff::Timestamp;
use uuid::Uuid;

use crate::access::Capability;

/// A boxed future, so that the trait can be held as `Arc<dyn Identity>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The look-up itself failed: the database is away or too slow.
#[derive(Debug, thiserror::Error)]
#[error("looking up {what}")]
pub struct IdentityError {
    /// What was being looked up: "host", "session", "API key" or "clock".
    pub what: &'static str,
    /// Why it failed; logged, never shown.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A chain, as far as every page needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    /// The organization's id, `tenant_id` in every key.
    pub tenant: Uuid,
    /// The name people read.
    pub name: String,
    /// The first label of its host name below the installation's.
    pub slug: String,
    /// Whether it lives on a test clock, with simulated payments and captured mail.
    pub sandbox: bool,
}

/// Whom a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// A member of the chain.
    Member {
        /// The member's id.
        id: Uuid,
    },
    /// Staff of the chain.
    Staff {
        /// The staff member's id.
        id: Uuid,
        /// What she may do.
        capabilities: Vec<Capability>,
    },
}

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Whom it belongs to.
    pub person: Person,
    /// The name shown in the header.
    pub name: String,
    /// The address signed in with.
    pub email: String,
}

/// A live API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyInfo {
    /// The chain the key belongs to.
    pub tenant: Uuid,
    /// The key's own id (never its secret).
    pub key_id: Uuid,
    /// What the key may do.
    pub scopes: Vec<Capability>,
}

/// Who asks, answered from outside this crate.
pub trait Identity: Send + Sync {
    /// The chain served at `host`: lower case, without port and trailing dot.
    fn tenant_by_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<TenantInfo>, IdentityError>>;

    /// The live session of this chain behind an opaque token; another chain's token is `None`.
    fn session<'a>(&'a self, tenant: Uuid, token: &'a str)
    -> BoxFuture<'a, Result<Option<SessionInfo>, IdentityError>>;

    /// The live API key behind a secret.
    fn api_key<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<ApiKeyInfo>, IdentityError>>;

    /// A sandbox's test clock, shown in its banner. Asked for sandboxes only.
    fn test_clock(&self, _tenant: Uuid) -> BoxFuture<'_, Result<Option<Timestamp>, IdentityError>> {
        Box::pin(async { Ok(None) })
    }
}
