//! Money: whole minor units of an ISO 4217 currency. No floats anywhere; rates are decimals; rounding is named.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{borrow::Cow, fmt, str::FromStr};

/// Currencies the house knows, with the digits of their minor unit (ISO 4217).
const KNOWN: [(&str, u32); 24] = [
    ("AUD", 2),
    ("BGN", 2),
    ("BHD", 3),
    ("CAD", 2),
    ("CHF", 2),
    ("CZK", 2),
    ("DKK", 2),
    ("EUR", 2),
    ("GBP", 2),
    ("HUF", 2),
    ("ISK", 0),
    ("JPY", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("MXN", 2),
    ("NOK", 2),
    ("NZD", 2),
    ("PLN", 2),
    ("RON", 2),
    ("SEK", 2),
    ("SGD", 2),
    ("TND", 3),
    ("USD", 2),
    ("ZAR", 2),
];

/// An ISO 4217 currency the house can bill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(u8);

impl Currency {
    pub fn code(self) -> &'static str {
        KNOWN[usize::from(self.0)].0
    }
    /// Digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn digits(self) -> u32 {
        KNOWN[usize::from(self.0)].1
    }
    pub fn all() -> impl Iterator<Item = Currency> {
        (0u8..).take(KNOWN.len()).map(Currency)
    }
}

impl FromStr for Currency {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::all()
            .find(|currency| currency.code() == text)
            .ok_or_else(|| format!("\u{201c}{text}\u{201d} is not a currency code Coterie knows, such as EUR or GBP"))
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
/// Written by hand, because a code is what is written; which codes the house knows is not a matter of shape.
impl JsonSchema for Currency {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

/// An amount in minor units (cents, yen, fils) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// Reads "300", "300.00" or "1234.5" as an amount of `currency`; refuses more digits than the currency has.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, String> {
        let plain = || {
            format!(
                "Write an amount such as {}, with a point and no thousands separator.",
                Money::new(30_000, currency).amount()
            )
        };
        // `from_str` would round what has too many digits, and both accept underscores.
        let text = text.trim();
        if text.contains('_') {
            return Err(plain());
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_| plain())?;
        let scaled = decimal
            .checked_mul(Decimal::from(10_i64.pow(currency.digits())))
            .ok_or_else(plain)?;
        if !scaled.fract().is_zero() {
            return Err(format!("{currency} has {} digits after the point.", currency.digits()));
        }
        Ok(Self::new(scaled.trunc().to_i64().ok_or_else(plain)?, currency))
    }
    /// The amount alone, e.g. `116.13`.
    pub fn amount(self) -> String {
        Decimal::new(self.minor, self.currency.digits()).to_string()
    }
    /// Parts of a whole by days, so that the parts of a cycle always sum to it: the share of `[from, to)` of `days` is the
    /// difference of two rounded running totals.
    #[must_use]
    pub fn share(self, from: i64, to: i64, days: i64) -> Self {
        let until = |n: i64| round_half_away(Decimal::from(self.minor) * Decimal::from(n) / Decimal::from(days.max(1)));
        Self::new(until(to) - until(from), self.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount())
    }
}

/// Rounds half away from zero to a whole minor unit (0.5 -> 1, -0.5 -> -1). `Decimal::round` alone is banker's rounding.
pub fn round_half_away(value: Decimal) -> i64 {
    // Amounts are bounded far below i64 (the catalogue refuses prices over MAX_AMOUNT_MINOR); saturate rather than wrap.
    value
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .unwrap_or(if value.is_sign_negative() { i64::MIN } else { i64::MAX })
}

/// The largest single amount the catalogue accepts, in minor units: keeps every sum far inside `i64`.
pub const MAX_AMOUNT_MINOR: i64 = 100_000_000_000;

#[cfg(test)]
mod tests;
