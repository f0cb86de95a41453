//! What meters counted: reported in batches, each piece under an id of its reporter so that it counts once, and charged
//! together when the billing day comes.

mod count;
mod report;
#[cfg(test)]
mod tests;

pub use count::*;
pub use report::*;

use crate::{ChargeId, MemberId, MembershipId, MeterId, UsageId, event::domain_events};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to usage: a batch came in, or some of it was charged.
    UsageEvent, "usage", { UsageReported = 1, UsageCounted = 1 }
);

/// One thing that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "ids are named by noun everywhere, and days by what happened on them"
)]
pub struct Used {
    /// The reporter's own: the same id counts once.
    pub event_id: String,
    pub meter_id: MeterId,
    pub member_id: MemberId,
    /// Under which it will be charged.
    pub membership_id: MembershipId,
    pub quantity: Decimal,
    /// A day of the house that is hers.
    pub used_on: Date,
}

/// A batch: only what was not known before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsageReported {
    pub usage_id: UsageId,
    pub items: Vec<Used>,
}

/// What a charge counts, so many to an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UsageCounted {
    pub usage_id: UsageId,
    pub charge_id: ChargeId,
    pub items: Vec<Used>,
}
