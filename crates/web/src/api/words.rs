//! The shapes that several nouns share.

use coterie_domain::{Currency, charge, legal_entity};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a wall time is written: the location's clock, without offset and seconds.
const WALL_TIME: &str = "%Y-%m-%dT%H:%M";

/// An amount in minor units (cents, yen, fils) of one currency.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 11613 is EUR 116.13.
    #[schema(example = 11613)]
    pub minor: i64,
    /// ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "EUR")]
    pub currency: Currency,
}

impl From<coterie_domain::Money> for Money {
    fn from(money: coterie_domain::Money) -> Self {
        Self {
            minor: money.minor,
            currency: money.currency,
        }
    }
}

impl From<Money> for coterie_domain::Money {
    fn from(money: Money) -> Self {
        Self::new(money.minor, money.currency)
    }
}

/// Who settles: a member for herself, or a company for its members.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payer {
    /// `member` or `company`.
    pub kind: &'static str,
    pub id: Uuid,
}

impl From<coterie_domain::Payer> for Payer {
    fn from(payer: coterie_domain::Payer) -> Self {
        Self {
            kind: payer.kind(),
            id: payer.id(),
        }
    }
}

/// A postal address.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    #[serde(default)]
    pub street: String,
    #[serde(default)]
    pub postcode: String,
    #[serde(default)]
    pub city: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schema(example = "DE")]
    pub country: String,
}

/// Where a refusal's fields are in a body that holds an address.
pub const IN_ADDRESS: [(&str, &str); 4] = [
    ("street", "address.street"),
    ("postcode", "address.postcode"),
    ("city", "address.city"),
    ("country", "address.country"),
];

impl From<&legal_entity::Address> for Address {
    fn from(address: &legal_entity::Address) -> Self {
        Self {
            street: address.street.clone(),
            postcode: address.postcode.clone(),
            city: address.city.clone(),
            country: address.country.clone(),
        }
    }
}

impl From<Address> for legal_entity::Address {
    fn from(address: Address) -> Self {
        Self {
            street: address.street,
            postcode: address.postcode,
            city: address.city,
            country: address.country,
        }
    }
}

/// One step of a price's explanation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Because {
    pub text: String,
    /// The plan version or price rule behind the step.
    pub rule: Option<Uuid>,
}

impl From<&charge::Because> for Because {
    fn from(step: &charge::Because) -> Self {
        Self {
            text: step.text.clone(),
            rule: step.rule,
        }
    }
}

/// A time of the location's clock, such as `2026-01-22T10:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallTime(pub DateTime);

impl WallTime {
    /// What the clock at a location shows at an instant.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        Self(zone.to_datetime(instant))
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.strftime(WALL_TIME))
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::strptime(WALL_TIME, &text).map(Self).map_err(|_| {
            D::Error::custom("write a wall time of the location such as 2026-01-22T10:00, without offset or seconds")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::WallTime;

    #[test]
    fn a_wall_time_has_no_offset() {
        let wall: WallTime = serde_json::from_str("\"2026-01-22T10:00\"").unwrap();
        assert_eq!(serde_json::to_string(&wall).unwrap(), "\"2026-01-22T10:00\"");
        for wrong in [
            "2026-01-22T10:00Z",
            "2026-01-22T10:00+01:00",
            "2026-01-22",
            "2026-02-30T10:00",
        ] {
            assert!(
                serde_json::from_str::<WallTime>(&format!("{wrong:?}")).is_err(),
                "{wrong}"
            );
        }
    }
}
