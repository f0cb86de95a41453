//! When a price rule counts, and which of several does.

use super::{BookedBy, Booker, Conditions, PriceRulePublished};
use crate::{catalogue::Catalogue, local_time::Hours, refusal::Faults};
use jiff::civil::{Date, DateTime, Time};
use std::cmp::Reverse;

/// What is booked, as far as a rule can ask.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub resource: crate::ResourceId,
    pub booker: Booker,
    /// Length of the whole booking.
    pub minutes: i64,
    /// How many come.
    pub people: i32,
}

impl Conditions {
    /// Faulty fields of conditions that were typed.
    pub fn check(&self, rule: &PriceRulePublished, catalogue: &Catalogue, faults: &mut Faults) {
        faults.check(
            self.weekdays.iter().all(|day| (1..=7).contains(day)),
            "weekdays",
            "Weekdays go from 1, Monday, to 7, Sunday.",
        );
        faults.check(
            self.hours
                .is_none_or(|hours| hours.to == Time::midnight() || hours.from < hours.to),
            "until",
            "The hours must end after they begin.",
        );
        faults.check(
            self.first_day
                .zip(self.last_day)
                .is_none_or(|(first, last)| first <= last),
            "last_day",
            "The last day must not be before the first.",
        );
        faults.check(
            self.plan_id
                .is_none_or(|plan| catalogue.latest_version_of(plan).is_some()),
            "plan_id",
            "There is no such plan.",
        );
        faults.check(
            self.min_minutes.is_none_or(|minutes| (5..=24 * 60).contains(&minutes)),
            "min_minutes",
            "Please give 5 minutes to 24 hours.",
        );
        faults.check(
            self.min_people.is_none_or(|people| (1..=10_000).contains(&people)),
            "min_people",
            "Please give a number of people, 1 or more.",
        );
        faults.check(
            self.booked_by != Some(BookedBy::Visitor) || (self.plan_id.is_none() && self.company_id.is_none()),
            "booked_by",
            "Visitors are on no plan, and no company pays for them.",
        );
        let of_its_kind = |id| {
            catalogue.resources.get(&id).is_some_and(|resource| {
                resource.resource_type_id == rule.resource_type_id
                    && rule.location_id.is_none_or(|place| place == resource.location_id)
            })
        };
        faults.check(
            self.resource_id.is_none_or(of_its_kind),
            "resource_id",
            "It is not of this type, or does not stand there.",
        );
    }

    /// Whether nothing of the time matters.
    pub fn is_always(&self) -> bool {
        self.weekdays.is_empty()
            && self.hours.is_none()
            && self.first_day.is_none()
            && self.last_day.is_none()
            && self.min_minutes.is_none()
    }

    /// Whether every member has it, however many come.
    pub fn is_for_every_member(&self) -> bool {
        self.plan_id.is_none()
            && self.company_id.is_none()
            && self.min_people.is_none()
            && self.booked_by != Some(BookedBy::Visitor)
    }

    /// Whether they hold at a moment of a booking.
    pub fn hold(&self, asked: Asked, at: DateTime) -> bool {
        (self.weekdays.is_empty() || self.weekdays.contains(&at.weekday().to_monday_one_offset()))
            && self.hours.is_none_or(|hours| within(hours, at.time()))
            && self.first_day.is_none_or(|first| first <= at.date())
            && self.last_day.is_none_or(|last| at.date() <= last)
            && self.plan_id.is_none_or(|plan| asked.booker.plan() == Some(plan))
            && self
                .company_id
                .is_none_or(|company| asked.booker.company() == Some(company))
            && self.booked_by.is_none_or(|kind| asked.booker.kind() == kind)
            && self.min_people.is_none_or(|people| asked.people >= people)
            && self.resource_id.is_none_or(|resource| asked.resource == resource)
            && self
                .min_minutes
                .is_none_or(|minutes| asked.minutes >= i64::from(minutes))
    }

    /// The moments of a day at which an answer of [`Conditions::hold`] may change, midnight left out.
    pub fn edges(&self, day: Date) -> impl Iterator<Item = DateTime> {
        let hours = self.hours.into_iter().flat_map(|hours| [hours.from, hours.to]);
        hours
            .filter(|time| *time != Time::midnight())
            .map(move |time| day.to_datetime(time))
    }

    /// When it counts, for people; empty where it always does. The name of a company is sealed, so that only those who may
    /// read it give it here.
    pub fn sentence(&self, catalogue: &Catalogue, company: Option<&str>) -> String {
        let mut parts = Vec::new();
        if let Some(resource) = self.resource_id.and_then(|id| catalogue.resources.get(&id)) {
            parts.push(format!("in {}", resource.name));
        }
        if let Some(plan) = self.plan_id.and_then(|id| catalogue.latest_version_of(id)) {
            parts.push(format!("on {}", plan.name));
        }
        if self.company_id.is_some() {
            parts.push(company.map_or_else(|| "the company's price".to_owned(), |name| format!("for {name}")));
        }
        match self.booked_by {
            Some(BookedBy::Member) => parts.push("for members".to_owned()),
            Some(BookedBy::Visitor) => parts.push("for visitors".to_owned()),
            None => {}
        }
        if !self.weekdays.is_empty() {
            parts.push(weekdays(&self.weekdays));
        }
        if let Some(hours) = self.hours {
            let to = if hours.to == Time::midnight() {
                "24:00".to_owned()
            } else {
                hours.to.strftime("%H:%M").to_string()
            };
            parts.push(format!("{}–{to}", hours.from.strftime("%H:%M")));
        }
        match (self.first_day, self.last_day) {
            (Some(first), Some(last)) => parts.push(format!("{} to {}", day(first), day(last))),
            (Some(first), None) => parts.push(format!("from {}", day(first))),
            (None, Some(last)) => parts.push(format!("until {}", day(last))),
            (None, None) => {}
        }
        if let Some(minutes) = self.min_minutes {
            parts.push(format!("{} or longer", crate::booking::hours(i64::from(minutes))));
        }
        if let Some(people) = self.min_people {
            parts.push(format!("{people} people or more"));
        }
        parts.join(", ")
    }
}

fn within(hours: Hours, time: Time) -> bool {
    hours.from <= time && (hours.to == Time::midnight() || time < hours.to)
}

fn day(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// `Mon–Fri` where they follow each other, else `Mon, Wed`.
fn weekdays(days: &[i8]) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let name = |day: &i8| {
        usize::try_from(day - 1)
            .ok()
            .and_then(|index| NAMES.get(index))
            .copied()
            .unwrap_or("?")
    };
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let consecutive = days.windows(2).all(|pair| pair[1] == pair[0] + 1);
    match days.as_slice() {
        [first, .., last] if consecutive && days.len() > 2 => format!("{}–{}", name(first), name(last)),
        _ => days.iter().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// Orders rules that hold at one moment: a room's own before its location's before everywhere's, then the company's, the
/// plan's, the members' or visitors', the season's, the hours', the weekdays', the longer booking's, the larger one's; of
/// equals the last published.
pub fn precedence(rule: &PriceRulePublished, catalogue: &Catalogue) -> impl Ord + use<> {
    let when = &rule.conditions;
    let published_at = catalogue
        .price_rule_positions
        .get(&rule.price_rule_id)
        .copied()
        .unwrap_or(0);
    (
        when.resource_id.is_some(),
        rule.location_id.is_some(),
        when.company_id.is_some(),
        when.plan_id.is_some(),
        when.booked_by.is_some(),
        when.last_day.is_some(),
        when.hours.is_some(),
        Reverse(if when.weekdays.is_empty() {
            7
        } else {
            when.weekdays.len()
        }),
        when.min_minutes,
        when.min_people,
        published_at,
        rule.price_rule_id,
    )
}
