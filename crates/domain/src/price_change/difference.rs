use crate::{Money, catalogue::Catalogue, credit::Holds, plan::PlanVersionPublished};
use std::collections::BTreeMap;

/// What else differs between two versions of a plan beside the price, a sentence each, for her who moves from one to the other.
pub fn differences(before: &PlanVersionPublished, after: &PlanVersionPublished, catalogue: &Catalogue) -> Vec<String> {
    let mut told = Vec::new();
    if before.name != after.name {
        told.push(format!("It is called {} instead of {}.", after.name, before.name));
    }
    granted(before, after, catalogue, &mut told);
    let mut differs = |what: &str, before: String, after: String| {
        if before != after {
            told.push(format!("{what}: {after} instead of {before}."));
        }
    };
    differs("People", before.people().to_string(), after.people().to_string());
    differs(
        "Days of notice",
        before.notice_days.to_string(),
        after.notice_days.to_string(),
    );
    differs("Access", access(before), access(after));
    differs("Where", places(before, catalogue), places(after, catalogue));
    let paid = |plan: &PlanVersionPublished| if plan.in_arrears { "in arrears" } else { "in advance" };
    differs("Paid", paid(before).to_owned(), paid(after).to_owned());
    let lapses = |plan: &PlanVersionPublished| plan.rollover_cycles.to_string();
    differs(
        "Cycles for which what is not used is kept",
        lapses(before),
        lapses(after),
    );
    told
}

fn granted(before: &PlanVersionPublished, after: &PlanVersionPublished, catalogue: &Catalogue, told: &mut Vec<String>) {
    let mut kinds: BTreeMap<Holds, [i64; 2]> = BTreeMap::new();
    for (place, plan) in [before, after].into_iter().enumerate() {
        for (holds, amount) in plan.grants() {
            kinds.entry(holds).or_default()[place] += amount;
        }
    }
    for (holds, [before, after]) in kinds {
        if before == after {
            continue;
        }
        let amount = |amount: i64| match amount {
            0 => "nothing".to_owned(),
            _ => holds.told(amount),
        };
        let what = match holds {
            Holds::Minutes { resource_type_id } => {
                let kind = catalogue.resource_types.get(&resource_type_id);
                kind.map_or_else(|| "Hours".to_owned(), |kind| kind.name.clone())
            }
            Holds::DayPasses => "Day passes".to_owned(),
            Holds::Money { .. } => "Money for bookings".to_owned(),
        };
        told.push(format!(
            "{what}: {} in each cycle instead of {}.",
            amount(after),
            amount(before)
        ));
    }
}

fn access(plan: &PlanVersionPublished) -> String {
    plan.access_hours
        .map_or_else(|| "at any time".to_owned(), |hours| hours.to_string())
}

fn places(plan: &PlanVersionPublished, catalogue: &Catalogue) -> String {
    if plan.locations.is_empty() {
        return "everywhere".to_owned();
    }
    let names = plan.locations.iter().filter_map(|id| catalogue.locations.get(id));
    let names: Vec<&str> = names.map(|place| place.name.as_str()).collect();
    names.join(", ")
}

/// The sign and amount by which one price is more or less than another, such as `+EUR 33.00`.
pub fn more_or_less(before: Money, after: Money) -> String {
    let by = after.minor - before.minor;
    let sign = if by < 0 { "-" } else { "+" };
    format!("{sign}{}", Money::new(by.abs(), after.currency))
}
