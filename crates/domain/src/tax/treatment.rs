use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a line is to the tax office (BT-118 and BT-151 of EN 16931).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    Standard,
    ZeroRated,
    Exempt,
    ReverseCharge,
    OutOfScope,
}

impl Treatment {
    /// What a category of the seller's own means: a rate of nothing is told apart by its name, `exempt`, `reverse charge` or
    /// `out of scope`; any other one is zero-rated.
    pub fn of(category: &str, rate_percent: Decimal) -> Self {
        let named = |word: &str| category.contains(word);
        if !rate_percent.is_zero() {
            Self::Standard
        } else if named("reverse") {
            Self::ReverseCharge
        } else if named("exempt") {
            Self::Exempt
        } else if named("scope") {
            Self::OutOfScope
        } else {
            Self::ZeroRated
        }
    }

    /// UNTDID 5305.
    pub fn code(self) -> &'static str {
        match self {
            Self::Standard => "S",
            Self::ZeroRated => "Z",
            Self::Exempt => "E",
            Self::ReverseCharge => "AE",
            Self::OutOfScope => "O",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::ZeroRated => "zero_rated",
            Self::Exempt => "exempt",
            Self::ReverseCharge => "reverse_charge",
            Self::OutOfScope => "out_of_scope",
        }
    }
}

/// Why a payer is charged no tax, as documents say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exemption {
    /// Of the list VATEX (BT-121); empty where none fits.
    pub code: String,
    /// The provision in words (BT-120, art. 226 (11)); empty where the treatment says enough.
    pub reason: String,
}

/// How a line is taxed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taxed {
    pub rate_percent: Decimal,
    pub treatment: Treatment,
    /// Only where it was chosen.
    pub exemption: Option<Exemption>,
}

impl Taxed {
    /// As its category is, at this rate.
    pub fn at(category: &str, rate_percent: Decimal) -> Self {
        Self {
            rate_percent,
            treatment: Treatment::of(category, rate_percent),
            exemption: None,
        }
    }

    /// Whether the payer owes the tax herself because somebody chose so.
    pub fn is_reverse_by_choice(&self) -> bool {
        self.treatment == Treatment::ReverseCharge && self.exemption.is_some()
    }
}

impl super::TaxSubtotal {
    /// The seller's word, and what was chosen instead of its rate.
    pub fn label(&self) -> String {
        match (self.treatment, &self.exemption) {
            (Treatment::ReverseCharge, Some(_)) => format!("{}, reverse charge", self.category),
            (Treatment::Exempt, Some(_)) => format!("{}, exempt", self.category),
            _ => self.category.clone(),
        }
    }
}

/// Documents before tax could be chosen: what their lines and sums were follows from category and rate.
pub(crate) fn with_treatments(mut document: Value) -> Result<Value, &'static str> {
    for (list, category, rate) in [
        ("lines", "tax_category", "tax_percent"),
        ("tax", "category", "rate_percent"),
    ] {
        let rows = document
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .ok_or("it has no lines or no tax")?;
        for row in rows {
            let named = row.get(category).and_then(Value::as_str).ok_or("it has no category")?;
            let percent = row.get(rate).cloned().ok_or("it has no rate")?;
            let percent: Decimal = serde_json::from_value(percent).map_err(|_| "its rate is no number")?;
            let treatment = Treatment::of(named, percent).name();
            let fields = row.as_object_mut().ok_or("a line is no object")?;
            fields.insert("treatment".to_owned(), treatment.into());
            fields.insert("exemption".to_owned(), Value::Null);
        }
    }
    Ok(document)
}
