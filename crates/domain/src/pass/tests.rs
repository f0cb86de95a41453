//! Buying and giving back, and what holds whatever is bought and given back.

use super::{Admission, Bought, Pass, PassEvent, Taken, admission, buy, give_back, percent_due, sold_out};
use crate::{
    ChargeId, ClosureId, LocationId, LotId, MemberId, PassId, Payer,
    catalogue::Catalogue,
    charge::ChargeKind,
    credit::{Holds, Lot},
    ledger,
    location::{CancellationStep, LocationEvent, NewDayPasses, close, set_cancellation, set_day_passes, set_hours},
    member::Member,
    testing::{
        ADA, CHARGE, ENTRY, FEE, MEMBERSHIP, MITTE, NIGHT, PIER, ada, at, chain, currency, date, eur, given, id, lot,
        membership_from, record, when,
    },
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PASS: PassId = PassId(uuid::Uuid::from_u128(0x93));
/// A Tuesday, 10:00 in Berlin.
const NOW: &str = "2026-01-20T09:00Z";

fn terms(capacity: i32) -> NewDayPasses {
    NewDayPasses {
        price: eur(2_500),
        tax_included: false,
        capacity,
        tax_category: " Standard ".into(),
        horizon_days: 30,
    }
}

/// Mitte sells passes: this many a day, at EUR 25.
fn selling(capacity: i32) -> Catalogue {
    let mut all = chain();
    let set = set_day_passes(MITTE, &terms(capacity), &all).unwrap();
    record::<LocationEvent>(&mut all, set);
    all
}

fn asked(day: &str, all: &Catalogue) -> Result<Admission, crate::Refusal> {
    admission(MITTE, date(day), at(NOW), all)
}

fn bought(day: &str, taken: Taken, all: &Catalogue) -> Result<Bought, crate::Refusal> {
    let membership = membership_from("2026-01-20", all);
    buy(
        (PASS, CHARGE),
        &ada(),
        Some(&membership),
        &asked(day, all)?,
        taken,
        &[],
        all,
    )
}

fn pass(day: &str, all: &Catalogue) -> (Pass, crate::charge::ChargeMade) {
    let bought = bought(day, Taken::default(), all).unwrap();
    let pass = given(Pass::evolve, [PassEvent::from(bought.fact)]).state();
    (pass, bought.charge.unwrap())
}

#[test]
fn a_pass_is_priced_and_charged_on_its_day() {
    let all = selling(3);
    let bought = when(bought("2026-01-22", Taken { sold: 2, by_her: false }, &all)).decided();
    let charge = bought.charge.unwrap();
    assert_eq!(bought.fact.opens_at, at("2026-01-22T07:00Z"));
    assert_eq!(bought.fact.closes_at, at("2026-01-22T19:00Z"));
    assert_eq!(bought.fact.membership_id, MEMBERSHIP);
    assert_eq!(
        (charge.kind, charge.net, charge.tax_category.as_str(), charge.payer),
        (ChargeKind::Pass, eur(2_500), "standard", Payer::Member(ADA))
    );
    assert_eq!(charge.description, "Day pass, Mitte, 2026-01-22");
    assert_eq!(
        (charge.service_from, charge.billable_on),
        (date("2026-01-22"), date("2026-01-23"))
    );
    assert_eq!(
        charge.because[0].text,
        "A day pass for Mitte costs EUR 25.00 net, as set when it was bought"
    );
    let entry = ledger::booking_charged(ENTRY, &charge).unwrap();
    assert_eq!(entry.effective_date, date("2026-01-22"));
    assert_eq!(
        entry.postings.iter().map(|posting| posting.amount_minor).sum::<i64>(),
        0
    );
}

#[test]
fn a_pass_told_with_tax_is_charged_at_the_net_of_its_day() {
    let mut all = chain();
    let told = NewDayPasses {
        price: eur(2_500),
        tax_included: true,
        ..terms(3)
    };
    record::<LocationEvent>(&mut all, set_day_passes(MITTE, &told, &chain()).unwrap());
    let rate = crate::tax::set_rate("DE", "standard", 16.into(), date("2026-01-23")).unwrap();
    record::<crate::tax::TaxEvent>(&mut all, rate);
    for (day, net) in [("2026-01-22", 2_101), ("2026-01-23", 2_155)] {
        let bought = when(bought(day, Taken::default(), &all)).decided();
        let charge = bought.charge.unwrap();
        assert_eq!(
            (bought.fact.price, charge.net, charge.unit_price),
            (eur(net), eur(net), eur(net))
        );
        assert_eq!(
            charge.because[0].text,
            "A day pass for Mitte costs EUR 25.00 including VAT, as set when it was bought"
        );
    }
    let books = NewDayPasses {
        tax_category: "books".into(),
        ..told
    };
    record::<LocationEvent>(&mut all, set_day_passes(MITTE, &books, &chain()).unwrap());
    when(bought("2026-01-22", Taken::default(), &all)).then_refused("no_tax_rate");
}

#[test]
fn a_pass_that_costs_nothing_makes_no_charge() {
    let mut all = chain();
    let nothing = NewDayPasses {
        price: eur(0),
        ..terms(3)
    };
    record::<LocationEvent>(&mut all, set_day_passes(MITTE, &nothing, &chain()).unwrap());
    let bought = when(bought("2026-01-22", Taken::default(), &all)).decided();
    assert_eq!((bought.charge, bought.fact.charge_id), (None, None));
    let pass = given(Pass::evolve, [PassEvent::from(bought.fact)]).state();
    let back = give_back(&pass, None, false, FEE, at("2026-01-22T06:59Z"), &all).unwrap();
    assert_eq!(
        (back.fact.percent_due, back.fact.voided_charge, back.fee),
        (100, None, None)
    );
}

fn allowances(passes: i64, money: i64) -> [Lot; 2] {
    let january = lot(1, passes, "2025-12-31T23:00Z", "2026-01-31T23:00Z");
    let euros = Holds::Money {
        currency: currency("EUR"),
    };
    [
        Lot {
            holds: Holds::DayPasses,
            ..january
        },
        Lot {
            lot_id: LotId(id(2)),
            holds: euros,
            left: money,
            ..january
        },
    ]
}

#[test]
fn passes_of_the_plan_pay_first_then_its_money_and_what_is_left_is_charged() {
    let all = selling(3);
    let membership = membership_from("2026-01-20", &all);
    let day = asked("2026-01-22", &all).unwrap();
    let sold = |lots: &[Lot]| {
        buy(
            (PASS, CHARGE),
            &ada(),
            Some(&membership),
            &day,
            Taken::default(),
            lots,
            &all,
        )
        .unwrap()
    };
    let granted = sold(&allowances(1, 9_900));
    assert_eq!((granted.fact.pass_lot, granted.charge), (Some(LotId(id(1))), None));
    assert_eq!(
        granted.fact.because[1].text,
        "It is one of the day passes that the plan grants"
    );
    let partly = sold(&allowances(0, 1_000));
    let charge = partly.charge.unwrap();
    assert_eq!((charge.net, charge.unit_price), (eur(1_500), eur(1_500)));
    assert_eq!(
        charge.because[1].text,
        "EUR 10.00 of it paid from the money that the plan grants"
    );
    let whole = sold(&allowances(0, 2_500));
    assert_eq!((whole.charge, whole.fact.money_uses[0].amount), (None, eur(2_500)));
    // In time, the same lots get back what they gave; later, nothing.
    for (fact, pass_back, money_back) in [
        (granted.fact, Some(LotId(id(1))), vec![]),
        (partly.fact.clone(), None, partly.fact.money_uses),
    ] {
        let pass = given(Pass::evolve, [PassEvent::from(fact)]).state();
        let back = give_back(&pass, None, false, FEE, at("2026-01-20T12:00Z"), &all).unwrap();
        assert_eq!(
            (back.fact.restored_pass, back.fact.restored_money),
            (pass_back, money_back)
        );
        let late = give_back(&pass, None, false, FEE, at("2026-01-22T06:59Z"), &all).unwrap();
        assert_eq!((late.fact.restored_pass, late.fact.restored_money), (None, vec![]));
    }
}

#[test]
fn the_last_one_is_sold_once_and_nobody_has_two() {
    let all = selling(3);
    let full = Taken { sold: 3, by_her: false };
    let refusal = when(bought("2026-01-22", full, &all)).then_refused("sold_out");
    assert_eq!(refusal.sentence, "All 3 passes for Mitte on 22 January 2026 are sold.");
    let twice = Taken { sold: 1, by_her: true };
    when(bought("2026-01-22", twice, &all)).then_refused("already_bought");
    let next = sold_out(&asked("2026-01-22", &all).unwrap(), Some(date("2026-01-23")), &all).unwrap();
    assert_eq!(next.extra["next_day"], "2026-01-23");
    assert!(
        next.sentence
            .ends_with("The next day with one left is 23 January 2026.")
    );
}

#[test]
fn a_day_has_to_be_one_on_which_passes_are_sold() {
    let all = selling(3);
    // It is open until 20:00 today.
    when(asked("2026-01-20", &all)).decided();
    when(admission(MITTE, date("2026-01-20"), at("2026-01-20T19:00Z"), &all)).then_refused("day_is_over");
    when(asked("2026-01-19", &all)).then_refused("day_is_over");
    when(asked("2026-02-19", &all)).decided();
    let refusal = when(asked("2026-02-20", &all)).then_refused("beyond_horizon");
    assert_eq!(refusal.sentence, "Passes for Mitte are sold 30 days ahead.");
    let refusal = when(asked("2026-01-25", &all)).then_refused("location_closed");
    assert_eq!(
        refusal.sentence,
        "Mitte is open Mon-Fri 08:00-20:00; Sat 09:00-18:00 (Europe/Berlin). It opens again on 26 January 2026."
    );
    assert_eq!(refusal.extra["next_open_day"], "2026-01-26");
    let mut shut = all.clone();
    let days = (date("2026-01-22"), date("2026-01-24"));
    let closure = close(ClosureId(id(1)), MITTE, days, "New carpets", None, &all).unwrap();
    record::<LocationEvent>(&mut shut, closure);
    let refusal = when(asked("2026-01-23", &shut)).then_refused("location_closed");
    assert_eq!(
        refusal.sentence,
        "Mitte is closed then: New carpets. It opens again on 26 January 2026."
    );
    when(admission(NIGHT, date("2026-01-22"), at(NOW), &all)).then_refused("no_passes_sold");
    when(asked("2026-01-22", &selling(0))).then_refused("no_passes_sold");
    when(admission(LocationId(id(9)), date("2026-01-22"), at(NOW), &all)).then_refused("unknown_location");
}

#[test]
fn midnight_is_the_end_of_a_day_and_the_clocks_may_change_in_it() {
    let mut all = chain();
    let set = set_day_passes(
        NIGHT,
        &NewDayPasses {
            horizon_days: 365,
            ..terms(1)
        },
        &all,
    );
    record::<LocationEvent>(&mut all, set.unwrap());
    let summer = admission(NIGHT, date("2026-03-29"), at(NOW), &all).unwrap();
    assert_eq!(
        (summer.opens_at, summer.closes_at),
        (at("2026-03-28T23:00Z"), at("2026-03-29T22:00Z"))
    );
    // It opens at a time that the clocks skip.
    record::<LocationEvent>(&mut all, set_hours(NIGHT, "Mon-Sun 02:30-24:00", &chain()).unwrap());
    let skipped = admission(NIGHT, date("2026-03-29"), at(NOW), &all).unwrap();
    assert_eq!(skipped.opens_at, at("2026-03-29T01:30Z"));
}

#[test]
fn she_needs_a_membership_that_covers_the_day() {
    let all = selling(3);
    let day = asked("2026-01-22", &all).unwrap();
    let membership = membership_from("2026-01-23", &all);
    let nobody = Member {
        confirmed: false,
        ..ada()
    };
    let buy = |member: &Member, membership, day: &Admission| {
        buy((PASS, CHARGE), member, membership, day, Taken::default(), &[], &all)
    };
    when(buy(&nobody, Some(&membership), &day)).then_refused("email_not_confirmed");
    when(buy(&ada(), None, &day)).then_refused("no_membership");
    when(buy(&ada(), Some(&membership), &day)).then_refused("membership_not_active");
    let mut pier = all.clone();
    let usd = NewDayPasses {
        price: crate::Money::new(3_000, currency("USD")),
        ..terms(3)
    };
    when(set_day_passes(PIER, &terms(3), &all)).then_refused("currency_not_the_entitys");
    record::<LocationEvent>(&mut pier, set_day_passes(PIER, &usd, &all).unwrap());
    let elsewhere = admission(PIER, date("2026-01-23"), at(NOW), &pier).unwrap();
    when(buy(&ada(), Some(&membership), &elsewhere)).then_refused("other_currency");
}

#[test]
fn faulty_terms_are_told_at_once() {
    let faulty = NewDayPasses {
        price: eur(-1),
        tax_included: false,
        capacity: -1,
        tax_category: " ".into(),
        horizon_days: 401,
    };
    when(set_day_passes(MITTE, &faulty, &chain())).then_faults(&["price", "capacity", "tax_category", "horizon_days"]);
}

#[test]
fn notice_is_counted_from_the_opening_of_its_day() {
    let mut all = selling(3);
    let steps = [(1440, 0), (120, 50)].map(|(at_least_minutes_before, percent_due)| CancellationStep {
        at_least_minutes_before,
        percent_due,
    });
    record::<LocationEvent>(&mut all, set_cancellation(MITTE, &steps, &chain()).unwrap());
    let (pass, charge) = pass("2026-01-22", &all);
    let back = |now: &str, invoiced, all: &Catalogue| give_back(&pass, Some(&charge), invoiced, FEE, at(now), all);
    let early = when(back("2026-01-21T07:00Z", false, &all)).decided();
    assert_eq!(
        (early.fact.percent_due, early.fact.voided_charge, early.fee),
        (0, Some(CHARGE), None)
    );
    let half = when(back("2026-01-22T05:00Z", false, &all)).decided();
    let fee = half.fee.unwrap();
    assert_eq!(
        (fee.kind, fee.net, half.fact.fee_charge),
        (ChargeKind::CancellationFee, eur(1_250), Some(FEE))
    );
    assert_eq!(
        fee.because[0].text,
        "50 % of EUR 25.00 is due when given back 120 minutes before the house opens"
    );
    let late = when(back("2026-01-22T06:00Z", false, &all)).decided();
    assert_eq!(
        (late.fact.percent_due, late.fact.voided_charge, late.fee),
        (100, None, None)
    );
    when(back("2026-01-22T07:00Z", false, &all)).then_refused("already_begun");
    let invoiced = when(back("2026-01-21T07:00Z", true, &all)).decided();
    assert_eq!((invoiced.fact.voided_charge, invoiced.fee), (None, None));
    // A day on which the house is closed costs nothing, however late it is said.
    let days = (date("2026-01-22"), date("2026-01-22"));
    let closure = close(ClosureId(id(1)), MITTE, days, "No heating", None, &all).unwrap();
    let mut shut = all.clone();
    record::<LocationEvent>(&mut shut, closure);
    let closed = when(back("2026-01-22T08:00Z", false, &shut)).decided();
    assert_eq!((closed.fact.percent_due, closed.fact.voided_charge), (0, Some(CHARGE)));
    let gone = Pass::evolve(Some(pass.clone()), early.fact.into()).unwrap();
    when(give_back(&gone, Some(&charge), false, FEE, at(NOW), &all)).then_refused("already_given_back");
}

/// What somebody does: which member, on which of three days, buying or giving back.
fn doings() -> impl Strategy<Value = Vec<(u8, u8, bool)>> {
    prop::collection::vec((0_u8..6, 0_u8..3, prop::bool::weighted(0.7)), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// Held by what the log alone says: never more than the capacity, never two for one member, and a pass that is given
    /// back makes room for one other. What is charged in the end is what is due.
    #[test]
    fn whatever_is_bought_and_given_back_the_house_is_never_overfull(doings in doings(), capacity in 1_i32..5) {
        let all = selling(capacity);
        let membership = membership_from("2026-01-20", &all);
        // The model: who has a pass of which day.
        let mut held: BTreeMap<u8, BTreeMap<u8, Pass>> = BTreeMap::new();
        for (number, (who, day, buys)) in (1_u128..).zip(doings) {
            let member = Member { member_id: MemberId(id(0x700 + u128::from(who))), ..ada() };
            let today = held.entry(day).or_default();
            if buys {
                let taken = Taken {
                    sold: i64::try_from(today.len()).unwrap(),
                    by_her: today.contains_key(&who),
                };
                let admission = asked(&format!("2026-01-2{}", 1 + day), &all).unwrap();
                let ids = (PassId(id(number)), ChargeId(id(number)));
                let answer = buy(ids, &member, Some(&membership), &admission, taken, &[], &all);
                let fits = today.len() < usize::try_from(capacity).unwrap() && !today.contains_key(&who);
                prop_assert_eq!(answer.is_ok(), fits);
                if let Ok(bought) = answer {
                    prop_assert_eq!(bought.charge.unwrap().net, eur(2_500));
                    today.insert(who, Pass::evolve(None, bought.fact.into()).unwrap());
                }
            } else if let Some(pass) = today.remove(&who) {
                let back = give_back(&pass, None, false, FEE, at(NOW), &all).unwrap();
                let pass = Pass::evolve(Some(pass), back.fact.into()).unwrap();
                prop_assert!(pass.given_back.is_some());
            }
            prop_assert!(today.len() <= usize::try_from(capacity).unwrap());
        }
    }

    /// Waiting never makes giving back cheaper, and what is voided and charged anew is exactly what is due.
    #[test]
    fn waiting_never_makes_it_cheaper(
        minutes in prop::collection::btree_set(0_i64..4_000, 1..5),
        percents in prop::collection::vec(0_u8..=100, 5),
        times in prop::collection::vec(0_i64..5_000, 2..8),
    ) {
        let mut all = selling(3);
        let mut percents = percents;
        percents.sort_unstable();
        let steps: Vec<_> = minutes
            .into_iter()
            .rev()
            .zip(percents)
            .map(|(at_least_minutes_before, percent_due)| CancellationStep { at_least_minutes_before, percent_due })
            .collect();
        record::<LocationEvent>(&mut all, set_cancellation(MITTE, &steps, &chain()).unwrap());
        let (pass, charge) = pass("2026-01-24", &all);
        let mut times = times;
        times.sort_unstable_by_key(|before| std::cmp::Reverse(*before));
        let mut last = 0;
        for before in times {
            let now = pass.fact.opens_at - jiff::SignedDuration::from_mins(before.max(1));
            let percent = percent_due(&pass.fact, now, &all).unwrap();
            prop_assert!(percent >= last);
            last = percent;
            let back = give_back(&pass, Some(&charge), false, FEE, now, &all).unwrap();
            prop_assert_eq!(back.fact.percent_due, percent);
            let stays = if back.fact.voided_charge.is_some() { 0 } else { charge.net.minor };
            let fee = back.fee.map_or(0, |fee| fee.net.minor);
            prop_assert_eq!((stays + fee) * 100, charge.net.minor * i64::from(percent));
        }
    }
}
