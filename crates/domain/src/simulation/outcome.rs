//! What a month came to under one membership, what it comes to by what is published, and what it would have come to.

use super::{
    Adjusted, BookingFacts, Lived, LotFacts, PassFacts, Terms,
    lots::steps,
    recurring::{cost, opened, opened_as, standing},
    replay::{Came, Step, booking_steps, pass_steps, replay},
};
use crate::{
    BookingId, Currency, LocationId, LotId, MemberId, MembershipId, PassId, PlanId, ResourceTypeId,
    booking::{BookingConfirmed, BookingEvent, Standing, part_due},
    catalogue::Catalogue,
    charge::Because,
    credit::UsedBy,
    local_time,
    membership::{self, Membership},
    period::Days,
    refusal::Refusal,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use uuid::Uuid;

/// All that is asked about a membership.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub lived: Lived,
    /// Those that could be drawn on in the month, and those of earlier cycles that a draft could let live on.
    pub lots: Vec<LotFacts>,
    /// Those of the month; of other days or memberships none is counted.
    pub bookings: Vec<BookingFacts>,
    pub passes: Vec<PassFacts>,
}

/// Net amounts in minor units of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// What stands charged.
    pub charged: i64,
    /// By what is published.
    pub published: i64,
    /// By the draft.
    pub draft: i64,
}

impl Figures {
    /// What the draft changes; nothing of it is what only happened otherwise.
    pub fn difference(self) -> i64 {
        self.draft - self.published
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.charged += other.charged;
        self.published += other.published;
        self.draft += other.draft;
    }
}

/// What something is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Days of the plan and of what stands beside it, less what coupons take off.
    Plan,
    SetUpFee,
    Booking(ResourceTypeId),
    Pass,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::SetUpFee => "set_up_fee",
            Self::Booking(_) => "booking",
            Self::Pass => "pass",
        }
    }
}

/// What to know of a line before believing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The days that stand charged are not those of the agreement.
    Unsettled,
    /// The price is another than when it was booked.
    PricesSince,
    /// The allowances pay for another part of it than they did.
    DrawnOtherwise,
    /// Nothing prices it any more, so it stays as it was, in the draft too.
    NoPrice,
    /// It drew on hours that staff gave.
    Courtesy,
    Moved,
    GivenUp,
    /// Nobody came; what that costs on top is no price of a plan or rule.
    NoShow,
}

impl Note {
    pub const ALL: [Self; 8] = [
        Self::Unsettled,
        Self::PricesSince,
        Self::DrawnOtherwise,
        Self::NoPrice,
        Self::Courtesy,
        Self::Moved,
        Self::GivenUp,
        Self::NoShow,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unsettled => "unsettled",
            Self::PricesSince => "prices_since",
            Self::DrawnOtherwise => "drawn_otherwise",
            Self::NoPrice => "no_price",
            Self::Courtesy => "courtesy",
            Self::Moved => "moved",
            Self::GivenUp => "given_up",
            Self::NoShow => "no_show",
        }
    }

    /// For people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unsettled => "The days that stand charged are not those of the agreement as it stands",
            Self::PricesSince => "Prices were published since it was booked",
            Self::DrawnOtherwise => "Allowances pay for another part of it than they did",
            Self::NoPrice => "Nothing prices it any more, so it is left as it was charged",
            Self::Courtesy => "It drew on hours that staff gave as a courtesy",
            Self::Moved => "It was moved, and is priced where it ended up",
            Self::GivenUp => "It was given up; the part that was due then is due of every price",
            Self::NoShow => "Nobody came; the fee for that is in no figure",
        }
    }

    /// Whether it says why what was charged is not what is published.
    pub fn is_a_difference(self) -> bool {
        matches!(self, Self::Unsettled | Self::PricesSince | Self::DrawnOtherwise)
    }
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Membership,
    Booking(BookingId),
    Pass(PassId),
}

/// One price of a month: of a membership's days, its beginning, a booking or a pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub about: About,
    pub kind: Kind,
    /// The day on which it is supplied, or the first of them.
    pub day: Date,
    pub location_id: LocationId,
    pub what: String,
    pub figures: Figures,
    /// Minutes that allowances cover, by what is published and by the draft.
    pub covered: (i64, i64),
    pub published_because: Vec<Because>,
    pub draft_because: Vec<Because>,
    pub notes: Vec<Note>,
}

/// The month of a membership.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    /// The plan of the last day that is looked at.
    pub plan_id: PlanId,
    pub plan_name: String,
    pub home_location_id: LocationId,
    pub currency: Currency,
    /// Whether the draft's plan is applied to it.
    pub on_draft: bool,
    /// A price was agreed instead of the plan's, which the draft does not touch.
    pub agreed_price: bool,
    pub figures: Figures,
    pub lines: Vec<Line>,
}

/// Prices the month of a membership; `None` where no day, booking or pass of it lies in the month.
///
/// # Errors
/// When a plan's version or a location is gone from the catalogue.
pub fn simulate(facts: &Facts, terms: &Terms) -> Result<Option<Outcome>, Refusal> {
    let before = &facts.lived.membership;
    let published = &*terms.published;
    let zone = published.zone_of(before.fact.home_location_id)?;
    let days = terms.days_in(&zone);
    let after = match &terms.plan {
        Some(plan) => plan.applied_to(before, published),
        None => before.clone(),
    };
    let mut lines: Vec<Line> = Vec::new();
    lines.extend(days_of(before, &after, days, terms)?);
    lines.extend(set_up_fee(before, &after, days, terms)?);
    lines.extend(used(facts, &after, days, terms)?);
    if lines.is_empty() {
        return Ok(None);
    }
    let mut figures = Figures::default();
    for line in &lines {
        figures += line.figures;
    }
    let last = before.term_on(days.last().max(before.fact.start));
    let over = |day: Date, until: Option<Date>| day < days.end && until.is_none_or(|until| days.start < until);
    Ok(Some(Outcome {
        membership_id: before.fact.membership_id,
        member_id: before.fact.member_id,
        plan_id: last.plan_id,
        plan_name: last.plan_name.clone(),
        home_location_id: before.fact.home_location_id,
        currency: before.fact.price.currency,
        on_draft: opened(before, days).iter().any(|part| {
            // A change of plan cuts no cycle, so its terms are asked for of both ends.
            [part.days.start, part.days.last()]
                .iter()
                .any(|day| before.term_on(*day).plan_version_id != after.term_on(*day).plan_version_id)
        }),
        agreed_price: before.overrides.iter().any(|price| over(price.from, price.until)),
        figures,
        lines,
    }))
}

fn days_of(before: &Membership, after: &Membership, days: Days, terms: &Terms) -> Result<Option<Line>, Refusal> {
    let parts = opened(before, days);
    let Some(first) = parts.first() else { return Ok(None) };
    let published = cost(before, &parts, &terms.published)?;
    let draft = cost(after, &opened_as(before, after, days), &terms.draft)?;
    let charged = standing(before, days, &terms.published)?;
    let term = before.term_on(days.last().max(before.fact.start));
    Ok(Some(Line {
        about: About::Membership,
        kind: Kind::Plan,
        day: first.days.start,
        location_id: before.fact.home_location_id,
        what: term.plan_name.clone(),
        figures: Figures {
            charged,
            published: published.minor,
            draft: draft.minor,
        },
        covered: (0, 0),
        published_because: published.because,
        draft_because: draft.because,
        notes: (charged != published.minor)
            .then_some(Note::Unsettled)
            .into_iter()
            .collect(),
    }))
}

fn set_up_fee(before: &Membership, after: &Membership, days: Days, terms: &Terms) -> Result<Option<Line>, Refusal> {
    if !days.contains(before.fact.start) {
        return Ok(None);
    }
    let fee = |membership: &Membership, catalogue: &Catalogue| {
        let plan = catalogue.plan_version(membership.fact.plan_version_id)?;
        let id = crate::ChargeId(Uuid::nil());
        membership::set_up_fee(&membership.fact, id, plan, catalogue)
    };
    let (was, would) = (fee(before, &terms.published)?, fee(after, &terms.draft)?);
    if was.is_none() && would.is_none() {
        return Ok(None);
    }
    let net = |charge: &Option<crate::charge::ChargeMade>| charge.as_ref().map_or(0, |charge| charge.net.minor);
    let figures = Figures {
        charged: net(&was),
        published: net(&was),
        draft: net(&would),
    };
    let because = |charge: Option<crate::charge::ChargeMade>| charge.map(|charge| charge.because).unwrap_or_default();
    Ok(Some(Line {
        about: About::Membership,
        kind: Kind::SetUpFee,
        day: before.fact.start,
        location_id: before.fact.home_location_id,
        what: format!("{}, set-up fee", before.fact.plan_name),
        figures,
        covered: (0, 0),
        published_because: because(was),
        draft_because: because(would),
        notes: Vec::new(),
    }))
}

/// The bookings and passes of the month that fall under the membership.
fn used(facts: &Facts, after: &Membership, days: Days, terms: &Terms) -> Result<Vec<Line>, Refusal> {
    let before = &facts.lived.membership;
    let under = before.fact.membership_id;
    let counts = |fact: &BookingConfirmed| {
        let zone = local_time::zone(&fact.time_zone);
        fact.membership_id == Some(under)
            && zone.is_ok_and(|zone| terms.days_in(&zone).contains(local_time::day_at(fact.starts_at, &zone)))
    };
    let made = |standing: &Standing| {
        matches!(
            standing,
            Standing::Confirmed | Standing::Cancelled(_) | Standing::NoShow(_)
        )
    };
    let confirmed = |facts: &BookingFacts| {
        let mut events = facts.events.iter();
        events.any(|(_, event)| matches!(event, BookingEvent::BookingConfirmed(_)))
    };
    let bookings: Vec<_> = facts
        .bookings
        .iter()
        .filter(|facts| confirmed(facts))
        .filter_map(|facts| facts.booking().map(|booking| (facts, booking)))
        .filter(|(_, booking)| made(&booking.standing) && counts(&booking.fact))
        .collect();
    let passes: Vec<_> = facts
        .passes
        .iter()
        .filter_map(|facts| facts.pass().map(|pass| (facts, pass)))
        .filter(|(_, pass)| {
            let zone = local_time::zone(&pass.fact.time_zone);
            pass.fact.membership_id == under && zone.is_ok_and(|zone| terms.days_in(&zone).contains(pass.fact.day))
        })
        .collect();
    if bookings.is_empty() && passes.is_empty() {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<Uuid> = bookings
        .iter()
        .map(|(_, booking)| booking.fact.booking_id.0)
        .chain(passes.iter().map(|(_, pass)| pass.fact.pass_id.0))
        .collect();
    let replayed = |by: UsedBy| match by {
        UsedBy::Booking(id) => ids.contains(&id.0),
        UsedBy::Pass(id) => ids.contains(&id.0),
    };
    let of_use = || -> Vec<(i64, Step<'_>)> {
        let booked = bookings.iter().flat_map(|(facts, _)| booking_steps(facts, counts));
        booked
            .chain(passes.iter().flat_map(|(facts, _)| pass_steps(facts)))
            .collect()
    };
    let mut was = steps(&facts.lots, replayed, Adjusted::default());
    was.extend(of_use());
    let was = replay(before, was, &terms.published);
    let adjusted = Adjusted::to(after, &facts.lived, &facts.lots, days, terms)?;
    let mut would = steps(&facts.lots, replayed, adjusted);
    would.extend(of_use());
    let would = replay(after, would, &terms.draft);
    let courtesies: BTreeSet<LotId> = facts.lots.iter().filter_map(LotFacts::courtesy).collect();
    let none = Came::default();
    let both = |id: Uuid| (was.get(&id).unwrap_or(&none), would.get(&id).unwrap_or(&none));
    let mut lines = Vec::with_capacity(ids.len());
    for (events, booking) in &bookings {
        let fact = &booking.fact;
        let zone = local_time::zone(&fact.time_zone)?;
        let starts = fact.starts_at.to_zoned(zone);
        let resource = terms.published.resources.get(&fact.resource_id);
        let kind = resource.map_or(ResourceTypeId(Uuid::nil()), |resource| resource.resource_type_id);
        let name = resource.map_or("A room that is gone", |resource| resource.name.as_str());
        let charged = match &booking.standing {
            Standing::Cancelled(gone) => {
                let stays = fact.charge_id.is_some() && gone.voided_charge.is_none();
                left_of(fact.charged.minor, gone.percent_due, stays)
            }
            _ => fact.charged.minor,
        };
        let (was, would) = both(fact.booking_id.0);
        let mut notes = Vec::new();
        if charged != was.charged {
            let recorded = crate::credit::parts(&fact.credit_uses, &fact.money_uses);
            let cancelled = matches!(booking.standing, Standing::Cancelled(_));
            notes.push(if recorded == was.uses || cancelled && was.uses.is_empty() {
                Note::PricesSince
            } else {
                Note::DrawnOtherwise
            });
        }
        if was.as_it_was || would.as_it_was {
            notes.push(Note::NoPrice);
        }
        if was.uses.iter().any(|(lot, _)| courtesies.contains(lot)) {
            notes.push(Note::Courtesy);
        }
        let moved = |(_, event): &(i64, BookingEvent)| matches!(event, BookingEvent::BookingMoved(_));
        if events.events.iter().any(moved) {
            notes.push(Note::Moved);
        }
        match booking.standing {
            Standing::Cancelled(_) => notes.push(Note::GivenUp),
            Standing::NoShow(_) => notes.push(Note::NoShow),
            _ => {}
        }
        // What the draft cannot price stays as published, so that it makes no difference.
        let draft = if would.as_it_was { was } else { would };
        lines.push(Line {
            about: About::Booking(fact.booking_id),
            kind: Kind::Booking(kind),
            day: starts.date(),
            location_id: fact.location_id,
            what: format!("{name}, {} {}", starts.date(), starts.strftime("%H:%M")),
            figures: Figures {
                charged,
                published: was.charged,
                draft: draft.charged,
            },
            covered: (was.minutes, draft.minutes),
            published_because: was.because.clone(),
            draft_because: draft.because.clone(),
            notes,
        });
    }
    for (_, pass) in &passes {
        let fact = &pass.fact;
        let recorded_money = crate::credit::paid_minor(&fact.money_uses);
        let whole = if fact.pass_lot.is_some() {
            0
        } else {
            fact.price.minor - recorded_money
        };
        let charged = match &pass.given_back {
            Some(back) => {
                let stays = fact.charge_id.is_some() && back.voided_charge.is_none();
                left_of(whole, back.percent_due, stays)
            }
            None => whole,
        };
        let (was, would) = both(fact.pass_id.0);
        let mut notes = Vec::new();
        if charged != was.charged {
            notes.push(Note::DrawnOtherwise);
        }
        if pass.given_back.is_some() {
            notes.push(Note::GivenUp);
        }
        let place = terms.published.locations.get(&fact.location_id);
        lines.push(Line {
            about: About::Pass(fact.pass_id),
            kind: Kind::Pass,
            day: fact.day,
            location_id: fact.location_id,
            what: format!(
                "Day pass, {}, {}",
                place.map_or("", |place| place.name.as_str()),
                fact.day
            ),
            figures: Figures {
                charged,
                published: was.charged,
                draft: would.charged,
            },
            covered: (0, 0),
            published_because: was.because.clone(),
            draft_because: would.because.clone(),
            notes,
        });
    }
    lines.sort_by_key(|line| line.day);
    Ok(lines)
}

fn left_of(charged: i64, percent: u8, stays: bool) -> i64 {
    if stays { charged } else { part_due(charged, percent) }
}

impl Outcome {
    /// What it comes to by kind and place.
    pub fn by_kind_and_place(&self) -> BTreeMap<(Kind, LocationId), Figures> {
        let mut sums: BTreeMap<(Kind, LocationId), Figures> = BTreeMap::new();
        for line in &self.lines {
            *sums.entry((line.kind, line.location_id)).or_default() += line.figures;
        }
        sums
    }
}
