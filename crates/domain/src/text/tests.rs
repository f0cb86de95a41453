use super::*;

#[test]
fn names_are_trimmed_and_bounded() {
    assert_eq!(name(" Ada "), Ok("Ada".to_owned()));
    assert!(name(&"\u{e9}".repeat(NAME_MAX_CHARS)).is_ok(), "characters, not bytes");
    for bad in ["", "  ", "a\nb", "a\0", &"x".repeat(NAME_MAX_CHARS + 1)] {
        assert!(name(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn addresses_are_lower_cased_and_plausible() {
    assert_eq!(
        email(" Ada.L+x@Mail.Example.com "),
        Ok("ada.l+x@mail.example.com".to_owned())
    );
    for bad in [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@.com",
        "ada@example.",
        "a b@example.com",
        "a@b@example.com",
        "ada@exa mple.com",
        "ada,bob@example.com",
        "<ada@example.com>",
        "ada@ex\u{e4}mple.com",
        "ada\r\n@example.com",
        &format!("{}@example.com", "x".repeat(65)),
    ] {
        assert!(email(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn slugs_and_countries_are_plain_ascii() {
    assert_eq!(slug(" Harbour-Works "), Ok("harbour-works".to_owned()));
    for bad in ["a", "-ab", "ab-", "a b", "h\u{e4}fen", "\u{212a}ai", &"x".repeat(41)] {
        assert!(slug(bad).is_err(), "{bad:?}");
    }
    assert_eq!(country(" de "), Ok("DE".to_owned()));
    for bad in ["", "D", "DEU", "D1", "\u{df}", "\u{212a}R"] {
        assert!(country(bad).is_err(), "{bad:?}");
    }
}
