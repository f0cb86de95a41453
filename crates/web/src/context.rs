//! What every page knows before its own data: chain, viewer, clock, flash message, path.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use uuid::Uuid;

use crate::{
    access::{Capability, opens},
    assets, behind,
    identity::{Person, SessionInfo, TenantInfo},
    nav::{NavLink, Navigation},
};

/// Who looks at the page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Viewer {
    /// Nobody signed in.
    #[default]
    Stranger,
    /// A member of the chain.
    Member {
        /// The member's id.
        id: Uuid,
        /// The name in the header.
        name: String,
        /// The address signed in with.
        email: String,
    },
    /// Staff of the chain.
    Staff {
        /// The staff member's id.
        id: Uuid,
        /// The name in the header.
        name: String,
        /// The address signed in with.
        email: String,
        /// What she may do.
        capabilities: Vec<Capability>,
    },
}

impl Viewer {
    /// The name in the header; `None` for a stranger.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Stranger => None,
            Self::Member { name, .. } | Self::Staff { name, .. } => Some(name),
        }
    }

    /// Whether the viewer is staff with this capability.
    pub fn can(&self, capability: Capability) -> bool {
        matches!(self, Self::Staff { capabilities, .. } if capabilities.contains(&capability))
    }

    /// Whether the viewer is staff who may read what asks for this capability.
    pub fn reads(&self, capability: Capability) -> bool {
        matches!(self, Self::Staff { capabilities, .. } if opens(capabilities, capability, true))
    }
}

impl From<SessionInfo> for Viewer {
    fn from(SessionInfo { person, name, email }: SessionInfo) -> Self {
        match person {
            Person::Member { id } => Self::Member { id, name, email },
            Person::Staff { id, capabilities } => Self::Staff {
                id,
                name,
                email,
                capabilities,
            },
        }
    }
}

/// How a flash message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// It worked.
    Success,
    /// Worth knowing.
    Notice,
    /// It did not work.
    Error,
}

/// A message that outlives one redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How it is meant.
    pub kind: FlashKind,
    /// One sentence, plain text.
    pub message: String,
}

impl Flash {
    /// "It worked."
    pub fn success(message: impl Into<String>) -> Self {
        Self {
            kind: FlashKind::Success,
            message: message.into(),
        }
    }

    /// "Worth knowing."
    pub fn notice(message: impl Into<String>) -> Self {
        Self {
            kind: FlashKind::Notice,
            message: message.into(),
        }
    }

    /// "It did not work."
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            kind: FlashKind::Error,
            message: message.into(),
        }
    }

    /// The class that colours it.
    pub fn class(&self) -> &'static str {
        match self.kind {
            FlashKind::Success => "success",
            FlashKind::Notice => "notice",
            FlashKind::Error => "error",
        }
    }

    pub(crate) fn to_wire(&self) -> String {
        format!("{}:{}", self.class(), self.message)
    }

    pub(crate) fn from_wire(wire: &str) -> Option<Self> {
        let (kind, message) = wire.split_once(':')?;
        let kind = match kind {
            "success" => FlashKind::Success,
            "notice" => FlashKind::Notice,
            "error" => FlashKind::Error,
            _ => return None,
        };
        Some(Self {
            kind,
            message: message.to_owned(),
        })
    }
}

/// The frame around every page; take it as an extractor, hand it to the template as `ctx`.
#[derive(Debug, Clone, Default)]
pub struct PageContext {
    /// The chain whose host was asked; `None` at the installation's own host.
    pub tenant: Option<TenantInfo>,
    /// Who looks.
    pub viewer: Viewer,
    /// A sandbox's test clock as people read it.
    pub clock: Option<String>,
    /// The message left by the page before.
    pub flash: Option<Flash>,
    /// The path asked for, without query.
    pub path: String,
    pub(crate) navigation: Option<Arc<Navigation>>,
    /// Set by the guard, so that a shown flash message can be cleared.
    pub(crate) https: bool,
}

impl PageContext {
    /// The chain's name, or the product's at the installation's own host.
    pub fn site_name(&self) -> &str {
        self.tenant.as_ref().map_or("Coterie", |tenant| &tenant.name)
    }

    /// Whether this is a chain that lives on a test clock.
    pub fn is_sandbox(&self) -> bool {
        self.tenant.as_ref().is_some_and(|tenant| tenant.sandbox)
    }

    /// What to say when the page may miss what its reader did last.
    #[expect(clippy::unused_self, reason = "templates call methods of the context")]
    pub fn lag_notice(&self) -> Option<&'static str> {
        behind::notice()
    }

    /// The links this viewer can follow.
    pub fn nav(&self) -> Vec<NavLink> {
        self.navigation.as_ref().map(|nav| nav.links(self)).unwrap_or_default()
    }

    /// The hashed address of an asset.
    #[expect(clippy::unused_self, reason = "templates call methods of the context")]
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // The guard of every route put it there; outside of routes there is only the path.
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self {
            path: parts.uri.path().to_owned(),
            ..Self::default()
        }))
    }
}
