use super::*;

fn announced(differences: &[&str], message: &[&str]) -> PriceChanged {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    PriceChanged {
        organization: organization(),
        name: name(),
        link: link(),
        what: "Flex at Mitte".to_owned(),
        from: "1 March 2026".to_owned(),
        prices: [
            ("Until 28 February 2026", "EUR 300.00 a month, plus VAT"),
            ("From 1 March 2026", "EUR 333.00 a month, plus VAT"),
        ]
        .map(|(label, amount)| Amount {
            label: label.to_owned(),
            amount: amount.to_owned(),
        })
        .to_vec(),
        differences: all(differences),
        message: all(message),
        leave: "If you agree, there is nothing to do.".to_owned(),
        button: "See your membership".to_owned(),
    }
}

#[test]
fn another_price() {
    let letter = announced(
        &["Meeting room: 10 h in each cycle instead of 5 h."],
        &["The rent <went> up.", "See you at the counter."],
    );
    insta::assert_snapshot!(shown(&letter));
}

#[test]
fn another_price_and_nothing_else() {
    insta::assert_snapshot!(announced(&[], &[]).words().unwrap().text);
}

#[test]
fn no_other_price_after_all() {
    let letter = |notice: Option<&str>| PriceChangeOff {
        organization: organization(),
        name: name(),
        link: link(),
        what: "Flex at Mitte".to_owned(),
        from: "1 March 2026".to_owned(),
        price: "EUR 300.00 a month, plus VAT".to_owned(),
        notice: notice.map(str::to_owned),
        button: "See your membership".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter(Some("28 February 2026"))));
    let stays = letter(None).words().unwrap();
    assert!(!stays.text.contains("Notice") && !stays.html.contains("Notice"));
}
