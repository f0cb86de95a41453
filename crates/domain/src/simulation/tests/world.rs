//! One membership in a log: whatever happens has a position, and is decided as the use cases decide it.

use super::super::{BookingFacts, Facts, Lived, LotFacts};
use crate::{
    BookingId, ChargeId, PlanVersionId, Refusal, ResourceId,
    booking::{self, Booking, BookingEvent},
    catalogue::Catalogue,
    charge::ChargeMade,
    credit::{self, CreditEvent, CreditExpired, CreditGranted, CreditRestored, CreditUsed, Lot, UsedBy},
    local_time,
    membership::{self, Charged, Membership, MembershipEvent, Next},
    testing::{ada, date, ids_from, membership_from, wall},
};
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeMap;
use uuid::Uuid;

pub struct World {
    pub all: Catalogue,
    pub now: Timestamp,
    position: i64,
    next: u128,
    membership: Membership,
    events: Vec<(i64, MembershipEvent)>,
    lots: Vec<LotFacts>,
    rows: Vec<Lot>,
    bookings: Vec<BookingFacts>,
    charges: BTreeMap<ChargeId, ChargeMade>,
}

impl World {
    pub fn begin(all: Catalogue, version: PlanVersionId, start: &str) -> Self {
        assert_eq!(version, crate::testing::FLEX_1, "the chain's plan");
        let begun = membership_from(start, &all);
        let zone = all.zone_of(begun.fact.home_location_id).unwrap();
        let mut world = Self {
            now: local_time::day_start(date(start), &zone).unwrap(),
            all,
            position: 1_000,
            next: 0x10_0000,
            events: vec![(1_000, begun.fact.clone().into())],
            membership: begun,
            lots: Vec::new(),
            rows: Vec::new(),
            bookings: Vec::new(),
            charges: BTreeMap::new(),
        };
        let first = membership::first_cycle(&world.membership);
        let following = membership::cycle_after(&world.membership, first.cycle);
        world.open(first, &[first, following]);
        world
    }

    fn at(&mut self) -> i64 {
        self.position += 1;
        self.position
    }

    fn ids(&mut self) -> impl FnMut() -> Uuid + use<> {
        self.next += 0x100;
        ids_from(self.next)
    }

    fn happens(&mut self, event: impl Into<MembershipEvent>) {
        let (event, at) = (event.into(), self.at());
        self.membership = self.membership.after(event.clone());
        self.events.push((at, event));
    }

    fn open(&mut self, next: Next, grants: &[Next]) {
        let ids = self.ids();
        let opened = membership::open_cycle(&self.membership, 0, next, grants, ids, &self.all).unwrap();
        self.happens(opened.fact);
        opened.lots.into_iter().for_each(|lot| self.grant(lot));
    }

    fn grant(&mut self, lot: CreditGranted) {
        let at = self.at();
        self.rows.push(Lot::from(&lot));
        self.lots.push(LotFacts {
            events: vec![(at, self.now, lot.into())],
        });
    }

    fn moved(&mut self, index: usize, amount: i64, event: impl Into<CreditEvent>) {
        let at = self.at();
        self.rows[index].left += amount;
        self.lots[index].events.push((at, self.now, event.into()));
    }

    fn draw(&mut self, id: BookingId, parts: &[(crate::LotId, i64)], back: bool) {
        let used_by = UsedBy::Booking(id);
        for (lot_id, amount) in parts.iter().copied() {
            let index = self.rows.iter().position(|row| row.lot_id == lot_id).unwrap();
            if back {
                self.moved(
                    index,
                    amount,
                    CreditRestored {
                        lot_id,
                        used_by,
                        amount,
                        earned: None,
                    },
                );
            } else {
                self.moved(
                    index,
                    -amount,
                    CreditUsed {
                        lot_id,
                        used_by,
                        amount,
                        earned: None,
                    },
                );
            }
        }
    }

    pub fn today(&self) -> Date {
        let zone = self.all.zone_of(self.membership.fact.home_location_id).unwrap();
        local_time::day_at(self.now, &zone)
    }

    /// Days pass; cycles open and lots lapse when their time comes.
    pub fn live_until(&mut self, day: Date) {
        let zone = self.all.zone_of(self.membership.fact.home_location_id).unwrap();
        while self.today() < day {
            self.now = local_time::day_start(self.today().tomorrow().unwrap(), &zone).unwrap();
            if self.membership.cycle.is_some_and(|cycle| cycle.end == self.today()) {
                for index in 0..self.rows.len() {
                    let row = self.rows[index];
                    if row.valid_until <= self.now && row.left > 0 {
                        let (lot_id, amount) = (row.lot_id, row.left);
                        self.moved(
                            index,
                            -amount,
                            CreditExpired {
                                lot_id,
                                amount,
                                earned: None,
                            },
                        );
                    }
                }
                let next = membership::next_cycle(&self.membership).unwrap();
                let following = membership::cycle_after(&self.membership, next.cycle);
                self.open(next, &[following]);
            }
        }
    }

    /// A change of the agreement, settled at once.
    pub fn decide<E: Into<MembershipEvent>>(&mut self, decide: impl FnOnce(&Membership) -> Result<E, Refusal>) -> bool {
        let Ok(fact) = decide(&self.membership) else {
            return false;
        };
        self.happens(fact);
        let (ids, today) = (self.ids(), self.today());
        let settled = membership::settle(&self.membership, 0, today, ids, &Charged::default(), &self.all).unwrap();
        if let Some(settled) = settled {
            self.happens(settled.fact);
        }
        true
    }

    fn slot(&self, room: ResourceId, start: &str, end: &str) -> Result<booking::Slot, Refusal> {
        booking::slot(room, wall(start), wall(end), self.now, &self.all)
    }

    pub fn book(&mut self, room: ResourceId, start: &str, end: &str) -> Result<usize, Refusal> {
        let slot = self.slot(room, start, end)?;
        let mut ids = self.ids();
        let (id, charge) = (BookingId(ids()), ChargeId(ids()));
        let booked = booking::confirm(id, charge, &ada(), Some(&self.membership), &slot, &self.rows, &self.all)?;
        let parts = credit::parts(&booked.fact.credit_uses, &booked.fact.money_uses);
        let at = self.at();
        self.bookings.push(BookingFacts {
            events: vec![(at, booked.fact.into())],
        });
        self.draw(id, &parts, false);
        self.charges.extend(booked.charge.map(|made| (made.charge_id, made)));
        Ok(self.bookings.len() - 1)
    }

    fn booking(&self, index: usize) -> Option<Booking> {
        let events = self.bookings.get(index)?.events.iter();
        events.map(|(_, event)| event.clone()).fold(None, Booking::evolve)
    }

    pub fn count(&self) -> usize {
        self.bookings.len()
    }

    pub fn cancel(&mut self, index: usize) -> Result<(), Refusal> {
        let Some(booking) = self.booking(index) else {
            return Ok(());
        };
        let made = booking.fact.charge_id.and_then(|id| self.charges.get(&id));
        let fee = ChargeId(Uuid::from_u128(self.next + 0xff));
        let gone = booking::cancel(&booking, made, false, fee, self.now, &self.all)?;
        let back = credit::parts(&gone.fact.restored, &gone.fact.restored_money);
        let at = self.at();
        self.bookings[index].events.push((at, BookingEvent::from(gone.fact)));
        self.draw(booking.fact.booking_id, &back, true);
        Ok(())
    }

    pub fn reschedule(&mut self, index: usize, start: &str, end: &str) -> Result<(), Refusal> {
        let Some(booking) = self.booking(index) else {
            return Ok(());
        };
        let wanted = (booking.fact.resource_id, wall(start), wall(end));
        let slot = booking::slot_to_move(&booking, false, wanted, None, self.now, &self.all)?;
        let charge = ChargeId(self.ids()());
        let who = (&ada(), Some(&self.membership));
        let moved = booking::move_to(&booking, 1, charge, who, &slot, &self.rows, &self.all)?;
        let (back, parts) = (
            credit::parts(&moved.fact.restored, &moved.fact.restored_money),
            credit::parts(&moved.fact.now.credit_uses, &moved.fact.now.money_uses),
        );
        let at = self.at();
        self.draw(booking.fact.booking_id, &back, true);
        self.bookings[index].events.push((at, moved.fact.into()));
        self.draw(booking.fact.booking_id, &parts, false);
        self.charges.extend(moved.charge.map(|made| (made.charge_id, made)));
        Ok(())
    }

    pub fn facts(&self) -> Facts {
        Facts {
            lived: Lived::fold(self.events.iter().cloned()).unwrap(),
            lots: self.lots.clone(),
            bookings: self.bookings.clone(),
            passes: Vec::new(),
        }
    }
}
