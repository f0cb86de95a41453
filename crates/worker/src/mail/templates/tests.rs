mod account;
mod booking;
mod invoice;
mod payment;
mod price_change;

use super::*;

fn amounts() -> Vec<Amount> {
    [
        ("Net", "EUR 116.13"),
        ("VAT 19 %", "EUR 22.06"),
        ("Total", "EUR 138.19"),
    ]
    .map(|(label, amount)| Amount {
        label: label.to_owned(),
        amount: amount.to_owned(),
    })
    .to_vec()
}

/// Both bodies as a person would receive them.
fn shown(letter: &impl Wording) -> String {
    let words = letter.words().unwrap();
    format!(
        "Subject: {}\n--- text\n{}\n--- html\n{}",
        words.subject, words.text, words.html
    )
}

fn organization() -> String {
    "Harbour & Co".to_owned()
}

fn link() -> String {
    "https://harbour.example/x?a=1&b=2".to_owned()
}

fn name() -> String {
    "Ada <Lovelace>".to_owned()
}
