use crate::{
    Money,
    booking::{Slot, hours, hours_decimal, price},
    catalogue::Catalogue,
    credit::CreditUse,
    local_time::Hours,
    resource::{self, BookedBy, Booker, Conditions, NewPriceRule},
    testing::{
        FLEX, MITTE, NIGHT_ROOM, PIER, PIER_ROOM, ROOM, ROOM_TYPE, at, chain, currency, date, eur, id, publish,
        publish_price, when,
    },
    {LotId, PriceRuleId, ResourceId},
};
use jiff::ToSpan;
use proptest::prelude::*;

/// A Tuesday morning, however long.
pub(super) fn slot(room: ResourceId, minutes: i64, all: &Catalogue) -> Slot {
    slot_from(room, "2026-01-20T07:00:00Z", minutes, all)
}

pub(super) fn slot_from(room: ResourceId, start: &str, minutes: i64, all: &Catalogue) -> Slot {
    let resource = all.resource(room).unwrap().clone();
    let starts_at = at(start);
    let ends_at = starts_at.checked_add(minutes.minutes()).unwrap();
    Slot {
        time_zone: all.location(resource.location_id).unwrap().time_zone.clone(),
        zone: all.zone_of(resource.location_id).unwrap(),
        resource,
        starts_at,
        ends_at,
        blocked_from: starts_at,
        blocked_until: ends_at,
        minutes,
        people: None,
        occupied: [room].into(),
    }
}

fn cost(room: ResourceId, minutes: i64, covered: i64, all: &Catalogue) -> (i64, i64) {
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: covered,
    }];
    let price = price(&slot(room, minutes, all), Booker::SOME_MEMBER, &uses, all).unwrap();
    (price.full.minor, price.charged.minor)
}

#[test]
fn time_is_priced_by_the_hour_and_rounded_once() {
    let all = chain();
    for (minutes, full) in [(60, 2_000), (30, 1_000), (90, 3_000), (5, 167), (10, 333), (25, 833)] {
        assert_eq!(cost(ROOM, minutes, 0, &all), (full, full), "{minutes} min");
    }
}

#[test]
fn an_allowance_of_3_of_4_hours_leaves_one_charged() {
    let all = chain();
    assert_eq!(cost(ROOM, 240, 180, &all), (8_000, 2_000));
    assert_eq!(cost(ROOM, 240, 240, &all), (8_000, 0));
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: 180,
    }];
    let explained = price(&slot(ROOM, 240, &all), Booker::SOME_MEMBER, &uses, &all).unwrap();
    let texts: Vec<&str> = explained.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        ["4 h at EUR 20.00 an hour", "3 h from the allowance, 1 h charged"]
    );
    assert_eq!(explained.because[0].rule, Some(id(0x50)));
}

#[test]
fn a_day_costs_no_more_than_its_cap() {
    let mut all = chain();
    publish_price(&mut all, 0x51, Some(MITTE), eur(2_000), Some(eur(9_000)));
    assert_eq!(cost(ROOM, 240, 0, &all), (8_000, 8_000));
    assert_eq!(cost(ROOM, 300, 0, &all), (9_000, 9_000));
    assert_eq!(cost(ROOM, 480, 60, &all), (9_000, 9_000));
    let capped = price(&slot(ROOM, 480, &all), Booker::SOME_MEMBER, &[], &all).unwrap();
    assert_eq!(capped.because.last().unwrap().text, "never more than EUR 90.00 a day");
}

#[test]
fn the_locations_own_rule_wins_and_of_equals_the_last_published() {
    let mut all = chain();
    publish_price(&mut all, 0x59, Some(MITTE), eur(2_500), None);
    publish_price(&mut all, 0x5a, None, eur(1_000), None);
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_500);
    assert_eq!(cost(NIGHT_ROOM, 60, 0, &all).0, 1_000);
    // Ids say nothing about which came last; the log does.
    publish_price(&mut all, 0x01, Some(MITTE), eur(2_600), None);
    publish_price(&mut all, 0x02, None, eur(1_100), None);
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_600);
    assert_eq!(cost(NIGHT_ROOM, 60, 0, &all).0, 1_100);
}

#[test]
fn a_rule_in_another_currency_prices_nothing_here() {
    let mut all = chain();
    when(price(&slot(PIER_ROOM, 60, &all), Booker::SOME_MEMBER, &[], &all)).then_refused("no_price");
    let usd = Money::new(3_000, currency("USD"));
    publish_price(&mut all, 0x52, None, usd, None);
    assert_eq!(
        price(&slot(PIER_ROOM, 60, &all), Booker::SOME_MEMBER, &[], &all)
            .unwrap()
            .charged,
        usd
    );
    assert_eq!(cost(ROOM, 60, 0, &all).0, 2_000, "Berlin keeps its own");
}

#[test]
fn prices_are_refused_in_a_currency_nobody_bills_in() {
    let all = chain();
    let publish = |place, per_hour, cap| {
        let new = NewPriceRule {
            location_id: place,
            day_cap: cap,
            ..NewPriceRule::by_the_hour(ROOM_TYPE, per_hour)
        };
        resource::publish_price(PriceRuleId(id(1)), &new, &all)
    };
    let usd = Money::new(3_000, currency("USD"));
    let refusal = when(publish(Some(MITTE), usd, None)).then_refused("currency_not_the_entitys");
    assert_eq!(refusal.extra["expected_currency"], "EUR");
    when(publish(Some(PIER), eur(2_000), None)).then_refused("currency_not_the_entitys");
    when(publish(None, Money::new(1, currency("JPY")), None)).then_refused("currency_not_the_entitys");
    when(publish(None, eur(2_000), Some(usd))).then_faults(&["day_cap"]);
    when(publish(None, eur(2_000), Some(eur(1_999)))).then_faults(&["day_cap"]);
    when(publish(None, eur(-1), None)).then_faults(&["per_hour"]);
}

#[test]
fn hours_are_written_for_people() {
    for (minutes, text) in [(120, "2 h"), (90, "1.5 h"), (45, "45 min"), (0, "0 h")] {
        assert_eq!(hours(minutes), text);
    }
    assert_eq!(hours_decimal(20).to_string(), "0.3333");
    assert_eq!(hours_decimal(90).to_string(), "1.5");
}

fn clock(from: &str, to: &str) -> Hours {
    Hours {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    }
}

pub(super) fn texts(price: &crate::booking::Price) -> Vec<&str> {
    price.because.iter().map(|step| step.text.as_str()).collect()
}

/// EUR 30 an hour from 16:00 to 20:00 on weekdays, at Mitte.
fn with_a_peak() -> Catalogue {
    let mut all = chain();
    let peak = NewPriceRule {
        location_id: Some(MITTE),
        conditions: Conditions {
            weekdays: vec![1, 2, 3, 4, 5],
            hours: Some(clock("16:00", "20:00")),
            ..Conditions::default()
        },
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(3_000))
    };
    publish(&mut all, 0x60, &peak);
    all
}

#[test]
fn peak_and_off_peak_meet_in_one_booking() {
    let all = with_a_peak();
    // 14:00 to 18:00 in Berlin: two hours of each.
    let four = slot_from(ROOM, "2026-01-20T13:00:00Z", 240, &all);
    let dear = price(&four, Booker::SOME_MEMBER, &[], &all).unwrap();
    assert_eq!((dear.full, dear.per_hour), (eur(10_000), None));
    assert_eq!(
        texts(&dear),
        [
            "2 h at EUR 20.00 an hour",
            "2 h at EUR 30.00 an hour (Mon–Fri, 16:00–20:00)"
        ]
    );
    // The allowance covers the first hours, so the dear ones are charged.
    let uses = [CreditUse {
        lot_id: LotId(id(1)),
        minutes: 180,
    }];
    assert_eq!(
        price(&four, Booker::SOME_MEMBER, &uses, &all).unwrap().charged,
        eur(3_000)
    );
    // On a Saturday nobody pays it.
    assert_eq!(
        price(
            &slot_from(ROOM, "2026-01-24T13:00:00Z", 240, &all),
            Booker::SOME_MEMBER,
            &[],
            &all
        )
        .unwrap()
        .full,
        eur(8_000)
    );
}

#[test]
fn the_narrower_rule_counts() {
    let mut all = with_a_peak();
    let of = |conditions, minor| NewPriceRule {
        conditions,
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(minor))
    };
    let cost_at = |start: &str, plan, all: &Catalogue| {
        let booker = Booker::Member { plan, company: None };
        price(&slot_from(ROOM, start, 60, all), booker, &[], all).unwrap().full
    };
    let (noon, peak) = ("2026-01-20T11:00:00Z", "2026-01-20T16:00:00Z");
    let plan = Conditions {
        plan_id: Some(FLEX),
        ..Conditions::default()
    };
    publish(&mut all, 0x61, &of(plan, 1_500));
    assert_eq!(
        (cost_at(noon, Some(FLEX), &all), cost_at(noon, None, &all)),
        (eur(1_500), eur(2_000))
    );
    assert_eq!(
        cost_at(peak, Some(FLEX), &all),
        eur(3_000),
        "the location's own rule comes first"
    );
    let room = Conditions {
        resource_id: Some(ROOM),
        ..Conditions::default()
    };
    publish(&mut all, 0x62, &of(room, 900));
    assert_eq!(
        cost_at(peak, Some(FLEX), &all),
        eur(900),
        "and the room's own before it"
    );
    let later = Conditions {
        first_day: Some(date("2026-02-01")),
        resource_id: Some(ROOM),
        ..Conditions::default()
    };
    publish(&mut all, 0x63, &of(later, 950));
    assert_eq!(cost_at(noon, None, &all), eur(900));
    assert_eq!(
        cost_at("2026-02-02T11:00:00Z", None, &all),
        eur(950),
        "a new price counts from its day"
    );
}

#[test]
fn half_days_a_minimum_and_a_cap() {
    let mut all = chain();
    let new = NewPriceRule {
        half_day: Some(eur(6_000)),
        minimum: Some(eur(1_500)),
        day_cap: Some(eur(10_000)),
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(2_000))
    };
    publish(&mut all, 0x64, &new);
    for (minutes, minor) in [
        (30, 1_500),
        (60, 2_000),
        (180, 6_000),
        (240, 6_000),
        (270, 7_000),
        (420, 10_000),
        (480, 10_000),
    ] {
        assert_eq!(cost(ROOM, minutes, 0, &all).0, minor, "{minutes} min");
    }
    let told = |minutes| {
        price(&slot(ROOM, minutes, &all), Booker::SOME_MEMBER, &[], &all)
            .unwrap()
            .because
            .pop()
            .unwrap()
            .text
    };
    assert_eq!(told(30), "at least EUR 15.00 a day");
    assert_eq!(told(240), "EUR 60.00 for each half day of 4 h");
    assert_eq!(told(480), "never more than EUR 100.00 a day");
    assert_eq!(
        cost(ROOM, 60, 60, &all),
        (2_000, 0),
        "what the allowance covers is not charged at all"
    );
}

/// Over midnight each day has its own cap, and the clocks' change is real time.
#[test]
fn days_are_priced_each_for_itself_and_by_real_hours() {
    let mut all = chain();
    publish_price(&mut all, 0x65, None, eur(1_000), Some(eur(2_000)));
    // 29 March 2026 in Berlin: 01:00 to 04:00 are two hours.
    let spring = slot_from(NIGHT_ROOM, "2026-03-29T00:00:00Z", 120, &all);
    assert_eq!(price(&spring, Booker::SOME_MEMBER, &[], &all).unwrap().full, eur(2_000));
    let over_midnight = slot_from(NIGHT_ROOM, "2026-01-20T20:00:00Z", 360, &all);
    let price = price(&over_midnight, Booker::SOME_MEMBER, &[], &all).unwrap();
    assert_eq!(price.full, eur(4_000));
    assert_eq!(
        texts(&price),
        [
            "3 h at EUR 10.00 an hour on 20 Jan",
            "3 h at EUR 10.00 an hour on 21 Jan",
            "never more than EUR 20.00 a day",
            "never more than EUR 20.00 a day"
        ]
    );
}

#[test]
fn conditions_that_contradict_are_refused_together() {
    let all = chain();
    let new = NewPriceRule {
        half_day: Some(eur(10)),
        minimum: Some(eur(9_000)),
        day_cap: Some(eur(8_000)),
        location_id: Some(MITTE),
        conditions: Conditions {
            weekdays: vec![8],
            hours: Some(clock("16:00", "15:00")),
            first_day: Some(date("2026-02-01")),
            last_day: Some(date("2026-01-01")),
            plan_id: Some(crate::PlanId(id(999))),
            resource_id: Some(NIGHT_ROOM),
            min_minutes: Some(0),
            min_people: Some(0),
            company_id: None,
            booked_by: Some(BookedBy::Visitor),
        },
        ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(2_000))
    };
    when(resource::publish_price(PriceRuleId(id(1)), &new, &all)).then_faults(&[
        "half_day",
        "minimum",
        "weekdays",
        "until",
        "last_day",
        "plan_id",
        "min_minutes",
        "min_people",
        "booked_by",
        "resource_id",
    ]);
}

proptest! {
    /// However rules cut it, the minutes of the parts are the booking's, and a dearer hour never makes it cheaper.
    #[test]
    fn no_minute_is_lost_or_priced_twice(start in 0_i64..96, quarters in 1_i64..96, from in 0_i8..23) {
        let mut all = chain();
        publish_price(&mut all, 0x66, None, eur(600), None);
        let flat = |all: &Catalogue| {
            let start = at("2026-10-24T00:00:00Z").checked_add((start * 15).minutes()).unwrap().to_string();
            price(&slot_from(NIGHT_ROOM, &start, quarters * 15, all), Booker::SOME_MEMBER, &[], all).unwrap().full.minor
        };
        prop_assert_eq!(flat(&all), quarters * 150);
        let same = NewPriceRule {
            conditions: Conditions { hours: Some(clock(&format!("{from:02}:30"), "00:00")), ..Conditions::default() },
            ..NewPriceRule::by_the_hour(ROOM_TYPE, eur(600))
        };
        publish(&mut all, 0x67, &same);
        prop_assert_eq!(flat(&all), quarters * 150, "the same price by another rule");
        let dearer = NewPriceRule { per_hour: eur(1_200), ..same };
        publish(&mut all, 0x68, &dearer);
        prop_assert!((quarters * 150..=quarters * 300).contains(&flat(&all)));
    }
}
