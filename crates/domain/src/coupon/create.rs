use super::{CouponCreated, Off};
use crate::{
    CouponId, Currency, Money, PlanId,
    catalogue::Catalogue,
    money::MAX_AMOUNT_MINOR,
    refusal::{Faults, Refusal},
    text,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The longest code.
pub const CODE_MAX_CHARS: usize = 32;
/// The most cycles that can be said; beyond them a coupon is for ever.
const MAX_CYCLES: i64 = 120;
const MAX_LIMIT: i64 = 1_000_000;
/// Digits after the point of a percentage.
const PERCENT_DIGITS: u32 = 4;

/// What somebody says of a coupon, unchecked.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCoupon {
    pub code: String,
    pub name: String,
    pub off: NewOff,
    pub cycles: Option<i64>,
    pub plans: Vec<PlanId>,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    pub limit: Option<i64>,
    pub once_per_member: bool,
}

/// One of both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewOff {
    pub percent: Option<Decimal>,
    pub amount: Option<Money>,
}

/// A code as it is kept: what is typed in other letters is the same.
pub fn code_key(code: &str) -> String {
    code.trim().to_uppercase()
}

fn check_code(text: &str) -> Result<String, String> {
    let code = code_key(text);
    let fits = (3..=CODE_MAX_CHARS).contains(&code.chars().count())
        && code
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || "-_".contains(letter));
    if fits {
        Ok(code)
    } else {
        Err(format!(
            "Please choose a code of 3 to {CODE_MAX_CHARS} letters and digits, such as SPRING-26."
        ))
    }
}

fn check_off(new: &NewOff, faults: &mut Faults) -> Option<Off> {
    match (new.percent, new.amount) {
        (Some(percent), None) => {
            let fits = percent > Decimal::ZERO
                && percent <= Decimal::ONE_HUNDRED
                && percent.normalize().scale() <= PERCENT_DIGITS;
            faults.check(
                fits,
                "percent",
                "Please give a percentage above 0 and up to 100, such as 12.5.",
            );
            Some(Off::Percent {
                percent: percent.normalize(),
            })
        }
        (None, Some(amount)) => {
            faults.check(
                (1..=MAX_AMOUNT_MINOR).contains(&amount.minor),
                "amount",
                "Please give an amount above nothing.",
            );
            Some(Off::Fixed { amount })
        }
        _ => {
            faults.check(false, "percent", "Please give a percentage or an amount, and not both.");
            None
        }
    }
}

/// # Errors
/// All faulty fields at once; a plan that there is not, or whose price is in another currency.
pub fn create(id: CouponId, new: &NewCoupon, catalogue: &Catalogue) -> Result<CouponCreated, Refusal> {
    let mut faults = Faults::default();
    let code = check_code(&new.code)
        .map_err(|message| faults.add("code", message))
        .unwrap_or_default();
    let name = text::name(&new.name)
        .map_err(|message| faults.add("name", message))
        .unwrap_or_default();
    let off = check_off(&new.off, &mut faults);
    faults.check(
        new.cycles.is_none_or(|cycles| (1..=MAX_CYCLES).contains(&cycles)),
        "cycles",
        format!("Please give 1 to {MAX_CYCLES} cycles, or leave it empty: then it counts for ever."),
    );
    faults.check(
        new.limit.is_none_or(|limit| (1..=MAX_LIMIT).contains(&limit)),
        "limit",
        "Please give a number of one or more, or leave it empty: then it can be redeemed any number of times.",
    );
    let in_order = new
        .first_day
        .zip(new.last_day)
        .is_none_or(|(first, last)| first <= last);
    faults.check(in_order, "last_day", "The last day lies before the first.");
    let amount_in = new.off.amount.map(|amount| amount.currency);
    for plan in &new.plans {
        match catalogue.latest_version_of(*plan) {
            None => faults.check(false, "plans", "There is no such plan."),
            Some(version) => {
                let other: Option<Currency> = amount_in.filter(|currency| *currency != version.price.currency);
                faults.check(
                    other.is_none(),
                    "plans",
                    format!("{} is priced in {}.", version.name, version.price.currency),
                );
            }
        }
    }
    if let Some(currency) = amount_in {
        let known = catalogue
            .legal_entities
            .values()
            .any(|entity| entity.fact.currency == currency);
        faults.check(known, "amount", format!("Nobody here bills in {currency}."));
    }
    faults.finish()?;
    Ok(CouponCreated {
        coupon_id: id,
        code,
        name,
        off: off.ok_or_else(|| Refusal::conflict("no_amount", "A coupon takes something off."))?,
        cycles: new.cycles,
        plans: new.plans.clone(),
        first_day: new.first_day,
        last_day: new.last_day,
        limit: new.limit,
        once_per_member: new.once_per_member,
    })
}
