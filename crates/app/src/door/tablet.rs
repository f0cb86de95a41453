//! The two kinds of tablets: their secret addresses are kept alike, each kind in a table of its own.

use coterie_domain::{LocationId, ResourceId};
use uuid::Uuid;

/// Where a tablet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tablet {
    /// Beside a room's door.
    Door(ResourceId),
    /// At the entrance of a house.
    Kiosk(LocationId),
}

/// Which kind it is, where only its address is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TabletKind {
    Door,
    Kiosk,
}

impl Tablet {
    pub(super) fn kind(self) -> TabletKind {
        match self {
            Self::Door(_) => TabletKind::Door,
            Self::Kiosk(_) => TabletKind::Kiosk,
        }
    }

    pub(super) fn id(self) -> Uuid {
        match self {
            Self::Door(resource) => resource.0,
            Self::Kiosk(location) => location.0,
        }
    }
}

impl TabletKind {
    /// The first part of its path.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Door => "door",
            Self::Kiosk => "kiosk",
        }
    }
}

impl From<ResourceId> for Tablet {
    fn from(resource: ResourceId) -> Self {
        Self::Door(resource)
    }
}

impl From<LocationId> for Tablet {
    fn from(location: LocationId) -> Self {
        Self::Kiosk(location)
    }
}

/// A statement over the table of a kind of tablets: `table` and `id` stand for its name and its first column's.
macro_rules! tablet_sql {
    ($kind:expr, $($part:tt)+) => {
        match $kind {
            $crate::door::TabletKind::Door => $crate::door::tablet_sql!(@ "door" "resource_id"; $($part)+),
            $crate::door::TabletKind::Kiosk => $crate::door::tablet_sql!(@ "kiosk" "location_id"; $($part)+),
        }
    };
    (@ $table:literal $id:literal; $($part:tt)+) => {
        concat!($($crate::door::tablet_sql!(% $table $id $part)),+)
    };
    (% $table:literal $id:literal table) => { $table };
    (% $table:literal $id:literal id) => { $id };
    (% $table:literal $id:literal $text:literal) => { $text };
}
pub(crate) use tablet_sql;
