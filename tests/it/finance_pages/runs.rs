//! An invoice run at a browser: what waits, the drafts, one of them left out, approved, issued by the worker.

use super::{assert_shows, books, links};
use coterie_domain::organization::Role;
use coterie_tests::chain;
use jiff::civil::date;

#[tokio::test]
async fn a_run_is_opened_looked_at_approved_and_issued_on_pages() {
    let books = books().await;
    let (app, tenant) = (books.house.app(), books.chain.tenant);
    let bob = chain::another_member(app, &books.chain, 2).await;
    for (member, minor) in [(books.chain.ada, 20_000), (bob, 1_000)] {
        chain::sell(app, &books.chain, member, minor, date(2026, 1, 20)).await;
    }
    books.house.settle(tenant).await;
    let finance = books.colleague(Role::Finance).await;

    let list = finance.get("/finance/invoice-runs").await.expect(200);
    assert_shows(
        &list,
        &[
            "No invoice runs",
            "Are issued on each billing day",
            "value=\"2026-01-20\"",
        ],
    );
    let entity = books.chain.legal_entity.to_string();
    let way = [("entity", entity.as_str()), ("way", "by_run")];
    let kept = finance.submit("/finance/invoicing", &way).await.expect(200);
    assert_shows(&kept, &["It is kept.", "Wait for an invoice run"]);
    let wrong = [("legal_entity_id", entity.as_str()), ("cut_off", "2026-01-21")];
    let again = finance.post("/finance/invoice-runs", &wrong).await.expect(422);
    assert_shows(
        &again,
        &["value=\"2026-01-21\"", "please choose that day or an earlier one"],
    );

    let right = [("legal_entity_id", entity.as_str()), ("cut_off", "2026-01-20")];
    let run = finance.submit("/finance/invoice-runs", &right).await.expect(200);
    assert_shows(
        &run,
        &[
            "Harbour Berlin GmbH, up to 20 Jan 2026",
            "To be approved",
            "EUR\u{a0}238.00",
            "EUR\u{a0}11.90",
            "EUR\u{a0}249.90",
            "more than half more or less than the last invoice",
            "no street or town is known",
        ],
    );
    let here = run.url.path().to_owned();
    let draft = finance.get(&format!("{here}/drafts/{bob}")).await.expect(200);
    assert_shows(
        &draft,
        &[
            "Draft for Member 2",
            "Postbox",
            "19 %",
            "Beside the last invoice",
            "gone",
            "new",
        ],
    );
    let out = finance
        .submit(&format!("{here}/drafts/{bob}"), &[("included", "no")])
        .await
        .expect(200);
    assert_shows(&out, &["She is left out of this run.", "Left out"]);

    let early = finance.submit(&format!("{here}/issue"), &[]).await.expect(200);
    assert_shows(&early, &["It must be approved first."]);
    finance.submit(&format!("{here}/approve"), &[]).await.expect(200);
    let issuing = finance.submit(&format!("{here}/issue"), &[]).await.expect(200);
    assert_shows(&issuing, &["The invoices are being issued."]);
    books.house.settle(tenant).await;
    let issued = finance.get(&here).await.expect(200);
    assert_shows(&issued, &["Issued", "Left out"]);
    let draft = links(&issued, &format!("{here}/drafts/{}", books.chain.ada)).remove(0);
    let invoice = links(&finance.get(&draft).await.expect(200), "/finance/invoices/");
    let document = finance
        .get(invoice.first().expect("a link to the invoice"))
        .await
        .expect(200);
    assert_shows(&document, &["EUR\u{a0}238.00", "Postbox"]);

    // Bob's waits; he is invoiced outside of any run.
    let waiting = finance.get("/finance/waiting").await.expect(200);
    assert_shows(&waiting, &["Member 2", "1 charge", "Invoice Member 2 now"]);
    let bob = bob.to_string();
    let now = [
        ("legal_entity_id", entity.as_str()),
        ("payer_kind", "member"),
        ("payer_id", bob.as_str()),
    ];
    let invoiced = finance.submit("/finance/waiting", &now).await.expect(200);
    assert_shows(&invoiced, &["The invoice is issued.", "EUR\u{a0}11.90"]);
    let none = finance.submit("/finance/waiting", &now).await.expect(200);
    assert_shows(&none, &["Nothing is owed that could be invoiced today."]);
}
