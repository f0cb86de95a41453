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

#[test]
fn confirm_email() {
    let letter = ConfirmEmail {
        organization: organization(),
        name: name(),
        link: link(),
        valid_until: "21 January 2026, 09:00 Europe/Berlin".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter));
}

#[test]
fn set_password() {
    let letter = SetPassword {
        organization: organization(),
        name: name(),
        link: link(),
        valid_until: "21 January 2026, 09:00 Europe/Berlin".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter));
}

#[test]
fn invoice_issued() {
    let letter = InvoiceIssued {
        organization: organization(),
        name: name(),
        link: link(),
        number: "BER-2026-0001".to_owned(),
        issuer: "Harbour Berlin GmbH".to_owned(),
        issued_on: "20 January 2026".to_owned(),
        amounts: amounts(),
        total: "EUR 138.19".to_owned(),
        due_on: "20 January 2026".to_owned(),
        collection: Some("We will charge your card ending in 4242.".to_owned()),
    };
    insta::assert_snapshot!(shown(&letter));
    let by_transfer = InvoiceIssued {
        collection: None,
        ..letter
    };
    insta::assert_snapshot!(by_transfer.words().unwrap().text);
}

#[test]
fn receipt() {
    let letter = Receipt {
        organization: organization(),
        name: name(),
        link: link(),
        number: "BER-2026-0001".to_owned(),
        issuer: "Harbour Berlin GmbH".to_owned(),
        amounts: amounts(),
        paid: "EUR 138.19".to_owned(),
        paid_on: "20 January 2026".to_owned(),
        method: "card ending in 4242".to_owned(),
        balance: "EUR 0.00".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter));
}

#[test]
fn payment_failed() {
    let letter = PaymentFailed {
        organization: organization(),
        name: name(),
        link: link(),
        number: "BER-2026-0001".to_owned(),
        amount: "EUR 138.19".to_owned(),
        method: "your card ending in 0341".to_owned(),
        reason: "The card has insufficient funds.".to_owned(),
        next_try: Some("23 January 2026".to_owned()),
    };
    insta::assert_snapshot!(shown(&letter));
    let last = PaymentFailed {
        next_try: None,
        ..letter
    };
    insta::assert_snapshot!(last.words().unwrap().text);
}

#[test]
fn payment_action_required() {
    let letter = PaymentActionRequired {
        organization: organization(),
        name: name(),
        link: link(),
        number: "BER-2026-0001".to_owned(),
        amount: "EUR 138.19".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter));
}
