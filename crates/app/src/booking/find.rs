//! Finding a free time: what is reserved now, by the windows of the domain, priced by the rule that books.

use super::book::membership_for;
use crate::{App, Caller, Operation, UseCaseError, access, read::Columns};
use coterie_domain::{
    LocationId, MemberId, Money, PlanVersionId, ResourceId,
    booking::{self, Search, Window},
    catalogue::Catalogue,
    local_time,
    resource::{Booker, ResourceAdded},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The most windows that are answered; the search is to be narrowed then.
const MOST: usize = 500;

/// A time that is free.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub resource: ResourceAdded,
    pub type_name: String,
    pub location_name: String,
    pub time_zone: String,
    pub amenities: Vec<String>,
    pub window: Window,
    /// Net, for the first start and as many people as were asked for, before allowances.
    pub price: Money,
    /// With its tax, where that is how it is told.
    pub price_with_tax: Option<Money>,
}

impl Offer {
    /// The price as it is shown.
    pub fn told(&self) -> Money {
        self.price_with_tax.unwrap_or(self.price)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// By start, then by name.
    pub offers: Vec<Offer>,
    /// There were more than are answered.
    pub cut: bool,
}

/// Finds where and when a booking fits, at the prices that count for a member. It reads the reservations themselves and so
/// never lags; what was free may be taken a moment later.
///
/// # Errors
/// Faulty fields; another member's prices; when the database fails.
pub async fn find_free(
    app: &App,
    caller: &Caller,
    member: Option<MemberId>,
    search: &Search,
    at_most: Option<i64>,
) -> Result<Found, UseCaseError> {
    if let Some(member) = member {
        access::acts_for(caller, member)?;
    }
    search.check()?;
    let mut op = Operation::open(app, caller).await?;
    let catalogue = op.catalogue().await?;
    let resources = search.resources(&catalogue);
    let mut terms = BTreeMap::new();
    let mut offers = Vec::new();
    let (mut day, mut days) = (search.first_day, 1);
    // The first day, then as many as it seems to take, and priced in the order in which they are answered: little of what
    // lies beyond the last one is read, and nothing of it priced.
    while day <= search.last_day && offers.len() <= MOST {
        let of_days = Search {
            first_day: day,
            last_day: day.saturating_add((days - 1).days()).min(search.last_day),
            ..search.clone()
        };
        let before = offers.len();
        for (window, resource) in windows_of(&mut op, &of_days, &resources, &mut terms, member, &catalogue).await? {
            if offers.len() > MOST {
                break;
            }
            let place = resource.location_id;
            let terms = terms_at(&mut op, &mut terms, member, place, &window).await?;
            let booker = terms.map_or(Booker::SOME_MEMBER, |(booker, _)| booker);
            let offer = offer(search, resource, window, booker, op.now, &catalogue);
            offers.extend(offer.filter(|offer| at_most.is_none_or(|most| offer.told().minor <= most)));
        }
        day = of_days.last_day.saturating_add(1.day());
        days = days_ahead(MOST.saturating_sub(before), offers.len() - before, days);
    }
    let cut = offers.len() > MOST;
    offers.truncate(MOST);
    Ok(Found { offers, cut })
}

/// How many days are to be read next, where `found` of the `missing` offers were found in the last `days`.
fn days_ahead(missing: usize, found: usize, days: i64) -> i64 {
    let still = missing.saturating_sub(found) + 1;
    let each = found / usize::try_from(days).unwrap_or(1);
    let most = i64::from(booking::MAX_DAYS);
    if each == 0 {
        return most;
    }
    i64::try_from(still.div_ceil(each)).map_or(most, |days| days.min(most))
}

/// What is known already of the terms that count for her.
type Terms = BTreeMap<(LocationId, Date), Option<(Booker, PlanVersionId)>>;

/// The windows of some days in all of the resources, by start and then by name.
async fn windows_of<'a>(
    op: &mut Operation,
    of_days: &Search,
    resources: &[&'a ResourceAdded],
    known: &mut Terms,
    member: Option<MemberId>,
    catalogue: &Catalogue,
) -> Result<Vec<(Window, &'a ResourceAdded)>, UseCaseError> {
    let taken = taken(op, of_days, resources, catalogue).await?;
    let mut found = Vec::new();
    for resource in resources {
        let mut busy: Vec<_> = catalogue
            .occupied_by(resource.resource_id)
            .iter()
            .filter_map(|id| taken.get(id))
            .flatten()
            .copied()
            .collect();
        busy.sort_unstable();
        for window in booking::windows(of_days, resource, &busy, op.now, catalogue)? {
            let terms = terms_at(op, known, member, resource.location_id, &window).await?;
            let access = terms.and_then(|(_, version)| catalogue.plan_versions.get(&version)?.access_hours);
            let window = match access {
                Some(hours) => window.in_access(&hours, of_days.minutes, resource.step_minutes),
                None => Some(window),
            };
            found.extend(window.map(|window| (window, *resource)));
        }
    }
    found.sort_by(|(a, one), (b, other)| (a.first_start, &one.name).cmp(&(b.first_start, &other.name)));
    Ok(found)
}

/// `None` where no rule prices it: it cannot be booked then.
fn offer(
    search: &Search,
    resource: &ResourceAdded,
    window: Window,
    booker: Booker,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Option<Offer> {
    let start = window.first_start;
    let end = start.saturating_add(search.minutes.minutes());
    let slot = booking::slot(resource.resource_id, start, end, now, catalogue).ok()?;
    let people = Some(search.capacity).filter(|people| *people > 0);
    let slot = slot.for_people(people).ok()?;
    let price = booking::full_price(&slot, booker, catalogue).ok()?;
    let place = catalogue.location(resource.location_id).ok()?;
    Some(Offer {
        type_name: catalogue
            .resource_types
            .get(&resource.resource_type_id)
            .map_or_else(String::new, |kind| kind.name.clone()),
        location_name: place.name.clone(),
        time_zone: place.time_zone.clone(),
        amenities: catalogue.terms_of(resource.resource_id).amenities,
        resource: resource.clone(),
        window,
        price: price.net,
        price_with_tax: price.with_tax,
    })
}

/// As whom she books, and the plan's version whose terms count for her at a location on the day of a window; asked once a day.
async fn terms_at(
    op: &mut Operation,
    known: &mut Terms,
    member: Option<MemberId>,
    place: LocationId,
    window: &Window,
) -> Result<Option<(Booker, PlanVersionId)>, UseCaseError> {
    let Some(member) = member else { return Ok(None) };
    let day = window.first_start.date();
    if let Some(terms) = known.get(&(place, day)) {
        return Ok(*terms);
    }
    let membership = membership_for(op, member, place, day).await?;
    let terms = membership.map(|membership| (Booker::under(&membership, day), membership.term_on(day).plan_version_id));
    known.insert((place, day), terms);
    Ok(terms)
}

/// What is taken of resources and their parts on the days of a search.
async fn taken(
    op: &mut Operation,
    search: &Search,
    resources: &[&ResourceAdded],
    catalogue: &Catalogue,
) -> Result<Reserved, UseCaseError> {
    let all: BTreeSet<ResourceId> = resources
        .iter()
        .flat_map(|resource| catalogue.occupied_by(resource.resource_id))
        .collect();
    let Some(within) = span(search, resources, catalogue)? else {
        return Ok(Reserved::new());
    };
    reserved(op, &all, within).await
}

/// What is held of each resource.
type Reserved = BTreeMap<ResourceId, Vec<(Timestamp, Timestamp)>>;

/// The days of a search, each house's own, with the buffers that a booking needs beside what is taken: no more than that is
/// read, for reading is most of what a search costs. `None` where there is nothing to look at.
fn span(
    search: &Search,
    resources: &[&ResourceAdded],
    catalogue: &Catalogue,
) -> Result<Option<(Timestamp, Timestamp)>, UseCaseError> {
    let places: BTreeSet<_> = resources.iter().map(|resource| resource.location_id).collect();
    let after_the_last = search.last_day.saturating_add(1.day());
    let mut days: Option<(Timestamp, Timestamp)> = None;
    for place in places {
        let zone = catalogue.zone_of(place)?;
        let from = local_time::day_start(search.first_day, &zone)?;
        let until = local_time::day_start(after_the_last, &zone)?;
        days = Some(days.map_or((from, until), |(first, last)| (first.min(from), last.max(until))));
    }
    let longest = |buffer: fn(&ResourceAdded) -> i32| {
        let minutes = resources.iter().map(|resource| buffer(resource)).max();
        i64::from(minutes.unwrap_or(0)).minutes()
    };
    let (before, after) = (
        longest(|resource| resource.buffer_before_minutes),
        longest(|resource| resource.buffer_after_minutes),
    );
    Ok(days.map(|(from, until)| {
        (
            from.checked_sub(before).unwrap_or(from),
            until.checked_add(after).unwrap_or(until),
        )
    }))
}

/// What holds any of these resources within a time.
async fn reserved(
    op: &mut Operation,
    resources: &BTreeSet<ResourceId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Reserved, UseCaseError> {
    let tenant = op.tenant();
    // A row for each resource: thousands of rows would cost more to hand over than to find. Each is gathered by itself, so that
    // nothing has to be sorted.
    let rows = sqlx::query(
        "select one.id as resource_id, t.begins, t.ends
         from unnest($2::uuid[]) as one (id)
         cross join lateral (
             select array_agg(r.blocked_from) as begins, array_agg(r.blocked_until) as ends
             from reserved($1, array[one.id], $3, $4) r) t
         where t.begins is not null",
    )
    .bind(tenant)
    .bind(resources.iter().map(|id| id.0).collect::<Vec<Uuid>>())
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            let begins: Vec<jiff_sqlx::Timestamp> = row.try_get("begins")?;
            let ends: Vec<jiff_sqlx::Timestamp> = row.try_get("ends")?;
            let times = begins.into_iter().map(jiff_sqlx::Timestamp::to_jiff);
            let times = times.zip(ends.into_iter().map(jiff_sqlx::Timestamp::to_jiff));
            Ok((row.id("resource_id")?, times.collect()))
        })
        .collect()
}

/// Other resources of the same type and house that are free at the time that was wanted: what a refusal offers beside
/// another time.
pub(super) async fn free_instead(
    op: &mut Operation,
    slot: &booking::Slot,
    catalogue: &Catalogue,
) -> Result<Vec<(ResourceId, String)>, UseCaseError> {
    const TOLD: usize = 3;
    let zone = local_time::zone(&slot.time_zone)?;
    let (start, end) = (zone.to_datetime(slot.starts_at), zone.to_datetime(slot.ends_at));
    let mut others: Vec<booking::Slot> = catalogue
        .resources
        .values()
        .filter(|other| {
            other.resource_id != slot.resource.resource_id
                && other.location_id == slot.resource.location_id
                && other.resource_type_id == slot.resource.resource_type_id
        })
        .filter_map(|other| booking::slot(other.resource_id, start, end, op.now, catalogue).ok())
        .collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let all: BTreeSet<ResourceId> = others.iter().flat_map(|other| other.occupied.clone()).collect();
    let from = others
        .iter()
        .map(|other| other.blocked_from)
        .min()
        .unwrap_or(slot.blocked_from);
    let until = others
        .iter()
        .map(|other| other.blocked_until)
        .max()
        .unwrap_or(slot.blocked_until);
    let taken = reserved(op, &all, (from, until)).await?;
    others.retain(|other| {
        let mut held = other.occupied.iter().filter_map(|id| taken.get(id)).flatten();
        held.all(|(from, until)| other.blocked_until <= *from || *until <= other.blocked_from)
    });
    // Who comes closest to the size that was wanted comes first.
    let size = |other: &booking::Slot| (other.resource.capacity - slot.resource.capacity).abs();
    others.sort_by(|a, b| (size(a), &a.resource.name).cmp(&(size(b), &b.resource.name)));
    others.truncate(TOLD);
    Ok(others
        .into_iter()
        .map(|other| (other.resource.resource_id, other.resource.name))
        .collect())
}
