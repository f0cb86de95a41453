//! `room at 20.00 an hour`, and `Ada books 2 hours on 2026-02-10`: what the plan pays of it, and what is charged.

use super::{HOUSE, World};
use crate::{
    BookingId, ChargeId, PriceRuleId, ResourceId, ResourceTypeId,
    booking::{self, Booked},
    credit,
    plan::Allowance,
    refusal::Refusal,
    resource::{self, NewPriceRule, NewResource, PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    testing::{id, record},
};
use jiff::civil::Date;
use std::fmt::Write as _;

pub(super) const ROOMS: ResourceTypeId = ResourceTypeId(uuid::Uuid::from_u128(0xa1));
const ROOM: ResourceId = ResourceId(uuid::Uuid::from_u128(0xa2));

/// Hours of rooms, as a plan grants them.
pub(super) fn hours(hours: i64) -> Vec<Allowance> {
    let granted = (hours > 0).then_some(Allowance {
        resource_type_id: ROOMS,
        minutes: hours * 60,
    });
    granted.into_iter().collect()
}

impl World {
    /// `20.00 an hour`, `23.80 an hour, with VAT`
    pub(super) fn room(&mut self, rest: &str) {
        let (rest, tax_included) = super::with_tax(rest);
        let price = self.money(rest.strip_suffix(" an hour").unwrap());
        let kind = resource::create_type(ROOMS, "Room", "standard", &self.all).unwrap();
        record::<ResourceTypeEvent>(&mut self.all, kind);
        let new = NewResource {
            name: "Room".into(),
            ..NewResource::default()
        };
        let room = resource::add(ROOM, ROOMS, HOUSE, &new, &self.all).unwrap();
        record::<ResourceEvent>(&mut self.all, room);
        let rule = NewPriceRule {
            tax_included,
            ..NewPriceRule::by_the_hour(ROOMS, price)
        };
        let rule = resource::publish_price(PriceRuleId(id(0xa3)), &rule, &self.all).unwrap();
        record::<PriceRuleEvent>(&mut self.all, rule);
    }

    pub(super) fn books(&mut self, name: &str, hours: i8, day: Date) {
        let said = match self.book(name, hours, day) {
            Ok((booked, of_packs)) => Self::said(name, day, &booked, of_packs),
            Err(refusal) => format!("refused: {}", refusal.sentence),
        };
        let _ = writeln!(self.told, "  {} {said}", self.today);
    }

    fn book(&mut self, name: &str, hours: i8, day: Date) -> Result<(Booked, i64), Refusal> {
        let member = self.member(name);
        let now = self.today.at(0, 0, 0, 0).in_tz("Europe/Berlin").unwrap().timestamp();
        let (start, end) = (day.at(10, 0, 0, 0), day.at(10 + hours, 0, 0, 0));
        let slot = booking::slot(ROOM, start, end, now, &self.all)?;
        self.bookings += 1;
        let ids = (
            BookingId(id(0xb000 + self.bookings)),
            ChargeId(id(0xc000 + self.bookings)),
        );
        let life = &mut self.lives.iter_mut().find(|(known, _)| known == name).unwrap().1;
        let booked = booking::confirm(
            ids.0,
            ids.1,
            &member,
            Some(&life.membership),
            &slot,
            &life.lots,
            &self.all,
        )?;
        life.charges.extend(booked.charge.clone());
        for (lot_id, amount) in credit::parts(&booked.fact.credit_uses, &booked.fact.money_uses) {
            let lot = life.lots.iter_mut().find(|lot| lot.lot_id == lot_id).unwrap();
            // What was bought has a stream and books of its own.
            if lot.pack.is_none() {
                lot.left -= amount;
            }
        }
        let of_packs = self.draw_packs(name, day, &booked);
        Ok((booked, of_packs))
    }

    fn said(name: &str, day: Date, booked: &Booked, of_packs: i64) -> String {
        let fact = &booked.fact;
        let minutes: i64 = fact.credit_uses.iter().map(|part| part.minutes).sum::<i64>() - of_packs;
        let mut paid = Vec::new();
        if of_packs > 0 {
            paid.push(format!("{} of packs", booking::hours(of_packs)));
        }
        if minutes > 0 {
            paid.push(format!("{} of the plan's hours", booking::hours(minutes)));
        }
        let money = fact.paid_from_allowance();
        if money.minor > 0 {
            paid.push(format!("{} of the plan's money", money.amount()));
        }
        paid.push(format!("{} charged", fact.charged.amount()));
        format!(
            "{name} books Room on {day}, {}: {}",
            fact.full_price.amount(),
            paid.join(", ")
        )
    }
}
