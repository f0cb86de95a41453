use super::*;
use crate::testing::{currency, eur};
use proptest::prelude::*;

#[test]
fn amounts_are_read_in_the_digits_of_their_currency() {
    for (text, code, minor) in [
        ("300", "EUR", 30_000),
        ("300.00", "EUR", 30_000),
        ("1234.5", "EUR", 123_450),
        (" 0.05 ", "EUR", 5),
        ("-0.05", "EUR", -5),
        ("1.000", "EUR", 100),
        ("1500", "JPY", 1_500),
        ("1500.0", "JPY", 1_500),
        ("1.234", "KWD", 1_234),
        ("0.001", "KWD", 1),
    ] {
        assert_eq!(
            Money::parse(text, currency(code)),
            Ok(Money::new(minor, currency(code))),
            "{text}"
        );
    }
}

#[test]
fn amounts_are_written_with_all_their_digits() {
    for (minor, code, text) in [
        (11_613, "EUR", "EUR 116.13"),
        (-5, "EUR", "EUR -0.05"),
        (0, "EUR", "EUR 0.00"),
        (1_500, "JPY", "JPY 1500"),
        (1, "KWD", "KWD 0.001"),
        (1_234_000, "KWD", "KWD 1234.000"),
    ] {
        assert_eq!(Money::new(minor, currency(code)).to_string(), text);
    }
}

#[test]
fn what_is_not_an_amount_is_refused_with_a_sentence() {
    for text in [
        "",
        " ",
        "abc",
        "1,000.00",
        "1_000",
        "1.2.3",
        "1e3",
        "EUR 5",
        "12,50",
        "\u{221e}",
        "99999999999999999999",
    ] {
        let sentence = Money::parse(text, currency("EUR")).unwrap_err();
        assert_eq!(
            sentence, "Write an amount such as 300.00, with a point and no thousands separator.",
            "{text}"
        );
    }
    for (text, code, sentence) in [
        ("1.005", "EUR", "EUR has 2 digits after the point."),
        ("0.5", "JPY", "JPY has 0 digits after the point."),
        ("0.0001", "KWD", "KWD has 3 digits after the point."),
    ] {
        assert_eq!(Money::parse(text, currency(code)).unwrap_err(), sentence);
    }
    // More digits than a decimal holds are not rounded away.
    assert!(Money::parse("1.00000000000000000000000000000000000001", currency("EUR")).is_err());
}

#[test]
fn currencies_go_by_their_code_only() {
    for code in ["eur", "EURO", "", "XXX"] {
        assert!(code.parse::<Currency>().is_err(), "{code}");
        assert!(serde_json::from_str::<Currency>(&format!("\"{code}\"")).is_err());
    }
    for known in Currency::all() {
        assert_eq!(known.code().parse(), Ok(known));
    }
    assert_eq!(
        serde_json::to_string(&eur(5)).unwrap(),
        r#"{"minor":5,"currency":"EUR"}"#
    );
}

#[test]
fn halves_round_away_from_zero() {
    for (exact, rounded) in [
        ("12.5", 13),
        ("-12.5", -13),
        ("13.5", 14),
        ("12.4999", 12),
        ("0.5", 1),
        ("-0.5", -1),
        ("0.49", 0),
        ("79228162514264337593543950335", i64::MAX),
        ("-79228162514264337593543950335", i64::MIN),
    ] {
        assert_eq!(round_half_away(exact.parse().unwrap()), rounded, "{exact}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::testing::cases(500)))]

    #[test]
    fn what_is_written_is_read(minor in any::<i64>(), which in any::<prop::sample::Index>()) {
        let all: Vec<Currency> = Currency::all().collect();
        let money = Money::new(minor, all[which.index(all.len())]);
        prop_assert_eq!(Money::parse(&money.amount(), money.currency), Ok(money));
    }

    #[test]
    fn nothing_typed_makes_a_panic(text in ".{0,40}") {
        let _ = Money::parse(&text, currency("EUR"));
    }

    #[test]
    fn shares_mirror_in_sign(minor in 0i64..=MAX_AMOUNT_MINOR, from in 0i64..31, length in 0i64..31) {
        let to = (from + length).min(31);
        prop_assert_eq!(eur(-minor).share(from, to, 31).minor, -eur(minor).share(from, to, 31).minor);
    }
}
