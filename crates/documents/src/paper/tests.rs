use super::*;
use coterie_domain::{DomainEvent, Money, credit_note::CreditNoteEvent, invoice::InvoiceEvent};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

fn golden(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../domain/golden")
        .join(name);
    fs::read_to_string(file).unwrap()
}

/// The invoice of the domain's corpus, over so many lines, in a language.
pub(crate) fn invoice(lines: usize, language: Language) -> InvoiceIssued {
    let InvoiceEvent::InvoiceIssued(mut issued) =
        InvoiceEvent::decode("InvoiceIssued", 4, &golden("invoice.InvoiceIssued.v4.json")).unwrap();
    issued.people.clear();
    let line = issued.lines[0].clone();
    issued.lines = (0..lines)
        .map(|index| {
            let mut line = line.clone();
            if index > 0 {
                line.description = format!("Room Spree, booking {index}");
                (line.quantity, line.unit, line.unit_price_minor, line.net_minor) =
                    ("1.5".to_owned(), "hour".to_owned(), 123_450, 185_175);
                line.service_to = line.service_from.tomorrow().unwrap();
            }
            line
        })
        .collect();
    issued.tax = coterie_domain::tax::subtotals(issued.lines.iter().map(|line| {
        (
            line.tax_category.as_str(),
            line.tax_percent,
            Money::new(line.net_minor, issued.currency),
        )
    }));
    issued.net_minor = issued.lines.iter().map(|line| line.net_minor).sum();
    issued.tax_minor = issued.tax.iter().map(|group| group.tax_minor).sum();
    issued.gross_minor = issued.net_minor + issued.tax_minor;
    issued.language = language;
    issued.letterhead.logo = None;
    issued
}

pub(crate) fn credit_note(language: Language) -> CreditNoteIssued {
    let CreditNoteEvent::CreditNoteIssued(mut issued) =
        CreditNoteEvent::decode("CreditNoteIssued", 1, &golden("credit_note.CreditNoteIssued.v1.json")).unwrap();
    issued.language = language;
    issued.letterhead.logo = None;
    issued
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Where the pages can be looked at: `COTERIE_PAPER_DIR=/tmp/papers cargo test -p coterie-documents paper`.
fn shown(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("COTERIE_PAPER_DIR") {
        fs::write(Path::new(&folder).join(name), bytes).unwrap();
    }
}

/// Rule 7. The digests stand here so that a rebuild gives the same bytes too; a change of the template changes them.
#[test]
fn the_same_document_is_the_same_bytes_every_time() {
    for (name, lines, language, expected) in [
        (
            "en.pdf",
            2,
            Language::En,
            "13e5270cdba14c31831572fadb35231e3aaea23aa1b4eb0f426ea62604e5b3a0",
        ),
        (
            "de.pdf",
            2,
            Language::De,
            "2c6c4c31aee69c8a19e57b89fbf9725cbbc7ccc88640a94423f71b3e1bbabb9d",
        ),
        (
            "long.pdf",
            70,
            Language::De,
            "23da0212f06a7b0c5ab79ba6ce8dab2109b4a648401df3239ed79c6482b764f0",
        ),
    ] {
        let issued = invoice(lines, language);
        let bytes = pdf(Paper::Invoice(&issued), None).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        // Others in between leave no trace.
        pdf(Paper::Invoice(&invoice(3, Language::En)), None).unwrap();
        assert_eq!(pdf(Paper::Invoice(&issued), None).unwrap(), bytes, "{name}");
        shown(name, &bytes);
        assert_eq!(digest(&bytes), expected, "{name}");
    }
    let note = credit_note(Language::En);
    let bytes = pdf(Paper::CreditNote(&note), None).unwrap();
    shown("note.pdf", &bytes);
    assert_eq!(
        digest(&bytes),
        "ac001282c82f8ed90c7ac46b6a7ee2b0551f557eb03e84a568a69324b474b298"
    );
}

#[test]
fn a_letterhead_with_a_logo_wants_its_picture() {
    let mut issued = invoice(1, Language::En);
    issued.letterhead.logo = Some(coterie_domain::legal_entity::Logo {
        sha256: "ab".repeat(32),
        width: 8,
        height: 8,
    });
    assert!(matches!(pdf(Paper::Invoice(&issued), None), Err(PaperError::Logo(_))));
    let picture = image::RgbImage::from_pixel(240, 80, image::Rgb([200, 80, 40]));
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
    let bytes = pdf(Paper::Invoice(&issued), Some(jpeg.get_ref())).unwrap();
    shown("logo.pdf", &bytes);
}

/// What people typed is text: markup of the typesetter, a path or code in it is printed as it stands.
#[test]
fn nothing_typed_is_markup() {
    let mut issued = invoice(1, Language::En);
    issued.buyer.name = "#panic(\"x\") *bold* $x$ @ref <label> #read(\"/template.typ\")".to_owned();
    issued.lines[0].description = "#image(\"/etc/passwd\")\n= Heading \u{202e}".to_owned();
    let bytes = pdf(Paper::Invoice(&issued), None).unwrap();
    shown("markup.pdf", &bytes);
}

#[test]
fn numbers_and_days_are_those_of_the_language() {
    let eur = "EUR".parse().unwrap();
    assert_eq!(format::money(Language::De, 123_456_789, eur), "1.234.567,89\u{a0}EUR");
    assert_eq!(format::money(Language::En, -123_456, eur), "EUR\u{a0}\u{2212}1,234.56");
    let jpy = "JPY".parse().unwrap();
    assert_eq!(format::money(Language::En, 1_200, jpy), "JPY\u{a0}1,200");
    let day = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(format::date(Language::De, day("2026-02-01")), "01.02.2026");
    assert_eq!(
        format::days(Language::En, day("2026-02-01"), day("2026-03-01")),
        "1 Feb 2026 \u{2013} 28 Feb 2026"
    );
    assert_eq!(
        format::iban("DE02120300000000202051"),
        "DE02\u{a0}1203\u{a0}0000\u{a0}0000\u{a0}2020\u{a0}51"
    );
}
