use super::{
    CycleOpened, Membership, MembershipEnded,
    settle::{self, Occasion},
};
use crate::{
    LotId,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    credit::CreditGranted,
    local_time,
    period::Days,
    plan::PlanVersionPublished,
    refusal::Refusal,
};
use jiff::{civil::Date, tz::TimeZone};
use uuid::Uuid;

/// What opening a cycle makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub fact: CycleOpened,
    /// None of days that cost nothing.
    pub charges: Vec<ChargeMade>,
    pub lots: Vec<CreditGranted>,
}

/// A cycle, and the days of it that are a membership's: fewer in a first one, and where the billing day moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub cycle: Days,
    pub days: Days,
}

/// The first cycle of a membership.
pub fn first_cycle(membership: &Membership) -> Next {
    let start = membership.fact.start;
    let cycle = membership.first.cycle(start);
    Next {
        cycle,
        days: Days { start, end: cycle.end },
    }
}

/// The cycle after another, by the terms of then.
pub fn cycle_after(membership: &Membership, cycle: Days) -> Next {
    let next = membership.term_on(cycle.end).cycle(cycle.end);
    let days = Days {
        start: cycle.end,
        end: next.end,
    };
    Next { cycle: next, days }
}

/// The cycle that follows the last one opened; `None` when the membership ends with it.
pub fn next_cycle(membership: &Membership) -> Option<Next> {
    let next = cycle_after(membership, membership.cycle?);
    (membership.ended.is_none() && membership.notice.is_none_or(|last| last >= next.days.start)).then_some(next)
}

/// Opens a cycle: charges its days and grants the allowances of `grants`: the cycles after it (the lots of the cycle itself
/// exist already, save for the first).
///
/// `version` is the one that the event will have in the membership's stream.
///
/// # Errors
/// When the plan version or the location is gone from the catalogue, or no rate is known of a price that is told with tax.
pub fn open_cycle(
    membership: &Membership,
    version: i64,
    next: Next,
    grants: &[Next],
    mut ids: impl FnMut() -> uuid::Uuid,
    catalogue: &Catalogue,
) -> Result<Opened, Refusal> {
    let occasion = Occasion {
        version,
        event_type: "CycleOpened",
        day: next.days.start,
    };
    let mut billed = membership.desired(next.cycle, next.days, catalogue)?;
    let mut charges = Vec::new();
    for stretch in &mut billed {
        let made = settle::charges(
            membership,
            (&*stretch, stretch.net(), None),
            ChargeKind::Recurring,
            occasion,
            &mut ids,
            catalogue,
        )?;
        stretch.charge_id = settle::price_of(&made);
        charges.extend(made);
    }
    let mut lots = Vec::new();
    for granted in grants {
        for lot in super::grants(membership, granted.days.start, *granted, catalogue)? {
            let lot_id = LotId(ids());
            lots.push(CreditGranted { lot_id, ..lot });
        }
    }
    let fact = CycleOpened {
        membership_id: membership.fact.membership_id,
        cycle: next.cycle,
        days: next.days,
        billed: Some(billed),
        lots: lots.iter().map(|lot| lot.lot_id).collect(),
    };
    Ok(Opened { fact, charges, lots })
}

/// What the plan of a day grants for a cycle, to be drawn on from that day on; who grants it gives the lots their ids.
///
/// # Errors
/// When the plan version or the location is gone from the catalogue.
pub fn grants(
    membership: &Membership,
    day: Date,
    granted: Next,
    catalogue: &Catalogue,
) -> Result<Vec<CreditGranted>, Refusal> {
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    let plan = catalogue.plan_version(membership.term_on(day).plan_version_id)?;
    let mut lots = Vec::new();
    for (holds, whole) in plan.grants() {
        let amount = granted_amount(plan, whole, granted);
        if amount > 0 {
            lots.push(CreditGranted {
                lot_id: LotId(Uuid::nil()),
                membership_id: membership.fact.membership_id,
                member_id: membership.fact.member_id,
                holds,
                amount,
                valid_from: local_time::day_start(day.max(granted.days.start), &zone)?,
                valid_until: valid_until(membership, plan, granted, &zone)?,
            });
        }
    }
    Ok(lots)
}

/// A short cycle grants in full, unless the plan counts its days.
fn granted_amount(plan: &PlanVersionPublished, whole: i64, granted: Next) -> i64 {
    if plan.allowances_by_days {
        whole * granted.days.count() / granted.cycle.count().max(1)
    } else {
        whole
    }
}

/// Until when a cycle's allowances can be drawn on: its own end, and that of as many cycles after it as the plan says.
fn valid_until(
    membership: &Membership,
    plan: &PlanVersionPublished,
    granted: Next,
    zone: &TimeZone,
) -> Result<jiff::Timestamp, Refusal> {
    let mut last = granted;
    for _ in 0..plan.rollover_cycles {
        last = cycle_after(membership, last.cycle);
    }
    local_time::day_start(last.cycle.end, zone)
}

/// # Errors
/// When it is over already, or notice was not given.
pub fn end(membership: &Membership) -> Result<MembershipEnded, Refusal> {
    match (membership.ended, membership.notice) {
        (None, Some(last_day)) => Ok(MembershipEnded {
            membership_id: membership.fact.membership_id,
            last_day,
        }),
        _ => Err(Refusal::conflict(
            "nothing_to_end",
            "This membership does not end here.",
        )),
    }
}
