//! Who may use a route: the one vocabulary of guards, route table and tests.

use std::fmt;

/// Who may use a route. Every route names one, and the guard that follows from it
/// cannot be forgotten because `Routes` applies it while adding the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Any host, no look-up at all: probes, metrics, static assets.
    Everywhere,
    /// Anyone, at a chain's host.
    Public,
    /// Anyone, at the installation's own host, where there is no tenant.
    Platform,
    /// Whoever runs the installation, at its own host, signed in with the token of its environment.
    PlatformAdmin,
    /// A signed-in member, at her chain's host.
    Member,
    /// Signed-in staff of the chain holding the capability.
    Staff(Capability),
    /// An API client holding a key; the tenant comes from the key.
    ApiKey,
    /// The request carries its own proof: a secret in the URL or a signature.
    Token,
}

impl Access {
    /// Whether the route is answered at the installation's own host.
    pub(crate) fn at_platform(self) -> bool {
        matches!(
            self,
            Self::Everywhere | Self::Platform | Self::PlatformAdmin | Self::ApiKey | Self::Token
        )
    }

    /// Whether the route is answered at a chain's host.
    pub(crate) fn at_chain(self) -> bool {
        !matches!(self, Self::Platform | Self::PlatformAdmin)
    }

    /// Whether the answer may name a person and must never be stored by a cache.
    pub(crate) fn is_personal(self) -> bool {
        !matches!(self, Self::Everywhere)
    }
}

/// What a staff member or an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Run the houses: catalogue, members, bookings.
    Operate,
    /// Money: invoices, payments, periods, exports.
    Finance,
    /// Read the log: who did what, when.
    Audit,
    /// Read every page of staff and every list of the API, change nothing: it opens what other capabilities open, for
    /// reading only.
    ReadAll,
}

impl Capability {
    /// The stable name used in configuration, key scopes and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operate => "operate",
            Self::Finance => "finance",
            Self::Audit => "audit",
            Self::ReadAll => "read_all",
        }
    }
}

/// Whether these capabilities open what asks for one of them. Who may read everything is let in to read.
pub(crate) fn opens(held: &[Capability], asked: Capability, reading: bool) -> bool {
    held.contains(&asked) || (reading && held.contains(&Capability::ReadAll))
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
