//! What happened under a membership, led through again in the order of the log: whatever draws on allowances and has a price
//! draws and is priced anew, by the functions that do so when it happens.

use crate::{
    CreditPackId, LotId,
    booking::{self, Booking, BookingConfirmed, BookingEvent, Slot, part_due},
    catalogue::Catalogue,
    charge::Because,
    credit::{self, Drawing, Holds, Lot, UsedBy},
    local_time,
    membership::Membership,
    pass::{self, Pass, PassBought, PassEvent},
    resource::Booker,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The events of a booking, each with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingFacts {
    pub events: Vec<(i64, BookingEvent)>,
}

/// The events of a pass, each with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct PassFacts {
    pub events: Vec<(i64, PassEvent)>,
}

impl BookingFacts {
    pub(super) fn booking(&self) -> Option<Booking> {
        let events = self.events.iter().map(|(_, event)| event.clone());
        events.fold(None, Booking::evolve)
    }
}

impl PassFacts {
    pub(super) fn pass(&self) -> Option<Pass> {
        let events = self.events.iter().map(|(_, event)| event.clone());
        events.fold(None, Pass::evolve)
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(super) enum Step<'a> {
    Grant(Lot),
    Lapse {
        lot: LotId,
        amount: i64,
    },
    /// What a draft's change of plan would have let lapse of these lots, and of those it granted beside them.
    Less {
        lots: BTreeSet<LotId>,
        holds: Holds,
        amount: i64,
    },
    /// What something else drew.
    Take {
        by: UsedBy,
        lot: LotId,
        amount: i64,
    },
    Return {
        by: UsedBy,
        lot: LotId,
    },
    /// Confirmed, or moved to what it says; priced anew where it is told so.
    Book(&'a BookingConfirmed, bool),
    Buy(&'a PassBought),
    /// Given up, by the percentage that was due then; whether what it was charged with stands on an invoice all the same.
    GiveUp {
        id: Uuid,
        percent: u8,
        stays: bool,
    },
}

/// The steps of a booking.
pub(super) fn booking_steps(facts: &BookingFacts, anew: impl Fn(&BookingConfirmed) -> bool) -> Vec<(i64, Step<'_>)> {
    let (mut steps, mut charged) = (Vec::new(), false);
    for (position, event) in &facts.events {
        let step = match event {
            BookingEvent::BookingConfirmed(fact) => {
                charged = fact.charge_id.is_some();
                Step::Book(fact, anew(fact))
            }
            BookingEvent::BookingMoved(moved) => {
                charged = moved.now.charge_id.is_some();
                Step::Book(&moved.now, anew(&moved.now))
            }
            BookingEvent::BookingCancelled(fact) => Step::GiveUp {
                id: fact.booking_id.0,
                percent: fact.percent_due,
                stays: charged && fact.voided_charge.is_none(),
            },
            _ => continue,
        };
        steps.push((*position, step));
    }
    steps
}

/// The steps of a pass.
pub(super) fn pass_steps(facts: &PassFacts) -> Vec<(i64, Step<'_>)> {
    let (mut steps, mut charged) = (Vec::new(), false);
    for (position, event) in &facts.events {
        let step = match event {
            PassEvent::PassBought(fact) => {
                charged = fact.charge_id.is_some();
                Step::Buy(fact)
            }
            PassEvent::PassGivenBack(fact) => Step::GiveUp {
                id: fact.pass_id.0,
                percent: fact.percent_due,
                stays: charged && fact.voided_charge.is_none(),
            },
        };
        steps.push((*position, step));
    }
    steps
}

/// What one booking or pass came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Came {
    /// Net, in minor units.
    pub charged: i64,
    pub uses: Vec<(LotId, i64)>,
    pub minutes: i64,
    pub because: Vec<Because>,
    /// Nothing prices it by now, so it is as it was.
    pub as_it_was: bool,
}

/// Lots as they stand between two steps.
#[derive(Default)]
struct Lots {
    all: Vec<Lot>,
    /// What else holds of them.
    taken: BTreeMap<(Uuid, LotId), i64>,
}

impl Lots {
    fn lot(&mut self, id: LotId) -> Option<&mut Lot> {
        self.all.iter_mut().find(|lot| lot.lot_id == id)
    }

    /// Takes as much of an amount as is there.
    fn take(&mut self, id: LotId, amount: i64) -> i64 {
        self.lot(id).map_or(0, |lot| {
            let taken = lot.left.min(amount).max(0);
            lot.left -= taken;
            taken
        })
    }

    fn take_all(&mut self, uses: Vec<(LotId, i64)>) -> Vec<(LotId, i64)> {
        uses.into_iter()
            .map(|(lot, amount)| (lot, self.take(lot, amount)))
            .collect()
    }

    fn give_back(&mut self, uses: &[(LotId, i64)]) {
        for (id, amount) in uses {
            if let Some(lot) = self.lot(*id) {
                lot.left += amount;
            }
        }
    }
}

/// Leads through steps, and says what each booking and pass came to.
pub(super) fn replay(
    membership: &Membership,
    mut steps: Vec<(i64, Step<'_>)>,
    catalogue: &Catalogue,
) -> BTreeMap<Uuid, Came> {
    steps.sort_by_key(|(position, _)| *position);
    let (mut lots, mut came) = (Lots::default(), BTreeMap::<Uuid, Came>::new());
    for (_, step) in steps {
        match step {
            Step::Grant(lot) => lots.all.push(lot),
            Step::Lapse { lot, amount } => drop(lots.take(lot, amount)),
            Step::Less {
                lots: which,
                holds,
                mut amount,
            } => {
                let made = |lot: &Lot| lot.lot_id.0.as_u128() > u128::MAX - u128::from(u32::MAX) - 1;
                for lot in &mut lots.all {
                    if which.contains(&lot.lot_id) || made(lot) && lot.holds == holds {
                        let taken = lot.left.min(amount).max(0);
                        lot.left -= taken;
                        amount -= taken;
                    }
                }
            }
            Step::Take { by, lot, amount } => {
                let taken = lots.take(lot, amount);
                *lots.taken.entry((id_of(by), lot)).or_default() += taken;
            }
            Step::Return { by, lot } => {
                let taken = lots.taken.remove(&(id_of(by), lot)).unwrap_or(0);
                lots.give_back(&[(lot, taken)]);
            }
            Step::Book(fact, anew) => {
                let id = fact.booking_id.0;
                if let Some(before) = came.remove(&id) {
                    lots.give_back(&before.uses);
                }
                let decided = if anew {
                    book(membership, fact, &lots.all, catalogue)
                } else {
                    None
                };
                let mut now = decided.unwrap_or_else(|| as_it_was(fact));
                now.uses = lots.take_all(now.uses);
                came.insert(id, now);
            }
            Step::Buy(fact) => {
                let mut now = buy(membership, fact, &lots.all, catalogue);
                now.uses = lots.take_all(now.uses);
                came.insert(fact.pass_id.0, now);
            }
            Step::GiveUp { id, percent, stays } => {
                if let Some(now) = came.get_mut(&id) {
                    now.give_up(percent, stays);
                    if percent == 0 {
                        lots.give_back(&std::mem::take(&mut now.uses));
                        now.minutes = 0;
                    }
                }
            }
        }
    }
    came
}

fn id_of(by: UsedBy) -> Uuid {
    match by {
        UsedBy::Booking(id) => id.0,
        UsedBy::Pass(id) => id.0,
    }
}

impl Came {
    fn give_up(&mut self, percent: u8, stays: bool) {
        let text = if stays {
            "Given up when it stood on an invoice, so the charge stays".to_owned()
        } else {
            self.charged = part_due(self.charged, percent);
            format!("Given up: {percent} % of it was due")
        };
        self.because.push(Because { text, rule: None });
    }
}

/// The time of a booking that was made.
pub(super) fn slot_of(fact: &BookingConfirmed, catalogue: &Catalogue) -> Option<Slot> {
    Some(Slot {
        resource: catalogue.resource(fact.resource_id).ok()?.clone(),
        starts_at: fact.starts_at,
        ends_at: fact.ends_at,
        blocked_from: fact.blocked_from,
        blocked_until: fact.blocked_until,
        minutes: (fact.ends_at.as_second() - fact.starts_at.as_second()) / 60,
        people: fact.people,
        time_zone: fact.time_zone.clone(),
        zone: local_time::zone(&fact.time_zone).ok()?,
        occupied: [fact.resource_id].into(),
    })
}

/// Draws and prices as confirming does; `None` where nothing prices it, or in another currency.
fn book(membership: &Membership, fact: &BookingConfirmed, lots: &[Lot], catalogue: &Catalogue) -> Option<Came> {
    let slot = slot_of(fact, catalogue)?;
    let day = local_time::day_at(slot.starts_at, &slot.zone);
    let kind = slot.resource.resource_type_id;
    let of_type = |lot: &&Lot| lot.holds.resource_type().is_none_or(|lot| lot == kind);
    let lots: Vec<Lot> = lots.iter().filter(of_type).copied().collect();
    let place = catalogue.location(slot.resource.location_id).ok()?;
    let category = booking::tax_category(&slot.resource, catalogue);
    let drawing = Drawing::new(membership, fact.member_id, slot.starts_at, place, category, catalogue);
    let uses = credit::draw(&lots, &drawing, slot.minutes);
    let price = booking::price(&slot, Booker::under(membership, day), &uses, catalogue).ok()?;
    if price.charged.currency != fact.charged.currency {
        return None;
    }
    let money = credit::draw_money(&lots, &drawing, price.charged);
    let price = price.paid_from(money);
    Some(Came {
        charged: price.charged.minor,
        minutes: uses.iter().map(|part| part.minutes).sum(),
        uses: credit::parts(&uses, &price.money_uses),
        because: price.because,
        as_it_was: false,
    })
}

fn as_it_was(fact: &BookingConfirmed) -> Came {
    Came {
        charged: fact.charged.minor,
        uses: credit::parts(&fact.credit_uses, &fact.money_uses),
        minutes: fact.credit_uses.iter().map(|part| part.minutes).sum(),
        because: fact.because.clone(),
        as_it_was: true,
    }
}

/// The packs that pay for a pass; a house that sells none any more is not known to be taxed as then.
fn packs_for(membership: &Membership, fact: &PassBought, catalogue: &Catalogue) -> BTreeSet<CreditPackId> {
    let place = catalogue.location(fact.location_id).ok();
    let terms = catalogue.day_passes.get(&fact.location_id);
    let drawing = place.zip(terms).map(|(place, terms)| {
        Drawing::new(
            membership,
            fact.member_id,
            fact.opens_at,
            place,
            &terms.tax_category,
            catalogue,
        )
    });
    drawing.map(|drawing| drawing.packs).unwrap_or_default()
}

/// Pays a pass as buying it does, at the price that it had.
fn buy(membership: &Membership, fact: &PassBought, lots: &[Lot], catalogue: &Catalogue) -> Came {
    let drawing = Drawing {
        membership_id: membership.fact.membership_id,
        member_id: fact.member_id,
        starts_at: fact.opens_at,
        packs: packs_for(membership, fact, catalogue),
    };
    let paid = pass::pay(lots, &drawing, fact.price, catalogue);
    let one = paid.pass_lot.map(|lot| (lot, 1));
    let first = Because {
        text: format!("The day pass cost {} net when it was bought", fact.price),
        rule: None,
    };
    Came {
        charged: paid.net.minor,
        uses: one.into_iter().chain(credit::parts(&[], &paid.money_uses)).collect(),
        minutes: 0,
        because: std::iter::once(first).chain(paid.because).collect(),
        as_it_was: false,
    }
}
