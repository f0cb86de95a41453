use super::*;

/// Numbers that tax offices and companies publish, of every form that the table knows.
const KNOWN: &[&str] = &[
    "ATU13585627",
    "BE0428759497",
    "BE0403019261",
    "BG175074752",
    "BG7523169263",
    "CHE107787577IVA",
    "CHE123456788",
    "CY10259033P",
    "CZ25123891",
    "CZ7103192745",
    "CZ640903926",
    "DE136695976",
    "DK13585628",
    "EE100931558",
    "EL094259216",
    "ES54362315K",
    "ESX2482300W",
    "ESJ99216582",
    "ESB58378431",
    "FI20774740",
    "FR40303265045",
    "FR23334175221",
    "FRK7399859412",
    "GB980780684",
    "GB802311782",
    "GBGD001",
    "GBHA500",
    "HR33392005961",
    "HU12892312",
    "IE6433435F",
    "IE6433435OA",
    "IE8D79739I",
    "IT00743110157",
    "LT119511515",
    "LT100001919017",
    "LU15027442",
    "LV40003521600",
    "LV16117519997",
    "MT11679112",
    "NL004495445B01",
    "NL002455799B11",
    "NO995525828MVA",
    "PL8567346215",
    "PT501964843",
    "RO18547290",
    "RO14399840",
    "SE556188840401",
    "SI50223054",
    "SK2022749619",
    "XI980780684",
];

#[test]
fn every_known_number_holds_and_every_country_has_one() {
    for number in KNOWN {
        assert_eq!(read(number).as_deref(), Ok(*number));
    }
    for country in COUNTRIES {
        assert!(read(country.example).is_ok(), "{}", country.example);
        assert_eq!(country_of(country.example), Some(country.country));
        assert!(KNOWN.iter().any(|number| number.starts_with(country.prefix)));
    }
    // All of the Union, and four more.
    assert_eq!(COUNTRIES.len(), 27 + 4);
}

#[test]
fn one_wrong_digit_is_found() {
    // Forms without a check digit: government departments, and people born before 1954.
    for number in KNOWN.iter().filter(|number| number.len() > 7) {
        let signs: Vec<char> = number.chars().collect();
        let digits = signs
            .iter()
            .enumerate()
            .skip(2)
            .filter(|(_, sign)| sign.is_ascii_digit());
        let mut found = 0;
        let mut tried = 0;
        for (place, sign) in digits {
            for other in ('0'..='9').filter(|other| other != sign) {
                let mut wrong = signs.clone();
                wrong[place] = other;
                tried += 1;
                found += u32::from(read(&wrong.iter().collect::<String>()).is_err());
            }
        }
        // Not every rule finds all of them (where ten is written as nought), each finds nearly all.
        assert!(found * 10 >= tried * 8, "{number}: {found} of {tried}");
    }
}

#[test]
fn it_is_kept_without_spaces_and_greece_has_its_own_letters() {
    assert_eq!(read(" de 136 695 976 ").as_deref(), Ok("DE136695976"));
    assert_eq!(read("CHE-107.787.577 IVA").as_deref(), Ok("CHE107787577IVA"));
    assert_eq!(read("GR 094259216").as_deref(), Ok("EL094259216"));
    assert_eq!(country_of("EL094259216"), Some("GR"));
}

#[test]
fn a_national_number_is_kept_as_it_is() {
    for national in ["", "12/345/67890", "12-3456789", "FRRMRC80A01F205X", "\u{41d}-77"] {
        assert_eq!(read(national).as_deref(), Ok(national));
        assert_eq!(country_of(national), None);
    }
}

#[test]
fn a_mistyped_one_is_refused_with_a_sentence() {
    insta::assert_snapshot!(read("DE123456789").unwrap_err(), @"This is no VAT id of DE: please look at it again, it looks like DE136695976 and has check digits. A national tax number goes without the country's letters.");
    insta::assert_snapshot!(read(&"9".repeat(33)).unwrap_err(), @"Please use at most 32 characters.");
    assert_eq!(country_of("DE123456789"), None);
}
