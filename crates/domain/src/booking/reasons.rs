//! Why a booking costs what it costs, in sentences that name each rule.

use super::{Part, Rates, hours};
use crate::{CreditPackId, Money, catalogue::Catalogue, charge::Because, resource::PriceRulePublished, tax};

/// What each part came to and by which rule, what the allowance covered, and where a half day, a cap or a minimum counted.
pub(super) fn reasons(
    all: &[Part<'_>],
    charged: &[Part<'_>],
    (covered, packs): (i64, &[(CreditPackId, i64)]),
    minutes: i64,
    catalogue: &Catalogue,
) -> Vec<Because> {
    let told = |rule: &PriceRulePublished, text: String| Because {
        text,
        rule: Some(rule.price_rule_id.0),
    };
    let several_days = all.iter().any(|part| part.day != all[0].day);
    let mut because: Vec<Because> = all
        .iter()
        .map(|part| {
            let rate = for_all(part.rates, part.rule.per_hour);
            let including = tax::including(part.rule.tax_included);
            let mut text = format!("{} at {rate} an hour{including}", hours(part.minutes));
            if several_days {
                text = format!("{text} on {}", part.day.strftime("%-d %b"));
            }
            let when = part.rule.conditions.sentence(catalogue, None);
            if !when.is_empty() {
                text = format!("{text} ({when})");
            }
            told(part.rule, text)
        })
        .collect();
    because.extend(packs.iter().map(|(id, minutes)| {
        let name = catalogue.credit_pack(*id).map_or("a pack", |pack| &pack.fact.name);
        Because {
            text: format!(
                "{} from the pack \u{201c}{name}\u{201d}, which is paid",
                hours(*minutes)
            ),
            rule: Some(id.0),
        }
    }));
    let bought: i64 = packs.iter().map(|(_, minutes)| minutes).sum();
    let left = hours(minutes - covered);
    if covered > bought {
        let text = format!("{} from the allowance, {left} charged", hours(covered - bought));
        because.push(Because { text, rule: None });
    } else if covered > 0 {
        let text = format!("{left} charged");
        because.push(Because { text, rule: None });
    }
    let bounds = charged.iter().filter(|part| part.minutes > 0);
    because.extend(bounds.filter_map(|part| Some(told(part.rule, bound(part)?))));
    because
}

/// What made a part of a day cost something else than its hours.
fn bound(part: &Part<'_>) -> Option<String> {
    let (rule, rates) = (part.rule, part.rates);
    let (is, by_hour) = (rates.amount(part.minutes), rates.by_the_hour(part.minutes));
    let bounded = |bound: Option<Money>, counts: bool| bound.filter(|_| counts).map(|bound| for_all(rates, bound));
    if let Some(cap) = bounded(rule.day_cap, rates.day_cap == Some(is)) {
        return Some(format!("never more than {cap} a day"));
    }
    if let Some(minimum) = bounded(rule.minimum, rates.minimum == Some(is) && is > by_hour) {
        return Some(format!("at least {minimum} a day"));
    }
    let half = bounded(rule.half_day, is < by_hour)?;
    Some(format!("{half} for each half day of 4 h"))
}

/// `EUR 5.00`, and where it is for each of those who come: `3 seats × EUR 5.00`.
fn for_all(rates: Rates, amount: Money) -> String {
    match rates.seats {
        Some(1) => format!("1 seat × {amount}"),
        Some(seats) => format!("{seats} seats × {amount}"),
        None => amount.to_string(),
    }
}
