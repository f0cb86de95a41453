//! How much of what is open is booked, out of the bookings that the read model has.

use crate::{
    App, UseCaseError, catalogue,
    read::{self, Columns},
};
use coterie_domain::{
    LocationId, Refusal, ResourceTypeId,
    catalogue::Catalogue,
    local_time,
    occupancy::{self, Booked, Occupancy, Wanted},
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use std::sync::Arc;
use uuid::Uuid;

/// The most bookings that are counted at once; rather none than wrong figures.
const MOST: i64 = 200_000;

/// What is asked for; see [`occupancy::chosen_days`] for the days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OccupancyFilter {
    pub month: String,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    pub location_id: Option<LocationId>,
    pub resource_type_id: Option<ResourceTypeId>,
}

/// The figures, and the catalogue that they were counted by.
///
/// # Errors
/// Days that are none, an unknown location or type, more bookings than are counted at once; when the database fails.
pub async fn measure(
    app: &App,
    tenant: Uuid,
    filter: &OccupancyFilter,
) -> Result<(Occupancy, Arc<Catalogue>), UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let utc = TimeZone::UTC;
    let today = local_time::day_at(read::now(&mut tx, tenant).await?, &utc);
    let days = occupancy::chosen_days(&filter.month, filter.first_day, filter.last_day, today)?;
    // The days are each location's own, and a booking is over within a day of its start.
    let from = local_time::day_start(days.start.saturating_sub(2.days()), &utc)?;
    let until = local_time::day_start(days.end.saturating_add(1.day()), &utc)?;
    let rows = sqlx::query(
        "select resource_id, starts_at, ends_at from booking_view
         where tenant_id = $1 and state = 'confirmed' and starts_at >= $2 and starts_at < $3
           and ($4::uuid is null or location_id = $4)
         order by starts_at, booking_id limit $5",
    )
    .bind(tenant)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .bind(filter.location_id.map(|id| id.0))
    .bind(MOST + 1)
    .fetch_all(&mut *tx)
    .await?;
    drop(tx);
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > MOST {
        let sentence =
            format!("There are more than {MOST} bookings on these days. Ask for fewer days, or one location.");
        return Err(Refusal::field("too_many_bookings", "last_day", sentence).into());
    }
    let booked = rows
        .iter()
        .map(|row| {
            Ok(Booked {
                resource_id: row.id("resource_id")?,
                starts_at: row.time("starts_at")?,
                ends_at: row.time("ends_at")?,
            })
        })
        .collect::<Result<Vec<_>, UseCaseError>>()?;
    let wanted = Wanted {
        days,
        location_id: filter.location_id,
        resource_type_id: filter.resource_type_id,
    };
    Ok((occupancy::measure(wanted, &booked, &catalogue)?, catalogue))
}
