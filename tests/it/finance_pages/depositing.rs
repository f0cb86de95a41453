//! Finance applies what is held to an invoice and pays the rest back; its member reads how it stands.

use super::{assert_shows, books_of, links};
use coterie_app::{
    deposit::page::DepositFilter,
    page::PageRequest,
    payment::{self, Attempt, Heard},
    session,
};
use coterie_domain::{organization::Role, payment::GatewayOutcome};

#[tokio::test]
async fn a_deposit_is_applied_and_returned_by_forms() {
    let books = books_of(60_000).await;
    let (app, owner) = (books.house.app(), &books.chain.owner);
    let finance = books.colleague(Role::Finance).await;
    let list = finance.get("/finance/deposits").await.expect(200);
    assert_shows(&list, &["Ada Lovelace", "Requested", "EUR\u{a0}600.00"]);
    let here = links(&list, "/finance/deposits/").remove(0);
    let asked = finance.get(&here).await.expect(200);
    assert_shows(&asked, &["Not paid yet", "EUR\u{a0}600.00"]);
    let request = PageRequest::default();
    let rows = coterie_app::deposit::page::list(app, books.chain.tenant, DepositFilter::default(), &request).await;
    let invoice = rows.expect("deposits").items[0].invoice_id;
    let Attempt::Submit(fact) = payment::attempt(app, owner, invoice, false).await.expect("it is open") else {
        panic!("an open request is tried");
    };
    let outcome = GatewayOutcome::Succeeded {
        intent_id: "pi_1".to_owned(),
        received: fact.amount,
    };
    payment::record(app, owner, fact.payment_id, &outcome, Heard::Answer)
        .await
        .expect("it is recorded");
    books.house.settle(books.chain.tenant).await;

    let held = finance.get(&here).await.expect(200);
    assert_shows(
        &held,
        &["Pay for an invoice with it", "BER-000001, EUR\u{a0}138.19 open"],
    );
    let (apply, back) = (format!("{here}/applications"), format!("{here}/returns"));
    let typed = [("invoice_id", books.invoice.as_str()), ("apply_amount", "138.20")];
    let refused = finance.post(&apply, &typed).await.expect(422);
    assert_shows(
        &refused,
        &["Only EUR 138.19 are open on this invoice.", "value=\"138.20\""],
    );
    finance
        .post(&apply, &[("invoice_id", books.invoice.as_str())])
        .await
        .expect(303);
    let refused = finance.post(&back, &[("amount", "10.00")]).await.expect(422);
    assert_shows(&refused, &["value=\"10.00\""]);
    let typed = [("amount", "400.00"), ("reference", "SEPA 7")];
    finance.post(&back, &typed).await.expect(303);
    books.house.settle(books.chain.tenant).await;
    let now = finance.get(&here).await.expect(200);
    assert_shows(
        &now,
        &[
            "EUR\u{a0}138.19",
            "EUR\u{a0}400.00",
            "EUR\u{a0}61.81",
            "no open invoice",
        ],
    );
    let invoice = finance
        .get(&format!("/finance/invoices/{}", books.invoice))
        .await
        .expect(200);
    assert_shows(&invoice, &["Paid"]);

    let ada = books.house.person_at("harbour");
    let token = session::open_session(app, books.chain.tenant, "member", books.chain.ada.0).await;
    ada.set_cookie("session", &token.expect("a session opens"));
    let home = ada.get("/").await.expect(200);
    let membership = links(&home, "/memberships/").remove(0);
    let shown = ada.get(&membership).await.expect(200);
    assert_shows(&shown, &["EUR 600.00, of which EUR 61.81 are held"]);
    books.house.shutdown().await;
}
