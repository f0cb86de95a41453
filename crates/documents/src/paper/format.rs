//! Numbers and dates as a language writes them.

use coterie_domain::{Currency, Money, legal_entity::Language};
use jiff::civil::Date;

/// `1 234.50` grouped by the language's separators, from a decimal text such as `-1234.50`.
pub(super) fn number(language: Language, plain: &str) -> String {
    let (group, point) = match language {
        Language::En => (',', '.'),
        Language::De => ('.', ','),
    };
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain), |rest| ("\u{2212}", rest));
    let (whole, part) = plain
        .split_once('.')
        .map_or((plain, None), |(whole, part)| (whole, Some(part)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    match part {
        Some(part) => format!("{sign}{grouped}{point}{part}"),
        None => format!("{sign}{grouped}"),
    }
}

/// Without its currency, which the heading of the column names.
pub(super) fn amount(language: Language, minor: i64, currency: Currency) -> String {
    number(language, &Money::new(minor, currency).amount())
}

/// `EUR 1,234.50` and `1.234,50 EUR`.
pub(super) fn money(language: Language, minor: i64, currency: Currency) -> String {
    let amount = amount(language, minor, currency);
    match language {
        Language::En => format!("{currency}\u{a0}{amount}"),
        Language::De => format!("{amount}\u{a0}{currency}"),
    }
}

/// `20 January 2026` and `20.01.2026`.
pub(super) fn date(language: Language, date: Date) -> String {
    match language {
        Language::En => date.strftime("%-d %B %Y").to_string(),
        Language::De => date.strftime("%d.%m.%Y").to_string(),
    }
}

/// Days of supply `[from, to)`, narrow enough for a column.
pub(super) fn days(language: Language, from: Date, to: Date) -> String {
    let short = |date: Date| match language {
        Language::En => date.strftime("%-d %b %Y").to_string(),
        Language::De => date.strftime("%d.%m.%Y").to_string(),
    };
    let last = to.yesterday().unwrap_or(to).max(from);
    if last == from {
        short(from)
    } else {
        format!("{} \u{2013} {}", short(from), short(last))
    }
}

/// In groups of four, as it is printed (ISO 13616).
pub(super) fn iban(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("\u{a0}")
}
