//! Coming into a house: a member says at its entrance who she is, by her own code, and is checked in for whatever waits for her.

use super::{TabletKind, enter::identify};
use crate::{Actor, App, Caller, Operation, UseCaseError, booking, member, secret};
use coterie_domain::{
    BookingId, LocationId, ResourceId,
    booking::{Booking, CHECK_IN_OPENS, CheckInBy, can_check_in},
    local_time,
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use uuid::Uuid;

/// Who came, and what is hers here today.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrived {
    pub member_name: String,
    pub location_name: String,
    pub zone: TimeZone,
    /// By their beginning.
    pub bookings: Vec<HerBooking>,
    /// The log's position of the last that she was checked in for.
    pub position: Option<i64>,
}

/// A booking of hers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HerBooking {
    pub booking_id: BookingId,
    pub resource_name: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub presence: Presence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// She is checked in for it.
    Here,
    /// She can check in for it from then on.
    Opens(Timestamp),
}

/// Finds the member whose code this is, and checks her in for every booking of hers in the house that waits for her now.
/// `key` makes a form that is sent twice one command.
///
/// # Errors
/// A code that nobody has, a kiosk that waits, an address that does not work.
pub async fn arrive(app: &App, tenant: Uuid, (token, code): (&str, &str), key: &str) -> Result<Arrived, UseCaseError> {
    let (place, member_id) = identify(app, tenant, TabletKind::Kiosk, token, code).await?;
    let caller = Caller::new(tenant, Actor::Member(member_id));
    let mut op = Operation::open(app, &caller).await?;
    let catalogue = op.catalogue().await?;
    let place = catalogue.location(LocationId(place))?;
    let zone = local_time::zone(&place.time_zone)?;
    let midnight = local_time::day_start(local_time::day_at(op.now, &zone).saturating_add(1.day()), &zone)?;
    let (member, _) = member::load(&mut op, member_id).await?;
    let rooms: Vec<ResourceId> = catalogue
        .resources
        .values()
        .filter(|resource| resource.location_id == place.location_id)
        .map(|resource| resource.resource_id)
        .collect();
    let hers = booking::hers_in_op(&mut op, member_id, &rooms, midnight).await?;
    let now = op.now;
    drop(op);
    let mut arrived = Arrived {
        member_name: member.name,
        location_name: place.name.clone(),
        zone,
        bookings: Vec::with_capacity(hers.len()),
        position: None,
    };
    for found in hers {
        let Some(presence) = present(app, &caller, &found, now, key, &mut arrived.position).await? else {
            continue;
        };
        arrived.bookings.push(HerBooking {
            booking_id: found.fact.booking_id,
            resource_name: catalogue.resource(found.fact.resource_id)?.name.clone(),
            starts_at: found.fact.starts_at,
            ends_at: found.fact.ends_at,
            presence,
        });
    }
    Ok(arrived)
}

/// Whether she is there for a booking, once she was checked in where it waits for her; `None` for one that is lost meanwhile.
async fn present(
    app: &App,
    caller: &Caller,
    found: &Booking,
    now: Timestamp,
    key: &str,
    position: &mut Option<i64>,
) -> Result<Option<Presence>, UseCaseError> {
    if found.checked_in.is_some() {
        return Ok(Some(Presence::Here));
    }
    if !can_check_in(found, now) {
        let opens = found.fact.starts_at - CHECK_IN_OPENS;
        return Ok((found.held().is_none() && opens > now).then_some(Presence::Opens(opens)));
    }
    let id = found.fact.booking_id;
    let asked = format!("arrive:{id}");
    let named = hex::encode(secret::sha256(format!("kiosk:{key}:{asked}").as_bytes()));
    let caller = caller.clone().with_key(&named, asked.as_bytes());
    match booking::check_in(app, &caller, id, CheckInBy::Code).await {
        Ok(done) => {
            *position = Some(done.position);
            Ok(Some(Presence::Here))
        }
        // Somebody was faster, and checked her in or gave it up.
        Err(UseCaseError::Refused(refusal)) if refusal.code == "already_checked_in" => Ok(Some(Presence::Here)),
        Err(UseCaseError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
