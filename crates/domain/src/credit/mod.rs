//! What plans grant and packs hold: lots with an expiry, of minutes, day passes or money, consumed earliest expiry first,
//! restored to the same lot.

mod courtesy;
mod draw;
mod holds;
mod pack;
mod state;

pub use courtesy::*;
pub use draw::*;
pub use holds::*;
pub use pack::*;
pub use state::*;

use crate::{LotId, MemberId, MembershipId, event::domain_events};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to a lot of credit.
    CreditEvent, "credit", {
        CreditGranted = 2 [1 => granted_minutes],
        CreditUsed = 3 [1 => moved_by_a_booking, 2 => earns_nothing],
        CreditRestored = 3 [1 => moved_by_a_booking, 2 => earns_nothing],
        CreditExpired = 3 [1 => minutes_as_amount, 2 => earns_nothing],
        CourtesyGranted = 1,
        CreditPackBought = 1,
        CreditPackTakenBack = 1,
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditGranted {
    pub lot_id: LotId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    /// Version 1 knew only minutes.
    pub holds: Holds,
    /// Minutes, passes or minor units.
    pub amount: i64,
    /// A booking or a pass may draw on the lot when it starts in `[valid_from, valid_until)`.
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditUsed {
    pub lot_id: LotId,
    /// Version 1 knew only bookings.
    pub used_by: UsedBy,
    pub amount: i64,
    /// Of what was bought, what this use earns. Versions before 3 knew no packs.
    pub earned: Option<Earned>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditRestored {
    pub lot_id: LotId,
    pub used_by: UsedBy,
    pub amount: i64,
    /// Of what was bought, what is not earned after all: exactly what the use had earned.
    pub earned: Option<Earned>,
}

/// What was not used and lapsed (breakage).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreditExpired {
    pub lot_id: LotId,
    pub amount: i64,
    /// Of what was bought, what is earned because nobody used it.
    pub earned: Option<Earned>,
}

/// At first nothing was bought.
fn earns_nothing(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("earned".to_owned(), Value::Null);
    Ok(payload)
}

/// At first a lot was of minutes.
fn granted_minutes(payload: Value) -> Result<Value, &'static str> {
    let mut payload = minutes_as_amount(payload)?;
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    let kind = fields.remove("resource_type_id").ok_or("it is of no type")?;
    fields.insert(
        "holds".to_owned(),
        json!({ "kind": "minutes", "resource_type_id": kind }),
    );
    Ok(payload)
}

fn moved_by_a_booking(payload: Value) -> Result<Value, &'static str> {
    let mut payload = minutes_as_amount(payload)?;
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    let booking = fields.remove("booking_id").ok_or("it is for no booking")?;
    fields.insert("used_by".to_owned(), json!({ "booking": booking }));
    Ok(payload)
}

fn minutes_as_amount(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    let minutes = fields.remove("minutes").ok_or("it has no minutes")?;
    fields.insert("amount".to_owned(), minutes);
    Ok(payload)
}

#[cfg(test)]
mod tests;
