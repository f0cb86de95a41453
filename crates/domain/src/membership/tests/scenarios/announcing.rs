//! What the house announces in a scenario: a newer version of a plan, to everybody who has an older one.

use super::World;
use crate::{
    PriceChangeId, local_time,
    price_change::{self, NewPriceChange, Preview, PriceChange, Terms},
    testing::{date, id},
};
use std::fmt::Write as _;

impl World {
    /// `the house announces Flex from 2026-03-01 with 30 days of notice`, `the house calls it off`.
    pub(super) fn house_announces(&mut self, what: &[&str]) {
        match *what {
            ["announces", plan, "from", from, "with", days, "days", "of", "notice"] => {
                let new = NewPriceChange {
                    plan_version_id: self.plans[plan],
                    effective_from: date(from),
                    notice_days: days.parse().unwrap(),
                    message: String::new(),
                };
                let zone = local_time::zone("Europe/Berlin").unwrap();
                let now = local_time::day_start(self.today, &zone).unwrap();
                match price_change::propose(&new, now, &self.all) {
                    Ok(terms) => self.announce(&terms),
                    Err(refusal) => {
                        let said = refusal.fields.first().map_or(&refusal.sentence, |field| &field.message);
                        let _ = writeln!(self.told, "  {} refused: {said}", self.today);
                    }
                }
            }
            ["calls", "it", "off"] => {
                for (name, life) in &mut self.lives {
                    let change = PriceChangeId(id(0xe00));
                    if let Ok(events) = price_change::release(change, &life.membership, self.today) {
                        life.agrees(events, &self.all).unwrap();
                        let _ = writeln!(self.told, "  {} {name} keeps what she has", self.today);
                    }
                }
            }
            _ => panic!("the house does no such thing: {what:?}"),
        }
    }

    fn announce(&mut self, terms: &Terms) {
        let (mut moves, mut stays) = (Vec::new(), Vec::new());
        for (name, life) in &self.lives {
            match price_change::verdict(&life.membership, terms, self.today, &self.all).unwrap() {
                Some(Ok(planned)) => moves.push(planned),
                Some(Err(why)) => {
                    stays.push(price_change::LeftOut {
                        membership_id: life.membership.fact.membership_id,
                        why,
                    });
                    let _ = writeln!(self.told, "  {} {name} stays: {}", self.today, why.told());
                }
                None => {}
            }
        }
        let preview = Preview::new(terms.clone(), moves, stays);
        let change = PriceChangeId(id(0xe00));
        let events = match price_change::announce(change, &preview, &preview.sha256()) {
            Ok(events) => events,
            Err(refusal) => {
                let _ = writeln!(self.told, "  {} refused: {}", self.today, refusal.sentence);
                return;
            }
        };
        let announced = events.into_iter().fold(None, PriceChange::evolve).unwrap();
        for (name, life) in &mut self.lives {
            let standing = announced.memberships.get(&life.membership.fact.membership_id);
            let Some(planned) = standing.and_then(|standing| standing.planned()) else {
                continue;
            };
            let told = price_change::tell(change, terms, planned, &life.membership, self.today, &self.all);
            life.agrees(told.unwrap().unwrap(), &self.all).unwrap();
            let _ = writeln!(
                self.told,
                "  {} {name} is told: {} instead of {}, from {}",
                self.today, terms.price, planned.price, planned.from
            );
        }
    }
}
