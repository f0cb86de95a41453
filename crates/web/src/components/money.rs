//! An amount as people read it.

use askama::Template;

use super::prints_html;

/// Minor units and an ISO 4217 currency, printed as `EUR 1,380.80`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"<span class="money{% if amount_minor < 0 %} money-negative{% endif %}">{{ self.text() }}</span>"#,
    ext = "html"
)]
pub struct Money {
    amount_minor: i64,
    currency: String,
}

impl Money {
    /// An amount in minor units (cents; whole yen) of an ISO 4217 currency.
    pub fn new(amount_minor: i64, currency: impl Into<String>) -> Self {
        Self {
            amount_minor,
            currency: currency.into(),
        }
    }

    /// The plain text: no-break space, thousands in commas, a real minus sign.
    pub fn text(&self) -> String {
        let digits = exponent(&self.currency);
        let unit = 10_u64.pow(digits);
        let magnitude = self.amount_minor.unsigned_abs();
        let sign = if self.amount_minor < 0 { "\u{2212}" } else { "" };
        let whole = grouped(magnitude / unit);
        let width = digits as usize;
        let fraction = if digits == 0 {
            String::new()
        } else {
            format!(".{:0width$}", magnitude % unit)
        };
        format!("{}\u{a0}{sign}{whole}{fraction}", self.currency)
    }
}

/// ISO 4217's minor-unit digits; everything not listed has two.
fn exponent(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

prints_html!(Money);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_follow_the_currency() {
        assert_eq!(Money::new(138_080, "EUR").text(), "EUR\u{a0}1,380.80");
        assert_eq!(Money::new(-5, "GBP").text(), "GBP\u{a0}\u{2212}0.05");
        assert_eq!(Money::new(1_234_567, "JPY").text(), "JPY\u{a0}1,234,567");
        assert_eq!(Money::new(1_005, "KWD").text(), "KWD\u{a0}1.005");
        assert_eq!(
            Money::new(i64::MIN, "EUR").text(),
            "EUR\u{a0}\u{2212}92,233,720,368,547,758.08"
        );
        insta::assert_snapshot!(Money::new(-100, "EUR"), @r#"<span class="money money-negative">EUR −1.00</span>"#);
    }
}
