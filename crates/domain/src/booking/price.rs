//! How a booking is charged: its time cut where another rule begins to count, less what allowances cover, each day's
//! part at its rule's rates. Every price says which rules made it.

use super::Slot;
use crate::{
    Money, PlanId, PriceRuleId,
    catalogue::Catalogue,
    charge::Because,
    credit::CreditUse,
    local_time,
    money::round_half_away,
    refusal::Refusal,
    resource::{Asked, PriceRulePublished, ResourceAdded, precedence},
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
    /// The price of an hour, where one rule counts for all of it.
    pub per_hour: Option<Money>,
    pub because: Vec<Because>,
}

/// Part of a booking: a day, the rule that counts there, and its minutes.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    day: Date,
    rule: &'a PriceRulePublished,
    minutes: i64,
}

/// The rule that prices a resource when nothing else is known: what a list of rooms shows. One that counts only at times or
/// for some is shown where there is no other.
///
/// # Errors
/// When no rule prices the type here.
pub fn rule_for<'a>(resource: &ResourceAdded, catalogue: &'a Catalogue) -> Result<&'a PriceRulePublished, Refusal> {
    candidates(resource, catalogue)?
        .into_iter()
        .max_by_key(|rule| {
            let when = &rule.conditions;
            (when.is_always() && when.plan_id.is_none(), precedence(rule, catalogue))
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
    plan: Option<PlanId>,
    zone: &TimeZone,
    catalogue: &'a Catalogue,
) -> Result<Vec<Part<'a>>, Refusal> {
    let rules = candidates(&slot.resource, catalogue)?;
    let asked = Asked {
        resource: slot.resource.resource_id,
        plan,
        minutes: slot.minutes,
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

/// What so many minutes of one day cost by a rule: by the hour, by half days where that is cheaper, never more than the cap,
/// never less than the minimum.
fn amount(rule: &PriceRulePublished, minutes: i64) -> i64 {
    let by_hour =
        |minutes: i64| round_half_away(Decimal::from(rule.per_hour.minor) * Decimal::from(minutes) / Decimal::from(60));
    if minutes == 0 {
        return 0;
    }
    let mut amount = by_hour(minutes);
    if let Some(half) = rule.half_day {
        let (halves, rest) = (minutes / HALF_DAY_MINUTES, minutes % HALF_DAY_MINUTES);
        amount = amount.min(halves * half.minor + by_hour(rest).min(half.minor));
    }
    if let Some(minimum) = rule.minimum {
        amount = amount.max(minimum.minor);
    }
    rule.day_cap.map_or(amount, |cap| amount.min(cap.minor))
}

/// Prices a slot of which `uses` cover the first minutes, for a member on a plan.
///
/// # Errors
/// When no rule prices some of it.
pub fn price(slot: &Slot, plan: Option<PlanId>, uses: &[CreditUse], catalogue: &Catalogue) -> Result<Price, Refusal> {
    let zone = local_time::zone(&slot.time_zone)?;
    let covered: i64 = uses.iter().map(|part| part.minutes).sum();
    let charged_from = slot.starts_at.checked_add(covered.minutes()).unwrap_or(slot.ends_at);
    let all = parts(slot, slot.starts_at, plan, &zone, catalogue)?;
    let charged = parts(slot, charged_from.min(slot.ends_at), plan, &zone, catalogue)?;
    let currency = all
        .first()
        .ok_or_else(|| no_price(&slot.resource))?
        .rule
        .per_hour
        .currency;
    let sum = |parts: &[Part<'_>]| {
        let minor = parts.iter().map(|part| amount(part.rule, part.minutes)).sum();
        Money::new(minor, currency)
    };
    let rules: BTreeSet<PriceRuleId> = all.iter().map(|part| part.rule.price_rule_id).collect();
    Ok(Price {
        full: sum(&all),
        charged: sum(&charged),
        charged_minutes: slot.minutes - covered,
        per_hour: all.first().filter(|_| rules.len() == 1).map(|part| part.rule.per_hour),
        because: because(&all, &charged, covered, slot.minutes, catalogue),
    })
}

fn because(all: &[Part<'_>], charged: &[Part<'_>], covered: i64, minutes: i64, catalogue: &Catalogue) -> Vec<Because> {
    let told = |rule: &PriceRulePublished, text: String| Because {
        text,
        rule: Some(rule.price_rule_id.0),
    };
    let several_days = all.iter().any(|part| part.day != all[0].day);
    let mut because: Vec<Because> = all
        .iter()
        .map(|part| {
            let mut text = format!("{} at {} an hour", hours(part.minutes), part.rule.per_hour);
            if several_days {
                text = format!("{text} on {}", part.day.strftime("%-d %b"));
            }
            let when = part.rule.conditions.sentence(catalogue);
            if !when.is_empty() {
                text = format!("{text} ({when})");
            }
            told(part.rule, text)
        })
        .collect();
    if covered > 0 {
        because.push(Because {
            text: format!(
                "{} from the allowance, {} charged",
                hours(covered),
                hours(minutes - covered)
            ),
            rule: None,
        });
    }
    for part in charged.iter().filter(|part| part.minutes > 0) {
        let (rule, is) = (part.rule, amount(part.rule, part.minutes));
        let hourly = PriceRulePublished {
            half_day: None,
            day_cap: None,
            minimum: None,
            ..rule.clone()
        };
        let by_hour = amount(&hourly, part.minutes);
        let text = match (rule.day_cap, rule.half_day, rule.minimum) {
            (Some(cap), ..) if is == cap.minor => format!("never more than {cap} a day"),
            (_, _, Some(minimum)) if is == minimum.minor && is > by_hour => format!("at least {minimum} a day"),
            (_, Some(half), _) if is < by_hour => format!("{half} for each half day of 4 h"),
            _ => continue,
        };
        because.push(told(rule, text));
    }
    because
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
