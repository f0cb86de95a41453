use super::*;
use crate::testing::{date, eur};
use proptest::prelude::*;

fn days(start: &str, end: &str) -> Days {
    Days {
        start: date(start),
        end: date(end),
    }
}

/// Rule 3's figure.
#[test]
fn twelve_of_31_days_of_300_are_116_13() {
    let cycle = monthly_cycle(date("2026-01-20"), 1);
    assert_eq!(cycle, days("2026-01-01", "2026-02-01"));
    let used = days("2026-01-20", "2026-02-01");
    assert_eq!(used.count(), 12);
    assert_eq!(prorate(eur(30_000), used, cycle), eur(11_613));
    assert_eq!(
        prorate(eur(30_000), days("2026-01-01", "2026-01-20"), cycle),
        eur(18_387)
    );
}

#[test]
fn no_days_and_days_outside_the_cycle_cost_nothing() {
    let cycle = days("2026-01-01", "2026-02-01");
    for none in [
        days("2026-01-20", "2026-01-20"),
        days("2026-02-01", "2026-03-01"),
        days("2026-01-20", "2026-01-10"),
    ] {
        assert_eq!(prorate(eur(30_000), none, cycle), eur(0), "{none:?}");
    }
}

#[test]
fn late_billing_days_mean_the_last_day_of_short_months() {
    for (day, billing_day, start, end) in [
        ("2026-01-31", 31, "2026-01-31", "2026-02-28"),
        ("2026-02-27", 31, "2026-01-31", "2026-02-28"),
        ("2026-02-28", 31, "2026-02-28", "2026-03-31"),
        ("2026-04-30", 31, "2026-04-30", "2026-05-31"),
        ("2026-02-28", 30, "2026-02-28", "2026-03-30"),
        ("2026-03-29", 30, "2026-02-28", "2026-03-30"),
        ("2026-02-28", 29, "2026-02-28", "2026-03-29"),
        ("2028-02-28", 29, "2028-01-29", "2028-02-29"),
        ("2028-02-29", 29, "2028-02-29", "2028-03-29"),
        ("2028-02-29", 30, "2028-02-29", "2028-03-30"),
        ("2028-02-28", 31, "2028-01-31", "2028-02-29"),
        ("2028-02-29", 31, "2028-02-29", "2028-03-31"),
        ("2026-12-31", 31, "2026-12-31", "2027-01-31"),
        ("2026-01-01", 15, "2025-12-15", "2026-01-15"),
    ] {
        assert_eq!(
            monthly_cycle(date(day), billing_day),
            days(start, end),
            "{day} on {billing_day}"
        );
    }
}

#[test]
fn billing_days_are_1_to_31() {
    assert!((1..=31).all(|day| check_billing_day(day).is_ok()));
    for day in [0, -1, 32, i8::MAX] {
        assert_eq!(check_billing_day(day).unwrap_err().code, "billing_day_out_of_range");
    }
}

#[test]
fn a_range_is_cut_at_months() {
    assert_eq!(
        days("2026-01-20", "2026-03-05").by_month(),
        [
            days("2026-01-20", "2026-02-01"),
            days("2026-02-01", "2026-03-01"),
            days("2026-03-01", "2026-03-05")
        ]
    );
    assert_eq!(days("2026-03-05", "2026-03-05").by_month(), []);
    assert_eq!(month_name(date("2026-03-05")), "2026-03");
}

/// Any day from 1999 on, leap years and the one of 2000 included.
fn any_day() -> impl Strategy<Value = Date> {
    (0i64..20_000).prop_map(|offset| date("1999-01-01").checked_add(offset.days()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn a_cycle_contains_its_day_and_starts_on_the_billing_day(day in any_day(), billing_day in 1i8..=31) {
        let cycle = monthly_cycle(day, billing_day);
        prop_assert!(cycle.contains(day));
        prop_assert_eq!(cycle.start, billing_date(cycle.start, billing_day));
        prop_assert!((28..=31).contains(&cycle.count()), "{:?}", cycle);
    }

    #[test]
    fn cycles_tile_the_year(day in any_day(), billing_day in 1i8..=31) {
        let mut cycle = monthly_cycle(day, billing_day);
        let first = cycle;
        for _ in 0..12 {
            prop_assert_eq!(monthly_cycle(cycle.last(), billing_day), cycle);
            let next = monthly_cycle(cycle.end, billing_day);
            prop_assert_eq!(next.start, cycle.end);
            cycle = next;
        }
        prop_assert!((365..=366).contains(&days_between(first.start, cycle.start)));
    }

    /// Rule 3: parts always sum to the whole, for any split.
    #[test]
    fn parts_sum_to_the_whole(
        minor in -100_000_000_000i64..=100_000_000_000,
        day in any_day(),
        billing_day in 1i8..=31,
        cuts in prop::collection::vec(0i64..=31, 0..6),
    ) {
        let cycle = monthly_cycle(day, billing_day);
        let mut edges: Vec<Date> = cuts
            .iter()
            .map(|cut| cycle.start.checked_add((*cut).days()).unwrap().min(cycle.end))
            .chain([cycle.start, cycle.end])
            .collect();
        edges.sort();
        let parts: Vec<i64> = edges
            .windows(2)
            .map(|edge| prorate(eur(minor), Days { start: edge[0], end: edge[1] }, cycle).minor)
            .collect();
        prop_assert_eq!(parts.iter().sum::<i64>(), minor);
        prop_assert!(parts.iter().all(|part| part.signum() * minor.signum() >= 0));
    }

    #[test]
    fn months_tile_a_range(day in any_day(), length in 0i64..900) {
        let whole = Days { start: day, end: day.checked_add(length.days()).unwrap() };
        let parts = whole.by_month();
        prop_assert_eq!(parts.iter().map(|part| part.count()).sum::<i64>(), whole.count());
        prop_assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        prop_assert!(parts.iter().all(|part| month_name(part.start) == month_name(part.last())));
    }
}
