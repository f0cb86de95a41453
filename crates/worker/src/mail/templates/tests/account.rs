use super::*;

#[test]
fn confirm_email() {
    let letter = ConfirmEmail {
        organization: organization(),
        name: name(),
        link: link(),
        valid_until: "21 January 2026, 09:00 Europe/Berlin".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Confirm your email address for Harbour & Co
    --- text
    Hello Ada <Lovelace>,

    please confirm that this is your email address. The link is valid until 21 January 2026, 09:00 Europe/Berlin.

    https://harbour.example/x?a=1&b=2

    If you did not sign up at Harbour & Co, ignore this message: nothing happens.

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Confirm your email address</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>please confirm that this is your email address. The link is valid until 21 January 2026, 09:00 Europe/Berlin.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">Confirm my address</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">If you did not sign up at Harbour &#38; Co, ignore this message: nothing happens.</p>
    </div>
    </body>
    </html>
    "#);
}

#[test]
fn set_password() {
    let letter = SetPassword {
        organization: organization(),
        name: name(),
        link: link(),
        valid_until: "21 January 2026, 09:00 Europe/Berlin".to_owned(),
    };
    insta::assert_snapshot!(shown(&letter), @r#"
    Subject: Set your password for Harbour & Co
    --- text
    Hello Ada <Lovelace>,

    use this link to set your password. It works once, until 21 January 2026, 09:00 Europe/Berlin.

    https://harbour.example/x?a=1&b=2

    If you did not ask Harbour & Co for this, ignore this message: your password stays as it is.

    Harbour & Co
    --- html
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Set your password</title>
    </head>
    <body style="margin:0;padding:24px 12px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
    <div style="max-width:560px;margin:0 auto">
    <p style="margin:0 0 24px;font-weight:600">Harbour &#38; Co</p>
    <p>Hello Ada &#60;Lovelace&#62;,</p>
    <p>use this link to set your password. It works once, until 21 January 2026, 09:00 Europe/Berlin.</p>
    <p style="margin:24px 0"><a href="https://harbour.example/x?a=1&#38;b=2" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">Set my password</a></p>
    <p style="margin:0 0 16px;font-size:13px">If the button does not work, open this address: <br><a href="https://harbour.example/x?a=1&#38;b=2">https://harbour.example/x?a=1&#38;b=2</a></p>
    <p style="margin:32px 0 0;padding-top:12px;border-top:1px solid #8886;font-size:13px">If you did not ask Harbour &#38; Co for this, ignore this message: your password stays as it is.</p>
    </div>
    </body>
    </html>
    "#);
}
