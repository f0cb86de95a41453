//! What is told with tax becomes the net whose invoice comes to it.

use super::percent;
use crate::{
    Money,
    tax::{gross_of, net_of, told_because},
    testing::{currency, eur},
};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Told, its net, and what an invoice of that comes to: the same wherever there is such a net.
#[test]
fn a_gross_is_turned_into_the_net_that_makes_it() {
    for (money, rate, told, net, billed) in [
        ("EUR", "19", 29_900, 25_126, 29_900),
        ("EUR", "19", 2_380, 2_000, 2_380),
        ("EUR", "19", 100, 84, 100),
        ("EUR", "19", 1, 1, 1),
        ("EUR", "7", 1_070, 1_000, 1_070),
        ("EUR", "7", 29_900, 27_944, 29_900),
        ("EUR", "20", 29_900, 24_917, 29_900),
        ("EUR", "25.5", 29_900, 23_825, 29_900),
        ("CHF", "8.1", 29_900, 27_660, 29_900),
        ("JPY", "10", 29_900, 27_182, 29_900),
        ("JPY", "10", 11, 10, 11),
        ("KWD", "5", 29_900, 28_476, 29_900),
        ("EUR", "0", 29_900, 29_900, 29_900),
        ("EUR", "19", 0, 0, 0),
        // No net comes to these: the nearest one, and of two that are as near the lower.
        ("EUR", "19", 999, 839, 998),
        ("JPY", "10", 16, 14, 15),
        ("EUR", "100", 3, 1, 2),
        // What is taken back mirrors what was charged.
        ("EUR", "19", -29_900, -25_126, -29_900),
        ("EUR", "19", -999, -839, -998),
    ] {
        let of = |minor| Money::new(minor, currency(money));
        let got = net_of(of(told), percent(rate));
        assert_eq!(
            (got, gross_of(got, percent(rate))),
            (of(net), of(billed)),
            "{money} {told} at {rate} %"
        );
    }
}

#[test]
fn it_says_how_it_became_a_net() {
    let said = told_because(eur(29_900), percent("19.00"), eur(25_126));
    assert_eq!(said.text, "EUR 299.00 including 19 % VAT is EUR 251.26 net");
}

/// Every rate that can be set, to the thousandth of a percent.
fn rates() -> impl Strategy<Value = Decimal> {
    (0i64..=100_000).prop_map(|thousandths| Decimal::new(thousandths, 3))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(1_000)))]

    /// No net comes nearer to what was told than the one that is taken.
    #[test]
    fn no_other_net_is_nearer(told in -1_000_000i64..100_000_000_000, rate in rates()) {
        let net = net_of(eur(told), rate);
        let off = |net: i64| (gross_of(eur(net), rate).minor - told).abs();
        for other in [net.minor - 2, net.minor - 1, net.minor + 1, net.minor + 2] {
            prop_assert!(off(net.minor) <= off(other), "{} of {} at {} %, not {}", net.minor, told, rate, other);
        }
        // Half a unit of tax at most separates two neighbours.
        prop_assert!(off(net.minor) <= 1, "{} of {} at {} %", net.minor, told, rate);
    }

    #[test]
    fn the_net_of_an_invoice_comes_back(net in -100_000_000i64..100_000_000, rate in rates()) {
        prop_assert_eq!(net_of(gross_of(eur(net), rate), rate), eur(net));
    }

    #[test]
    fn more_is_never_less(told in -100_000i64..100_000_000, more in 0i64..1_000, rate in rates()) {
        prop_assert!(net_of(eur(told), rate).minor <= net_of(eur(told + more), rate).minor);
    }

    /// The least unit at the whole rate, one after another: nothing jumps.
    #[test]
    fn a_unit_more_is_a_unit_of_net_at_most(told in 0i64..1_000_000, rate in rates()) {
        let step = net_of(eur(told + 1), rate).minor - net_of(eur(told), rate).minor;
        prop_assert!((0..=1).contains(&step), "{} at {} %", told, rate);
    }
}

/// The control: a quotient that is rounded by itself is not always the net whose invoice is nearest.
#[test]
fn the_rounded_quotient_is_another_net() {
    let rounded = |told: i64, rate: Decimal| {
        let quotient = Decimal::from(told) * Decimal::ONE_HUNDRED / (Decimal::ONE_HUNDRED + rate);
        crate::money::round_half_away(quotient)
    };
    let rate = percent("10");
    let other = (0..100).find(|told| rounded(*told, rate) != net_of(eur(*told), rate).minor);
    assert_eq!(other, Some(5), "five yen would be billed at six, and not at four");
}
