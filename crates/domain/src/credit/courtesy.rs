use super::{CreditGranted, Holds};
use crate::{
    LotId, MemberId, MembershipId, ResourceTypeId,
    catalogue::Catalogue,
    local_time,
    membership::Membership,
    refusal::{Faults, Refusal},
    text,
};
use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most that is given at once: a hundred hours.
const MAX_MINUTES: i64 = 6_000;
/// How long ahead it may be used.
const MAX_DAYS_AHEAD: i32 = 366;

/// Minutes that staff give beside what a plan grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CourtesyGranted {
    pub lot_id: LotId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub resource_type_id: ResourceTypeId,
    pub minutes: i64,
    /// A booking may draw on the lot when it starts in `[valid_from, valid_until)`.
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    pub reason: String,
}

impl CourtesyGranted {
    /// The lot that it is, drawn on as any other.
    pub fn lot(&self) -> CreditGranted {
        CreditGranted {
            lot_id: self.lot_id,
            membership_id: self.membership_id,
            member_id: self.member_id,
            holds: Holds::Minutes {
                resource_type_id: self.resource_type_id,
            },
            amount: self.minutes,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        }
    }
}

/// What is to be given.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCourtesy {
    pub resource_type_id: ResourceTypeId,
    pub minutes: i64,
    /// The last day on which it can be used.
    pub last_day: Date,
    pub reason: String,
}

/// Gives it, from now on.
///
/// # Errors
/// All faulty fields at once; a membership that is over.
pub fn courtesy(
    lot_id: LotId,
    membership: &Membership,
    new: &NewCourtesy,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<CourtesyGranted, Refusal> {
    catalogue.resource_type(new.resource_type_id)?;
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    let today = local_time::day_at(now, &zone);
    let mut faults = Faults::default();
    let reason = text::name(&new.reason)
        .map_err(|message| faults.add("reason", message))
        .unwrap_or_default();
    faults.check(
        (1..=MAX_MINUTES).contains(&new.minutes),
        "minutes",
        format!("Please give between a minute and {} hours.", MAX_MINUTES / 60),
    );
    faults.check(
        (today..=today.saturating_add(MAX_DAYS_AHEAD.days())).contains(&new.last_day),
        "last_day",
        "Please choose a day from today to a year ahead.",
    );
    faults.finish()?;
    if membership.ended.is_some() {
        return Err(Refusal::conflict(
            "membership_ended",
            "This membership is over; nothing can be used under it.",
        ));
    }
    Ok(CourtesyGranted {
        lot_id,
        membership_id: membership.fact.membership_id,
        member_id: membership.fact.member_id,
        resource_type_id: new.resource_type_id,
        minutes: new.minutes,
        valid_from: now,
        valid_until: local_time::day_start(new.last_day.tomorrow().unwrap_or(new.last_day), &zone)?,
        reason,
    })
}
