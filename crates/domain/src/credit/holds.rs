use crate::{BookingId, Currency, Money, PassId, ResourceTypeId, booking::hours};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a lot is a lot of, and so what its amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Holds {
    /// Minutes of a resource type.
    Minutes { resource_type_id: ResourceTypeId },
    /// Days for which a location would sell a pass.
    DayPasses,
    /// Minor units of a currency, net: they pay for bookings and passes.
    Money { currency: Currency },
}

impl Holds {
    pub fn name(self) -> &'static str {
        match self {
            Self::Minutes { .. } => "minutes",
            Self::DayPasses => "day_passes",
            Self::Money { .. } => "money",
        }
    }

    pub fn resource_type(self) -> Option<ResourceTypeId> {
        match self {
            Self::Minutes { resource_type_id } => Some(resource_type_id),
            Self::DayPasses | Self::Money { .. } => None,
        }
    }

    pub fn currency(self) -> Option<Currency> {
        match self {
            Self::Money { currency } => Some(currency),
            Self::Minutes { .. } | Self::DayPasses => None,
        }
    }

    /// As a guard's row has it.
    pub fn from_parts(name: &str, resource_type: Option<Uuid>, currency: Option<Currency>) -> Option<Self> {
        match name {
            "minutes" => resource_type.map(|id| Self::Minutes {
                resource_type_id: ResourceTypeId(id),
            }),
            "day_passes" => Some(Self::DayPasses),
            "money" => currency.map(|currency| Self::Money { currency }),
            _ => None,
        }
    }

    /// An amount of it for people: `1.5 h`, `2 day passes`, `EUR 30.00`.
    pub fn told(self, amount: i64) -> String {
        match self {
            Self::Minutes { .. } => hours(amount),
            Self::DayPasses if amount == 1 => "1 day pass".to_owned(),
            Self::DayPasses => format!("{amount} day passes"),
            Self::Money { currency } => Money::new(amount, currency).to_string(),
        }
    }
}

/// What a lot was drawn on for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsedBy {
    Booking(BookingId),
    Pass(PassId),
}
