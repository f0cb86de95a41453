use crate::{
    ChargeId, LocationId, MemberId, MembershipId, Money, PassId, Payer, charge::Because, event::domain_events,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a pass.
    PassEvent, "pass", { PassBought = 1, PassGivenBack = 1 }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassBought {
    pub pass_id: PassId,
    pub location_id: LocationId,
    pub member_id: MemberId,
    pub payer: Payer,
    pub membership_id: MembershipId,
    /// In the location's zone.
    pub day: Date,
    /// When the location opened and closed on that day by the hours under which it was bought. Notice is counted from the
    /// opening.
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    pub time_zone: String,
    /// Net.
    pub price: Money,
    /// None for a pass that costs nothing.
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    pub catalogue_position: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassGivenBack {
    pub pass_id: PassId,
    /// Percent of the price still due under the location's policy.
    pub percent_due: u8,
    pub voided_charge: Option<ChargeId>,
    pub fee_charge: Option<ChargeId>,
}

/// What is known of a pass, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub fact: PassBought,
    pub given_back: Option<PassGivenBack>,
}

impl Pass {
    pub fn evolve(state: Option<Self>, event: PassEvent) -> Option<Self> {
        match event {
            PassEvent::PassBought(fact) => Some(Self { fact, given_back: None }),
            PassEvent::PassGivenBack(fact) => state.map(|pass| Self {
                given_back: Some(fact),
                ..pass
            }),
        }
    }
}
