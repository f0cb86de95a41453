//! Quantity times price, rounded once (EN 16931 BT-131).

use crate::money::{MAX_AMOUNT_MINOR, round_half_away};
use rust_decimal::Decimal;

/// Digits after the point that a quantity may have.
pub const QUANTITY_DIGITS: u32 = 6;
/// The largest quantity of one charge.
pub const MAX_QUANTITY: u32 = 10_000_000;

/// What a quantity costs at a price in minor units, which may have parts of one: rounded once, half away from zero. `None`
/// beyond the largest amount.
pub fn extended(quantity: Decimal, unit_price_minor: Decimal) -> Option<i64> {
    let net = round_half_away(quantity.checked_mul(unit_price_minor)?);
    (net.abs() <= MAX_AMOUNT_MINOR).then_some(net)
}

/// Reads a quantity such as `2`, `1.5` or `0.25`.
///
/// # Errors
/// A sentence for the person who typed it.
pub fn quantity(text: &str) -> Result<Decimal, String> {
    let plain = || "Write a quantity such as 2 or 1.5, above nothing and with a point.".to_owned();
    let text = text.trim();
    if text.contains('_') {
        return Err(plain());
    }
    let quantity = Decimal::from_str_exact(text).map_err(|_| plain())?.normalize();
    if quantity <= Decimal::ZERO {
        return Err(plain());
    }
    if quantity.scale() > QUANTITY_DIGITS || quantity > Decimal::from(MAX_QUANTITY) {
        return Err(format!(
            "A quantity has at most {QUANTITY_DIGITS} digits after the point and is at most {MAX_QUANTITY}."
        ));
    }
    Ok(quantity)
}
