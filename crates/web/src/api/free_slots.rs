//! Finding a free time.

use coterie_app::booking::{self, Offer};
use coterie_domain::{LocationId, MemberId, ResourceTypeId, booking::Search, local_time::Hours};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    reading::Reading,
    reply::Answer,
    words::{Money, WallTime},
};
use crate::{
    failure::{Failure, FieldError},
    json::ApiJson,
};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FreeSlotsQuery {
    /// How long it is to last.
    #[param(example = 60)]
    minutes: i64,
    #[param(value_type = String, example = "2026-01-22")]
    first_day: Date,
    /// The first day alone, without one; 14 days at most.
    #[param(value_type = Option<String>)]
    last_day: Option<Date>,
    /// Wall time of a day, such as `09:00`.
    from: Option<String>,
    /// `00:00` is the end of the day.
    until: Option<String>,
    /// People it has to hold, and who would come: prices for each of them count them.
    #[serde(default)]
    capacity: i32,
    /// What it has to have, divided by commas.
    #[serde(default)]
    amenities: String,
    location_id: Option<Uuid>,
    resource_type_id: Option<Uuid>,
    /// In minor units, for the whole time, as the price is told.
    at_most_minor: Option<i64>,
    /// Whose prices count.
    member_id: Option<Uuid>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSlots {
    /// By start, then by name.
    items: Vec<FreeSlot>,
    /// There are more: please narrow the search.
    cut: bool,
}

/// Every step from the first start to the last is free for so long.
#[derive(Debug, Serialize, ToSchema)]
pub struct FreeSlot {
    resource_id: Uuid,
    name: String,
    location_id: Uuid,
    capacity: i32,
    amenities: Vec<String>,
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    first_start: WallTime,
    #[schema(value_type = String, example = "2026-01-22T13:30")]
    last_start: WallTime,
    time_zone: String,
    /// Net, for the first start and for `capacity` people, before allowances.
    price: Money,
    /// The same with its tax, where that is how it is told.
    price_with_tax: Option<Money>,
}

impl From<Offer> for FreeSlot {
    fn from(offer: Offer) -> Self {
        Self {
            resource_id: offer.resource.resource_id.0,
            name: offer.resource.name,
            location_id: offer.resource.location_id.0,
            capacity: offer.resource.capacity,
            amenities: offer.amenities,
            first_start: WallTime(offer.window.first_start),
            last_start: WallTime(offer.window.last_start),
            time_zone: offer.time_zone,
            price: offer.price.into(),
            price_with_tax: offer.price_with_tax.map(Into::into),
        }
    }
}

fn time(name: &str, text: Option<&str>) -> Result<Time, Failure> {
    let Some(text) = text else { return Ok(Time::midnight()) };
    Time::strptime("%H:%M", text)
        .map_err(|_| Failure::invalid(vec![FieldError::new(name, "Write a time such as 14:30.")]))
}

#[utoipa::path(get, path = "/v1/free_slots", tag = "bookings", params(FreeSlotsQuery),
    responses((status = 200, description = "Where and when a booking fits; nothing is held", body = FreeSlots)))]
pub async fn list(reading: Reading) -> Answer<FreeSlots> {
    // Reservations themselves are read, so there is no model to wait for.
    reading.settled(&[]).await?;
    let query: FreeSlotsQuery = reading.query()?;
    let search = Search {
        first_day: query.first_day,
        last_day: query.last_day.unwrap_or(query.first_day),
        hours: Hours {
            from: time("from", query.from.as_deref())?,
            to: time("until", query.until.as_deref())?,
        },
        minutes: query.minutes,
        capacity: query.capacity,
        amenities: query
            .amenities
            .split(',')
            .filter(|name| !name.trim().is_empty())
            .map(str::to_owned)
            .collect(),
        location: query.location_id.map(LocationId),
        resource_type: query.resource_type_id.map(ResourceTypeId),
    };
    let member = query.member_id.map(MemberId);
    let found = booking::find_free(reading.app(), &reading.caller(), member, &search, query.at_most_minor).await?;
    Ok(ApiJson(FreeSlots {
        items: found.offers.into_iter().map(FreeSlot::from).collect(),
        cut: found.cut,
    }))
}
