mod told;

use super::*;
use crate::{
    catalogue::Catalogue,
    testing::{currency, date, eur, record, when},
};
use proptest::prelude::*;

fn percent(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Rule 6's figure: the tax is on the sum, not the sum of taxes (3 x 0.21 would be 0.63).
#[test]
fn three_times_1_03_at_20_percent() {
    let line = ("standard", percent("20"), eur(103));
    let groups = subtotals([line, line, line]);
    assert_eq!(groups.len(), 1);
    assert_eq!((groups[0].basis_minor, groups[0].tax_minor), (309, 62));
}

#[test]
fn half_a_cent_of_tax_goes_away_from_zero() {
    // 12.5 cents of tax: EUR 0.125 becomes 0.13, and a credit of it -0.13. Banker's rounding would say 0.12.
    for (net, tax) in [(125, 13), (-125, -13), (135, 14), (124, 12), (0, 0)] {
        assert_eq!(
            subtotals([("standard", percent("10"), eur(net))])[0].tax_minor,
            tax,
            "{net}"
        );
    }
}

#[test]
fn each_category_and_rate_is_rounded_by_itself() {
    let groups = subtotals([
        ("standard", percent("19"), eur(1_000)),
        ("office", percent("19"), eur(103)),
        ("standard", percent("7"), eur(103)),
        ("standard", percent("19.0"), eur(103)),
    ]);
    let seen: Vec<_> = groups
        .iter()
        .map(|group| {
            (
                group.category.as_str(),
                group.rate_percent,
                group.basis_minor,
                group.tax_minor,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("standard", percent("19"), 1_103, 210),
            ("office", percent("19"), 103, 20),
            ("standard", percent("7"), 103, 7)
        ]
    );
    let yen = subtotals([("standard", percent("10"), crate::Money::new(1_005, currency("JPY")))]);
    assert_eq!(yen[0].tax_minor, 101);
}

#[test]
fn a_rate_holds_from_its_day_until_the_next() {
    let mut all = Catalogue::default();
    for (country, rate, from) in [
        ("DE", "19", "2007-01-01"),
        ("DE", "16", "2020-07-01"),
        ("DE", "19", "2021-01-01"),
        ("AT", "20", "1995-01-01"),
        // Said again for the same day: the later word counts.
        ("AT", "21", "2026-01-01"),
        ("AT", "20", "2026-01-01"),
    ] {
        record::<TaxEvent>(
            &mut all,
            set_rate(country, "standard", percent(rate), date(from)).unwrap(),
        );
    }
    for (country, day, rate) in [
        ("DE", "2020-06-30", "19"),
        ("DE", "2020-07-01", "16"),
        ("DE", "2020-12-31", "16"),
        ("DE", "2021-01-01", "19"),
        ("AT", "2026-02-01", "20"),
    ] {
        assert_eq!(
            all.tax_rate(country, "standard", date(day)).unwrap(),
            percent(rate),
            "{country} {day}"
        );
    }
    for (country, category, day) in [
        ("DE", "standard", "2006-12-31"),
        ("DE", "office", "2026-01-01"),
        ("FR", "standard", "2026-01-01"),
    ] {
        when(all.tax_rate(country, category, date(day))).then_refused("no_tax_rate");
    }
}

#[test]
fn rates_are_percentages() {
    let day = date("2026-01-01");
    for (typed, kept) in [
        ("19.0000", "19"),
        ("7.7", "7.7"),
        ("0", "0"),
        ("100", "100"),
        ("8.875", "8.875"),
    ] {
        let set = set_rate("de", "Standard", percent(typed), day).unwrap();
        assert_eq!((set.country.as_str(), set.category.as_str()), ("DE", "standard"));
        assert_eq!(set.rate_percent.to_string(), kept);
    }
    for typed in ["-1", "100.001", "7.7777"] {
        when(set_rate("DE", "standard", percent(typed), day)).then_faults(&["rate_percent"]);
    }
    when(set_rate("Germany", " ", percent("-1"), day)).then_faults(&["country", "category", "rate_percent"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    /// However lines are ordered, a category's tax is that of its sum, within half a minor unit of the exact one.
    #[test]
    fn the_order_of_lines_changes_no_tax(
        nets in prop::collection::vec(-1_000_000i64..1_000_000, 1..20),
        milli_percent in 0i64..=100_000,
    ) {
        let rate = Decimal::new(milli_percent, 3);
        let lines: Vec<_> = nets.iter().map(|net| ("standard", rate, eur(*net))).collect();
        let forward = subtotals(lines.clone());
        let backward = subtotals(lines.into_iter().rev());
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(forward[0].basis_minor, nets.iter().sum::<i64>());
        let exact = Decimal::from(forward[0].basis_minor) * rate / Decimal::ONE_HUNDRED;
        prop_assert!((exact - Decimal::from(forward[0].tax_minor)).abs() <= Decimal::new(5, 1));
        let mirrored = subtotals(nets.iter().map(|net| ("standard", rate, eur(-net))));
        prop_assert_eq!(mirrored[0].tax_minor, -forward[0].tax_minor);
    }
}
