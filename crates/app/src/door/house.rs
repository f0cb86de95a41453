//! How all the rooms of a house stand, for the tablet at its entrance: what is free first, and how many are expected, never who.

use super::{
    BoardState, TabletKind,
    address::find_in_op,
    board::{Taken, stand, taken},
};
use crate::{App, UseCaseError, catalogue, read};
use coterie_domain::{LocationId, ResourceId, local_time};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The most rooms that are shown.
const MOST_ROOMS: usize = 200;
/// The most reservations of a day that are read.
const MOST: i64 = 5_000;

/// What the tablet at the entrance shows.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseBoard {
    pub location_id: LocationId,
    pub location_name: String,
    pub zone: TimeZone,
    /// The organization's clock.
    pub now: Timestamp,
    /// Those that are free now first, then by name.
    pub rooms: Vec<RoomNow>,
    /// How many bookings of today nobody has checked in for yet.
    pub expected: i64,
    /// When it looks otherwise although nobody did anything.
    pub changes_at: Option<Timestamp>,
}

/// One room, now and next.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomNow {
    pub name: String,
    pub capacity: i32,
    pub state: BoardState,
    pub next: Option<(Timestamp, Timestamp)>,
}

/// The board behind an address of this organization; `None` for one that does not work, whatever the reason.
///
/// # Errors
/// When the database fails.
pub async fn house_board(app: &App, tenant: Uuid, token: &str) -> Result<Option<HouseBoard>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let Some(location) = find_in_op(&mut tx, tenant, TabletKind::Kiosk, token).await? else {
        return Ok(None);
    };
    let now = read::now(&mut tx, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let place = catalogue.location(LocationId(location))?;
    let zone = local_time::zone(&place.time_zone)?;
    let midnight = local_time::day_start(local_time::day_at(now, &zone).saturating_add(1.day()), &zone)?;
    let mut here: Vec<_> = catalogue
        .resources
        .values()
        .filter(|resource| resource.location_id == place.location_id)
        .collect();
    here.sort_by(|a, b| (&a.name, a.resource_id).cmp(&(&b.name, b.resource_id)));
    here.truncate(MOST_ROOMS);
    let occupied: BTreeSet<ResourceId> = here
        .iter()
        .flat_map(|resource| catalogue.occupied_by(resource.resource_id))
        .collect();
    let mut by_resource: BTreeMap<ResourceId, Vec<Taken>> = BTreeMap::new();
    for (resource, one) in taken(&mut tx, tenant, &occupied, (now, midnight), MOST).await? {
        by_resource.entry(resource).or_default().push(one);
    }
    let (mut rooms, mut changes_at) = (Vec::with_capacity(here.len()), None::<Timestamp>);
    for resource in here {
        let parts = catalogue.occupied_by(resource.resource_id);
        let mut of_it: Vec<Taken> = parts
            .iter()
            .filter_map(|id| by_resource.get(id))
            .flatten()
            .cloned()
            .collect();
        of_it.sort_by_key(|one| one.blocked_from);
        let stand = stand(resource, now, &of_it, &catalogue)?;
        changes_at = [changes_at, stand.changes_at].into_iter().flatten().min();
        rooms.push(RoomNow {
            name: resource.name.clone(),
            capacity: resource.capacity,
            state: stand.state,
            next: stand.next.first().copied(),
        });
    }
    rooms.sort_by_key(|room| match room.state {
        BoardState::Free { .. } => 0,
        BoardState::Busy { .. } => 1,
        BoardState::OutOfService { .. } => 2,
        BoardState::Closed { .. } => 3,
    });
    let expected = sqlx::query_scalar(
        "select count(*) from booking_view
         where tenant_id = $1 and location_id = $2 and state = 'confirmed' and checked_in_at is null
           and ends_at > $3 and starts_at < $4",
    )
    .bind(tenant)
    .bind(location)
    .bind(now.to_sqlx())
    .bind(midnight.to_sqlx())
    .fetch_one(&mut *tx)
    .await?;
    Ok(Some(HouseBoard {
        location_id: place.location_id,
        location_name: place.name.clone(),
        zone,
        now,
        rooms,
        expected,
        changes_at,
    }))
}
