//! A month priced again: the figures of the documents by hand, and random months against what was really charged.

mod random;
mod world;

use super::*;
use crate::{
    Money, PlanVersionId, PriceRuleId, membership,
    period::CycleLength,
    plan::{Allowance, PlanVersionPublished},
    resource::NewPriceRule,
    testing::{FLEX, FLEX_1, MITTE, ROOM, ROOM_TYPE, at, chain, date, eur, id, publish_plan, publish_price, when},
};
use std::sync::Arc;
use world::World;

pub(super) fn january() -> Draft {
    Draft {
        month: "2026-01".into(),
        plan: None,
        rules: Vec::new(),
        withdrawn: Vec::new(),
    }
}

fn latest(world: &World) -> PlanVersionPublished {
    world.all.latest_version_of(FLEX).unwrap().clone()
}

/// A draft with the published plan changed.
pub(super) fn of_plan(world: &World, month: &str, change: impl FnOnce(&mut PlanDraft)) -> Draft {
    let mut plan = PlanDraft::of(&latest(world));
    change(&mut plan);
    Draft {
        month: month.into(),
        plan: Some(plan),
        ..january()
    }
}

/// The hourly price of the chain replaced by another.
pub(super) fn of_price(month: &str, per_hour: Money) -> Draft {
    Draft {
        month: month.into(),
        rules: vec![RuleDraft {
            replaces: Some(PriceRuleId(id(0x50))),
            rule: NewPriceRule::by_the_hour(ROOM_TYPE, per_hour),
        }],
        ..january()
    }
}

pub(super) fn terms(world: &World, new: &Draft) -> Terms {
    draft(new, at("2026-07-01T12:00Z"), Arc::new(world.all.clone())).unwrap()
}

pub(super) fn outcome(world: &World, new: &Draft) -> Outcome {
    simulate(&world.facts(), &terms(world, new)).unwrap().unwrap()
}

fn figures(charged: i64, published: i64, draft: i64) -> Figures {
    Figures {
        charged,
        published,
        draft,
    }
}

/// The story of domain.md: from 20 January, two and four hours of the five that are granted.
fn story() -> World {
    let mut world = World::begin(chain(), FLEX_1, "2026-01-20");
    world.book(ROOM, "2026-01-21T10:00", "2026-01-21T12:00").unwrap();
    world.book(ROOM, "2026-01-22T10:00", "2026-01-22T14:00").unwrap();
    world.live_until(date("2026-02-10"));
    world
}

fn of_kind(outcome: &Outcome, kind: Kind) -> Figures {
    let mut sum = Figures::default();
    for line in outcome.lines.iter().filter(|line| line.kind == kind) {
        sum += line.figures;
    }
    sum
}

const BOOKINGS: Kind = Kind::Booking(ROOM_TYPE);

#[test]
fn what_is_published_gives_what_was_charged() {
    let outcome = outcome(&story(), &january());
    assert_eq!(of_kind(&outcome, Kind::Plan), figures(11_613, 11_613, 11_613));
    assert_eq!(of_kind(&outcome, BOOKINGS), figures(2_000, 2_000, 2_000));
    assert_eq!(outcome.figures, figures(13_613, 13_613, 13_613));
    assert!(outcome.lines.iter().all(|line| line.notes.is_empty()));
    assert_eq!(outcome.lines[2].covered, (180, 180));
    let because: Vec<_> = outcome.lines[2]
        .published_because
        .iter()
        .map(|step| step.text.as_str())
        .collect();
    assert_eq!(
        because,
        ["4 h at EUR 20.00 an hour", "3 h from the allowance, 1 h charged"]
    );
}

#[test]
fn a_drafted_price_is_paid_for_the_same_days() {
    let world = story();
    let outcome = outcome(&world, &of_plan(&world, "2026-01", |plan| plan.price = eur(40_000)));
    // 12 of 31 days of 400.
    assert_eq!(of_kind(&outcome, Kind::Plan), figures(11_613, 11_613, 15_484));
    assert_eq!(of_kind(&outcome, BOOKINGS).difference(), 0);
    assert!(outcome.on_draft && !outcome.agreed_price);
    let because: Vec<_> = outcome.lines[0]
        .draft_because
        .iter()
        .map(|step| step.text.as_str())
        .collect();
    assert_eq!(
        because,
        [
            "Flex version 2 costs EUR 400.00 a month",
            "12 of the 31 days from 2026-01-01 to 2026-01-31 (2026-01-20 to 2026-01-31)"
        ]
    );
}

#[test]
fn drafted_hours_money_and_fees_count() {
    let world = story();
    let hours = |minutes| {
        let granted = vec![Allowance {
            resource_type_id: ROOM_TYPE,
            minutes,
        }];
        of_kind(
            &outcome(&world, &of_plan(&world, "2026-01", |plan| plan.allowances = granted)),
            BOOKINGS,
        )
    };
    assert_eq!(
        [360, 330, 240, 60].map(|minutes| hours(minutes).draft),
        [0, 1_000, 4_000, 10_000]
    );
    let none = outcome(&world, &of_plan(&world, "2026-01", |plan| plan.allowances.clear()));
    assert_eq!(of_kind(&none, BOOKINGS), figures(2_000, 2_000, 12_000));
    let money = outcome(
        &world,
        &of_plan(&world, "2026-01", |plan| plan.terms.money_minor = 1_500),
    );
    assert_eq!(of_kind(&money, BOOKINGS), figures(2_000, 2_000, 500));
    let fee = outcome(
        &world,
        &of_plan(&world, "2026-01", |plan| plan.terms.set_up_fee_minor = 4_900),
    );
    assert_eq!(of_kind(&fee, Kind::SetUpFee), figures(0, 0, 4_900));
    // It began in January and is paid once.
    let later = outcome(
        &world,
        &of_plan(&world, "2026-02", |plan| plan.terms.set_up_fee_minor = 4_900),
    );
    assert_eq!(later.figures.difference(), 0);
    let trial = outcome(&world, &of_plan(&world, "2026-01", |plan| plan.terms.trial_days = 6));
    // 6 of 31 days.
    assert_eq!(of_kind(&trial, Kind::Plan).draft, 5_806);
}

#[test]
fn a_draft_may_have_other_cycles() {
    let world = story();
    let weekly = of_plan(&world, "2026-01", |plan| {
        plan.terms.length = CycleLength::Week;
        plan.price = eur(7_000);
        plan.allowances[0].minutes = 120;
    });
    let outcome = outcome(&world, &weekly);
    // Twelve days at ten euros; the weeks are counted from the day of the start, and each grants two hours.
    assert_eq!(of_kind(&outcome, Kind::Plan).draft, 12_000);
    assert_eq!(of_kind(&outcome, BOOKINGS).draft, 8_000);
    let other_day = of_plan(&world, "2026-01", |plan| plan.billing_day = 15);
    // 12 of the 31 days from 15 January.
    assert_eq!(
        of_kind(&super::tests::outcome(&world, &other_day), Kind::Plan).draft,
        11_613
    );
}

#[test]
fn hours_that_live_on_are_drawn_on_in_the_next_month() {
    let mut world = World::begin(chain(), FLEX_1, "2026-01-01");
    world.book(ROOM, "2026-01-08T10:00", "2026-01-08T12:00").unwrap();
    world.live_until(date("2026-02-02"));
    world.book(ROOM, "2026-02-03T09:00", "2026-02-03T17:00").unwrap();
    world.live_until(date("2026-03-02"));
    let drawn = |rollover| {
        let new = of_plan(&world, "2026-02", |plan| plan.terms.rollover_cycles = rollover);
        of_kind(&outcome(&world, &new), BOOKINGS)
    };
    // Three of January's hours were left.
    assert_eq!(drawn(0), figures(6_000, 6_000, 6_000));
    assert_eq!(drawn(1), figures(6_000, 6_000, 0));
}

#[test]
fn agreed_prices_stay_and_are_told() {
    let mut world = story();
    world
        .decide(|membership| membership::override_price(membership, eur(20_000), date("2026-02-01"), None, "a friend"));
    world.live_until(date("2026-03-02"));
    let new = of_plan(&world, "2026-02", |plan| plan.price = eur(90_000));
    let outcome = outcome(&world, &new);
    assert_eq!(of_kind(&outcome, Kind::Plan), figures(20_000, 20_000, 20_000));
    assert!(outcome.on_draft && outcome.agreed_price);
}

#[test]
fn those_on_earlier_versions_may_stay() {
    let mut world = story();
    publish_plan(&mut world.all, PlanVersionId(id(0x62)), 1, eur(33_000));
    let raised = |stay| {
        let new = of_plan(&world, "2026-01", |plan| {
            plan.price = eur(40_000);
            plan.earlier_stay = stay;
        });
        of_kind(&outcome(&world, &new), Kind::Plan)
    };
    assert_eq!(raised(false), figures(11_613, 11_613, 15_484));
    assert_eq!(raised(true), figures(11_613, 11_613, 11_613));
    // What is published is no draft, whoever has an earlier version.
    let same = of_plan(&world, "2026-01", |_| {});
    assert!(terms(&world, &same).change_nothing());
    assert_eq!(outcome(&world, &same).figures.difference(), 0);
}

#[test]
fn prices_that_were_published_since_are_named() {
    let mut world = story();
    publish_price(&mut world.all, 0x51, Some(MITTE), eur(2_600), None);
    let outcome = outcome(&world, &january());
    assert_eq!(of_kind(&outcome, BOOKINGS), figures(2_000, 2_600, 2_600));
    assert_eq!(outcome.lines[2].notes, [Note::PricesSince]);
    let mut summary = Summary::default();
    let row = summary.add(&outcome);
    let totals = &summary.totals[&row.currency];
    assert_eq!(totals.notes[&Note::PricesSince], Noted { lines: 1, minor: 600 });
    assert_eq!((totals.more, totals.less, totals.same), (0, 0, 1));
}

#[test]
fn rules_are_added_replaced_and_withdrawn() {
    let world = story();
    assert_eq!(
        of_kind(&outcome(&world, &of_price("2026-01", eur(3_000))), BOOKINGS).draft,
        3_000
    );
    let same = of_price("2026-01", eur(2_000));
    assert!(terms(&world, &same).change_nothing());
    let narrower = Draft {
        rules: vec![RuleDraft {
            replaces: None,
            rule: NewPriceRule {
                location_id: Some(MITTE),
                ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(1_000))
            },
        }],
        ..january()
    };
    assert_eq!(of_kind(&outcome(&world, &narrower), BOOKINGS).draft, 1_000);
    let none_left = Draft {
        withdrawn: vec![PriceRuleId(id(0x50))],
        ..january()
    };
    let outcome = outcome(&world, &none_left);
    assert_eq!(of_kind(&outcome, BOOKINGS), figures(2_000, 2_000, 2_000));
    assert_eq!(outcome.lines[2].notes, [Note::NoPrice]);
}

#[test]
fn what_cannot_be_published_cannot_be_tried() {
    let world = story();
    let tried = |new: &Draft| when(draft(new, at("2026-02-10T12:00Z"), Arc::new(world.all.clone())));
    for (month, code) in [
        ("", "no_month"),
        ("2026-13", "no_month"),
        ("2026-03", "month_not_begun"),
    ] {
        let month = Draft {
            month: month.into(),
            ..january()
        };
        assert_eq!(tried(&month).then_refused(code).fields[0].field, "month");
    }
    tried(&of_plan(&world, "2026-01", |plan| {
        plan.price = eur(-1);
        plan.terms.rollover_cycles = 99;
    }))
    .then_faults(&["price", "rollover_cycles"]);
    tried(&of_plan(&world, "2026-01", |plan| {
        plan.allowances.extend(plan.allowances.clone());
    }))
    .then_refused("allowance_twice");
    tried(&of_plan(&world, "2026-01", |plan| {
        plan.plan_id = crate::PlanId(id(0x999));
    }))
    .then_refused("unknown_plan");
    tried(&of_price("2026-01", eur(-5))).then_faults(&["rules.0.per_hour"]);
    let twice = Draft {
        withdrawn: vec![PriceRuleId(id(0x50))],
        ..of_price("2026-01", eur(10))
    };
    assert_eq!(
        tried(&twice).then_refused("rule_named_twice").fields[0].field,
        "withdrawn.0"
    );
    let unknown = Draft {
        withdrawn: vec![PriceRuleId(id(0x55))],
        ..january()
    };
    tried(&unknown).then_refused("unknown_price_rule");
    let many = Draft {
        withdrawn: vec![PriceRuleId(id(0x50)); MOST_RULES + 1],
        ..january()
    };
    tried(&many).then_refused("too_many_rules");
}

#[test]
fn of_a_month_that_runs_only_the_days_that_passed_count() {
    let world = story();
    let now = at("2026-01-22T23:30Z");
    let running = draft(&january(), now, Arc::new(world.all.clone())).unwrap();
    let outcome = simulate(&world.facts(), &running).unwrap().unwrap();
    // In Berlin the 23rd has begun: three days, and both bookings.
    assert_eq!(of_kind(&outcome, Kind::Plan).published, 2_903);
    assert_eq!(outcome.lines.len(), 3);
}
