//! What members would like to book: believable times and lengths, the same ones for the same seed.

use super::chain::Person;
use super::random::Random;
use coterie_domain::catalogue::Catalogue;
use coterie_domain::local_time::{self, OpeningHours};
use coterie_domain::resource::ResourceAdded;
use coterie_domain::{LocationId, MemberId, ResourceId};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::{BTreeMap, HashMap};

/// How often a member looks for something free before she gives up.
const LOOKS: usize = 6;
/// Of a thousand wishes, how many are for whatever the member likes, free or not: some are refused.
const STUBBORN_PER_MILLE: usize = 15;

/// A wish for a resource, in wall time at its location.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub member: MemberId,
    pub resource: ResourceId,
    pub start: DateTime,
    pub end: DateTime,
    pub starts_at: Timestamp,
}

/// How a type of resource is used: how often of 100, and for how many minutes.
struct Habit {
    type_name: &'static str,
    share: usize,
    minutes: (i64, i64),
}

const HABITS: [Habit; 5] = [
    Habit {
        type_name: "Desk",
        share: 38,
        minutes: (240, 540),
    },
    Habit {
        type_name: "Meeting room",
        share: 36,
        minutes: (60, 180),
    },
    Habit {
        type_name: "Phone booth",
        share: 16,
        minutes: (15, 60),
    },
    Habit {
        type_name: "Parking space",
        share: 7,
        minutes: (240, 540),
    },
    Habit {
        type_name: "Event space",
        share: 3,
        minutes: (180, 360),
    },
];

struct Place {
    zone: TimeZone,
    hours: OpeningHours,
    /// By habit.
    resources: Vec<Vec<ResourceAdded>>,
}

/// Makes wishes and remembers which times it has given away.
pub(super) struct Wishes {
    random: Random,
    places: BTreeMap<LocationId, Place>,
    /// Locations of the same legal entity.
    beside: BTreeMap<LocationId, Vec<LocationId>>,
    busy: HashMap<ResourceId, Vec<(Timestamp, Timestamp)>>,
}

impl Wishes {
    pub(super) fn new(catalogue: &Catalogue, seed: u64) -> Self {
        let mut places = BTreeMap::new();
        let mut beside = BTreeMap::new();
        for location in catalogue.locations.values() {
            let of_type = |habit: &Habit| {
                let of_type = |resource: &&ResourceAdded| {
                    let kind = catalogue.resource_types.get(&resource.resource_type_id);
                    resource.location_id == location.location_id
                        && kind.is_some_and(|kind| kind.name == habit.type_name)
                };
                let mut found: Vec<_> = catalogue.resources.values().filter(of_type).cloned().collect();
                // Ids are new with every build; names are not.
                found.sort_by(|a, b| a.name.cmp(&b.name));
                found
            };
            let Ok(zone) = local_time::zone(&location.time_zone) else {
                continue;
            };
            places.insert(
                location.location_id,
                Place {
                    zone,
                    hours: location.hours,
                    resources: HABITS.iter().map(of_type).collect(),
                },
            );
            let same_entity = catalogue
                .locations
                .values()
                .filter(|other| other.legal_entity_id == location.legal_entity_id);
            let mut same_entity: Vec<_> = same_entity.collect();
            same_entity.sort_by(|a, b| a.name.cmp(&b.name));
            let ids = same_entity.into_iter().map(|other| other.location_id).collect();
            beside.insert(location.location_id, ids);
        }
        Self {
            random: Random::new(seed),
            places,
            beside,
            busy: HashMap::new(),
        }
    }

    pub(super) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// So many wishes of these members for the days after `now`, most of them for the next `days`.
    pub(super) fn some(&mut self, count: usize, members: &[Person], now: Timestamp, days: i64) -> Vec<Wish> {
        (0..count)
            .filter_map(|_| {
                let person = self.random.pick(members)?.clone();
                (0..LOOKS).find_map(|_| self.one(&person, now, days))
            })
            .collect()
    }

    fn one(&mut self, person: &Person, now: Timestamp, days: i64) -> Option<Wish> {
        let location = self.location(person)?;
        let place = self.places.get(&location)?;
        let habit = habit(&mut self.random);
        let resource = self.random.pick(place.resources.get(habit)?)?.clone();
        let ahead = if self.random.per_mille(250) {
            self.random.between(days, days + 9)
        } else {
            self.random.between(0, days - 1)
        };
        let day = local_time::day_at(now, &place.zone).checked_add(ahead.days()).ok()?;
        let (start, end) = times(
            &mut self.random,
            &place.hours,
            day,
            &resource,
            HABITS.get(habit)?.minutes,
        )?;
        let starts_at = local_time::instant("starts_at", start, &place.zone).ok()?;
        let ends_at = local_time::instant("ends_at", end, &place.zone).ok()?;
        if starts_at <= now {
            return None;
        }
        let blocked = (
            starts_at
                .checked_sub(i64::from(resource.buffer_before_minutes).minutes())
                .ok()?,
            ends_at
                .checked_add(i64::from(resource.buffer_after_minutes).minutes())
                .ok()?,
        );
        let busy = self.busy.entry(resource.resource_id).or_default();
        let overlaps = busy.iter().any(|(from, until)| *from < blocked.1 && blocked.0 < *until);
        if overlaps && !self.random.per_mille(STUBBORN_PER_MILLE) {
            return None;
        }
        busy.push(blocked);
        Some(Wish {
            member: person.id,
            resource: resource.resource_id,
            start,
            end,
            starts_at,
        })
    }

    /// Mostly at home, sometimes at another location of the same legal entity.
    fn location(&mut self, person: &Person) -> Option<LocationId> {
        if self.random.per_mille(850) {
            return Some(person.home);
        }
        self.random.pick(self.beside.get(&person.home)?).copied()
    }
}

fn habit(random: &mut Random) -> usize {
    let mut drawn = random.below(HABITS.iter().map(|habit| habit.share).sum());
    for (index, habit) in HABITS.iter().enumerate() {
        if drawn < habit.share {
            return index;
        }
        drawn -= habit.share;
    }
    0
}

/// Within the opening hours, on the resource's step, mostly in the middle of the day.
fn times(
    random: &mut Random,
    hours: &OpeningHours,
    day: Date,
    resource: &ResourceAdded,
    (least, most): (i64, i64),
) -> Option<(DateTime, DateTime)> {
    let open = hours.on(day.weekday())?;
    let minute = |time: jiff::civil::Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let (from, to) = (minute(open.from), minute(open.to));
    let step = i64::from(resource.step_minutes.max(1));
    let on_step = |minutes: i64| minutes / step * step;
    let (min, max) = (i64::from(resource.min_minutes), i64::from(resource.max_minutes));
    let length = on_step(random.between(least, most)).clamp(min, max);
    let (earliest, latest) = if random.per_mille(700) {
        (from.max(9 * 60), (to - length).min(16 * 60))
    } else {
        (from, to - length)
    };
    if latest < earliest {
        return None;
    }
    let start = on_step(random.between(earliest, latest) + step - 1).min(on_step(to - length));
    if start < from {
        return None;
    }
    let midnight = day.at(0, 0, 0, 0);
    Some((
        midnight.checked_add(start.minutes()).ok()?,
        midnight.checked_add((start + length).minutes()).ok()?,
    ))
}
