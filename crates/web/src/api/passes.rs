//! Day passes: what a location sells of them, who has one, and how many are left.

use coterie_app::{
    App, Caller, Operation, catalogue, location,
    pass::{
        self, BuyPass,
        page::{PassDay as Day, PassFilter, PassRow, PassState},
    },
    projections,
};
use coterie_domain::{
    LocationId, MemberId, PassId,
    location::NewDayPasses,
    pass::{Pass as Folded, PassGivenBack},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Because, Money, Payer},
};
use crate::{failure::Failure, json::ApiJson};

/// The right to enter a location for a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pass {
    pass_id: Uuid,
    location_id: Uuid,
    member_id: Uuid,
    payer: Payer,
    /// Of the location's calendar.
    day: Date,
    /// When the location opens and closes on that day, by the hours under which it was bought.
    opens_at: Timestamp,
    closes_at: Timestamp,
    /// IANA zone of the location.
    time_zone: String,
    /// `bought` or `given_back`.
    state: &'static str,
    /// Net.
    price: Money,
    charge_id: Option<Uuid>,
    because: Vec<Because>,
    giving_back: Option<GivingBack>,
}

/// What giving it back led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivingBack {
    /// Percent of the price still due under the location's policy.
    percent_due: u8,
    voided_charge_id: Option<Uuid>,
    fee_charge_id: Option<Uuid>,
}

impl From<&PassGivenBack> for GivingBack {
    fn from(fact: &PassGivenBack) -> Self {
        Self {
            percent_due: fact.percent_due,
            voided_charge_id: fact.voided_charge.map(|id| id.0),
            fee_charge_id: fact.fee_charge.map(|id| id.0),
        }
    }
}

impl From<PassRow> for Pass {
    fn from(row: PassRow) -> Self {
        Self {
            pass_id: row.pass_id.0,
            location_id: row.location_id.0,
            member_id: row.member_id.0,
            payer: row.payer.into(),
            day: row.day,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            time_zone: row.time_zone,
            state: row.state.name(),
            price: row.price.into(),
            charge_id: row.charge_id.map(|id| id.0),
            because: row.because.iter().map(Because::from).collect(),
            giving_back: row.given_back.as_ref().map(GivingBack::from),
        }
    }
}

impl From<Folded> for Pass {
    fn from(Folded { fact, given_back }: Folded) -> Self {
        let state = given_back.as_ref().map_or(PassState::Bought, |_| PassState::GivenBack);
        Self {
            pass_id: fact.pass_id.0,
            location_id: fact.location_id.0,
            member_id: fact.member_id.0,
            payer: fact.payer.into(),
            day: fact.day,
            opens_at: fact.opens_at,
            closes_at: fact.closes_at,
            time_zone: fact.time_zone,
            state: state.name(),
            price: fact.price.into(),
            charge_id: fact.charge_id.map(|id| id.0),
            because: fact.because.iter().map(Because::from).collect(),
            giving_back: given_back.as_ref().map(GivingBack::from),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuyDayPass {
    member_id: Uuid,
    location_id: Uuid,
    /// Of the location's calendar.
    day: Date,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PassQuery {
    member_id: Option<Uuid>,
    location_id: Option<Uuid>,
    /// Of this day or a later one.
    from: Option<Date>,
    /// Of this day or an earlier one.
    until: Option<Date>,
    #[param(value_type = Option<String>, example = "bought")]
    state: Option<PassState>,
    /// The latest day first, instead of the earliest.
    #[serde(default)]
    latest_first: bool,
}

#[utoipa::path(post, path = "/v1/passes", tag = "bookings", request_body = BuyDayPass,
    responses((status = 201, description = "Bought and priced", body = Pass),
        (status = 409, description = "Every pass of that day is sold (`next_day` names the next with one left), or she has one"),
        (status = 422, description = "The location is closed then: `next_open_day` names the next day on which it opens")))]
pub async fn create(command: Command<BuyDayPass>) -> CommandAnswer<Pass> {
    let (app, wish) = (&command.house.app, command.body);
    let wish = BuyPass {
        member_id: MemberId(wish.member_id),
        location_id: LocationId(wish.location_id),
        day: wish.day,
    };
    let done = pass::buy(app, &command.caller, wish).await?;
    let body = one(app, &command.caller, done.outcome).await?;
    Ok(Carried::created(&done, format!("/v1/passes/{}", done.outcome), body))
}

#[utoipa::path(get, path = "/v1/passes", tag = "bookings", params(PageQuery, PassQuery),
    responses((status = 200, description = "Passes by day", body = List<Pass>)))]
pub async fn list(reading: Reading) -> Answer<List<Pass>> {
    reading.settled(&[projections::BOOKINGS]).await?;
    let query: PassQuery = reading.query()?;
    let filter = PassFilter {
        member: query.member_id.map(MemberId),
        location: query.location_id.map(LocationId),
        from: query.from,
        until: query.until,
        state: query.state,
        latest_first: query.latest_first,
    };
    let page = pass::page::list(reading.app(), reading.tenant(), filter, &reading.page()?).await?;
    Ok(List::of(page, Pass::from))
}

#[utoipa::path(get, path = "/v1/passes/{pass_id}", tag = "bookings", params(("pass_id" = Uuid, Path)),
    responses((status = 200, description = "One pass", body = Pass)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Pass> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), &reading.caller(), PassId(id)).await?))
}

#[utoipa::path(post, path = "/v1/passes/{pass_id}/give_back", tag = "bookings", params(("pass_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Given back by the location's policy, counted from the opening of its day", body = Pass)))]
pub async fn give_back(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Pass> {
    let app = &command.house.app;
    let done = pass::give_back(app, &command.caller, PassId(id)).await?;
    let body = one(app, &command.caller, PassId(id)).await?;
    Ok(Carried::changed(&done, body))
}

/// Read from the log itself, so that whoever just bought sees it.
async fn one(app: &App, caller: &Caller, id: PassId) -> Result<Pass, Failure> {
    let mut op = Operation::open(app, caller).await?;
    let (pass, _) = pass::load(&mut op, id).await?;
    Ok(pass.into())
}

/// What a location sells, and what is left of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayPasses {
    location_id: Uuid,
    /// Null where none were ever sold.
    terms: Option<DayPassTerms>,
    /// From the day asked for on, as far ahead as passes are sold.
    days: Vec<PassDay>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayPassTerms {
    /// In the currency of the location's legal entity.
    price: Money,
    /// Whether the price is told with the tax in it. Left out, it is net.
    #[serde(default)]
    tax_included: bool,
    /// Passes for one day; none are sold at 0.
    capacity: i32,
    tax_category: String,
    /// How many days ahead a pass can be bought.
    horizon_days: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PassDay {
    day: Date,
    /// Whether the location opens.
    open: bool,
    capacity: i32,
    /// Those that were not given back.
    sold: i32,
    left: i32,
}

impl From<Day> for PassDay {
    fn from(day: Day) -> Self {
        Self {
            day: day.day,
            open: day.open,
            capacity: day.capacity,
            sold: day.sold,
            left: day.left(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysQuery {
    /// Today where it is left out.
    from: Option<Date>,
    /// 14 where it is left out.
    #[param(minimum = 1, maximum = 62)]
    days: Option<i32>,
}

#[utoipa::path(get, path = "/v1/locations/{location_id}/day_passes", tag = "bookings", params(("location_id" = Uuid, Path), DaysQuery),
    responses((status = 200, description = "What it sells, and what is left of each day", body = DayPasses)))]
pub async fn days(Id(id): Id, reading: Reading) -> Answer<DayPasses> {
    reading.settled(&[]).await?;
    let query: DaysQuery = reading.query()?;
    let (app, tenant, id) = (reading.app(), reading.tenant(), LocationId(id));
    Ok(ApiJson(of_location(app, tenant, id, &query).await?))
}

async fn of_location(app: &App, tenant: Uuid, id: LocationId, query: &DaysQuery) -> Result<DayPasses, Failure> {
    let catalogue = catalogue::read(app, tenant).await?;
    catalogue.location(id)?;
    let days = pass::page::days(app, tenant, id, query.from, query.days.unwrap_or(14)).await?;
    Ok(DayPasses {
        location_id: id.0,
        terms: catalogue.day_passes.get(&id).map(|terms| DayPassTerms {
            price: terms.price.into(),
            tax_included: terms.tax_included,
            capacity: terms.capacity,
            tax_category: terms.tax_category.clone(),
            horizon_days: terms.horizon_days,
        }),
        days: days.into_iter().map(PassDay::from).collect(),
    })
}

#[utoipa::path(post, path = "/v1/locations/{location_id}/day_passes", tag = "catalogue", params(("location_id" = Uuid, Path)), request_body = DayPassTerms,
    responses((status = 200, description = "These terms count for passes bought from now on", body = DayPasses)))]
pub async fn set(Id(id): Id, command: Command<DayPassTerms>) -> CommandAnswer<DayPasses> {
    let (app, id, terms) = (&command.house.app, LocationId(id), command.body);
    let new = NewDayPasses {
        price: terms.price.into(),
        tax_included: terms.tax_included,
        capacity: terms.capacity,
        tax_category: terms.tax_category,
        horizon_days: terms.horizon_days,
    };
    let done = location::set_day_passes(app, &command.caller, id, &new).await?;
    let query = DaysQuery { from: None, days: None };
    let body = of_location(app, command.caller.tenant, id, &query).await?;
    Ok(Carried::changed(&done, body))
}
