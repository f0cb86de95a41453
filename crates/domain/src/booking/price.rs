//! How a booking is charged: its time cut where another rule begins to count, less what allowances cover, each day's
//! part at its rule's rates. What rules tell with tax is added up as it is told, and turned into net once for the whole booking.
//! Every price says which rules made it, in `reasons.rs`.

use super::{Slot, reasons::reasons};
use crate::{
    CreditPackId, Currency, Money, PriceRuleId,
    catalogue::Catalogue,
    charge::{Because, extended},
    credit::{self, CreditUse, MoneyUse},
    local_time,
    money::round_half_away,
    refusal::Refusal,
    resource::{Asked, BookedBy, Booker, PriceRulePublished, ResourceAdded, precedence},
    tax,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// Minutes of a half day.
pub const HALF_DAY_MINUTES: i64 = 4 * 60;

/// What a booking costs and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// Net.
    pub full: Money,
    /// Net.
    pub charged: Money,
    pub charged_minutes: i64,
    /// The price of an hour for all who come, net, where one rule counts for all of it and so many hours of it are the price.
    pub per_hour: Option<Money>,
    /// The rate of the tax that is in the prices of all rules that count, where all of them are told with it.
    pub tax_percent: Option<Decimal>,
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

/// The rate at which the tax is in the prices of some rules: that of the booking's day, for its charge's day of supply is that. None
/// where no rule tells its prices with tax.
fn tax_in(parts: &[Part<'_>], slot: &Slot, zone: &TimeZone, catalogue: &Catalogue) -> Result<Option<Decimal>, Refusal> {
    if parts.iter().all(|part| !part.rule.tax_included) {
        return Ok(None);
    }
    let country = &catalogue.location(slot.resource.location_id)?.address.country;
    let category = tax_category(&slot.resource, catalogue);
    let day = local_time::day_at(slot.starts_at, zone);
    catalogue.tax_rate(country, category, day).map(Some)
}

/// The category of what is booked.
pub(crate) fn tax_category<'a>(resource: &ResourceAdded, catalogue: &'a Catalogue) -> &'a str {
    let kind = catalogue.resource_types.get(&resource.resource_type_id);
    kind.map_or("standard", |kind| kind.tax_category.as_str())
}

/// What parts come to as their rules tell it: net, and with tax.
fn told(parts: &[Part<'_>], currency: Currency) -> (Money, Money) {
    let sum = |tax_included| {
        let parts = parts.iter().filter(|part| part.rule.tax_included == tax_included);
        Money::new(parts.map(|part| part.rates.amount(part.minutes)).sum(), currency)
    };
    (sum(false), sum(true))
}

/// What parts come to, net.
fn sum(parts: &[Part<'_>], percent: Option<Decimal>, currency: Currency) -> Money {
    let (net, gross) = told(parts, currency);
    let of_gross = percent.map_or(0, |percent| tax::net_of(gross, percent).minor);
    Money::new(net.minor + of_gross, currency)
}

/// Prices a slot of which `uses` cover the first minutes, for whoever books it.
///
/// # Errors
/// When no rule prices some of it, or one tells its price with tax and no rate is known of the day.
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
    let percent = tax_in(&all, slot, &zone, catalogue)?;
    let net = sum(&charged, percent, currency);
    let charged_minutes = slot.minutes - covered;
    let mut because = reasons(&all, &charged, (covered, packs), slot.minutes, catalogue);
    let (_, gross) = told(&charged, currency);
    if let Some(percent) = percent.filter(|_| gross.minor != 0) {
        because.push(tax::told_because(gross, percent, tax::net_of(gross, percent)));
    }
    Ok(Price {
        full: sum(&all, percent, currency),
        charged: net,
        charged_minutes,
        per_hour: all
            .first()
            .filter(|_| rules.len() == 1)
            .and_then(|part| per_hour(part, percent, charged_minutes, net)),
        tax_percent: percent.filter(|_| all.iter().all(|part| part.rule.tax_included)),
        money_uses: Vec::new(),
        because,
    })
}

/// The price of an hour, net. Where it is told with tax, hours times its net need not be the net of what was told: then there is none.
fn per_hour(part: &Part<'_>, percent: Option<Decimal>, minutes: i64, net: Money) -> Option<Money> {
    let hour = Money::new(part.rates.per_hour, net.currency);
    let Some(percent) = percent else {
        return Some(hour);
    };
    let hour = tax::net_of(hour, percent);
    let times = extended(hours_decimal(minutes), Decimal::from(hour.minor));
    (times == Some(net.minor)).then_some(hour)
}

impl Price {
    /// What is charged with its tax, where that is how it is told. Where no net makes just the gross that was told it is what an invoice
    /// of it comes to.
    pub fn charged_with_tax(&self) -> Option<Money> {
        self.tax_percent.map(|percent| tax::gross_of(self.charged, percent))
    }

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

/// What a slot costs before allowances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FullPrice {
    pub net: Money,
    /// With its tax, where that is how it is told.
    pub with_tax: Option<Money>,
}

/// The price before allowances, for whoever shows many of them and says of none how it comes about.
///
/// # Errors
/// As [`price`].
pub fn full_price(slot: &Slot, booker: Booker, catalogue: &Catalogue) -> Result<FullPrice, Refusal> {
    let all = parts(slot, slot.starts_at, booker, &slot.zone, catalogue)?;
    let percent = tax_in(&all, slot, &slot.zone, catalogue)?;
    let net = sum(&all, percent, currency_of(&all, slot)?);
    let told_with_tax = all.iter().all(|part| part.rule.tax_included);
    Ok(FullPrice {
        net,
        with_tax: percent
            .filter(|_| told_with_tax)
            .map(|percent| tax::gross_of(net, percent)),
    })
}

fn currency_of(parts: &[Part<'_>], slot: &Slot) -> Result<Currency, Refusal> {
    let first = parts.first().ok_or_else(|| no_price(&slot.resource))?;
    Ok(first.rule.per_hour.currency)
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
