//! The life of one membership, day by day, as the use cases lead it: cycles open and are billed when their day comes, changes
//! are settled at once. Only the domain decides; nothing here knows what anything costs.

use super::{ADA, MEMBERSHIP, ada, ids_from};
use crate::{
    ChargeId, LocationId, MembershipId, Payer, PlanVersionId, Refusal,
    billing::TaxChoices,
    catalogue::Catalogue,
    charge::{ChargeKind, ChargeMade},
    coupon::{Coupon, Used},
    credit::Lot,
    member::Member,
    membership::{self, Membership, MembershipEvent, When},
    period::Days,
};
use jiff::civil::Date;
use std::collections::BTreeMap;
use uuid::Uuid;

pub struct Life {
    pub membership: Membership,
    /// Events so far.
    pub version: i64,
    pub today: Date,
    /// Every charge that was made, in order.
    pub charges: Vec<ChargeMade>,
    /// What credit notes took back of charges, net.
    pub credited: BTreeMap<ChargeId, i64>,
    /// What the plan granted, less what was drawn.
    pub lots: Vec<Lot>,
    ids: u128,
}

impl Life {
    /// Begins on a day with the first cycle open.
    pub fn begin(version: PlanVersionId, place: LocationId, start: Date, all: &Catalogue) -> Result<Self, Refusal> {
        Self::begin_as(&ada(), Payer::Member(ADA), MEMBERSHIP, (version, place, start), all)
    }

    /// Somebody's, paid by whom it may be.
    pub fn begin_as(
        member: &Member,
        payer: Payer,
        id: MembershipId,
        begin: (PlanVersionId, LocationId, Date),
        all: &Catalogue,
    ) -> Result<Self, Refusal> {
        Self::begin_with(member, payer, id, begin, None, all)
    }

    /// Somebody's, with a coupon.
    pub fn begin_with(
        member: &Member,
        payer: Payer,
        id: MembershipId,
        (version, place, start): (PlanVersionId, LocationId, Date),
        coupon: Option<&Coupon>,
        all: &Catalogue,
    ) -> Result<Self, Refusal> {
        let coupon = coupon.map(|coupon| (coupon, Used::default()));
        let quote = membership::quote_with(version, place, start, coupon, &TaxChoices::default(), all)?;
        let started = membership::start(id, member, payer, &quote)?;
        // Ids of one membership never meet another's.
        let first = id.0.as_u128() << 32;
        let fee = membership::set_up_fee(&started, ChargeId(Uuid::from_u128(first)), &quote.plan, all)?;
        let mut life = Self {
            membership: Membership::evolve(None, started.into()).expect("it starts"),
            version: 1,
            today: start,
            charges: fee.into_iter().collect(),
            credited: BTreeMap::new(),
            lots: Vec::new(),
            ids: first,
        };
        if let Some(redeemed) = membership::redeemed(&life.membership.fact, &quote) {
            life.happens(redeemed);
        }
        life.open(membership::first_cycle(&life.membership), all)?;
        // What was shown is what is charged.
        let made: i64 = life.charges.iter().map(|charge| charge.net.minor).sum();
        assert_eq!(made, quote.net.minor);
        Ok(life)
    }

    fn ids(&mut self) -> impl FnMut() -> Uuid + use<> {
        self.ids += 0x1000;
        ids_from(self.ids)
    }

    fn happens(&mut self, event: impl Into<MembershipEvent>) {
        self.membership = self.membership.after(event);
        self.version += 1;
    }

    fn open(&mut self, next: membership::Next, all: &Catalogue) -> Result<(), Refusal> {
        let ids = self.ids();
        let opened = membership::open_cycle(&self.membership, self.version + 1, next, &[next], ids, all)?;
        self.lots.extend(opened.lots.iter().map(Lot::from));
        self.happens(opened.fact);
        self.charges.extend(opened.charges);
        Ok(())
    }

    /// What is left of a charge: less what credit notes took back of it, and what was given back of it. Of what a coupon took off,
    /// which is below nothing, what was given back says of which price it was.
    pub fn left_of(&self, charge: &ChargeMade) -> i64 {
        let price = match charge.kind {
            ChargeKind::Discount => self.charges.iter().find(|price| charge.is_taken_off(price)),
            _ => Some(charge),
        };
        let off = charge.kind == ChargeKind::Discount;
        let given_back = self
            .charges
            .iter()
            .filter(|back| back.gives_back.is_some() && back.gives_back == price.map(|price| price.charge_id))
            .filter(|back| (back.kind == ChargeKind::Discount) == off);
        charge.net.minor - self.credited.get(&charge.charge_id).copied().unwrap_or_default()
            + given_back.map(|back| back.net.minor).sum::<i64>()
    }

    /// What a coupon took off a charge.
    pub fn off(&self, price: &ChargeMade) -> Option<&ChargeMade> {
        self.charges.iter().find(|charge| charge.is_taken_off(price))
    }

    pub fn charged(&self) -> membership::Charged {
        let touched = |charge: &ChargeMade| self.credited.contains_key(&charge.charge_id);
        let mut charged = membership::Charged::default();
        for price in &self.charges {
            let off = self.off(price);
            if !touched(price) && !off.is_some_and(touched) {
                continue;
            }
            charged.left.insert(price.charge_id, self.left_of(price));
            if let Some(off) = off {
                charged.off_left.insert(price.charge_id, -self.left_of(off));
            }
        }
        charged
    }

    /// What a change of the agreement gives back and charges, at once.
    fn settle(&mut self, all: &Catalogue) -> Result<(), Refusal> {
        let ids = self.ids();
        let settled = membership::settle(
            &self.membership,
            self.version + 1,
            self.today,
            ids,
            &self.charged(),
            all,
        )?;
        if let Some(settled) = settled {
            self.happens(settled.fact);
            self.charges.extend(settled.charges);
        }
        Ok(())
    }

    /// The next day comes; whether a cycle ended with the one before.
    pub fn tomorrow(&mut self, all: &Catalogue) -> Result<bool, Refusal> {
        self.today = self.today.tomorrow().expect("a day of these years");
        let over = |membership: &Membership, today| membership.notice.is_some_and(|last| last < today);
        if self.membership.ended.is_none() && over(&self.membership, self.today) {
            let ended = membership::end(&self.membership)?;
            self.happens(ended);
        }
        let ended = self.membership.cycle.is_some_and(|cycle| cycle.end == self.today);
        if ended && let Some(next) = membership::next_cycle(&self.membership) {
            self.open(next, all)?;
        }
        Ok(ended)
    }

    pub fn change_plan(&mut self, version: PlanVersionId, when: When, all: &Catalogue) -> Result<(), Refusal> {
        let changed = membership::change_plan(&self.membership, version, when, false, all)?;
        self.happens(changed);
        self.settle(all)
    }

    /// Carries out any decision about the membership and settles what follows.
    pub fn decide<E: Into<MembershipEvent>>(
        &mut self,
        decide: impl FnOnce(&Membership) -> Result<E, Refusal>,
        all: &Catalogue,
    ) -> Result<(), Refusal> {
        let fact = decide(&self.membership)?;
        self.happens(fact);
        let over = self.membership.notice.is_some_and(|last| last < self.today);
        if over && self.membership.ended.is_none() {
            let ended = membership::end(&self.membership)?;
            self.happens(ended);
        }
        self.settle(all)
    }

    /// Carries out what several events say at once, and settles what follows.
    pub fn agrees(&mut self, events: Vec<MembershipEvent>, all: &Catalogue) -> Result<(), Refusal> {
        for event in events {
            self.happens(event);
        }
        self.settle(all)
    }

    /// How often each day stands charged: by what, and at which price of a cycle in minor units.
    pub fn covered(&self) -> BTreeMap<Date, Vec<(PlanVersionId, i64)>> {
        let mut days: BTreeMap<Date, Vec<(PlanVersionId, i64)>> = BTreeMap::new();
        let by_days = |kind| matches!(kind, ChargeKind::Recurring | ChargeKind::RecurringCredit);
        for charge in self.charges.iter().filter(|charge| by_days(charge.kind)) {
            let plan = charge
                .because
                .first()
                .and_then(|step| step.rule)
                .expect("a version says why");
            let entry = (PlanVersionId(plan), charge.unit_price.minor);
            let service = Days {
                start: charge.service_from,
                end: charge.service_to,
            };
            let mut day = service.start;
            while day < service.end {
                let entries = days.entry(day).or_default();
                if charge.net.minor < 0 {
                    let place = entries.iter().position(|known| *known == entry);
                    entries.remove(place.expect("only what stands charged is given back"));
                } else {
                    entries.push(entry);
                }
                day = day.tomorrow().expect("a day of these years");
            }
        }
        days
    }
}
