//! Secret addresses that calendars subscribe to: at most one for each member, room and house.

mod address;
mod entries;

pub use address::*;
pub use entries::*;

use coterie_domain::{LocationId, MemberId, ResourceId};
use uuid::Uuid;

/// Whose bookings a feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Member(MemberId),
    Resource(ResourceId),
    Location(LocationId),
}

impl Subject {
    pub fn kind(self) -> &'static str {
        match self {
            Self::Member(_) => "member",
            Self::Resource(_) => "resource",
            Self::Location(_) => "location",
        }
    }

    pub fn id(self) -> Uuid {
        match self {
            Self::Member(id) => id.0,
            Self::Resource(id) => id.0,
            Self::Location(id) => id.0,
        }
    }

    fn from_parts(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "member" => Some(Self::Member(MemberId(id))),
            "resource" => Some(Self::Resource(ResourceId(id))),
            "location" => Some(Self::Location(LocationId(id))),
            _ => None,
        }
    }
}
