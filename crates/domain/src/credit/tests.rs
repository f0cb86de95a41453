use super::*;
use crate::{
    DomainEvent, MembershipId,
    testing::{ADA, MEMBERSHIP, ROOM_TYPE, at, chain, currency, date, eur, given, id, lot, membership_from, when},
};
use proptest::prelude::*;

const JANUARY: (&str, &str) = ("2026-01-01T00:00Z", "2026-02-01T00:00Z");
const FEBRUARY: (&str, &str) = ("2026-02-01T00:00Z", "2026-03-01T00:00Z");

/// Of the membership, and of no pack.
fn by(starts_at: Timestamp) -> Drawing {
    Drawing {
        membership_id: MEMBERSHIP,
        member_id: ADA,
        starts_at,
        packs: std::collections::BTreeSet::new(),
    }
}

fn uses(parts: &[(u128, i64)]) -> Vec<CreditUse> {
    parts
        .iter()
        .map(|(number, minutes)| CreditUse {
            lot_id: LotId(id(*number)),
            minutes: *minutes,
        })
        .collect()
}

#[test]
fn the_earliest_expiry_is_drawn_first_and_of_equals_the_lowest_id() {
    let lots = [
        lot(3, 60, JANUARY.0, "2026-03-01T00:00Z"),
        lot(2, 60, JANUARY.0, JANUARY.1),
        lot(1, 60, JANUARY.0, JANUARY.1),
    ];
    assert_eq!(
        draw(&lots, &by(at("2026-01-20T09:00Z")), 150),
        uses(&[(1, 60), (2, 60), (3, 30)])
    );
}

/// Rule 5: a booking draws on the lots of the cycle in which it starts; the end of a cycle is not in it.
#[test]
fn only_lots_valid_at_the_start_are_drawn() {
    let lots = [lot(1, 60, JANUARY.0, JANUARY.1), lot(2, 60, FEBRUARY.0, FEBRUARY.1)];
    for (start, drawn) in [
        ("2025-12-31T23:59Z", uses(&[])),
        ("2026-01-01T00:00Z", uses(&[(1, 60)])),
        ("2026-01-31T23:59Z", uses(&[(1, 60)])),
        ("2026-02-01T00:00Z", uses(&[(2, 60)])),
        ("2026-03-01T00:00Z", uses(&[])),
    ] {
        assert_eq!(draw(&lots, &by(at(start)), 90), drawn, "{start}");
    }
}

#[test]
fn empty_lots_and_no_minutes_draw_nothing() {
    let lots = [lot(1, 0, JANUARY.0, JANUARY.1), lot(2, -30, JANUARY.0, JANUARY.1)];
    assert_eq!(draw(&lots, &by(at("2026-01-20T09:00Z")), 60), []);
    let full = [lot(1, 60, JANUARY.0, JANUARY.1)];
    assert_eq!(draw(&full, &by(at("2026-01-20T09:00Z")), 0), []);
    assert_eq!(draw(&full, &by(at("2026-01-20T09:00Z")), -60), []);
}

#[test]
fn staff_give_hours_until_a_day_with_a_reason() {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    let new = NewCourtesy {
        resource_type_id: ROOM_TYPE,
        minutes: 90,
        last_day: date("2026-01-25"),
        reason: " The heating was off ".into(),
    };
    let give = |new: &NewCourtesy| courtesy(LotId(id(9)), &membership, new, at("2026-01-22T12:00Z"), &all);
    let granted = when(give(&new)).decided();
    assert_eq!(granted.reason, "The heating was off");
    assert_eq!(
        (granted.valid_from, granted.valid_until),
        (at("2026-01-22T12:00Z"), at("2026-01-25T23:00Z"))
    );
    let state = given(CreditLot::evolve, [CreditEvent::from(granted)]).state();
    assert_eq!((state.left, state.reason.as_deref()), (90, Some("The heating was off")));
    let wrong = NewCourtesy {
        minutes: 0,
        last_day: date("2026-01-21"),
        reason: String::new(),
        ..new
    };
    when(give(&wrong)).then_faults(&["reason", "minutes", "last_day"]);
}

#[test]
fn hours_money_and_passes_are_drawn_from_lots_of_the_membership_alone() {
    let kind = |number: u128, holds: Holds, left: i64, until: &str| Lot {
        holds,
        ..lot(number, left, JANUARY.0, until)
    };
    let euros = Holds::Money {
        currency: currency("EUR"),
    };
    let lots = [
        lot(1, 60, JANUARY.0, JANUARY.1),
        kind(2, euros, 1_000, FEBRUARY.1),
        kind(3, euros, 700, JANUARY.1),
        kind(
            4,
            Holds::Money {
                currency: currency("CHF"),
            },
            9_900,
            JANUARY.1,
        ),
        kind(5, Holds::DayPasses, 1, JANUARY.1),
        Lot {
            membership_id: MembershipId(id(0x999)),
            ..kind(6, euros, 9_900, JANUARY.1)
        },
        Lot {
            membership_id: MembershipId(id(0x999)),
            ..lot(7, 60, JANUARY.0, JANUARY.1)
        },
    ];
    let start = at("2026-01-20T09:00Z");
    let money = |minor| {
        let uses = draw_money(&lots, &by(start), eur(minor));
        uses.iter()
            .map(|part| (part.lot_id, part.amount.minor))
            .collect::<Vec<_>>()
    };
    assert_eq!(money(800), [(LotId(id(3)), 700), (LotId(id(2)), 100)]);
    assert_eq!(money(5_000), [(LotId(id(3)), 700), (LotId(id(2)), 1_000)]);
    assert_eq!(money(0), []);
    assert_eq!(draw_pass(&lots, &by(start)), Some(LotId(id(5))));
    assert_eq!(draw_pass(&lots, &by(at("2026-02-01T00:00Z"))), None);
    assert_eq!(draw(&lots, &by(start), 500), uses(&[(1, 60)]));
}

/// The first version of every event of a lot was of minutes, for a booking.
#[test]
fn lots_of_minutes_are_read_as_lots() {
    let golden = |name: &str| {
        let file = format!("{}/golden/credit.{name}.v1.json", env!("CARGO_MANIFEST_DIR"));
        CreditEvent::decode(name, 1, &std::fs::read_to_string(file).unwrap()).unwrap()
    };
    let lot = given(
        CreditLot::evolve,
        ["CreditGranted", "CreditUsed", "CreditRestored", "CreditExpired"].map(golden),
    )
    .state();
    assert_eq!(
        lot.fact.holds,
        Holds::Minutes {
            resource_type_id: ROOM_TYPE
        }
    );
    assert_eq!((lot.fact.amount, lot.left, lot.expired), (300, 180, 120));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn a_draw_takes_what_is_there_and_no_more(
        parts in prop::collection::vec((-60i64..600, 0i64..48, 1i64..96), 0..8),
        hour in 0i64..96,
        wanted in 0i64..2_000,
    ) {
        let zero = at("2026-01-01T00:00Z");
        let hours = |n: i64| Timestamp::from_second(zero.as_second() + n * 3_600).unwrap();
        let lots: Vec<Lot> = parts.iter().zip(1u128..).map(|((left, from, length), number)| Lot {
            lot_id: LotId(id(number)), left: *left, valid_from: hours(*from), valid_until: hours(from + length), ..lot(number, 0, JANUARY.0, JANUARY.1)
        }).collect();
        let drawn = draw(&lots, &by(hours(hour)), wanted);
        let lot_of = |part: &CreditUse| *lots.iter().find(|lot| lot.lot_id == part.lot_id).unwrap();
        let usable = |lot: &&Lot| lot.left > 0 && lot.valid_from <= hours(hour) && hours(hour) < lot.valid_until;
        let there: i64 = lots.iter().filter(usable).map(|lot| lot.left).sum();
        prop_assert_eq!(drawn.iter().map(|part| part.minutes).sum::<i64>(), wanted.min(there));
        for part in &drawn {
            prop_assert!(part.minutes > 0 && part.minutes <= lot_of(part).left);
            prop_assert!(usable(&&lot_of(part)));
        }
        // Only the last lot drawn may keep something; every later-expiring one is untouched.
        for pair in drawn.windows(2) {
            prop_assert_eq!(pair[0].minutes, lot_of(&pair[0]).left);
            prop_assert!(lot_of(&pair[0]).valid_until <= lot_of(&pair[1]).valid_until);
        }
        prop_assert_eq!(drawn, draw(&lots.iter().rev().copied().collect::<Vec<_>>(), &by(hours(hour)), wanted));
    }
}
