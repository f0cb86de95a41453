use crate::{
    ChargeId, LocationId, LotId, MemberId, MembershipId, Money, PassId, Payer, charge::Because, credit::MoneyUse,
    event::domain_events,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to a pass.
    PassEvent, "pass", { PassBought = 2 [1 => from_no_allowance], PassGivenBack = 2 [1 => nothing_restored] }
);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassBought {
    pub pass_id: PassId,
    pub location_id: LocationId,
    pub member_id: MemberId,
    pub payer: Payer,
    pub membership_id: MembershipId,
    /// In the location's zone.
    pub day: Date,
    /// When the location opened and closed on that day by the hours under which it was bought. Notice is counted from the
    /// opening.
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    pub time_zone: String,
    /// Net.
    pub price: Money,
    /// None for a pass that costs nothing, or that allowances pay for.
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    pub catalogue_position: i64,
    /// The lot of passes that pays for it. Version 1 knew neither this nor the next.
    pub pass_lot: Option<LotId>,
    /// Money of a plan's allowance that pays for it, or for a part.
    pub money_uses: Vec<MoneyUse>,
}

/// At first plans granted hours alone.
fn from_no_allowance(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("pass_lot".to_owned(), Value::Null);
    fields.insert("money_uses".to_owned(), json!([]));
    Ok(payload)
}

fn nothing_restored(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("restored_pass".to_owned(), Value::Null);
    fields.insert("restored_money".to_owned(), json!([]));
    Ok(payload)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassGivenBack {
    pub pass_id: PassId,
    /// Percent of the price still due under the location's policy.
    pub percent_due: u8,
    pub voided_charge: Option<ChargeId>,
    pub fee_charge: Option<ChargeId>,
    /// The lot that got its pass back.
    pub restored_pass: Option<LotId>,
    /// Lots that got their money back.
    pub restored_money: Vec<MoneyUse>,
}

/// What is known of a pass, folded from its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    pub fact: PassBought,
    pub given_back: Option<PassGivenBack>,
}

impl Pass {
    pub fn evolve(state: Option<Self>, event: PassEvent) -> Option<Self> {
        match event {
            PassEvent::PassBought(fact) => Some(Self { fact, given_back: None }),
            PassEvent::PassGivenBack(fact) => state.map(|pass| Self {
                given_back: Some(fact),
                ..pass
            }),
        }
    }
}
