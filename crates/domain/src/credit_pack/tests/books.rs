//! Packs in the books: random buying, using, giving back, lapsing and taking back, and what the accounts say after each of it.

use super::*;
use crate::{
    JournalEntryId,
    charge::{ChargeMade, SourceRef},
    ledger::{self, JournalEntryPosted, LedgerAccount, imbalance},
    testing::MEMBERSHIP,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ENTRY: JournalEntryId = JournalEntryId(uuid::Uuid::from_u128(0xd0));

#[derive(Debug, Clone)]
enum Step {
    /// Minutes, and what they cost.
    Buy(i64, i64),
    Use(i64),
    /// Of the uses that stand, which.
    GiveBack(usize),
    Lapse(usize),
    TakeBack(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1i64..700, 1i64..20_000).prop_map(|(minutes, price)| Step::Buy(minutes, price)),
        6 => (1i64..200).prop_map(Step::Use),
        3 => (0usize..20).prop_map(Step::GiveBack),
        1 => (0usize..5).prop_map(Step::Lapse),
        1 => (0usize..5).prop_map(Step::TakeBack),
    ]
}

struct World {
    pack: CreditPackDefined,
    lots: BTreeMap<LotId, (CreditLot, ChargeMade)>,
    entries: Vec<JournalEntryPosted>,
    /// What stands drawn, by booking.
    drawn: Vec<(BookingId, Vec<credit::CreditUse>)>,
    bookings: u128,
}

fn source() -> SourceRef {
    SourceRef {
        category: "credit".into(),
        stream_id: LOT.0,
        version: 1,
        event_type: "CreditUsed".into(),
    }
}

impl World {
    fn happens(&mut self, lot: LotId, event: impl Into<CreditEvent>) {
        let known = self.lots.get_mut(&lot).unwrap();
        known.0 = CreditLot::evolve(Some(known.0.clone()), event.into()).unwrap();
    }

    fn step(&mut self, step: &Step, template: &Sold) {
        match *step {
            Step::Buy(minutes, price) => {
                let lot_id = LotId(id(0x1_000 + u128::try_from(self.lots.len()).unwrap()));
                let fact = credit::CreditPackBought {
                    lot_id,
                    amount: minutes,
                    price: eur(price),
                    ..template.fact.clone()
                };
                let charge = ChargeMade {
                    net: eur(price),
                    unit_price: eur(price),
                    ..template.charge.clone()
                };
                self.entries.extend(ledger::booking_charged(ENTRY, &charge));
                let lot = CreditLot::evolve(None, fact.into()).unwrap();
                self.lots.insert(lot_id, (lot, charge));
            }
            Step::Use(minutes) => {
                self.bookings += 1;
                let booking = BookingId(id(self.bookings));
                let lots: Vec<Lot> = self
                    .lots
                    .values()
                    .map(|(lot, _)| Lot {
                        left: lot.left,
                        ..Lot::from(&lot.pack.as_ref().unwrap().fact)
                    })
                    .collect();
                let drawing = Drawing {
                    membership_id: MEMBERSHIP,
                    member_id: ADA,
                    starts_at: at("2026-02-03T09:00Z"),
                    packs: [PACK].into(),
                };
                let uses = credit::draw(&lots, &drawing, minutes);
                for part in &uses {
                    let lot = self.lots[&part.lot_id].0.clone();
                    let sold = lot.pack.as_ref().unwrap();
                    let by = UsedBy::Booking(booking);
                    let left = (lot.left, Some(sold.value_left()));
                    let drawn = credit::use_of(part.lot_id, left, by, part.minutes, date("2026-02-03"));
                    let earned = drawn.earned.unwrap();
                    self.entries
                        .extend(ledger::credit_pack_used(ENTRY, &self.pack, &earned, source()));
                    self.happens(part.lot_id, drawn);
                }
                if !uses.is_empty() {
                    self.drawn.push((booking, uses));
                }
            }
            Step::GiveBack(which) => {
                if self.drawn.is_empty() {
                    return;
                }
                let (booking, uses) = self.drawn.remove(which % self.drawn.len());
                for part in uses {
                    let lot = self.lots[&part.lot_id].0.clone();
                    let sold = lot.pack.as_ref().unwrap();
                    let by = UsedBy::Booking(booking);
                    let had = sold.uses[&by];
                    let back = credit::restoration(&lot, by, part.minutes);
                    assert_eq!(back.earned, Some(had), "exactly what the use had earned");
                    self.entries
                        .extend(ledger::credit_pack_restored(ENTRY, &self.pack, &had, source()));
                    self.happens(part.lot_id, back);
                }
            }
            Step::Lapse(which) => {
                let Some((id, lot)) = self.lots.iter().nth(which).map(|(id, (lot, _))| (*id, lot.clone())) else {
                    return;
                };
                if let Some(lapsed) = credit::lapse(&lot) {
                    let earned = lapsed.earned.unwrap();
                    self.entries
                        .extend(ledger::credit_pack_expired(ENTRY, &self.pack, &earned, source()));
                    self.happens(id, lapsed);
                }
            }
            Step::TakeBack(which) => {
                let Some((id, (lot, charge))) = self.lots.iter().nth(which).map(|(id, known)| (*id, known.clone()))
                else {
                    return;
                };
                if let Ok(taken) = credit::take_back(&lot, true) {
                    self.entries.extend(ledger::charge_voided(ENTRY, &charge, source()));
                    self.happens(id, taken);
                }
            }
        }
    }

    fn balance(&self, account: LedgerAccount) -> i64 {
        let postings = self.entries.iter().flat_map(|entry| &entry.postings);
        postings
            .filter(|posting| posting.account == account)
            .map(|posting| posting.amount_minor)
            .sum()
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for entry in &self.entries {
            prop_assert_eq!(imbalance(entry), 0, "{:?}", entry);
        }
        let all: i64 = LedgerAccount::ALL
            .into_iter()
            .map(|account| self.balance(account))
            .sum();
        prop_assert_eq!(all, 0);
        let (mut owed, mut sold) = (0, 0);
        for (lot, charge) in self.lots.values() {
            let pack = lot.pack.as_ref().unwrap();
            owed += pack.value_left;
            sold += if pack.taken_back { 0 } else { charge.net.minor };
            prop_assert!(pack.value_left >= 0 && lot.left >= 0);
            // Nothing is owed of what is not there, and where nothing is left the parts are the whole.
            if lot.left == 0 {
                prop_assert_eq!(pack.value_left, 0);
            }
            if lot.left == lot.fact.amount {
                prop_assert_eq!(pack.value_left, charge.net.minor);
            }
        }
        // Rule 9: unused prepaid credit is a liability, and what was sold is owed or earned.
        prop_assert_eq!(self.balance(LedgerAccount::PrepaidCredit), -owed);
        let earned = self.balance(LedgerAccount::BookingRevenue) + self.balance(LedgerAccount::Breakage);
        prop_assert_eq!(owed - earned, sold);
        prop_assert_eq!(self.balance(LedgerAccount::UnbilledReceivable), sold);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_owed_is_what_is_not_used(steps in prop::collection::vec(any_step(), 1..40)) {
        let all = offering(&ten_hours());
        let template = sold(&all, "2026-01-22T12:00Z");
        let mut world = World {
            pack: all.credit_pack(PACK).unwrap().fact.clone(),
            lots: BTreeMap::new(),
            entries: Vec::new(),
            drawn: Vec::new(),
            bookings: 0,
        };
        for step in &steps {
            world.step(step, &template);
            world.check()?;
        }
    }
}
