//! Random months of bookings, moves, cancellations and changes of the agreement.

use super::{World, of_plan, of_price, outcome, terms};
use crate::{
    PlanVersionId,
    membership::{self, When},
    plan::PlanVersionPublished,
    simulation::{About, DraftPlan, Kind, Outcome, simulate},
    testing::{FLEX_1, NIGHT_ROOM, cases, chain, date, eur, publish_plan},
};
use jiff::ToSpan;
use proptest::prelude::*;

const FLEX_2: PlanVersionId = PlanVersionId(uuid::Uuid::from_u128(0x62));

#[derive(Debug, Clone)]
enum Act {
    Book {
        ahead: i64,
        hour: i64,
        halves: i64,
    },
    Cancel(usize),
    Move {
        which: usize,
        ahead: i64,
        hour: i64,
        halves: i64,
    },
    Wait(i64),
    Agree(i64),
    Upgrade,
    Pause(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..25_i64, 0..20_i64, 1..9_i64).prop_map(|(ahead, hour, halves)| Act::Book { ahead, hour, halves }),
        2 => (0..12_usize).prop_map(Act::Cancel),
        2 => (0..12_usize, 0..25_i64, 0..20_i64, 1..9_i64)
            .prop_map(|(which, ahead, hour, halves)| Act::Move { which, ahead, hour, halves }),
        5 => (1..9_i64).prop_map(Act::Wait),
        1 => (0..40_000_i64).prop_map(Act::Agree),
        1 => Just(Act::Upgrade),
        1 => (1..9_i64).prop_map(Act::Pause),
    ]
}

fn lived(start: i64, acts: &[Act], with_agreement: bool) -> World {
    let mut all = chain();
    let start = date("2026-01-01").saturating_add(start.days());
    let mut world = World::begin(all.clone(), FLEX_1, &start.to_string());
    publish_plan(&mut all, FLEX_2, 1, eur(45_000));
    let mut upgraded = false;
    let span = |world: &World, ahead: i64, hour: i64, halves: i64| {
        let day = world.today().saturating_add(ahead.days());
        let from = day.at(i8::try_from(hour).unwrap(), 0, 0, 0);
        let until = from.saturating_add((halves * 30).minutes());
        let text = |wall: jiff::civil::DateTime| wall.strftime("%Y-%m-%dT%H:%M").to_string();
        (text(from), text(until))
    };
    for act in acts {
        // What is refused did not happen.
        match *act {
            Act::Book { ahead, hour, halves } => {
                let (from, until) = span(&world, ahead, hour, halves);
                drop(world.book(NIGHT_ROOM, &from, &until));
            }
            Act::Cancel(which) => drop(world.cancel(which % world.count().max(1))),
            Act::Move {
                which,
                ahead,
                hour,
                halves,
            } => {
                let (from, until) = span(&world, ahead, hour, halves);
                drop(world.reschedule(which % world.count().max(1), &from, &until));
            }
            Act::Wait(days) => {
                let day = world.today().saturating_add(days.days());
                world.live_until(day);
            }
            Act::Agree(minor) if with_agreement => {
                let today = world.today();
                world.decide(|one| membership::override_price(one, eur(minor), today, None, "agreed"));
            }
            Act::Upgrade if with_agreement && !upgraded => {
                world.all = all.clone();
                let today = world.today();
                upgraded = true;
                world.decide(|one| membership::change_plan(one, FLEX_2, When::On(today), false, &all));
            }
            Act::Pause(days) if with_agreement => {
                let today = world.today();
                let until = today.saturating_add(days.days());
                world.decide(|one| membership::pause(one, today, Some(until)));
            }
            Act::Agree(_) | Act::Upgrade | Act::Pause(_) => {}
        }
    }
    world.live_until(date("2026-03-05"));
    world
}

/// The month by a version that says what the last one says, under another id.
fn on_a_copy(world: &World, month: &str) -> Outcome {
    let latest = world.all.latest_version_of(crate::testing::FLEX).unwrap().clone();
    let mut terms = terms(world, &of_plan(world, month, |_| {}));
    let version = PlanVersionPublished {
        plan_version_id: PlanVersionId(uuid::Uuid::max()),
        number: latest.number + 1,
        ..latest.clone()
    };
    terms
        .draft
        .plan_versions
        .insert(version.plan_version_id, version.clone());
    terms.plan = Some(DraftPlan {
        version,
        only: Some(latest.plan_version_id),
    });
    simulate(&world.facts(), &terms).unwrap().unwrap()
}

fn bookings(outcome: &Outcome) -> impl Iterator<Item = &super::super::Line> {
    outcome
        .lines
        .iter()
        .filter(|line| matches!(line.about, About::Booking(_)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(200)))]

    #[test]
    fn a_draft_that_changes_nothing_changes_nothing(
        start in 0..31_i64,
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let world = lived(start, &acts, true);
        for month in ["2026-01", "2026-02"] {
            let outcome = on_a_copy(&world, month);
            for line in &outcome.lines {
                prop_assert_eq!(line.figures.published, line.figures.draft, "{:?}", line);
                // Nothing was published since, so it is what was charged, too.
                prop_assert_eq!(line.figures.published, line.figures.charged, "{:?}", line);
                prop_assert_eq!(line.covered.0, line.covered.1);
            }
            prop_assert_eq!(outcome.figures.difference(), 0);
        }
    }

    #[test]
    fn twice_the_price_is_twice_what_no_allowance_covers(
        start in 0..31_i64,
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let world = lived(start, &acts, false);
        for month in ["2026-01", "2026-02"] {
            let outcome = outcome(&world, &of_price(month, eur(4_000)));
            for line in bookings(&outcome) {
                // The hours are drawn first, whatever the rest costs.
                prop_assert_eq!(line.figures.draft, 2 * line.figures.published);
            }
            let plan = outcome.lines.iter().find(|line| line.kind == Kind::Plan).unwrap();
            prop_assert_eq!(plan.figures.difference(), 0);
        }
    }

    #[test]
    fn more_hours_cost_less_and_fewer_cost_more(
        start in 0..31_i64,
        acts in prop::collection::vec(act(), 1..40),
        hours in 0..20_i64,
    ) {
        let world = lived(start, &acts, false);
        for month in ["2026-01", "2026-02"] {
            let granted = hours * 60;
            let new = of_plan(&world, month, |plan| {
                plan.allowances[0].minutes = granted.max(1);
            });
            for line in bookings(&outcome(&world, &new)) {
                let (was, would) = (line.figures.published, line.figures.draft);
                prop_assert!(if granted >= 300 { would <= was } else { would >= was }, "{:?}", line);
            }
        }
    }
}

#[test]
fn the_properties_find_a_draft_that_is_none() {
    // Control: the same months on another price do differ.
    let acts = [
        Act::Book {
            ahead: 1,
            hour: 9,
            halves: 8,
        },
        Act::Book {
            ahead: 2,
            hour: 9,
            halves: 8,
        },
    ];
    let world = lived(3, &acts, false);
    let dearer = outcome(&world, &of_plan(&world, "2026-01", |plan| plan.price = eur(30_001)));
    assert_ne!(dearer.figures.difference(), 0);
}
