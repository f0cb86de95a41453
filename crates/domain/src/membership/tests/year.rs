//! A year of random changes under the clock of a day at a time: each day that is agreed on and not paused is charged once, at
//! the terms of that day; nothing else is charged; and what a change was quoted at is what it billed.

use super::*;
use crate::testing::{Life, publish_plan};
use jiff::ToSpan;

const TEAM: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x65));
const TEAM_PLAN: crate::PlanId = crate::PlanId(uuid::Uuid::from_u128(0x64));
const YEARLY: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x67));
const YEARLY_PLAN: crate::PlanId = crate::PlanId(uuid::Uuid::from_u128(0x66));

#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    Change(u8, bool),
    CallOff,
    Pause(i64, Option<i64>),
    Resume(i64),
    Override(i64, i64, Option<i64>),
    Pay(u8, i64),
    Leave,
    LeaveOn(i64),
    Stay,
}

/// A change on some day of the year.
pub(super) fn doing() -> impl Strategy<Value = (i64, Doing)> {
    let what = prop_oneof![
        (0u8..3, any::<bool>()).prop_map(|(plan, now)| Doing::Change(plan, now)),
        Just(Doing::CallOff),
        (-40i64..40, prop::option::of(1i64..80)).prop_map(|(from, days)| Doing::Pause(from, days)),
        (-30i64..10).prop_map(Doing::Resume),
        // Now and then so little that the days of a part of a cycle come to nothing.
        (
            prop_oneof![6 => 0i64..60_000, 1 => 0i64..30],
            -40i64..40,
            prop::option::of(1i64..90)
        )
            .prop_map(|(price, from, days)| Doing::Override(price, from, days)),
        (0u8..3, -40i64..40).prop_map(|(who, from)| Doing::Pay(who, from)),
        Just(Doing::Leave),
        (-60i64..60).prop_map(Doing::LeaveOn),
        Just(Doing::Stay),
    ];
    (0i64..365, what)
}

pub(super) fn carry_out(life: &mut Life, doing: Doing, all: &crate::catalogue::Catalogue) -> Result<(), Refusal> {
    let today = life.today;
    let day = |offset: i64| today.saturating_add(offset.days());
    match doing {
        Doing::Change(plan, now) => {
            let version = [FLEX_1, TEAM, YEARLY][usize::from(plan)];
            let when = if now { When::On(today) } else { When::AtRenewal(today) };
            life.change_plan(version, when, all)
        }
        Doing::CallOff => life.decide(|membership| call_plan_change_off(membership, today), all),
        Doing::Pause(from, days) => {
            let until = days.map(|days| day(from + days));
            life.decide(|membership| pause(membership, day(from), until), all)
        }
        Doing::Resume(on) => life.decide(|membership| resume(membership, day(on)), all),
        Doing::Override(price, from, days) => {
            let until = days.map(|days| day(from + days));
            life.decide(
                |membership| override_price(membership, eur(price), day(from), until, "Agreed"),
                all,
            )
        }
        Doing::Pay(who, from) => {
            let payer = match who {
                0 => Payer::Member(ADA),
                other => Payer::Company(crate::CompanyId(id(0x200 + u128::from(other)))),
            };
            life.decide(|membership| change_payer(membership, payer, day(from)), all)
        }
        Doing::Leave => {
            let plan = all
                .plan_version(life.membership.term_on(today).plan_version_id)?
                .clone();
            life.decide(|membership| give_notice(membership, &plan, today), all)
        }
        Doing::LeaveOn(last) => life.decide(|membership| end_on(membership, day(last)), all),
        Doing::Stay => life.decide(withdraw_notice, all),
    }
}

pub(super) fn offers() -> crate::catalogue::Catalogue {
    offers_told(false)
}

/// The same plans, those by the month told with tax, whose rate changes within the year.
pub(super) fn offers_with_tax() -> crate::catalogue::Catalogue {
    let mut all = offers_told(true);
    let set = crate::tax::set_rate("DE", "standard", "25.5".parse().unwrap(), date("2028-03-11")).unwrap();
    crate::testing::record::<crate::tax::TaxEvent>(&mut all, set);
    all
}

fn offers_told(tax_included: bool) -> crate::catalogue::Catalogue {
    let mut all = chain();
    publish_plan(&mut all, FLEX_1, 1, eur(30_000));
    if tax_included {
        let mut flex = all.plan_version(FLEX_1).unwrap().clone();
        flex.tax_included = true;
        crate::testing::record::<crate::plan::PlanEvent>(&mut all, flex);
    }
    for (plan, version, length, price) in [
        (TEAM_PLAN, TEAM, crate::period::CycleLength::Month, 49_999),
        (YEARLY_PLAN, YEARLY, crate::period::CycleLength::Year, 300_001),
    ] {
        let new = NewPlanVersion {
            name: "Team".into(),
            legal_entity_id: BERLIN,
            price: eur(price),
            // The one by the year is told net, so that changes lead from one to the other.
            tax_included: tax_included && length == crate::period::CycleLength::Month,
            billing_day: 1,
            terms: PlanTerms {
                length,
                ..PlanTerms::default()
            },
            tax_category: "standard".into(),
            allowances: vec![],
            locations: vec![MITTE],
            access_hours: String::new(),
        };
        let published = plan::publish(plan, version, new, &all).unwrap();
        crate::testing::record::<crate::plan::PlanEvent>(&mut all, published);
    }
    all
}

/// Whether some price is so low that a part of it rounds to nothing: no charge is made of that, nor is one given back, so the charges
/// do not tell which days they stand for. What is billed does.
pub(super) fn says_little(life: &Life) -> bool {
    let low = |price: Money| price.minor != 0 && price.minor.abs() < 200;
    let billed = &life.membership.billed;
    life.charges.iter().any(|charge| low(charge.unit_price)) || billed.iter().any(|stretch| low(stretch.price))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn each_day_is_billed_once_at_its_terms(
        gross in any::<bool>(),
        offset in 0i64..60,
        mut doings in prop::collection::vec(doing(), 0..12),
    ) {
        let all = if gross { offers_with_tax() } else { offers() };
        doings.sort_by_key(|(day, _)| *day);
        let start = date("2027-12-10").saturating_add(offset.days());
        let mut life = Life::begin(FLEX_1, MITTE, start, &all).unwrap();
        let mut doings = doings.into_iter().peekable();
        for day in 0..365 {
            while let Some((_, doing)) = doings.next_if(|(when, _)| *when == day) {
                // What is refused changes nothing.
                let before = (life.membership.clone(), life.charges.len());
                if carry_out(&mut life, doing, &all).is_err() {
                    prop_assert_eq!((life.membership.clone(), life.charges.len()), before);
                }
            }
            life.tomorrow(&all).unwrap();
        }
        prop_assert!(life.membership.unsettled(&all).unwrap().is_empty());
        let opened_until = life.membership.cycle.unwrap().end;
        let (covered, says_little) = (life.covered(), says_little(&life));
        let mut day = start;
        while day < opened_until {
            let stands = covered.get(&day).cloned().unwrap_or_default();
            let (price, tax_included) = life.membership.told_on(day);
            let owed = life.membership.active_on(day) && price.minor != 0;
            let standing = life.membership.billed.iter().find(|stretch| stretch.days.contains(day));
            let percent = standing.and_then(|stretch| stretch.tax_percent);
            prop_assert_eq!(percent.is_some(), owed && tax_included, "{}", day);
            // The line of a whole cycle is at the net of what was told.
            let whole = percent.map_or(price, |percent| crate::tax::net_of(price, percent)).minor;
            let plan = life.membership.term_on(day).plan_version_id;
            let billed = life.membership.billed.iter().filter(|stretch| stretch.days.contains(day) && stretch.price.minor != 0);
            let billed: Vec<_> = billed.map(|stretch| (stretch.plan_version_id, stretch.price, stretch.tax_included)).collect();
            prop_assert_eq!(billed, Vec::from_iter(owed.then_some((plan, price, tax_included))), "{}", day);
            if !says_little {
                prop_assert_eq!(stands, Vec::from_iter(owed.then_some((plan, whole))), "{}", day);
            }
            day = day.tomorrow().unwrap();
        }
        // Nothing outside, and each payer's days sum to what his charges say: whole cycles cost whole prices.
        prop_assert!(covered.iter().all(|(day, stands)| says_little || stands.is_empty() || (start <= *day && *day < opened_until)));
        let by_days: i64 = life.membership.billed.iter().map(|stretch| stretch.net().minor).sum();
        let by_charges: i64 = life.charges.iter().map(|charge| charge.net.minor).sum();
        prop_assert_eq!(by_days, by_charges);
    }
}
