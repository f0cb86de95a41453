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
    insta::assert_snapshot!(shown(&letter), @r##"
    Subject: Flex at Mitte: another price from 1 March 2026
    --- text
    Hello Ada <Lovelace>,

    the price of Flex at Mitte changes on 1 March 2026.

    Until 28 February 2026: EUR 300.00 a month, plus VAT
    From 1 March 2026: EUR 333.00 a month, plus VAT

    From then on, this is different too:
    - Meeting room: 10 h in each cycle instead of 5 h.

    The rent <went> up.

    See you at the counter.

    If you agree, there is nothing to do.

    See your membership: https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Flex at Mitte from 1 March 2026</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>the price of Flex at Mitte changes on 1 March 2026.</p>
    <table role="presentation" style="width:100%;border-collapse:collapse;margin:16px 0">
    <tr><td style="padding:4px 0">Until 28 February 2026</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 300.00 a month, plus VAT</td></tr>
    <tr><td style="padding:4px 0">From 1 March 2026</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 333.00 a month, plus VAT</td></tr>
    </table>
    <p>From then on, this is different too:</p>
    <ul><li>Meeting room: 10 h in each cycle instead of 5 h.</li></ul>
    <p>The rent &#60;went&#62; up.</p>
    <p>See you at the counter.</p>
    <p>If you agree, there is nothing to do.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">See your membership</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "##);
}

#[test]
fn another_price_and_nothing_else() {
    insta::assert_snapshot!(announced(&[], &[]).words().unwrap().text, @r##"
    Hello Ada <Lovelace>,

    the price of Flex at Mitte changes on 1 March 2026.

    Until 28 February 2026: EUR 300.00 a month, plus VAT
    From 1 March 2026: EUR 333.00 a month, plus VAT

    If you agree, there is nothing to do.

    See your membership: https://harbour.example/x?a=1&b=2

    Harbour & Co
    "##);
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
    insta::assert_snapshot!(shown(&letter(Some("28 February 2026"))), @r##"
    Subject: Flex at Mitte: the price stays as it is
    --- text
    Hello Ada <Lovelace>,

    we announced another price for Flex at Mitte from 1 March 2026. It is off: the price stays EUR 300.00 a month, plus VAT.

    Notice was given, and the membership ends on 28 February 2026. Until then the notice can be taken back.

    See your membership: https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Flex at Mitte stays as it is</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>we announced another price for Flex at Mitte from 1 March 2026. It is off: the price stays EUR 300.00 a month, plus VAT.</p>
    <p>Notice was given, and the membership ends on 28 February 2026. Until then the notice can be taken back.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">See your membership</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "##);
    let stays = letter(None).words().unwrap();
    assert!(!stays.text.contains("Notice") && !stays.html.contains("Notice"));
}
