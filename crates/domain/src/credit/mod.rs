//! What plans grant: lots of minutes with an expiry, consumed earliest expiry first, restored to the same lot.

mod courtesy;
mod state;

pub use courtesy::*;
pub use state::*;

use crate::{BookingId, LotId, MemberId, MembershipId, ResourceTypeId, event::domain_events};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a lot of credit.
    CreditEvent, "credit", { CreditGranted = 1, CreditUsed = 1, CreditRestored = 1, CreditExpired = 1, CourtesyGranted = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditGranted {
    pub lot_id: LotId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub resource_type_id: ResourceTypeId,
    pub minutes: i64,
    /// A booking may draw on the lot when it starts in `[valid_from, valid_until)`.
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditUsed {
    pub lot_id: LotId,
    pub booking_id: BookingId,
    pub minutes: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditRestored {
    pub lot_id: LotId,
    pub booking_id: BookingId,
    pub minutes: i64,
}

/// Unused minutes that lapsed (breakage).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditExpired {
    pub lot_id: LotId,
    pub minutes: i64,
}

/// A lot that a booking could draw on, as its guard row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "ids are named by noun everywhere")]
pub struct Lot {
    pub lot_id: LotId,
    pub minutes_left: i64,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
}

/// Minutes drawn from one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreditUse {
    pub lot_id: LotId,
    pub minutes: i64,
}

/// Draws `minutes` for a booking that starts at `start`: earliest expiry first, then by id so that the order is total.
/// What the lots do not cover is charged by the caller.
pub fn draw(lots: &[Lot], start: Timestamp, minutes: i64) -> Vec<CreditUse> {
    let mut usable: Vec<Lot> = lots
        .iter()
        .copied()
        .filter(|lot| lot.minutes_left > 0 && lot.valid_from <= start && start < lot.valid_until)
        .collect();
    usable.sort_by_key(|lot| (lot.valid_until, lot.lot_id));
    let mut wanted = minutes;
    let mut uses = Vec::new();
    for lot in usable {
        if wanted <= 0 {
            break;
        }
        let minutes = lot.minutes_left.min(wanted);
        wanted -= minutes;
        uses.push(CreditUse {
            lot_id: lot.lot_id,
            minutes,
        });
    }
    uses
}

#[cfg(test)]
mod tests;
