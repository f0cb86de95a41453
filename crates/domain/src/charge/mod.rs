//! Something priced and not yet invoiced, tied to the events that made it.

mod extended;
mod one_off;
mod state;
#[cfg(test)]
mod tests;

pub use extended::*;
pub use one_off::*;
pub use state::*;

use crate::{
    ChargeId, LegalEntityId, LocationId, MemberId, MembershipId, Money, Payer,
    event::{domain_events, same_shape},
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

domain_events!(
    /// What happened to a charge.
    ChargeEvent, "charge", { ChargeMade = 6 [1 => same_shape, 2 => same_shape, 3 => taxed_on_its_first_day, 4 => gives_nothing_back, 5 => same_shape], ChargeVoided = 1 }
);

/// What a charge is for; it decides how its revenue is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// The price of a membership's cycle, or of some of its days: deferred, then earned by the day.
    Recurring,
    /// Booked time beyond the allowance: earned on the day of the booking.
    Booking,
    /// What a late cancellation still costs.
    CancellationFee,
    /// The right to enter for a day: earned on that day. Version 1 of `ChargeMade` did not know it.
    Pass,
    /// Days that were charged and are given back: it takes from what is deferred. Version 3 knew neither this nor the next.
    RecurringCredit,
    /// What beginning costs, once.
    SetUpFee,
    /// Something sold once, or every cycle beside the plan.
    OneOff,
    /// What a meter counted.
    Metered,
    /// What a coupon takes off a membership's days, or what of it goes back with them: deferred and earned as they are.
    Discount,
    /// Held for the payer, and no supply. Version 4 did not know it.
    Deposit,
    /// Hours or passes that are paid before they are used: earned by their use. Version 5 did not know it.
    CreditPack,
}

impl ChargeKind {
    /// Whether its revenue waits for its days; everything else is earned when it is charged.
    pub fn is_deferred(self) -> bool {
        matches!(self, Self::Recurring | Self::RecurringCredit | Self::Discount)
    }
    pub fn name(self) -> &'static str {
        match self {
            Self::Recurring => "recurring",
            Self::Booking => "booking",
            Self::CancellationFee => "cancellation_fee",
            Self::Pass => "pass",
            Self::RecurringCredit => "recurring_credit",
            Self::SetUpFee => "set_up_fee",
            Self::OneOff => "one_off",
            Self::Metered => "metered",
            Self::Discount => "discount",
            Self::Deposit => "deposit",
            Self::CreditPack => "credit_pack",
        }
    }
}

/// The event that made something: enough to open it in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceRef {
    pub category: String,
    pub stream_id: Uuid,
    pub version: i64,
    pub event_type: String,
}

/// One step of a price's explanation, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Because {
    pub text: String,
    /// The plan version or price rule behind the step, where there is one.
    pub rule: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChargeMade {
    pub charge_id: ChargeId,
    pub kind: ChargeKind,
    pub payer: Payer,
    pub member_id: MemberId,
    pub membership_id: Option<MembershipId>,
    /// Who invoices it: the one whose membership it falls under.
    pub legal_entity_id: LegalEntityId,
    /// Whose location it was used at, where that is another: the two owe each other for it. Versions before 3 had none.
    pub supplied_by: Option<LegalEntityId>,
    pub location_id: LocationId,
    pub description: String,
    /// Counted in `unit`, as text so that 1.5 h stays exact.
    pub quantity: String,
    pub unit: String,
    pub unit_price: Money,
    /// Rounded once (EN 16931 BT-131).
    pub net: Money,
    pub tax_category: String,
    /// Days of supply, `[from, to)`.
    pub service_from: Date,
    pub service_to: Date,
    /// The day whose tax rate counts, where it is not the first of supply: what is given back carries the rate that it was
    /// charged at. Versions before 4 had none.
    pub taxed_on: Option<Date>,
    /// The charge whose days are given back, where they are. Versions before 5 did not say.
    pub gives_back: Option<ChargeId>,
    /// The first invoice whose cut-off is this day or later takes it.
    pub billable_on: Date,
    pub source: SourceRef,
    pub because: Vec<Because>,
    /// Position of the catalogue that priced it.
    pub catalogue_position: i64,
}

impl ChargeMade {
    /// Whether a coupon took this off the charge of some days: both are made by one event and stand for the same days.
    pub fn is_taken_off(&self, price: &Self) -> bool {
        self.kind == ChargeKind::Discount
            && price.kind == ChargeKind::Recurring
            && self.gives_back.is_none()
            && self.source == price.source
            && (self.service_from, self.service_to) == (price.service_from, price.service_to)
    }
}

fn taxed_on_its_first_day(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("taxed_on".to_owned(), Value::Null);
    Ok(payload)
}

fn gives_nothing_back(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("gives_back".to_owned(), Value::Null);
    Ok(payload)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChargeVoided {
    pub charge_id: ChargeId,
    pub reason: String,
}
