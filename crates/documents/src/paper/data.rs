//! What the template prints: texts, already in the words and numbers of the language.

use super::{
    Common, Paper, format,
    words::{self, Words},
};
use coterie_domain::invoice::{InvoiceLine, Party};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The template's data. Texts of people are strings in it, and never markup.
pub(super) fn of(paper: Paper<'_>) -> Value {
    let common = paper.common();
    let language = common.language;
    let words = Words::of(language);
    let (title, total, facts, closing) = match paper {
        Paper::Invoice(issued) => {
            let days =
                i32::try_from(coterie_domain::period::days_between(issued.issue_date, issued.due_date)).unwrap_or(0);
            let until = format::date(language, issued.due_date);
            let gross = format::money(language, issued.gross_minor, issued.currency);
            let closing = if days > 0 {
                words::payable(language, days, &until, &gross)
            } else {
                words.payable_at_once.to_owned()
            };
            // A deposit is no supply, so what asks for it calls itself no invoice.
            let (title, number) = if issued.is_deposit() {
                (words.deposit, words.deposit_number)
            } else {
                (words.invoice, words.number)
            };
            let facts = vec![
                (number, issued.number.clone()),
                (words.issued, format::date(language, issued.issue_date)),
                (words.due, until),
            ];
            (title, words.total, facts, closing)
        }
        Paper::CreditNote(issued) => {
            let of = format::date(language, issued.invoice_date);
            let facts = vec![
                (words.credit_note_number, issued.number.clone()),
                (words.issued, format::date(language, issued.issue_date)),
                (words.corrects, format!("{} {} {of}", issued.invoice_number, words.of)),
                (words.reason, issued.reason.clone()),
            ];
            (words.credit_note, words.credit_total, facts, words.credited.to_owned())
        }
    };
    json!({
        "language": language.code(),
        "title": title,
        "number": common.number,
        "date": { "year": common.issue_date.year(), "month": common.issue_date.month(), "day": common.issue_date.day() },
        "colour": common.letterhead.colour,
        "logo": common.letterhead.logo.is_some(),
        "chain": common.letterhead.chain,
        "seller": party(common.seller),
        "sender": sender(common.seller),
        "buyer": party(common.buyer),
        "facts": all_facts(facts, &common, words),
        "headings": [words.description, words.supplied, words.quantity, words.unit_price, words.vat, words.net],
        "lines": common.lines.iter().map(|line| row(line, &common)).collect::<Vec<_>>(),
        "currency": common.currency.code(),
        "tax": common.tax.iter().map(|group| json!([
            format!("{} {}\u{a0}%", words.vat, format::number(language, &group.rate_percent.normalize().to_string())),
            format!("{} {}", words.vat_on, format::money(language, group.basis_minor, common.currency)),
            format::amount(language, group.tax_minor, common.currency),
        ])).collect::<Vec<_>>(),
        "totals": [
            [words.net_total, format::amount(language, common.net_minor, common.currency)],
            [words.vat_total, format::amount(language, common.tax_minor, common.currency)],
        ],
        "total": [total, format::money(language, common.gross_minor, common.currency)],
        "notes": notes(&common),
        "closing": closing,
        "foot": foot(&common, words),
        "page": [words.page, words.page_of],
    })
}

fn party(party: &Party) -> Vec<String> {
    let address = &party.address;
    let town = format!("{} {}", address.postcode, address.city);
    let lines = [
        party.name.clone(),
        address.street.clone(),
        town,
        address.country.clone(),
    ];
    present(lines)
}

/// The line above the address, for envelopes with a window.
fn sender(party: &Party) -> String {
    let address = &party.address;
    let town = format!("{} {}", address.postcode, address.city);
    present([party.name.clone(), address.street.clone(), town]).join(" \u{b7} ")
}

fn present<const N: usize>(lines: [String; N]) -> Vec<String> {
    let trimmed = lines.into_iter().map(|line| line.trim().to_owned());
    trimmed.filter(|line| !line.is_empty()).collect()
}

fn all_facts(mut facts: Vec<(&'static str, String)>, common: &Common<'_>, words: &Words) -> Value {
    let from = common.lines.iter().map(|line| line.service_from).min();
    let to = common.lines.iter().map(|line| line.service_to).max();
    if let (Some(from), Some(to)) = (from, to) {
        facts.push((words.supplied, format::days(common.language, from, to)));
    }
    if !common.reference.is_empty() {
        facts.push((words.reference, common.reference.to_owned()));
    }
    if !common.buyer.tax_id.is_empty() {
        facts.push((words.your_vat_id, common.buyer.tax_id.clone()));
    }
    json!(facts)
}

fn row(line: &InvoiceLine, common: &Common<'_>) -> Value {
    let language = common.language;
    let one = line.quantity == "1";
    let quantity = format!(
        "{} {}",
        format::number(language, &line.quantity),
        words::unit(language, &line.unit, one)
    );
    json!([
        line.description,
        format::days(language, line.service_from, line.service_to),
        quantity.trim(),
        format::amount(language, line.unit_price_minor, common.currency),
        format!(
            "{}\u{a0}%",
            format::number(language, &line.tax_percent.normalize().to_string())
        ),
        format::amount(language, line.net_minor, common.currency),
    ])
}

#[cfg(test)]
pub(crate) fn notes_of(paper: Paper<'_>) -> Vec<String> {
    notes(&paper.common())
}

/// Why there is no tax on some of it, each reason once.
fn notes(common: &Common<'_>) -> Vec<String> {
    let mut said = BTreeSet::new();
    let groups = common.tax.iter();
    groups
        .filter_map(|group| words::no_tax(common.language, group.treatment, group.exemption.as_ref()))
        .filter(|note| said.insert(note.clone()))
        .collect()
}

/// Columns of the foot: who issues it, how to pay, whom to ask.
fn foot(common: &Common<'_>, words: &Words) -> Value {
    let seller = common.seller;
    let mut issuer = party(seller);
    if !seller.tax_id.is_empty() {
        issuer.push(format!("{} {}", words.vat_id, seller.tax_id));
    }
    issuer.extend(present([common.letterhead.register.clone()]));
    let mut columns = vec![issuer];
    if let Some(bank) = &common.letterhead.bank {
        let mut lines = vec![
            words.bank.to_owned(),
            bank.holder.clone(),
            format!("IBAN {}", format::iban(&bank.iban)),
        ];
        if !bank.bic.is_empty() {
            lines.push(format!("BIC {}", bank.bic));
        }
        columns.push(lines);
    }
    let contact = &common.letterhead.contact;
    let contact = present([contact.name.clone(), contact.phone.clone(), contact.email.clone()]);
    if !contact.is_empty() {
        let mut lines = vec![words.contact.to_owned()];
        lines.extend(contact);
        columns.push(lines);
    }
    json!(columns)
}
