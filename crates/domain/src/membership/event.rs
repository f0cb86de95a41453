use super::{Item, Stretch, Term};
use crate::{
    AddOnId, CouponId, LegalEntityId, LocationId, LotId, MemberId, MembershipId, Money, Payer, PlanId, PlanVersionId,
    PriceChangeId,
    coupon::Off,
    event::domain_events,
    period::{CycleLength, Days},
    tax::told_net,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

domain_events!(
    /// What happened to a membership.
    MembershipEvent, "membership", {
        MembershipStarted = 3 [1 => by_the_month, 2 => told_net],
        CycleOpened = 4 [1 => as_agreed, 2 => without_add_ons, 3 => days_told_net],
        PlanChanged = 2 [1 => term_told_net],
        PlanChangeCalledOff = 1,
        PlanChangeAnnounced = 1,
        PayerChanged = 1,
        MembershipPaused = 1,
        MembershipResumed = 1,
        PriceOverridden = 2 [1 => told_net],
        DaysSettled = 3 [1 => without_add_ons, 2 => days_told_net],
        NoticeGiven = 1,
        NoticeWithdrawn = 1,
        MembershipEnded = 1,
        CouponRedeemed = 1,
        AddOnAdded = 2 [1 => told_net],
        AddOnRemoved = 1,
        SeatGiven = 1,
        SeatTaken = 1,
        SplitSet = 1,
    }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipStarted {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub payer: Payer,
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    pub legal_entity_id: LegalEntityId,
    /// Its zone rules the cycles, its country the tax.
    pub home_location_id: LocationId,
    pub start: Date,
    pub price: Money,
    /// Whether the price is told with the tax in it. Versions before 3 were told net.
    pub tax_included: bool,
    pub billing_day: i8,
    pub length: CycleLength,
    /// The first day that costs something, where the first ones are free.
    pub free_until: Option<Date>,
    /// The first day on which notice may let it end, where a term was agreed.
    pub bound_until: Option<Date>,
}

/// The first plans had monthly cycles and nothing else to agree on.
fn by_the_month(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("length".to_owned(), json!({ "unit": "month" }));
    fields.insert("free_until".to_owned(), Value::Null);
    fields.insert("bound_until".to_owned(), Value::Null);
    Ok(payload)
}

/// A cycle began: its price was charged, its allowances granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CycleOpened {
    pub membership_id: MembershipId,
    /// The full cycle; a first one may be used from a later day on.
    pub cycle: Days,
    /// The days of it that this membership covers.
    pub days: Days,
    /// What its days were charged as; none where it was opened before this was written down: then as it was agreed.
    pub billed: Option<Vec<Stretch>>,
    pub lots: Vec<LotId>,
}

/// Before terms could change, a cycle was one charge at the agreed price.
fn as_agreed(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.remove("charge_id");
    fields.insert("billed".to_owned(), Value::Null);
    Ok(payload)
}

/// Before there were add-ons, every stretch was the plan's.
fn without_add_ons(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    for list in ["billed", "given_back"] {
        let stretches = fields.get_mut(list).and_then(Value::as_array_mut);
        for stretch in stretches.into_iter().flatten() {
            let stretch = stretch.as_object_mut().ok_or("a stretch is no object")?;
            stretch.insert("add_on".to_owned(), Value::Null);
        }
    }
    Ok(payload)
}

/// Before prices could be told with tax, those of all days were told without.
fn days_told_net(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    for list in ["billed", "given_back"] {
        let stretches = fields.get_mut(list).and_then(Value::as_array_mut);
        for stretch in stretches.into_iter().flatten() {
            let stretch = stretch.as_object_mut().ok_or("a stretch is no object")?;
            stretch.insert("tax_included".to_owned(), Value::Bool(false));
            stretch.insert("tax_percent".to_owned(), Value::Null);
        }
    }
    Ok(payload)
}

/// From a day on, another version is agreed to, of this plan or another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanChanged {
    pub membership_id: MembershipId,
    pub term: Term,
    /// Whether it was announced to her rather than chosen by her.
    pub announced: bool,
}

fn term_told_net(mut payload: Value) -> Result<Value, &'static str> {
    let term = payload.get_mut("term").ok_or("it has no term")?;
    *term = told_net(term.take())?;
    Ok(payload)
}

/// A change of plan that had not come yet is off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanChangeCalledOff {
    pub membership_id: MembershipId,
    /// The day on which it would have come.
    pub from: Date,
}

/// A change of plan that stands ahead was announced to her and not chosen by her: she cannot call it off, and may leave on the day
/// before it, whatever notice and term say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanChangeAnnounced {
    pub membership_id: MembershipId,
    pub price_change_id: PriceChangeId,
    /// The version that it changes to.
    pub plan_version_id: PlanVersionId,
    /// The first day of the new terms.
    pub from: Date,
}

/// From a day on, somebody else pays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PayerChanged {
    pub membership_id: MembershipId,
    pub payer: Payer,
    pub from: Date,
}

/// From a day on it is not used and costs nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipPaused {
    pub membership_id: MembershipId,
    pub from: Date,
    /// The day on which it goes on, where one was said.
    pub until: Option<Date>,
}

/// The pause that was running, or was to come, is over from this day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipResumed {
    pub membership_id: MembershipId,
    pub on: Date,
}

/// Another price was agreed for some time, instead of the plan's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceOverridden {
    pub membership_id: MembershipId,
    /// Of a whole cycle.
    pub price: Money,
    /// Whether it is told with the tax in it, as the plan's of then is. Version 1 was told net.
    pub tax_included: bool,
    pub from: Date,
    /// The day on which the plan's price counts again, where one was said.
    pub until: Option<Date>,
    pub reason: String,
}

/// Days of cycles that were open already were given back, or charged anew, because the agreement changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DaysSettled {
    pub membership_id: MembershipId,
    pub given_back: Vec<Stretch>,
    pub billed: Vec<Stretch>,
}

/// A coupon was redeemed, on the terms that it had then: from a day on, the first of a cycle, it takes something off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CouponRedeemed {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub coupon_id: CouponId,
    pub code: String,
    pub name: String,
    pub off: Off,
    /// For how many cycles; none is for ever.
    pub cycles: Option<i64>,
    /// The plans whose price it is off; none is every plan.
    pub plans: Vec<PlanId>,
    pub from: Date,
}

/// From a day on, so many of an add-on are there, at the price that it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddOnAdded {
    pub membership_id: MembershipId,
    pub add_on_id: AddOnId,
    pub name: String,
    /// Of one of it for a cycle.
    pub price: Money,
    /// Whether the price is told with the tax in it. Version 1 was told net.
    pub tax_included: bool,
    /// The cycle that the price is of.
    pub length: CycleLength,
    pub quantity: i64,
    pub tax_category: String,
    pub from: Date,
}

/// From a day on, an add-on is there no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddOnRemoved {
    pub membership_id: MembershipId,
    pub add_on_id: AddOnId,
    /// The first day without it.
    pub from: Date,
}

/// The member will leave; `last_day` is the last one she pays for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeGiven {
    pub membership_id: MembershipId,
    pub last_day: Date,
}

/// She stays after all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoticeWithdrawn {
    pub membership_id: MembershipId,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipEnded {
    pub membership_id: MembershipId,
    pub last_day: Date,
}

/// From a day on, somebody of the company that pays uses it beside its holder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeatGiven {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub from: Date,
}

/// From a day on, she does not any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeatTaken {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub from: Date,
}

/// From a day on, whoever uses it pays for these kinds of charge herself, and the company that settles it for the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SplitSet {
    pub membership_id: MembershipId,
    pub from: Date,
    /// In the order of [`Item::ALL`], each once; none is that the company pays for everything.
    pub own: Vec<Item>,
}
