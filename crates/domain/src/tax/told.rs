//! Prices that are told with the tax in them, as consumers are told them. Documents, books and charges are net: what was told is
//! turned into net once for each charge, at the rate of its own day, so that a rate that changes leaves alone what was told.

use crate::{Money, charge::Because, money::round_half_away};
use rust_decimal::Decimal;
use serde_json::Value;

/// A net with its tax, rounded half away from zero as the sum of a category is (EN 16931, BT-117).
#[must_use]
pub fn gross_of(net: Money, percent: Decimal) -> Money {
    let tax = round_half_away(Decimal::from(net.minor) * percent / Decimal::ONE_HUNDRED);
    Money::new(net.minor.saturating_add(tax), net.currency)
}

/// The net that makes a gross with its tax at a rate. Not every gross has one: then it is the net whose gross is nearest, and of two
/// that are as near the lower one, so that nobody pays more than she was told. Whole numbers only; it never decreases where the gross
/// grows, and what is below zero mirrors what is above.
#[must_use]
pub fn net_of(gross: Money, percent: Decimal) -> Money {
    let told = i128::from(gross.minor.unsigned_abs());
    let percent = percent.normalize();
    // A rate of m / 10^s percent makes whole out of (whole + m) parts, where whole is 100 x 10^s.
    let whole = 100 * 10_i128.pow(percent.scale());
    let parts = whole + percent.mantissa().max(0);
    let with_tax = |net: i128| {
        let doubled = 2 * net * (parts - whole);
        net + (doubled + whole) / (2 * whole)
    };
    // The tax is rounded by half a unit at most, so the net is the quotient rounded down, or the next.
    let lower = told * whole / parts;
    let (below, above) = (told - with_tax(lower), with_tax(lower + 1) - told);
    let net = if above < below { lower + 1 } else { lower };
    let net = i64::try_from(net).unwrap_or(i64::MAX) * gross.minor.signum();
    Money::new(net, gross.currency)
}

/// ` including VAT` behind a price that is told so; nothing behind one that is told without.
pub fn including(tax_included: bool) -> &'static str {
    if tax_included { " including VAT" } else { "" }
}

/// How what was told became a net, for people.
pub fn told_because(gross: Money, percent: Decimal, net: Money) -> Because {
    Because {
        text: format!("{gross} including {} % VAT is {net} net", percent.normalize()),
        rule: None,
    }
}

/// Before prices could be told with tax, all of them were told without.
pub(crate) fn told_net(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("tax_included".to_owned(), Value::Bool(false));
    Ok(payload)
}
