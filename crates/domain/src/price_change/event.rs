use crate::{LegalEntityId, MembershipId, Money, PlanId, PlanVersionId, PriceChangeId, event::domain_events};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to an announced price change.
    PriceChangeEvent, "price_change", {
        PriceChangeAnnounced = 1,
        MembershipsConcerned = 1,
        MembershipsTold = 1,
        PriceChangeCalledOff = 1,
        MembershipsReleased = 1,
        PriceChangeCompleted = 1,
    }
);

/// What is announced: to whom it applies is said by [`super::verdict`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub plan_id: PlanId,
    /// The version that members move to.
    pub plan_version_id: PlanVersionId,
    pub legal_entity_id: LegalEntityId,
    /// Net, of a whole cycle, of that version.
    pub price: Money,
    /// It applies from the first cycle that begins on this day or later.
    pub effective_from: Date,
    /// Days that members have between the letter and their first day, at least.
    pub notice_days: i64,
    /// Today at the legal entity, from which the days of notice are counted.
    pub announced_on: Date,
    /// What the operator adds to the letter.
    pub message: Option<String>,
}

/// An operator announced it, as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChangeAnnounced {
    pub price_change_id: PriceChangeId,
    pub terms: Terms,
    /// How many memberships move.
    pub memberships: i64,
    /// SHA-256 of what was shown, hexadecimal.
    pub preview_sha256: String,
}

/// Who moves and who stays out of it; a long announcement says so in several events of one append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipsConcerned {
    pub price_change_id: PriceChangeId,
    pub moves: Vec<Move>,
    pub stays: Vec<LeftOut>,
}

/// A membership that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Move {
    pub membership_id: MembershipId,
    /// The version that it has.
    pub plan_version_id: PlanVersionId,
    /// Net, of a whole cycle, of that version.
    pub price: Money,
    /// Its first day under the new terms.
    pub from: Date,
    /// The first day on which notice may let it end, where only that puts the change off.
    pub bound_until: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    pub membership_id: MembershipId,
    pub why: Why,
}

/// Why a membership does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    pub reason: Reason,
    /// Its day, where there is one.
    pub day: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It has the version already.
    AlreadyOnIt,
    /// Another price was agreed for its first day, until the day, where one was said.
    AgreedPrice,
    /// Another plan is agreed on from the day.
    ChangePlanned,
    /// It ends, or notice was given, to the day.
    NoticeGiven,
    /// The new version is billed in other cycles: she has to choose it.
    OtherCycles,
    /// The new version is not offered where it is at home.
    NotOffered,
    /// More people use it than the new version is for.
    MorePeople,
    /// Its first cycle has not begun.
    NotBegun,
    /// It is not any more what was shown when it was announced.
    Changed,
    /// The letter would come too late for the day.
    TooLate,
    /// The whole announcement was called off before she was told.
    CalledOff,
    /// It has come already, on the day or before.
    HasCome,
}

impl Reason {
    pub const ALL: [Self; 12] = [
        Self::AlreadyOnIt,
        Self::AgreedPrice,
        Self::ChangePlanned,
        Self::NoticeGiven,
        Self::OtherCycles,
        Self::NotOffered,
        Self::MorePeople,
        Self::NotBegun,
        Self::Changed,
        Self::TooLate,
        Self::CalledOff,
        Self::HasCome,
    ];
    pub fn name(self) -> &'static str {
        match self {
            Self::AlreadyOnIt => "already_on_it",
            Self::AgreedPrice => "agreed_price",
            Self::ChangePlanned => "change_planned",
            Self::NoticeGiven => "notice_given",
            Self::OtherCycles => "other_cycles",
            Self::NotOffered => "not_offered",
            Self::MorePeople => "more_people",
            Self::NotBegun => "not_begun",
            Self::Changed => "changed",
            Self::TooLate => "too_late",
            Self::CalledOff => "called_off",
            Self::HasCome => "has_come",
        }
    }
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
    pub fn on(self, day: Date) -> Why {
        Why {
            reason: self,
            day: Some(day),
        }
    }
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self { reason, day: None }
    }
}

impl Why {
    /// For people, without a full stop.
    pub fn told(self) -> String {
        match (self.reason, self.day) {
            (Reason::AlreadyOnIt, _) => "has this version already".to_owned(),
            (Reason::AgreedPrice, Some(day)) => format!("another price is agreed on, until before {day}"),
            (Reason::AgreedPrice, None) => "another price is agreed on".to_owned(),
            (Reason::ChangePlanned, Some(day)) => format!("another plan is agreed on from {day}"),
            (Reason::ChangePlanned, None) => "another plan is agreed on".to_owned(),
            (Reason::NoticeGiven, Some(day)) => format!("notice is given, to {day}"),
            (Reason::NoticeGiven, None) => "notice is given".to_owned(),
            (Reason::OtherCycles, _) => "is billed in other cycles and would have to choose it".to_owned(),
            (Reason::NotOffered, _) => "is at home where the new version is not offered".to_owned(),
            (Reason::MorePeople, _) => "is used by more people than the new version is for".to_owned(),
            (Reason::NotBegun, _) => "has not begun".to_owned(),
            (Reason::Changed, _) => "changed after the preview".to_owned(),
            (Reason::TooLate, Some(day)) => format!("the letter would come too late for {day}"),
            (Reason::TooLate, None) => "the letter would come too late".to_owned(),
            (Reason::CalledOff, _) => "was not told before it was called off".to_owned(),
            (Reason::HasCome, _) => "has the new terms, or others, already".to_owned(),
        }
    }
}

/// Memberships whose change was planned and announced in the same append, and those that are not what was shown any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipsTold {
    pub price_change_id: PriceChangeId,
    pub told: Vec<MembershipId>,
    pub left_out: Vec<LeftOut>,
}

/// Staff called the whole of it off. Who was not told yet is not told; the others are told that it is off, step by step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChangeCalledOff {
    pub price_change_id: PriceChangeId,
}

/// Memberships that keep what they have, with or without the others; and those for which it was too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipsReleased {
    pub price_change_id: PriceChangeId,
    pub released: Vec<MembershipId>,
    pub left_out: Vec<LeftOut>,
}

/// Everybody was told of it or, where it was called off, that it is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChangeCompleted {
    pub price_change_id: PriceChangeId,
}
