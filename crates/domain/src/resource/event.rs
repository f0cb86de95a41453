use crate::{
    CompanyId, FloorId, LocationId, Money, PlanId, PriceRuleId, ResourceId, ResourceTypeId, event::domain_events,
    local_time::Hours, tax::told_net,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to a pricing category.
    ResourceTypeEvent, "resource_type", { ResourceTypeCreated = 1 }
);
domain_events!(
    /// What happened to a bookable thing.
    ResourceEvent, "resource", {
        ResourceAdded = 1, ResourceTermsSet = 3 [1 => without_presence, 2 => closed_to_visitors], ResourcePlaced = 1
    }
);
domain_events!(
    /// What happened to a price rule.
    PriceRuleEvent, "price_rule", { PriceRulePublished = 4 [1 => without_conditions, 2 => for_anybody, 3 => told_net] }
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceTypeCreated {
    pub resource_type_id: ResourceTypeId,
    pub name: String,
    pub tax_category: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceAdded {
    pub resource_id: ResourceId,
    pub resource_type_id: ResourceTypeId,
    pub location_id: LocationId,
    pub name: String,
    /// People it holds.
    pub capacity: i32,
    /// Set-up and clean-up time that blocks the resource around each booking.
    pub buffer_before_minutes: i32,
    pub buffer_after_minutes: i32,
    pub min_minutes: i32,
    pub max_minutes: i32,
    /// Starts and lengths are multiples of this.
    pub step_minutes: i32,
}

/// How it can be booked from now on, and what it is made of. Bookings that stand are not touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceTermsSet {
    pub resource_id: ResourceId,
    /// A booking starts at least so long after it is made.
    pub lead_minutes: i32,
    /// And at most so many days after.
    pub horizon_days: i32,
    /// What it has: projector, whiteboard.
    pub amenities: Vec<String>,
    /// The rooms it is combined of: booking it takes all of them, booking one of them takes it.
    pub parts: Vec<ResourceId>,
    /// Members ask, staff say yes or no.
    pub approval: bool,
    /// How long it can be held before it is booked; 0 is not at all.
    pub hold_minutes: i32,
    /// Whoever has not checked in so long after the start loses the rest; `None` asks nobody to check in.
    pub check_in_minutes: Option<i32>,
    /// Net, on top of the price, for whoever does not come.
    pub no_show_fee: Option<Money>,
    /// Somebody without an account can book it, and pays when she does.
    pub visitors: bool,
}

/// The first terms asked nobody, and nobody to check in.
fn without_presence(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("approval".to_owned(), Value::Bool(false));
    fields.insert("hold_minutes".to_owned(), super::HOLD_MINUTES.into());
    for key in ["check_in_minutes", "no_show_fee"] {
        fields.insert(key.to_owned(), Value::Null);
    }
    Ok(payload)
}

/// Before visitors could book anything, they could book nothing.
fn closed_to_visitors(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("visitors".to_owned(), Value::Bool(false));
    Ok(payload)
}

/// Where it stands on the plan of its floor; nowhere when there is no position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourcePlaced {
    pub resource_id: ResourceId,
    pub position: Option<Position>,
}

/// A point of a plan, in percent of its width from the left and of its height from the top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    pub floor_id: FloorId,
    pub x_percent: Decimal,
    pub y_percent: Decimal,
}

/// A price for a type, by the hour or cheaper by the half day or day, everywhere its currency is used or at one location.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PriceRulePublished {
    pub price_rule_id: PriceRuleId,
    pub resource_type_id: ResourceTypeId,
    pub location_id: Option<LocationId>,
    pub per_hour: Money,
    /// What each four hours of a day cost, where that is cheaper.
    pub half_day: Option<Money>,
    /// No day costs more than this.
    pub day_cap: Option<Money>,
    /// Nothing that is charged at all costs less than this a day.
    pub minimum: Option<Money>,
    /// Whether all of these are told with the tax in them. Versions before 4 were told net.
    pub tax_included: bool,
    /// All of these are for each of those who come.
    pub per_seat: bool,
    pub conditions: Conditions,
}

/// When a price rule counts. What is absent does not matter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conditions {
    /// Monday is 1, Sunday 7; none is every day.
    pub weekdays: Vec<i8>,
    /// Wall time of a day.
    pub hours: Option<Hours>,
    /// The days on which it counts, both included: a season, or the day from which a new price counts.
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    /// Members on this plan.
    pub plan_id: Option<PlanId>,
    /// This room or desk alone.
    pub resource_id: Option<ResourceId>,
    /// Bookings of at least this length.
    pub min_minutes: Option<i32>,
    /// Bookings of at least so many people.
    pub min_people: Option<i32>,
    /// Members whose membership this company pays for.
    pub company_id: Option<CompanyId>,
    pub booked_by: Option<BookedBy>,
}

/// Who books, as far as prices tell people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BookedBy {
    Member,
    /// Somebody without a membership.
    Visitor,
}

/// The first rules had an hour's price and a cap, and counted always.
fn without_conditions(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    for key in ["half_day", "minimum"] {
        fields.insert(key.to_owned(), Value::Null);
    }
    let none = serde_json::to_value(Conditions::default()).map_err(|_| "its conditions cannot be written")?;
    fields.insert("conditions".to_owned(), none);
    Ok(payload)
}

/// Then the room had a price however many came, and whoever booked.
fn for_anybody(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("per_seat".to_owned(), Value::Bool(false));
    let conditions = fields
        .get_mut("conditions")
        .and_then(Value::as_object_mut)
        .ok_or("it has no conditions")?;
    for key in ["min_people", "company_id", "booked_by"] {
        conditions.insert(key.to_owned(), Value::Null);
    }
    Ok(payload)
}
