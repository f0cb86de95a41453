//! `pack Ten: 10 hours of rooms for 150.00, valid 6 months`, `Ada buys Ten`, `Ada cancels 2026-02-10`: what is owed for packs, and what is
//! earned of them, at the end of each month.

use super::{ENTITY, World, bookings::ROOMS};
use crate::{
    BookingId, ChargeId, CreditPackId, JournalEntryId, LotId,
    booking::{self, Booked, Booking},
    charge::SourceRef,
    credit::{self, CreditEvent, CreditLot, Holds, Lot, UsedBy},
    credit_pack::{self, CreditPackEvent, NewCreditPack, ValidFor},
    ledger::{self, JournalEntryPosted, LedgerAccount},
    period,
    refusal::Refusal,
    testing::{id, record},
};
use jiff::civil::Date;
use std::{collections::BTreeMap, fmt::Write as _};

/// Packs by name, the lots that were sold, and their books.
#[derive(Default)]
pub(super) struct Packs {
    offered: BTreeMap<String, CreditPackId>,
    sold: BTreeMap<LotId, CreditLot>,
    booked: BTreeMap<(String, Date), Booked>,
    entries: Vec<JournalEntryPosted>,
}

fn source() -> SourceRef {
    SourceRef {
        category: "credit".into(),
        stream_id: id(1),
        version: 1,
        event_type: "CreditUsed".into(),
    }
}

impl World {
    pub(super) fn pack(&mut self, line: &str) {
        let (name, rest) = line.split_once(": ").unwrap();
        let (what, valid) = rest.split_once(", valid ").unwrap();
        let (hours, price) = what.split_once(" hours of rooms for ").unwrap();
        let new = NewCreditPack {
            legal_entity_id: ENTITY,
            name: name.to_owned(),
            holds: Holds::Minutes {
                resource_type_id: ROOMS,
            },
            amount: hours.parse::<i64>().unwrap() * 60,
            price: self.money(price),
            tax_category: "standard".into(),
            valid_for: ValidFor::parse(valid).unwrap(),
            self_service: true,
        };
        let pack = CreditPackId(id(0x9c00 + u128::try_from(self.packs.offered.len()).unwrap()));
        let defined = credit_pack::define(pack, &new, &self.all).unwrap();
        record::<CreditPackEvent>(&mut self.all, defined);
        self.packs.offered.insert(name.to_owned(), pack);
    }

    fn now(&self) -> jiff::Timestamp {
        self.today.at(0, 0, 0, 0).in_tz("Europe/Berlin").unwrap().timestamp()
    }

    pub(super) fn buys(&mut self, name: &str, pack: &str) {
        match self.buy(name, pack) {
            Ok(last_day) => {
                let _ = writeln!(self.told, "  {} {name} buys {pack}, good until {last_day}", self.today);
                let payer = self.payer(name);
                self.bill(&[payer]);
            }
            Err(refusal) => {
                let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
            }
        }
    }

    fn buy(&mut self, name: &str, pack: &str) -> Result<Date, Refusal> {
        let (member, now) = (self.member(name), self.now());
        let number = u128::try_from(self.packs.sold.len()).unwrap();
        let ids = (LotId(id(0x9d00 + number)), ChargeId(id(0x9e00 + number)));
        let pack = self.all.credit_pack(self.packs.offered[pack])?.clone();
        let life = self.lives.iter_mut().find(|(known, _)| known == name);
        let under = life.as_ref().map(|(_, life)| life.membership.clone());
        let sold = credit_pack::buy(ids, &pack, &member, under.as_ref(), now, &self.all)?;
        let life = &mut life.unwrap().1;
        life.lots.push(Lot::from(&sold.fact));
        self.packs
            .entries
            .extend(ledger::booking_charged(JournalEntryId(id(1)), &sold.charge));
        life.charges.push(sold.charge);
        let last_day = sold.fact.last_day;
        let lot = CreditLot::evolve(None, sold.fact.into()).unwrap();
        self.packs.sold.insert(ids.0, lot);
        Ok(last_day)
    }

    fn happens_to_lot(&mut self, lot: LotId, event: CreditEvent) {
        let known = self.packs.sold.get_mut(&lot).unwrap();
        let pack = self
            .all
            .credit_pack(known.pack.as_ref().unwrap().fact.credit_pack_id)
            .unwrap();
        let entry = JournalEntryId(id(1));
        self.packs.entries.extend(match &event {
            CreditEvent::CreditUsed(fact) => {
                ledger::credit_pack_used(entry, &pack.fact, &fact.earned.unwrap(), source())
            }
            CreditEvent::CreditRestored(fact) => {
                ledger::credit_pack_restored(entry, &pack.fact, &fact.earned.unwrap(), source())
            }
            CreditEvent::CreditExpired(fact) => {
                ledger::credit_pack_expired(entry, &pack.fact, &fact.earned.unwrap(), source())
            }
            _ => None,
        });
        *known = CreditLot::evolve(Some(known.clone()), event).unwrap();
        let left = known.left;
        for (_, life) in &mut self.lives {
            for known in life.lots.iter_mut().filter(|known| known.lot_id == lot) {
                known.left = left;
            }
        }
    }

    /// What a booking drew on packs: the minutes. The other lots are the caller's.
    pub(super) fn draw_packs(&mut self, name: &str, day: Date, booked: &Booked) -> i64 {
        let mut minutes = 0;
        for part in &booked.fact.credit_uses {
            let Some(lot) = self.packs.sold.get(&part.lot_id) else {
                continue;
            };
            let left = (lot.left, Some(lot.pack.as_ref().unwrap().value_left()));
            let by = UsedBy::Booking(booked.fact.booking_id);
            let used = credit::use_of(part.lot_id, left, by, part.minutes, day);
            self.happens_to_lot(part.lot_id, used.into());
            minutes += part.minutes;
        }
        self.packs.booked.insert((name.to_owned(), day), booked.clone());
        minutes
    }

    pub(super) fn cancels(&mut self, name: &str, day: Date) {
        let said = match self.cancel(name, day) {
            Ok((minutes, due)) => format!(
                "{name} cancels {day}: {} of packs back, {due} % due",
                booking::hours(minutes)
            ),
            Err(refusal) => format!("refused: {}", refusal.sentence),
        };
        let _ = writeln!(self.told, "  {} {said}", self.today);
    }

    fn cancel(&mut self, name: &str, day: Date) -> Result<(i64, u8), Refusal> {
        let booked = self.packs.booked[&(name.to_owned(), day)].clone();
        let booking = Booking::evolve(None, booked.fact.clone().into()).unwrap();
        let fee = ChargeId(id(0x9f00));
        let charge = booked.charge.as_ref();
        let cancelled = booking::cancel(&booking, charge, false, fee, self.now(), &self.all)?;
        let by = UsedBy::Booking(BookingId(booked.fact.booking_id.0));
        let mut minutes = 0;
        for part in &cancelled.fact.restored {
            if let Some(lot) = self.packs.sold.get(&part.lot_id) {
                let back = credit::restoration(lot, by, part.minutes);
                self.happens_to_lot(part.lot_id, back.into());
                minutes += part.minutes;
            } else {
                let life = &mut self.lives.iter_mut().find(|(known, _)| known == name).unwrap().1;
                let lot = life.lots.iter_mut().find(|lot| lot.lot_id == part.lot_id);
                lot.unwrap().left += part.minutes;
            }
        }
        let voided = cancelled.fact.voided_charge;
        let life = &mut self.lives.iter_mut().find(|(known, _)| known == name).unwrap().1;
        life.charges.retain(|charge| Some(charge.charge_id) != voided);
        life.charges.extend(cancelled.fee);
        Ok((minutes, cancelled.fact.percent_due))
    }

    /// Midnight: what is over lapses, and of a month that is over the books say how packs stand.
    pub(super) fn packs_at_midnight(&mut self) {
        let now = self.now();
        let over: Vec<LotId> = self
            .packs
            .sold
            .values()
            .filter(|lot| lot.fact.valid_until <= now)
            .map(|lot| lot.fact.lot_id)
            .collect();
        for lot in over {
            if let Some(lapsed) = credit::lapse(&self.packs.sold[&lot]) {
                let (name, told) = {
                    let lot = &self.packs.sold[&lot];
                    (
                        lot.pack.as_ref().unwrap().fact.name.clone(),
                        lot.fact.holds.told(lapsed.amount),
                    )
                };
                let _ = writeln!(self.told, "  {} {told} of {name} lapse", self.today);
                self.happens_to_lot(lot, lapsed.into());
            }
        }
        if self.today.day() == 1 && !self.packs.sold.is_empty() {
            let last = self.today.yesterday().unwrap();
            let of = |account| {
                let postings = self.packs.entries.iter().filter(|entry| entry.effective_date <= last);
                let minor: i64 = postings
                    .flat_map(|entry| &entry.postings)
                    .filter(|posting| posting.account == account)
                    .map(|posting| posting.amount_minor)
                    .sum();
                crate::Money::new(-minor, self.currency).amount()
            };
            let _ = writeln!(
                self.told,
                "  books at the end of {}: prepaid credit {}, earned by use {}, breakage {}",
                period::month_name(last),
                of(LedgerAccount::PrepaidCredit),
                of(LedgerAccount::BookingRevenue),
                of(LedgerAccount::Breakage)
            );
        }
    }
}
