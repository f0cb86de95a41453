//! How a booking is charged: its time cut where another rule begins to count, less what allowances cover, each day's
//! part at its rule's rates. Every price says which rules made it, in `reasons.rs`.

use super::{Slot, reasons::reasons};
use crate::{
    CreditPackId, Currency, Money, PriceRuleId,
    catalogue::Catalogue,
    charge::Because,
    credit::{self, CreditUse, MoneyUse},
    local_time,
    money::round_half_away,
    refusal::Refusal,
    resource::{Asked, BookedBy, Booker, PriceRulePublished, ResourceAdded, precedence},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Minutes of a half day.
pub const HALF_DAY_MINUTES: i64 = 4 * 60;

/// What a booking costs and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub full: Money,
    pub charged: Money,
    pub charged_minutes: i64,
    /// The price of an hour for all who come, where one rule counts for all of it.
    pub per_hour: Option<Money>,
    /// What a plan's money paid of it; `charged` is the rest.
    pub money_uses: Vec<MoneyUse>,
    pub because: Vec<Because>,
}

/// Part of a booking: a day, the rule that counts there, and its minutes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub day: Date,
    pub rule: &'a PriceRulePublished,
    pub rates: Rates,
    pub minutes: i64,
}

/// A rule's amounts for all who come, in minor units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    /// Those whom each amount of the rule is for; `None` where it is for the room, however many come.
    pub seats: Option<i32>,
    pub per_hour: i64,
    pub half_day: Option<i64>,
    pub day_cap: Option<i64>,
    pub minimum: Option<i64>,
}

impl Rates {
    fn of(rule: &PriceRulePublished, people: i32) -> Self {
        let seats = rule.per_seat.then_some(people);
        let all = |amount: Money| amount.minor.saturating_mul(i64::from(seats.unwrap_or(1)));
        Self {
            seats,
            per_hour: all(rule.per_hour),
            half_day: rule.half_day.map(all),
            day_cap: rule.day_cap.map(all),
            minimum: rule.minimum.map(all),
        }
    }

    pub(super) fn by_the_hour(self, minutes: i64) -> i64 {
        round_half_away(Decimal::from(self.per_hour) * Decimal::from(minutes) / Decimal::from(60))
    }

    /// What so many minutes of one day cost: by the hour, by half days where that is cheaper, never more than the cap, never
    /// less than the minimum.
    pub(super) fn amount(self, minutes: i64) -> i64 {
        if minutes == 0 {
            return 0;
        }
        let mut amount = self.by_the_hour(minutes);
        if let Some(half) = self.half_day {
            let (halves, rest) = (minutes / HALF_DAY_MINUTES, minutes % HALF_DAY_MINUTES);
            amount = amount.min(halves * half + self.by_the_hour(rest).min(half));
        }
        if let Some(minimum) = self.minimum {
            amount = amount.max(minimum);
        }
        self.day_cap.map_or(amount, |cap| amount.min(cap))
    }
}

/// The rule that prices a resource for a member when nothing else is known: what a list of rooms shows. One that counts only
/// at times or for some is shown where there is no other.
///
/// # Errors
/// When no rule prices the type here.
pub fn rule_for<'a>(resource: &ResourceAdded, catalogue: &'a Catalogue) -> Result<&'a PriceRulePublished, Refusal> {
    candidates(resource, catalogue)?
        .into_iter()
        .filter(|rule| rule.conditions.booked_by != Some(BookedBy::Visitor))
        .max_by_key(|rule| {
            let when = &rule.conditions;
            (
                when.is_always() && when.is_for_every_member(),
                precedence(rule, catalogue),
            )
        })
        .ok_or_else(|| no_price(resource))
}

/// Rules of the type, the currency and the place, whenever they count.
fn candidates<'a>(resource: &ResourceAdded, catalogue: &'a Catalogue) -> Result<Vec<&'a PriceRulePublished>, Refusal> {
    let location = catalogue.location(resource.location_id)?;
    let currency = catalogue.legal_entity(location.legal_entity_id)?.fact.currency;
    let fits = |rule: &&PriceRulePublished| {
        rule.resource_type_id == resource.resource_type_id
            && rule.per_hour.currency == currency
            && rule.location_id.is_none_or(|location| location == resource.location_id)
            && rule
                .conditions
                .resource_id
                .is_none_or(|only| only == resource.resource_id)
    };
    Ok(catalogue.price_rules.values().filter(fits).collect())
}

fn no_price(resource: &ResourceAdded) -> Refusal {
    Refusal::conflict(
        "no_price",
        format!(
            "{} has no price then. Staff can publish one under Prices.",
            resource.name
        ),
    )
}

/// The parts of `[from, slot.ends_at)` by day and rule, in the order of their time.
fn parts<'a>(
    slot: &Slot,
    from: Timestamp,
    booker: Booker,
    zone: &TimeZone,
    catalogue: &'a Catalogue,
) -> Result<Vec<Part<'a>>, Refusal> {
    let rules = candidates(&slot.resource, catalogue)?;
    let asked = Asked {
        resource: slot.resource.resource_id,
        booker,
        minutes: slot.minutes,
        people: slot.people.unwrap_or(1),
    };
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (start, end) in pieces(from, slot.ends_at, &rules, zone)? {
        let at = zone.to_datetime(start);
        let rule = rules
            .iter()
            .filter(|rule| rule.conditions.hold(asked, at))
            .max_by_key(|rule| precedence(rule, catalogue))
            .ok_or_else(|| no_price(&slot.resource))?;
        let minutes = (end.as_second() - start.as_second()) / 60;
        let same = |part: &&mut Part<'a>| part.day == at.date() && part.rule.price_rule_id == rule.price_rule_id;
        match parts.iter_mut().find(same) {
            Some(part) => part.minutes += minutes,
            None => parts.push(Part {
                day: at.date(),
                rule,
                rates: Rates::of(rule, asked.people),
                minutes,
            }),
        }
    }
    Ok(parts)
}

/// The time cut at midnights and wherever a rule's hours begin or end.
fn pieces(
    from: Timestamp,
    until: Timestamp,
    rules: &[&PriceRulePublished],
    zone: &TimeZone,
) -> Result<Vec<(Timestamp, Timestamp)>, Refusal> {
    let mut cuts = BTreeSet::from([from, until]);
    let mut day = local_time::day_at(from, zone);
    while local_time::day_start(day, zone)? < until {
        for edge in rules.iter().flat_map(|rule| rule.conditions.edges(day)) {
            // Hours that begin inside a skipped hour begin when the clocks have gone forward.
            cuts.extend(zone.to_ambiguous_timestamp(edge).compatible());
        }
        day = day.saturating_add(1.day());
        cuts.insert(local_time::day_start(day, zone)?);
    }
    let within: Vec<_> = cuts.into_iter().filter(|cut| (from..=until).contains(cut)).collect();
    Ok(within.windows(2).map(|pair| (pair[0], pair[1])).collect())
}

/// Prices a slot of which `uses` cover the first minutes, for whoever books it.
///
/// # Errors
/// When no rule prices some of it.
pub fn price(slot: &Slot, booker: Booker, uses: &[CreditUse], catalogue: &Catalogue) -> Result<Price, Refusal> {
    price_from(slot, booker, uses, &[], catalogue)
}

/// The same, and says how many of the minutes come from which pack.
pub(super) fn price_from(
    slot: &Slot,
    booker: Booker,
    uses: &[CreditUse],
    packs: &[(CreditPackId, i64)],
    catalogue: &Catalogue,
) -> Result<Price, Refusal> {
    let zone = local_time::zone(&slot.time_zone)?;
    let covered: i64 = uses.iter().map(|part| part.minutes).sum();
    let charged_from = slot.starts_at.checked_add(covered.minutes()).unwrap_or(slot.ends_at);
    let all = parts(slot, slot.starts_at, booker, &zone, catalogue)?;
    let charged = parts(slot, charged_from.min(slot.ends_at), booker, &zone, catalogue)?;
    let currency = currency_of(&all, slot)?;
    let rules: BTreeSet<PriceRuleId> = all.iter().map(|part| part.rule.price_rule_id).collect();
    Ok(Price {
        full: sum(&all, currency),
        charged: sum(&charged, currency),
        charged_minutes: slot.minutes - covered,
        per_hour: all
            .first()
            .filter(|_| rules.len() == 1)
            .map(|part| Money::new(part.rates.per_hour, currency)),
        money_uses: Vec::new(),
        because: reasons(&all, &charged, (covered, packs), slot.minutes, catalogue),
    })
}

impl Price {
    /// Less what a plan's money pays. That money is a part of the plan's price, which is taxed with it; so it lowers the net
    /// before tax, and what it paid for is not taxed again.
    #[must_use]
    pub fn paid_from(mut self, uses: Vec<MoneyUse>) -> Self {
        let paid = credit::paid_minor(&uses);
        if paid > 0 {
            self.charged.minor -= paid;
            // The rest is no number of hours at a price any more.
            self.per_hour = None;
            self.because.push(paid_because(Money::new(paid, self.charged.currency)));
        }
        self.money_uses = uses;
        self
    }
}

/// What a plan's money paid of a price, for people.
pub fn paid_because(paid: Money) -> Because {
    Because {
        text: format!("{paid} of it paid from the money that the plan grants"),
        rule: None,
    }
}

/// What a slot costs before allowances, for whoever shows many of them and says of none how it comes about.
///
/// # Errors
/// As [`price`].
pub fn full_price(slot: &Slot, booker: Booker, catalogue: &Catalogue) -> Result<Money, Refusal> {
    let all = parts(slot, slot.starts_at, booker, &slot.zone, catalogue)?;
    Ok(sum(&all, currency_of(&all, slot)?))
}

fn currency_of(parts: &[Part<'_>], slot: &Slot) -> Result<Currency, Refusal> {
    let first = parts.first().ok_or_else(|| no_price(&slot.resource))?;
    Ok(first.rule.per_hour.currency)
}

fn sum(parts: &[Part<'_>], currency: Currency) -> Money {
    let minor = parts.iter().map(|part| part.rates.amount(part.minutes)).sum();
    Money::new(minor, currency)
}

/// Minutes as people read them: `2 h`, `1.5 h`, `45 min`.
pub fn hours(minutes: i64) -> String {
    if minutes % 30 == 0 {
        format!("{} h", hours_decimal(minutes))
    } else {
        format!("{minutes} min")
    }
}

/// Minutes as exact decimal hours where they have few decimals, else rounded to four.
pub fn hours_decimal(minutes: i64) -> Decimal {
    (Decimal::from(minutes) / Decimal::from(60)).round_dp(4).normalize()
}
