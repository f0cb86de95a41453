//! How a booking is charged: the time, less what allowances cover, at the rule in force, capped for the day. Every price
//! says which rule made it.

use crate::{
    Money,
    catalogue::Catalogue,
    charge::Because,
    credit::CreditUse,
    money::round_half_away,
    refusal::Refusal,
    resource::{PriceRulePublished, ResourceAdded},
};
use rust_decimal::Decimal;

/// What a booking costs and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub full: Money,
    pub charged: Money,
    pub charged_minutes: i64,
    pub per_hour: Money,
    pub rule: PriceRulePublished,
    pub because: Vec<Because>,
}

/// The rule that prices a resource: one for its location before one for everywhere; of equals the last published.
///
/// # Errors
/// When no rule prices the type here.
pub fn rule_for<'a>(resource: &ResourceAdded, catalogue: &'a Catalogue) -> Result<&'a PriceRulePublished, Refusal> {
    let location = catalogue.location(resource.location_id)?;
    let currency = catalogue.legal_entity(location.legal_entity_id)?.fact.currency;
    catalogue
        .price_rules
        .values()
        .filter(|rule| rule.resource_type_id == resource.resource_type_id && rule.per_hour.currency == currency)
        .filter(|rule| rule.location_id.is_none_or(|location| location == resource.location_id))
        .max_by_key(|rule| {
            let published_at = catalogue
                .price_rule_positions
                .get(&rule.price_rule_id)
                .copied()
                .unwrap_or(0);
            (rule.location_id.is_some(), published_at, rule.price_rule_id)
        })
        .ok_or_else(|| {
            Refusal::conflict(
                "no_price",
                format!(
                    "{} has no price yet. Staff can publish one under Prices.",
                    resource.name
                ),
            )
        })
}

fn for_minutes(rule: &PriceRulePublished, minutes: i64) -> Money {
    let exact = Decimal::from(rule.per_hour.minor) * Decimal::from(minutes) / Decimal::from(60);
    let uncapped = round_half_away(exact);
    Money::new(
        rule.day_cap.map_or(uncapped, |cap| uncapped.min(cap.minor)),
        rule.per_hour.currency,
    )
}

/// Prices `minutes` of a resource of which `uses` cover some.
///
/// # Errors
/// When no rule prices the type here.
pub fn price(
    resource: &ResourceAdded,
    minutes: i64,
    uses: &[CreditUse],
    catalogue: &Catalogue,
) -> Result<Price, Refusal> {
    let rule = rule_for(resource, catalogue)?;
    let covered: i64 = uses.iter().map(|part| part.minutes).sum();
    let charged_minutes = minutes - covered;
    let id = Some(rule.price_rule_id.0);
    let mut because = vec![Because {
        text: format!("{} at {} an hour", hours(minutes), rule.per_hour),
        rule: id,
    }];
    if covered > 0 {
        because.push(Because {
            text: format!(
                "{} from the allowance, {} charged",
                hours(covered),
                hours(charged_minutes)
            ),
            rule: None,
        });
    }
    let charged = for_minutes(rule, charged_minutes);
    if let Some(cap) = rule.day_cap
        && charged == cap
        && charged_minutes > 0
    {
        because.push(Because {
            text: format!("never more than {cap} a day"),
            rule: id,
        });
    }
    Ok(Price {
        full: for_minutes(rule, minutes),
        charged,
        charged_minutes,
        per_hour: rule.per_hour,
        rule: rule.clone(),
        because,
    })
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
