//! How much of what is open is booked.

use coterie_app::{
    occupancy::{self, OccupancyFilter},
    projections,
};
use coterie_domain::{LocationId, ResourceTypeId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{reading::Reading, reply::Answer};
use crate::json::ApiJson;

/// Without days, the last month that is over.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct OccupancyQuery {
    /// A month, instead of days.
    #[param(example = "2026-01")]
    month: Option<String>,
    first_day: Option<Date>,
    /// Included; at most 366 days together.
    last_day: Option<Date>,
    location_id: Option<Uuid>,
    resource_type_id: Option<Uuid>,
}

/// Booked and open minutes. Cancelled bookings do not count; what is open follows hours, closures and resources as they
/// are now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Occupancy {
    first_day: Date,
    last_day: Date,
    /// Inside open hours.
    booked_minutes: i64,
    open_minutes: i64,
    /// Booked at times that are closed by now; part of no other figure.
    booked_while_closed_minutes: i64,
    /// Every hour that is open at all, by location, type, weekday and hour.
    hours: Vec<OccupiedHour>,
}

/// One hour of one weekday, for all resources of a type at a location. An hour that the clocks skip is not open, one that
/// comes twice counts twice.
#[derive(Debug, Serialize, ToSchema)]
pub struct OccupiedHour {
    location_id: Uuid,
    resource_type_id: Uuid,
    /// Monday is 1, Sunday 7.
    #[schema(minimum = 1, maximum = 7)]
    weekday: i8,
    /// Of the location's own clock.
    #[schema(minimum = 0, maximum = 23)]
    hour: i8,
    booked_minutes: i64,
    open_minutes: i64,
}

#[utoipa::path(get, path = "/v1/occupancy", tag = "bookings", params(OccupancyQuery),
    responses((status = 200, description = "Booked and open minutes by location, type, weekday and hour", body = Occupancy)))]
pub async fn show(reading: Reading) -> Answer<Occupancy> {
    reading.settled(&[projections::BOOKINGS]).await?;
    let query: OccupancyQuery = reading.query()?;
    let filter = OccupancyFilter {
        month: query.month.unwrap_or_default(),
        first_day: query.first_day,
        last_day: query.last_day,
        location_id: query.location_id.map(LocationId),
        resource_type_id: query.resource_type_id.map(ResourceTypeId),
    };
    let (measured, _) = occupancy::measure(reading.app(), reading.tenant(), &filter).await?;
    let total = measured.total();
    let hours = measured.hours.iter().map(|(hour, minutes)| OccupiedHour {
        location_id: hour.location_id.0,
        resource_type_id: hour.resource_type_id.0,
        weekday: hour.weekday,
        hour: hour.hour,
        booked_minutes: minutes.booked,
        open_minutes: minutes.open,
    });
    Ok(ApiJson(Occupancy {
        first_day: measured.days.start,
        last_day: measured.days.last(),
        booked_minutes: total.booked,
        open_minutes: total.open,
        booked_while_closed_minutes: measured.booked_while_closed,
        hours: hours.collect(),
    }))
}
