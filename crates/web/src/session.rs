//! What a handler takes to learn who asks; put into the request by the route's guard.

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;

use crate::{
    access::{Capability, opens},
    failure::Failure,
    identity::TenantInfo,
};

/// A signed-in member, on routes of `Access::Member`.
#[derive(Debug, Clone)]
pub struct MemberSession {
    /// Her chain.
    pub tenant: TenantInfo,
    /// Her id.
    pub member_id: Uuid,
    /// Her name.
    pub name: String,
    /// The address she signed in with.
    pub email: String,
}

/// Signed-in staff, on routes of `Access::Staff`.
#[derive(Debug, Clone)]
pub struct StaffSession {
    /// The chain.
    pub tenant: TenantInfo,
    /// The staff member's id.
    pub staff_id: Uuid,
    /// The name.
    pub name: String,
    /// The address signed in with.
    pub email: String,
    /// Everything this person may do, the route's own capability among it.
    pub capabilities: Vec<Capability>,
}

/// An API client, on routes of `Access::ApiKey`.
#[derive(Debug, Clone)]
pub struct ApiCaller {
    /// The chain of the key.
    pub tenant: Uuid,
    /// The key's own id: the actor of its commands.
    pub key_id: Uuid,
    /// What the key may do.
    pub scopes: Vec<Capability>,
}

impl ApiCaller {
    /// Refuses with 403 a key that may not read what asks for the scope. Only for requests that change nothing.
    pub fn require_to_read(&self, capability: Capability) -> Result<(), Failure> {
        self.check(capability, true)
    }

    /// Refuses with 403 unless the key has the scope.
    pub fn require(&self, capability: Capability) -> Result<(), Failure> {
        self.check(capability, false)
    }

    fn check(&self, capability: Capability, reading: bool) -> Result<(), Failure> {
        if opens(&self.scopes, capability, reading) {
            return Ok(());
        }
        let detail = format!("This API key lacks the scope \"{capability}\".");
        Err(Failure {
            detail,
            ..Failure::forbidden()
        })
    }
}

/// The chain whose host was asked, on every route of a chain's surface.
#[derive(Debug, Clone)]
pub struct Tenant(pub TenantInfo);

/// The route was registered with an access that does not provide what its handler takes.
#[derive(Debug, thiserror::Error)]
#[error("a handler took {0} on a route whose access does not provide it")]
struct WrongAccess(&'static str);

fn taken<T: Clone + Send + Sync + 'static>(parts: &Parts, name: &'static str) -> Result<T, Failure> {
    parts
        .extensions
        .get::<T>()
        .cloned()
        .ok_or_else(|| Failure::internal(&WrongAccess(name)))
}

macro_rules! from_extensions {
    ($($name:ident),+) => {$(
        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
                taken(parts, stringify!($name))
            }
        }
    )+};
}

from_extensions!(MemberSession, StaffSession, ApiCaller, Tenant);
