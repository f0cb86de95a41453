use super::*;

#[test]
fn invoice_issued() {
    let letter = InvoiceIssued {
        organization: organization(),
        name: name(),
        link: link(),
        number: "BER-2026-0001".to_owned(),
        issuer: "Harbour Berlin GmbH".to_owned(),
        issued_on: "20 January 2026".to_owned(),
        // The total has a line of its own.
        amounts: amounts()[..2].to_vec(),
        total: "EUR 138.19".to_owned(),
        due_on: "20 January 2026".to_owned(),
        collection: Some("We will charge your card ending in 4242.".to_owned()),
    };
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Invoice BER-2026-0001 from Harbour & Co
    --- text
    Hello Ada <Lovelace>,

    here is invoice BER-2026-0001 of 20 January 2026, issued by Harbour Berlin GmbH.

    Net: EUR 116.13
    VAT 19 %: EUR 22.06
    Total: EUR 138.19, due 20 January 2026

    We will charge your card ending in 4242.

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Invoice BER-2026-0001</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>here is invoice BER-2026-0001 of 20 January 2026, issued by Harbour Berlin GmbH.</p>
    <table role="presentation" style="width:100%;border-collapse:collapse;margin:16px 0">
    <tr><td style="padding:4px 0">Net</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 116.13</td></tr>
    <tr><td style="padding:4px 0">VAT 19 %</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 22.06</td></tr>
    </table>
    <p><strong>Total EUR 138.19</strong>, due 20 January 2026.</p>
    <p>We will charge your card ending in 4242.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">See the invoice</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "#);
    let by_transfer = InvoiceIssued {
        collection: None,
        ..letter
    };
    insta::assert_snapshot!(by_transfer.words().unwrap().text, @r#"
    Hello Ada <Lovelace>,

    here is invoice BER-2026-0001 of 20 January 2026, issued by Harbour Berlin GmbH.

    Net: EUR 116.13
    VAT 19 %: EUR 22.06
    Total: EUR 138.19, due 20 January 2026

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    "#);
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
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Payment received for invoice BER-2026-0001
    --- text
    Hello Ada <Lovelace>,

    thank you: we received EUR 138.19 on 20 January 2026 for invoice BER-2026-0001, issued by Harbour Berlin GmbH.

    Net: EUR 116.13
    VAT 19 %: EUR 22.06
    Total: EUR 138.19
    Paid: EUR 138.19 by card ending in 4242
    Open balance: EUR 0.00

    https://harbour.example/x?a=1&b=2

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Payment received for invoice BER-2026-0001</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>thank you: we received EUR 138.19 on 20 January 2026 for invoice BER-2026-0001, issued by Harbour Berlin GmbH.</p>
    <table role="presentation" style="width:100%;border-collapse:collapse;margin:16px 0">
    <tr><td style="padding:4px 0">Net</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 116.13</td></tr>
    <tr><td style="padding:4px 0">VAT 19 %</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 22.06</td></tr>
    <tr><td style="padding:4px 0">Total</td><td style="padding:4px 0;text-align:right;white-space:nowrap">EUR 138.19</td></tr>
    </table>
    <p><strong>Paid EUR 138.19</strong> by card ending in 4242. Open balance: EUR 0.00.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">See the invoice</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">Harbour &#38; Co sent you this message because you have an account there.</p>
    </div>
    </body>
    </html>
    "#);
}
