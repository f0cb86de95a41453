//! Plays the chain's past: members subscribe and book, and the test clock moves on to today.

use super::chain::{Chain, Person};
use super::error::doing;
use super::wishes::{Wish, Wishes};
use super::{Counts, DemoError, Moment, Scale, crew};
use crate::RunningStack;
use coterie_app::booking::{self, Book};
use coterie_app::membership::{self, Subscribe};
use coterie_app::{Actor, Caller, UseCaseError, test_clock};
use coterie_domain::{BookingId, MemberId};
use jiff::{Timestamp, ToSpan};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Days that the clock moves at a time.
const STEP_DAYS: i64 = 3;
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How often a command is tried again when somebody else writes the same thing.
const TRIES: u32 = 5;
/// Of a thousand coming bookings, how many are cancelled at each stop: a day before the start or later, and earlier.
const LATE_PER_MILLE: usize = 60;
const EARLY_PER_MILLE: usize = 30;

/// A booking that may still be cancelled.
struct Coming {
    id: BookingId,
    member: MemberId,
    starts_at: Timestamp,
}

pub(super) struct Play<'a> {
    pub house: &'a RunningStack,
    pub chain: &'a Chain,
    pub scale: &'a Scale,
    pub cancel: &'a CancellationToken,
    pub counts: Counts,
    wishes: Wishes,
    coming: Vec<Coming>,
    /// What the plan of stops leaves to book, in bookings per member and stop.
    member_stops_left: usize,
    bookings_left: usize,
}

impl<'a> Play<'a> {
    pub(super) fn new(
        house: &'a RunningStack,
        chain: &'a Chain,
        scale: &'a Scale,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            house,
            chain,
            scale,
            cancel,
            counts: Counts::default(),
            wishes: Wishes::new(&chain.catalogue, scale.seed),
            coming: Vec::new(),
            member_stops_left: 0,
            bookings_left: scale.bookings,
        }
    }

    /// From the first day to the last; `tell` hears after every stop.
    pub(super) async fn run(&mut self, tell: &mut dyn FnMut(&Moment<'_>)) -> Result<(), DemoError> {
        let stops = stops(self.scale)?;
        let (scale, people) = (self.scale, &self.chain.people);
        let here = |now: &Timestamp| people.iter().filter(|person| started(person, scale, *now)).count();
        self.member_stops_left = stops.iter().map(here).sum();
        let (mut subscribed, last) = (0, stops.len().max(1));
        for (index, now) in stops.iter().copied().enumerate() {
            if index > 0 {
                self.move_clock(now).await?;
            }
            let mut members: Vec<Person> = self.chain.people.clone();
            members.sort_by_key(|person| person.starts_after_days);
            members.retain(|person| started(person, self.scale, now));
            self.subscribe(&members[subscribed..]).await?;
            subscribed = members.len();
            self.cancel_some(now).await?;
            self.book(&members, now).await?;
            tell(&Moment {
                percent: 10 + 90 * (index + 1) / last,
                doing: "playing three months",
                clock: Some(now),
                counts: self.counts,
            });
        }
        Ok(())
    }

    fn check(&self) -> Result<(), DemoError> {
        if self.cancel.is_cancelled() {
            Err(DemoError::Stopped)
        } else {
            Ok(())
        }
    }

    async fn move_clock(&self, to: Timestamp) -> Result<(), DemoError> {
        let (app, owner) = (&self.house.app, &self.chain.owner);
        test_clock::advance(app, owner, to)
            .await
            .map_err(doing("moving the clock"))?;
        loop {
            self.check()?;
            let clock = test_clock::read(app, owner).await.map_err(doing("reading the clock"))?;
            if let Some(error) = clock.error {
                return Err(DemoError::Clock(error));
            }
            if clock.target.is_none() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn subscribe(&mut self, newcomers: &[Person]) -> Result<(), DemoError> {
        self.check()?;
        let tenant = self.chain.tenant;
        let done = crew::each(newcomers.to_vec(), |person| {
            let app = self.house.app.clone();
            async move {
                let caller = member(tenant, person.id);
                let command = Subscribe {
                    member_id: person.id,
                    plan_version_id: person.plan,
                    location_id: person.home,
                    agreed_gross_minor: None,
                    without_card: false,
                    coupon: None,
                };
                again(|| membership::subscribe(&app, &caller, command.clone()))
                    .await
                    .map_err(doing("subscribing a member"))
            }
        })
        .await?;
        self.counts.memberships += done.len();
        Ok(())
    }

    async fn book(&mut self, members: &[Person], now: Timestamp) -> Result<(), DemoError> {
        self.check()?;
        let share = self.bookings_left * members.len() / self.member_stops_left.max(1);
        self.member_stops_left = self.member_stops_left.saturating_sub(members.len());
        let wishes = self.wishes.some(share, members, now, STEP_DAYS);
        let tenant = self.chain.tenant;
        let done = crew::each(wishes, |wish| {
            let app = self.house.app.clone();
            async move {
                let caller = member(tenant, wish.member);
                let command = Book {
                    member_id: wish.member,
                    resource_id: wish.resource,
                    start: wish.start,
                    end: wish.end,
                    people: None,
                };
                match again(|| booking::book(&app, &caller, command.clone())).await {
                    Ok(done) => Ok(Some(coming(&wish, done.outcome))),
                    // Somebody was there first, which is what the demo wants to have happened too.
                    Err(UseCaseError::Refused(_)) => Ok(None),
                    Err(error) => Err(doing("booking")(error)),
                }
            }
        })
        .await?;
        let asked = done.len();
        let before = self.coming.len();
        self.coming.extend(done.into_iter().flatten());
        let booked = self.coming.len() - before;
        self.bookings_left = self.bookings_left.saturating_sub(booked);
        self.counts.bookings += booked;
        self.counts.refused += asked - booked;
        Ok(())
    }

    async fn cancel_some(&mut self, now: Timestamp) -> Result<(), DemoError> {
        self.check()?;
        self.coming.retain(|booking| booking.starts_at > now);
        let tomorrow = now.saturating_add(24.hours()).unwrap_or(now);
        let (mut cancelled, mut stay) = (Vec::new(), Vec::new());
        for booking in self.coming.drain(..) {
            let late = booking.starts_at < tomorrow;
            let chance = if late { LATE_PER_MILLE } else { EARLY_PER_MILLE };
            if self.wishes.random().per_mille(chance) {
                cancelled.push((booking, late));
            } else {
                stay.push(booking);
            }
        }
        self.coming = stay;
        let tenant = self.chain.tenant;
        let done = crew::each(cancelled, |(booking, late)| {
            let app = self.house.app.clone();
            async move {
                let caller = member(tenant, booking.member);
                again(|| booking::cancel(&app, &caller, booking.id))
                    .await
                    .map_err(doing("cancelling a booking"))?;
                Ok(late)
            }
        })
        .await?;
        self.counts.cancelled += done.len();
        self.counts.cancelled_late += done.into_iter().filter(|late| *late).count();
        Ok(())
    }
}

/// The instants at which the chain is looked at, first and last included.
fn stops(scale: &Scale) -> Result<Vec<Timestamp>, DemoError> {
    let mut stops = vec![scale.starts_at];
    let mut now = scale.starts_at;
    while now < scale.ends_at {
        let next = now
            .checked_add((STEP_DAYS * 24).hours())
            .map_err(|error| DemoError::Clock(error.to_string()))?;
        now = next.min(scale.ends_at);
        stops.push(now);
    }
    Ok(stops)
}

fn started(person: &Person, scale: &Scale, now: Timestamp) -> bool {
    person.starts_after_days * 86_400 <= now.as_second() - scale.starts_at.as_second()
}

fn coming(wish: &Wish, id: BookingId) -> Coming {
    Coming {
        id,
        member: wish.member,
        starts_at: wish.starts_at,
    }
}

fn member(tenant: Uuid, id: MemberId) -> Caller {
    Caller::new(tenant, Actor::Member(id))
}

/// Tries again what only met somebody else at the same moment.
async fn again<T, F>(command: impl Fn() -> F) -> Result<T, UseCaseError>
where
    F: Future<Output = Result<T, UseCaseError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match command().await {
            Err(UseCaseError::Contended(_) | UseCaseError::Busy(_)) if tries < TRIES => {}
            done => return done,
        }
    }
}
