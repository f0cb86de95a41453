use super::{
    Added, CouponRedeemed, MembershipEvent, MembershipStarted, Override, PlanChangeAnnounced, Seat, Split, Stretch,
    Term,
};
use crate::period::Days;
use jiff::civil::Date;

/// What is known of a membership, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    pub fact: MembershipStarted,
    pub first: Term,
    /// What is agreed from when on, the earliest first; some may lie ahead.
    pub terms: Vec<Term>,
    /// The last change of plan that was announced to her, whether it has come or not; see [`Membership::announced_ahead`].
    pub announced: Option<PlanChangeAnnounced>,
    pub overrides: Vec<Override>,
    /// Redeemed so far, the oldest first; no two count for the same cycle.
    pub coupons: Vec<CouponRedeemed>,
    /// What was added so far, removed or not, in order.
    pub add_ons: Vec<Added>,
    /// From when until when it rests; an open one has no end yet.
    pub pauses: Vec<(Date, Option<Date>)>,
    /// The cycles opened so far, and the days of each that are this membership's.
    pub opened: Vec<(Days, Days)>,
    /// The days that stand charged, of all cycles.
    pub billed: Vec<Stretch>,
    /// The last cycle opened.
    pub cycle: Option<Days>,
    /// Who uses it beside its holder, from when until when.
    pub seats: Vec<Seat>,
    /// Who pays for what, the earliest first.
    pub splits: Vec<Split>,
    pub notice: Option<Date>,
    pub ended: Option<Date>,
}

impl Membership {
    pub(super) fn from_start(fact: MembershipStarted) -> Self {
        let first = Term::of_start(&fact);
        Self {
            terms: vec![first.clone()],
            first,
            announced: None,
            fact,
            overrides: Vec::new(),
            coupons: Vec::new(),
            add_ons: Vec::new(),
            pauses: Vec::new(),
            opened: Vec::new(),
            billed: Vec::new(),
            cycle: None,
            seats: Vec::new(),
            splits: Vec::new(),
            notice: None,
            ended: None,
        }
    }

    pub fn evolve(state: Option<Self>, event: MembershipEvent) -> Option<Self> {
        if let MembershipEvent::MembershipStarted(fact) = event {
            return Some(Self::from_start(fact));
        }
        let mut this = state?;
        this.apply(event);
        Some(this)
    }

    pub(super) fn apply(&mut self, event: MembershipEvent) {
        match event {
            MembershipEvent::MembershipStarted(_) => {}
            MembershipEvent::CycleOpened(fact) => {
                let billed = fact.billed.unwrap_or_else(|| self.owed(fact.cycle, fact.days));
                self.billed.extend(billed);
                self.opened.push((fact.cycle, fact.days));
                self.cycle = Some(fact.cycle);
            }
            MembershipEvent::PlanChanged(fact) => {
                self.forget_announced_from(fact.term.from);
                self.terms.retain(|term| term.from < fact.term.from);
                self.terms.push(fact.term);
            }
            MembershipEvent::PlanChangeCalledOff(fact) => {
                self.forget_announced_from(fact.from);
                self.terms.retain(|term| term.from < fact.from);
            }
            MembershipEvent::PlanChangeAnnounced(fact) => self.announced = Some(fact),
            MembershipEvent::PayerChanged(fact) => {
                let mut split = self.term_on(fact.from).clone();
                split.from = fact.from;
                self.terms.retain(|term| term.from != fact.from);
                let place = self.terms.partition_point(|term| term.from < fact.from);
                self.terms.insert(place, split);
                for term in &mut self.terms[place..] {
                    term.payer = fact.payer;
                }
            }
            MembershipEvent::MembershipPaused(fact) => self.pauses.push((fact.from, fact.until)),
            MembershipEvent::MembershipResumed(fact) => {
                self.pauses.retain(|(from, _)| *from < fact.on);
                if let Some((_, until)) = self.pauses.last_mut()
                    && until.is_none_or(|until| until > fact.on)
                {
                    *until = Some(fact.on);
                }
            }
            MembershipEvent::PriceOverridden(fact) => self.overrides.push(Override {
                price: fact.price,
                tax_included: fact.tax_included,
                from: fact.from,
                until: fact.until,
            }),
            MembershipEvent::DaysSettled(fact) => {
                for returned in &fact.given_back {
                    self.give_back(returned);
                }
                self.billed.extend(fact.billed);
            }
            MembershipEvent::AddOnAdded(fact) => self.add_ons.push(Added { fact, until: None }),
            MembershipEvent::AddOnRemoved(fact) => {
                let mut mine = self.add_ons.iter_mut();
                if let Some(added) = mine.find(|added| added.fact.add_on_id == fact.add_on_id && added.on(fact.from)) {
                    added.until = Some(fact.from);
                }
            }
            MembershipEvent::CouponRedeemed(fact) => self.coupons.push(fact),
            MembershipEvent::NoticeGiven(fact) => self.notice = Some(fact.last_day),
            MembershipEvent::NoticeWithdrawn(_) => self.notice = None,
            MembershipEvent::MembershipEnded(fact) => self.ended = Some(fact.last_day),
            MembershipEvent::SeatGiven(fact) => self.seats.push(Seat {
                member_id: fact.member_id,
                from: fact.from,
                until: None,
            }),
            MembershipEvent::SeatTaken(fact) => self.give_up_seat(fact.member_id, fact.from),
            MembershipEvent::SplitSet(fact) => {
                self.splits.retain(|split| split.from < fact.from);
                self.splits.push(Split {
                    from: fact.from,
                    own: fact.own,
                });
            }
        }
    }

    /// As it would be if something had happened.
    #[must_use]
    pub fn after(&self, event: impl Into<MembershipEvent>) -> Self {
        let mut next = self.clone();
        next.apply(event.into());
        next
    }
}
