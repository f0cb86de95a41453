//! Finance takes back of an invoice, and the member reads why.

use super::{assert_shows, books, links};
use coterie_app::session;
use coterie_domain::organization::Role;
use coterie_tests::chain;

#[tokio::test]
async fn an_invoice_is_credited_by_a_form_and_its_member_reads_why() {
    let books = books().await;
    let finance = books.colleague(Role::Finance).await;
    let address = format!("/finance/invoices/{}", books.invoice);
    let invoice = finance.get(&address).await.expect(200);
    let form = links(&invoice, &format!("{address}/credit")).remove(0);
    let page = finance.get(&form).await.expect(200);
    assert_shows(&page, &["EUR\u{a0}116.13 of EUR\u{a0}116.13 is left."]);
    let charge = chain::charge_of(books.house.app(), &books.chain, books.invoice.parse().expect("an id")).await;
    let field = format!("net_{charge}");

    // Without a reason it comes back with what was typed.
    let refused = finance.post(&form, &[(field.as_str(), "16.13")]).await.expect(422);
    assert_shows(&refused, &["value=\"16.13\"", "Please say why: the buyer reads it."]);
    let refused = finance
        .post(&form, &[(field.as_str(), "116.14"), ("reason", "Too cold")])
        .await
        .expect(422);
    assert_shows(&refused, &["please give an amount up to that", "value=\"Too cold\""]);
    let refused = finance.post(&form, &[("reason", "Too cold")]).await.expect(422);
    assert_shows(&refused, &["Please give an amount of at least one line"]);

    let typed = [(field.as_str(), "16.13"), ("reason", "The heating was out of order.")];
    let issued = finance.post(&form, &typed).await.expect(303);
    let note = issued.location().path().to_owned();
    books.house.settle(books.chain.tenant).await;
    let shown = finance.get(&note).await.expect(200);
    assert_shows(
        &shown,
        &[
            "Credit note BER-C-000001",
            "Invoice BER-000001",
            "The heating was out of order.",
            "EUR\u{a0}16.13",
            "EUR\u{a0}19.19",
        ],
    );
    assert_shows(
        &finance.get(&address).await.expect(200),
        &["BER-C-000001", "EUR\u{a0}119.00"],
    );
    assert_shows(
        &finance.get("/finance/credit-notes").await.expect(200),
        &["BER-C-000001"],
    );

    let ada = books.house.person_at("harbour");
    let token = session::open_session(books.house.app(), books.chain.tenant, "member", books.chain.ada.0).await;
    ada.set_cookie("session", &token.expect("a session opens"));
    let hers = ada.get(&format!("/invoices/{}", books.invoice)).await.expect(200);
    let note = links(&hers, "/credit-notes/").remove(0);
    assert_shows(
        &ada.get(&note).await.expect(200),
        &["The heating was out of order.", "EUR\u{a0}19.19", "Harbour Berlin GmbH"],
    );
    books.house.shutdown().await;
}
