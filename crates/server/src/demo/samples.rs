//! The chain's files, built in so that the binary makes its demo wherever it is started.

use super::DemoError;
use coterie_app::import::CATALOGUE_FILES;
use std::collections::BTreeMap;

const CATALOGUE: [(&str, &str); 7] = [
    (
        "legal_entities.csv",
        include_str!("../../../../samples/catalogue/legal_entities.csv"),
    ),
    (
        "tax_rates.csv",
        include_str!("../../../../samples/catalogue/tax_rates.csv"),
    ),
    (
        "locations.csv",
        include_str!("../../../../samples/catalogue/locations.csv"),
    ),
    (
        "resource_types.csv",
        include_str!("../../../../samples/catalogue/resource_types.csv"),
    ),
    (
        "resources.csv",
        include_str!("../../../../samples/catalogue/resources.csv"),
    ),
    (
        "price_rules.csv",
        include_str!("../../../../samples/catalogue/price_rules.csv"),
    ),
    ("plans.csv", include_str!("../../../../samples/catalogue/plans.csv")),
];
const COMPANIES: &str = include_str!("../../../../samples/companies.csv");
const MEMBERS: &str = include_str!("../../../../samples/members.csv");

/// The texts of the files.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    pub catalogue: BTreeMap<String, String>,
    pub companies: String,
    pub members: String,
}

/// A member as her row has her, save for what the import takes.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct MemberRow {
    pub external_id: String,
    pub name: String,
    pub email: String,
    pub home_location: String,
    pub company: String,
    pub plan: String,
    pub starts_after_days: i64,
    pub card: String,
}

#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct CompanyRow {
    pub external_id: String,
    pub name: String,
    pub billing_email: String,
    pub card: String,
}

impl Samples {
    /// At most so many members, taken evenly from the list, so that a small demo has every location too.
    pub(super) fn new(members: usize) -> Self {
        let catalogue = CATALOGUE
            .into_iter()
            .filter(|(name, _)| CATALOGUE_FILES.contains(name))
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        let mut lines = MEMBERS.lines();
        let header = lines.next().unwrap_or_default();
        let all: Vec<&str> = lines.collect();
        let taken = members.min(all.len());
        let rows = (0..taken).map(|index| all[index * all.len() / taken]);
        Self {
            catalogue,
            companies: COMPANIES.to_owned(),
            members: std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n"),
        }
    }
    pub(super) fn member_rows(&self) -> Result<Vec<MemberRow>, DemoError> {
        rows(&self.members)
    }
    pub(super) fn company_rows(&self) -> Result<Vec<CompanyRow>, DemoError> {
        rows(&self.companies)
    }
}

fn rows<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, DemoError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| DemoError::Samples(error.to_string()))
}

/// The simulator's test id behind a card of the files.
pub(super) fn test_card(card: &str) -> &'static str {
    match card {
        "mastercard" => "pm_card_mastercard",
        "amex" => "pm_card_amex",
        "insufficient_funds" => "pm_card_chargeDeclinedInsufficientFunds",
        "expired" => "pm_card_chargeDeclinedExpiredCard",
        "declined" => "pm_card_chargeDeclined",
        "authentication_required" => "pm_card_authenticationRequired",
        _ => "pm_card_visa",
    }
}
