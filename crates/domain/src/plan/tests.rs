use super::*;
use crate::{
    DomainEvent,
    testing::{BERLIN, FLEX, FLEX_1, chain, eur, wall, when},
};

fn new(access_hours: &str) -> NewPlanVersion {
    NewPlanVersion {
        name: "Day".into(),
        legal_entity_id: BERLIN,
        price: eur(10_000),
        tax_included: false,
        billing_day: 1,
        terms: PlanTerms::default(),
        tax_category: "standard".into(),
        allowances: Vec::new(),
        locations: Vec::new(),
        access_hours: access_hours.to_owned(),
    }
}

#[test]
fn a_plan_lets_members_in_in_its_hours() {
    let all = chain();
    let always = publish(FLEX, FLEX_1, new(" "), &all).unwrap();
    assert_eq!(always.access_hours, None);
    always
        .check_access(wall("2026-01-25T23:00"), wall("2026-01-26T02:00"), "Europe/Berlin")
        .unwrap();
    when(publish(FLEX, FLEX_1, new("by day"), &all)).then_faults(&["access_hours"]);
    let day = publish(FLEX, FLEX_1, new("Mon-Fri 08:00-18:00; Sat 10:00-24:00"), &all).unwrap();
    let access = |from: &str, until: &str| {
        let (from, until) = (format!("2026-01-{from}"), format!("2026-01-{until}"));
        day.check_access(wall(&from), wall(&until), "Europe/Berlin")
    };
    // The 19th is a Monday.
    access("19T08:00", "19T18:00").unwrap();
    access("24T20:00", "25T00:00").unwrap();
    for (from, until) in [
        ("19T07:30", "19T09:00"),
        ("19T17:30", "19T18:30"),
        ("25T12:00", "25T13:00"),
        ("19T17:00", "20T09:00"),
    ] {
        let refusal = when(access(from, until)).then_refused("outside_access_hours");
        assert_eq!(
            refusal.sentence,
            "Day lets you in Mon-Fri 08:00-18:00; Sat 10:00-24:00 (Europe/Berlin)."
        );
    }
}

#[test]
fn the_first_versions_let_members_in_at_any_time() {
    let golden = format!(
        "{}/golden/plan.PlanVersionPublished.v1.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let payload = std::fs::read_to_string(golden).unwrap();
    let PlanEvent::PlanVersionPublished(fact) = PlanEvent::decode("PlanVersionPublished", 1, &payload).unwrap();
    assert_eq!(fact.access_hours, None);
}

#[test]
fn a_plan_grants_passes_and_money_and_asks_for_a_deposit() {
    let all = chain();
    let terms = PlanTerms {
        day_passes: 2,
        money_minor: 3_000,
        deposit_minor: 60_000,
        ..PlanTerms::default()
    };
    let published = publish(
        FLEX,
        FLEX_1,
        NewPlanVersion {
            terms: terms.clone(),
            ..new("")
        },
        &all,
    )
    .unwrap();
    assert_eq!(published.terms(), terms);
    let granted: Vec<String> = published.grants().map(|(holds, amount)| holds.told(amount)).collect();
    assert_eq!(granted, ["2 day passes", "EUR 30.00"]);
    let wrong = PlanTerms {
        day_passes: -1,
        money_minor: -1,
        deposit_minor: -1,
        ..terms
    };
    when(publish(
        FLEX,
        FLEX_1,
        NewPlanVersion {
            terms: wrong,
            ..new("")
        },
        &all,
    ))
    .then_faults(&["money", "deposit", "day_passes"]);
}

#[test]
fn versions_before_the_fourth_grant_hours_alone() {
    let golden = format!(
        "{}/golden/plan.PlanVersionPublished.v3.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let payload = std::fs::read_to_string(golden).unwrap();
    let PlanEvent::PlanVersionPublished(fact) = PlanEvent::decode("PlanVersionPublished", 3, &payload).unwrap();
    assert_eq!((fact.day_passes, fact.money, fact.deposit), (0, None, None));
}
