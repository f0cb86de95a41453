//! What stands on a document besides what was supplied, in the languages there are.

use coterie_domain::{
    legal_entity::Language,
    tax::{Exemption, Treatment},
};

/// The words of one language.
pub(super) struct Words {
    pub invoice: &'static str,
    pub deposit: &'static str,
    pub deposit_number: &'static str,
    pub credit_note: &'static str,
    pub number: &'static str,
    pub credit_note_number: &'static str,
    pub issued: &'static str,
    pub due: &'static str,
    pub corrects: &'static str,
    pub of: &'static str,
    pub reason: &'static str,
    pub supplied: &'static str,
    pub reference: &'static str,
    pub vat_id: &'static str,
    pub your_vat_id: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    pub unit_price: &'static str,
    pub vat: &'static str,
    pub net: &'static str,
    pub vat_on: &'static str,
    pub net_total: &'static str,
    pub vat_total: &'static str,
    pub total: &'static str,
    pub credit_total: &'static str,
    pub page: &'static str,
    pub page_of: &'static str,
    pub payable_at_once: &'static str,
    pub bank: &'static str,
    pub contact: &'static str,
    pub credited: &'static str,
}

const EN: Words = Words {
    invoice: "Invoice",
    deposit: "Deposit request",
    deposit_number: "Number",
    credit_note: "Credit note",
    number: "Invoice number",
    credit_note_number: "Credit note number",
    issued: "Date of issue",
    due: "Due date",
    corrects: "Corrects invoice",
    of: "of",
    reason: "Reason",
    supplied: "Date of supply",
    reference: "Your reference",
    vat_id: "VAT ID",
    your_vat_id: "Your VAT ID",
    description: "Description",
    quantity: "Quantity",
    unit_price: "Unit price",
    vat: "VAT",
    net: "Net",
    vat_on: "on net",
    net_total: "Total net",
    vat_total: "Total VAT",
    total: "Amount due",
    credit_total: "Total credited",
    page: "Page",
    page_of: "of",
    payable_at_once: "The amount is due at once.",
    bank: "Bank account",
    contact: "Contact",
    credited: "The amount is set off against what is owed on the invoice. What was paid already stands to your credit.",
};

const DE: Words = Words {
    invoice: "Rechnung",
    deposit: "Anforderung einer Kaution",
    deposit_number: "Nummer",
    credit_note: "Rechnungskorrektur",
    number: "Rechnungsnummer",
    credit_note_number: "Nummer der Rechnungskorrektur",
    issued: "Rechnungsdatum",
    due: "Zahlbar bis",
    corrects: "Korrigiert Rechnung",
    of: "vom",
    reason: "Grund",
    supplied: "Leistungszeitraum",
    reference: "Ihre Referenz",
    vat_id: "USt-IdNr.",
    your_vat_id: "Ihre USt-IdNr.",
    description: "Leistung",
    quantity: "Menge",
    unit_price: "Einzelpreis",
    vat: "USt.",
    net: "Netto",
    vat_on: "auf netto",
    net_total: "Summe netto",
    vat_total: "Umsatzsteuer",
    total: "Rechnungsbetrag",
    credit_total: "Korrekturbetrag",
    page: "Seite",
    page_of: "von",
    payable_at_once: "Der Betrag ist sofort fällig.",
    bank: "Bankverbindung",
    contact: "Kontakt",
    credited: "Der Betrag wird mit der offenen Rechnung verrechnet. Bereits Gezahltes steht Ihnen als Guthaben zu.",
};

impl Words {
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::De => &DE,
        }
    }
}

/// When to pay, as a sentence.
pub(super) fn payable(language: Language, days: i32, until: &str, gross: &str) -> String {
    match language {
        Language::En => format!("Please pay {gross} within {days} days, by {until}."),
        Language::De => format!("Bitte zahlen Sie {gross} innerhalb von {days} Tagen, bis zum {until}."),
    }
}

/// A quantity with its unit, such as `1 month` or `0.25 hours`; a unit without a word of its own stands as it was recorded.
pub(super) fn unit(language: Language, unit: &str, one: bool) -> String {
    let word = match (language, unit) {
        (Language::De, "month") => {
            if one {
                "Monat"
            } else {
                "Monate"
            }
        }
        (Language::De, "hour") => {
            if one {
                "Stunde"
            } else {
                "Stunden"
            }
        }
        (Language::De, "day") => {
            if one {
                "Tag"
            } else {
                "Tage"
            }
        }
        (Language::De, "half day") => {
            if one {
                "halber Tag"
            } else {
                "halbe Tage"
            }
        }
        (Language::De, "pass") => {
            if one {
                "Tagespass"
            } else {
                "Tagespässe"
            }
        }
        (Language::De, "booking") => {
            if one {
                "Buchung"
            } else {
                "Buchungen"
            }
        }
        (Language::En, "pass") if !one => "passes",
        (Language::En, other) if !one && !other.is_empty() => return format!("{other}s"),
        (_, other) => other,
    };
    word.to_owned()
}

/// What art. 226 (11a) asks for word by word.
pub(crate) fn reverse_charge(language: Language) -> &'static str {
    match language {
        Language::En => "Reverse charge",
        Language::De => "Steuerschuldnerschaft des Leistungsempfängers",
    }
}

/// Why no tax stands there (art. 226 (11) and (11a) of directive 2006/112/EC), by the provision that was chosen where there is one;
/// `None` where tax does.
pub(super) fn no_tax(language: Language, treatment: Treatment, chosen: Option<&Exemption>) -> Option<String> {
    let provision = chosen.map_or("", |chosen| chosen.reason.as_str());
    let usual = usual(language, treatment)?;
    Some(match treatment {
        _ if provision.is_empty() => usual.to_owned(),
        Treatment::ReverseCharge => format!("{} ({provision}).", reverse_charge(language)),
        _ => format!("{} ({provision}).", usual.trim_end_matches('.')),
    })
}

fn usual(language: Language, treatment: Treatment) -> Option<&'static str> {
    Some(match (language, treatment) {
        (_, Treatment::Standard) => return None,
        (Language::En, Treatment::ZeroRated) => "Zero-rated.",
        (Language::De, Treatment::ZeroRated) => "Steuersatz null.",
        (Language::En, Treatment::Exempt) => "Exempt from VAT.",
        (Language::De, Treatment::Exempt) => "Steuerfreie Leistung.",
        (Language::En, Treatment::ReverseCharge) => {
            "Reverse charge: VAT is due by the customer (art. 196 of directive 2006/112/EC)."
        }
        (Language::De, Treatment::ReverseCharge) => {
            "Steuerschuldnerschaft des Leistungsempfängers (Art. 196 der Richtlinie 2006/112/EG)."
        }
        (Language::En, Treatment::OutOfScope) => "Not subject to VAT.",
        (Language::De, Treatment::OutOfScope) => "Nicht steuerbar.",
    })
}
