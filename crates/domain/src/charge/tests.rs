//! What staff charge beside a plan.

use super::{Charge, ChargeEvent, ChargeKind, ChargeMade, NewOneOff, extended, one_off, quantity, void};
use crate::{
    ledger::{self, LedgerAccount},
    testing::{CHARGE, ENTRY, MITTE, ada, chain, currency, date, eur, given, membership_from, when},
};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn key() -> NewOneOff {
    NewOneOff {
        location_id: MITTE,
        description: "Lost key".into(),
        quantity: "1.5".into(),
        unit: "piece".into(),
        unit_price: eur(1_333),
        tax_included: false,
        tax_category: " Standard".into(),
        first_day: date("2026-01-21"),
        last_day: None,
        billable_on: None,
    }
}

fn charged(new: &NewOneOff) -> Result<ChargeMade, crate::Refusal> {
    let all = chain();
    let membership = membership_from("2026-01-20", &all);
    one_off(CHARGE, &ada(), Some(&membership), new, date("2026-01-22"), &all)
}

#[test]
fn what_staff_charge_is_quantity_times_price_rounded_once() {
    let made = when(charged(&key())).decided();
    // 1.5 x 13.33 = 19.995
    assert_eq!(
        (made.kind, made.net, made.quantity.as_str()),
        (ChargeKind::OneOff, eur(2_000), "1.5")
    );
    assert_eq!(
        (made.service_from, made.service_to, made.billable_on),
        (date("2026-01-21"), date("2026-01-22"), date("2026-01-21"))
    );
    assert_eq!(made.tax_category, "standard");
    assert_eq!(
        made.because[0].text,
        "Staff charged 1.5 piece at EUR 13.33 net each, which makes EUR 20.00"
    );
    let entry = ledger::booking_charged(ENTRY, &made).unwrap();
    assert!(
        entry
            .postings
            .iter()
            .any(|posting| posting.account == LedgerAccount::ServiceRevenue && posting.amount_minor == -2_000)
    );
}

#[test]
fn what_is_told_with_tax_is_turned_into_net_once() {
    let told = |quantity: &str, minor| NewOneOff {
        quantity: quantity.into(),
        unit_price: eur(minor),
        tax_included: true,
        ..key()
    };
    let made = when(charged(&told("2", 1_190))).decided();
    assert_eq!(
        (made.quantity.as_str(), made.unit_price, made.net),
        ("2", eur(1_000), eur(2_000))
    );
    let texts: Vec<&str> = made.because.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Staff charged 2 piece at EUR 11.90 including VAT each, which makes EUR 23.80",
            "EUR 23.80 including 19 % VAT is EUR 20.00 net"
        ]
    );
    // 3 x 9.99 = 29.97 is 25.18 net, and not 3 x 8.39: it is one line at what all of them cost.
    let made = when(charged(&told("3", 999))).decided();
    assert_eq!(
        (made.description.as_str(), made.quantity.as_str(), made.unit.as_str()),
        ("Lost key (3 piece)", "1", "piece")
    );
    assert_eq!((made.unit_price, made.net), (eur(2_518), eur(2_518)));
}

#[test]
fn everything_faulty_is_said_at_once() {
    let wrong = NewOneOff {
        description: " ".into(),
        quantity: "0".into(),
        unit_price: eur(0),
        last_day: Some(date("2026-01-20")),
        billable_on: Some(date("2028-01-20")),
        ..key()
    };
    when(charged(&wrong)).then_faults(&["description", "quantity", "unit_price", "last_day", "billable_on"]);
    let dollars = NewOneOff {
        unit_price: crate::Money::new(100, currency("USD")),
        ..key()
    };
    when(charged(&dollars)).then_refused("currency_not_the_entitys");
    let untaxed = NewOneOff {
        tax_category: "books".into(),
        ..key()
    };
    when(charged(&untaxed)).then_refused("no_tax_rate");
    let without = one_off(CHARGE, &ada(), None, &key(), date("2026-01-22"), &chain());
    when(without).then_refused("no_membership");
}

#[test]
fn only_what_staff_charged_is_taken_back_and_only_once() {
    let made = charged(&key()).unwrap();
    let charge = given(Charge::evolve, [ChargeEvent::from(made.clone())]).state();
    when(void(&charge, true, "mistake")).then_refused("already_invoiced");
    when(void(&charge, false, " ")).then_refused("reason_missing");
    let voided = void(&charge, false, "mistake").unwrap();
    let again = given(Charge::evolve, [ChargeEvent::from(made.clone()), voided.into()]).state();
    when(void(&again, false, "mistake")).then_refused("already_voided");
    let booking = ChargeMade {
        kind: ChargeKind::Booking,
        ..made
    };
    let booking = given(Charge::evolve, [ChargeEvent::from(booking)]).state();
    when(void(&booking, false, "mistake")).then_refused("not_a_one_off");
}

#[test]
fn a_quantity_is_a_plain_decimal_above_nothing() {
    assert_eq!(quantity(" 2.50 "), Ok("2.5".parse().unwrap()));
    for wrong in ["", "two", "1,5", "-1", "0", "1_0", "0.0000001", "10000001", "1e3"] {
        assert!(quantity(wrong).is_err(), "{wrong}");
    }
}

/// Half away from zero of `millionths`, by whole numbers alone.
fn rounded(millionths: i128) -> i64 {
    let away = millionths.signum() * 500_000;
    i64::try_from((millionths + away) / 1_000_000).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn net_is_quantity_times_price_rounded_once(millionths in 1_i64..20_000_000_000, price in 1_i64..1_000_000) {
        let net = extended(Decimal::new(millionths, 6), Decimal::from(price));
        prop_assert_eq!(net, Some(rounded(i128::from(millionths) * i128::from(price))));
    }
}

#[test]
fn the_rule_finds_a_price_that_is_rounded_twice() {
    // Control: 0.5 x 1 x 0.5 rounded after each step is 1 and not 0.
    let half = Decimal::new(5, 1);
    let step = extended(half, Decimal::ONE).unwrap();
    let twice = extended(Decimal::from(step), half);
    assert_eq!((extended(half, half), twice), (Some(rounded(250_000)), Some(1)));
}
