use super::*;

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
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Payment of invoice BER-2026-0001 did not go through
    --- text
    Hello Ada <Lovelace>,

    we tried to collect EUR 138.19 for invoice BER-2026-0001 from your card ending in 0341, and it did not go through: The card has insufficient funds.

    We will try again on 23 January 2026. You can also pay now, or use another card.

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Payment of invoice BER-2026-0001 did not go through</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>we tried to collect EUR 138.19 for invoice BER-2026-0001 from your card ending in 0341, and it did not go through: The card has insufficient funds.</p>
    <p>We will try again on 23 January 2026. You can also pay now, or use another card.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">Pay the invoice</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "#);
    let last = PaymentFailed {
        next_try: None,
        ..letter
    };
    insta::assert_snapshot!(last.words().unwrap().text, @r#"
    Hello Ada <Lovelace>,

    we tried to collect EUR 138.19 for invoice BER-2026-0001 from your card ending in 0341, and it did not go through: The card has insufficient funds.

    Please pay now, or use another card.

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    "#);
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
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Please confirm the payment of invoice BER-2026-0001
    --- text
    Hello Ada <Lovelace>,

    your bank wants you to confirm the payment of EUR 138.19 for invoice BER-2026-0001 yourself. It takes a minute, and nothing is charged before you do.

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Your bank asks you to confirm a payment</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>your bank wants you to confirm the payment of EUR 138.19 for invoice BER-2026-0001 yourself. It takes a minute, and nothing is charged before you do.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">Confirm the payment</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "#);
}
