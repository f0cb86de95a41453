use crate::{
    ChargeId, LegalEntityId, LocationId, LotId, MemberId, MembershipId, Money, Payer, PlanId, PlanVersionId,
    event::domain_events, period::Days,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a membership.
    MembershipEvent, "membership", { MembershipStarted = 1, CycleOpened = 1, NoticeGiven = 1, MembershipEnded = 1 }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipStarted {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub payer: Payer,
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    pub legal_entity_id: LegalEntityId,
    /// Its zone rules the cycles, its country the tax.
    pub home_location_id: LocationId,
    pub start: Date,
    pub price: Money,
    pub billing_day: i8,
}

/// A cycle began: its price was charged, its allowances granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CycleOpened {
    pub membership_id: MembershipId,
    /// The full cycle; a first one may be used from a later day on.
    pub cycle: Days,
    /// The days of it that this membership covers.
    pub days: Days,
    pub charge_id: Option<ChargeId>,
    pub lots: Vec<LotId>,
}

/// The member will leave; `last_day` is the last one paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeGiven {
    pub membership_id: MembershipId,
    pub last_day: Date,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipEnded {
    pub membership_id: MembershipId,
    pub last_day: Date,
}

/// What is known of a membership, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    pub fact: MembershipStarted,
    /// The last cycle opened.
    pub cycle: Option<Days>,
    pub notice: Option<Date>,
    pub ended: Option<Date>,
}

impl Membership {
    pub fn evolve(state: Option<Self>, event: MembershipEvent) -> Option<Self> {
        match event {
            MembershipEvent::MembershipStarted(fact) => Some(Self {
                fact,
                cycle: None,
                notice: None,
                ended: None,
            }),
            MembershipEvent::CycleOpened(fact) => state.map(|membership| Self {
                cycle: Some(fact.cycle),
                ..membership
            }),
            MembershipEvent::NoticeGiven(fact) => state.map(|membership| Self {
                notice: Some(fact.last_day),
                ..membership
            }),
            MembershipEvent::MembershipEnded(fact) => state.map(|membership| Self {
                ended: Some(fact.last_day),
                ..membership
            }),
        }
    }
    /// Whether a day is covered by the agreement as it stands.
    pub fn active_on(&self, day: Date) -> bool {
        self.fact.start <= day
            && self.ended.is_none_or(|last| day <= last)
            && self.notice.is_none_or(|last| day <= last)
    }
}
