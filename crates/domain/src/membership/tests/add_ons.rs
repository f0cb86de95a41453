//! Add-ons under a year of random changes: each day on which one is there, and the membership active and paid by its cycle, stands
//! charged once at its price; nothing else of it does; and the plan's days stand as they would without it.

use super::{
    year::{Doing, carry_out, doing, offers, offers_with_tax, says_little},
    *,
};
use crate::{
    AddOnId,
    add_on::{self, AddOnEvent, NewAddOn},
    catalogue::Catalogue,
    period::CycleLength,
    testing::{Life, record},
};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeMap;

const LOCKER: AddOnId = AddOnId(uuid::Uuid::from_u128(0xb0));
const MAIL: AddOnId = AddOnId(uuid::Uuid::from_u128(0xb1));

fn with_add_ons(gross: bool) -> Catalogue {
    let mut all = if gross { offers_with_tax() } else { offers() };
    for (id, name, price, length) in [
        (LOCKER, "Locker", 1_499, CycleLength::Month),
        (MAIL, "Mail handling", 10_001, CycleLength::Year),
    ] {
        let new = NewAddOn {
            legal_entity_id: BERLIN,
            name: name.into(),
            price: eur(price),
            tax_included: gross,
            length,
            tax_category: "standard".into(),
            self_service: true,
        };
        let defined = add_on::define(id, &new, &all).unwrap();
        record::<AddOnEvent>(&mut all, defined);
    }
    all
}

#[derive(Debug, Clone, Copy)]
enum Does {
    Otherwise(Doing),
    Adds(bool, i64, i64),
    Removes(bool, i64),
}

fn does() -> impl Strategy<Value = (i64, Does)> {
    prop_oneof![
        1 => doing().prop_map(|(day, doing)| (day, Does::Otherwise(doing))),
        1 => (0i64..365, any::<bool>(), 1i64..4, -30i64..30)
            .prop_map(|(day, mail, quantity, from)| (day, Does::Adds(mail, quantity, from))),
        1 => (0i64..365, any::<bool>(), -30i64..30).prop_map(|(day, mail, from)| (day, Does::Removes(mail, from))),
    ]
}

fn carry(life: &mut Life, does: Does, all: &Catalogue) -> Result<(), Refusal> {
    let which = |mail| if mail { MAIL } else { LOCKER };
    let day = |offset: i64| life.today.saturating_add(offset.days());
    match does {
        Does::Otherwise(doing) => carry_out(life, doing, all),
        Does::Adds(mail, quantity, from) => {
            let (wanted, from) = (all.add_on(which(mail))?.clone(), day(from));
            life.decide(|one| add_add_on(one, &wanted, quantity, from, all), all)
        }
        Does::Removes(mail, from) => {
            let from = day(from);
            life.decide(|one| remove_add_on(one, which(mail), from), all)
        }
    }
}

/// What is billed of each day, by the plan's version or the add-on: how many of it.
fn billed(membership: &Membership) -> BTreeMap<(Date, uuid::Uuid), Vec<i64>> {
    let mut days: BTreeMap<(Date, uuid::Uuid), Vec<i64>> = BTreeMap::new();
    for stretch in membership.billed.iter().filter(|stretch| stretch.price.minor != 0) {
        let (what, pieces) = match membership.added(stretch) {
            Some((added, quantity)) => (added.add_on_id.0, quantity),
            None => (stretch.plan_version_id.0, 1),
        };
        let mut day = stretch.days.start;
        while day < stretch.days.end {
            days.entry((day, what)).or_default().push(pieces);
            day = day.tomorrow().unwrap();
        }
    }
    days
}

/// What stands charged of each day, by what names it first among the reasons, a plan's version or an add-on: how many of it.
fn stands(life: &Life) -> BTreeMap<(Date, uuid::Uuid), Vec<i64>> {
    let mut days: BTreeMap<(Date, uuid::Uuid), Vec<i64>> = BTreeMap::new();
    for charge in &life.charges {
        let rule = charge.because[0].rule.unwrap();
        let pieces: i64 = charge
            .description
            .split_once(" x ")
            .map_or(1, |(count, _)| count.parse().unwrap());
        let mut day = charge.service_from;
        while day < charge.service_to {
            let entries = days.entry((day, rule)).or_default();
            if charge.net.minor < 0 {
                let place = entries.iter().position(|known| *known == pieces);
                entries.remove(place.expect("only what stands charged is given back"));
            } else {
                entries.push(pieces);
            }
            day = day.tomorrow().unwrap();
        }
    }
    days.retain(|_, entries| !entries.is_empty());
    days
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn each_day_of_an_add_on_is_billed_once(
        gross in any::<bool>(),
        offset in 0i64..60,
        mut all_does in prop::collection::vec(does(), 0..14),
    ) {
        let all = with_add_ons(gross);
        all_does.sort_by_key(|(day, _)| *day);
        let start = date("2027-12-10").saturating_add(offset.days());
        let mut life = Life::begin(FLEX_1, MITTE, start, &all).unwrap();
        let mut all_does = all_does.into_iter().peekable();
        for day in 0..365 {
            while let Some((_, does)) = all_does.next_if(|(when, _)| *when == day) {
                let before = (life.membership.clone(), life.charges.len());
                if carry(&mut life, does, &all).is_err() {
                    prop_assert_eq!((life.membership.clone(), life.charges.len()), before);
                }
            }
            life.tomorrow(&all).unwrap();
        }
        prop_assert!(life.membership.unsettled(&all).unwrap().is_empty());
        let membership = &life.membership;
        let mut expected: BTreeMap<(Date, uuid::Uuid), Vec<i64>> = BTreeMap::new();
        let mut day = start;
        while day < membership.cycle.unwrap().end {
            if membership.active_on(day) {
                let term = membership.term_on(day);
                if membership.price_on(day).minor != 0 {
                    expected.insert((day, term.plan_version_id.0), vec![1]);
                }
                for added in membership.add_ons.iter().filter(|added| added.on(day)) {
                    if added.fact.length == term.length {
                        expected.entry((day, added.fact.add_on_id.0)).or_default().push(added.fact.quantity);
                    }
                }
            }
            day = day.tomorrow().unwrap();
        }
        prop_assert_eq!(billed(membership), expected.clone());
        if !says_little(&life) {
            prop_assert_eq!(stands(&life), expected);
        }
        let by_days: i64 = membership.billed.iter().map(|stretch| stretch.net().minor).sum();
        let by_charges: i64 = life.charges.iter().map(|charge| charge.net.minor).sum();
        prop_assert_eq!(by_days, by_charges);
    }
}

#[test]
fn what_cannot_be_added_says_why() {
    let all = with_add_ons(false);
    let life = Life::begin(FLEX_1, MITTE, date("2026-01-20"), &all).unwrap();
    let locker = all.add_on(LOCKER).unwrap();
    let today = life.today;
    let add = |membership: &Membership, wanted: &add_on::AddOn, quantity, from| {
        when(add_add_on(membership, wanted, quantity, from, &all))
    };
    add(&life.membership, locker, 0, date("2026-01-01")).then_faults(&["quantity", "from"]);
    add(&life.membership, all.add_on(MAIL).unwrap(), 1, today).then_refused("add_on_of_other_cycles");
    let withdrawn = add_on::AddOn {
        withdrawn: true,
        ..locker.clone()
    };
    add(&life.membership, &withdrawn, 1, today).then_refused("add_on_withdrawn");
    let has = life.membership.after(add(&life.membership, locker, 1, today).decided());
    add(&has, locker, 1, today).then_refused("add_on_there");
    when(remove_add_on(&has, MAIL, today)).then_refused("no_such_add_on");
    let gone = has.after(remove_add_on(&has, LOCKER, date("2026-02-10")).unwrap());
    add(&gone, locker, 3, date("2026-02-09")).then_refused("add_on_there");
    add(&gone, locker, 3, date("2026-02-10")).decided();
}
