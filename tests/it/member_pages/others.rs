//! What is another member's does not exist; what a company pays is the company's.

use super::house::{assert_says, house, link, send};
use coterie_app::{
    company::{self, RegisterCompany},
    page::PageRequest,
};
use coterie_domain::{MemberId, legal_entity::Address};

#[tokio::test]
async fn another_members_things_do_not_exist() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.save_card(&ada, "/card", "works").await.expect(200);
    let invoice = house.subscribe(&ada).await;
    let booking = house.book(&ada, "2026-01-22", "10:00", "12:00").await;
    let (invoice_path, booking_path) = (invoice.url.path(), booking.url.path());
    let line = link(&invoice.body, "Flex, 2026-01-20");
    let membership = link(&ada.get("/").await.expect(200).body, "Change, pause or leave");
    let notice = link(&ada.get(&membership).await.expect(200).body, "Give notice");
    let (cancel, pay) = (format!("{booking_path}/cancel"), format!("{invoice_path}/pay"));

    let bob = house.sign_up("Bob", "bob@example.test").await;
    for path in [booking_path, &cancel, invoice_path, &line, &pay, &membership, &notice] {
        bob.get(path).await.expect(404);
    }
    for path in [&cancel, &pay, &notice] {
        bob.post(path, &[]).await.expect(404);
    }
    for path in [
        "/bookings/nonsense",
        "/invoices/nonsense",
        "/plans/nonsense",
        "/bookings/new?location=nonsense",
    ] {
        ada.get(path).await.expect(404);
    }
    // Control: they are hers all right.
    for path in [booking_path, &cancel, invoice_path, &line, &membership, &notice] {
        ada.get(path).await.expect(200);
    }
    let stranger = house.person();
    for path in [booking_path, invoice_path, "/card", "/bookings/new"] {
        assert_eq!(
            stranger.get(path).await.expect(303).location().path(),
            "/sign-in",
            "{path}"
        );
    }
    house.stack.shutdown().await;
}

#[tokio::test]
async fn a_company_pays_and_the_member_is_told_so() {
    let house = house().await;
    let ada = house.sign_up("Ada", "ada@example.test").await;
    house.stack.settle(house.chain.tenant).await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let filter = coterie_app::member::page::MemberFilter::default();
    let members = coterie_app::member::page::list(app, house.chain.tenant, filter, &PageRequest::default()).await;
    let member: MemberId = members.expect("members").items[0].member_id;
    let acme = RegisterCompany {
        external_id: None,
        name: "Acme GmbH".to_owned(),
        billing_email: "bills@acme.test".to_owned(),
        address: Address {
            street: "Kai 3".to_owned(),
            postcode: "10115".to_owned(),
            city: "Berlin".to_owned(),
            country: "DE".to_owned(),
        },
        tax_id: String::new(),
    };
    let acme = company::register(app, &owner, acme).await.expect("a company").outcome;
    company::add_member(app, &owner, acme, member, None)
        .await
        .expect("she joins");

    assert_says(
        &ada.get("/card").await.expect(200),
        "Acme GmbH pays for you, so there is no card to save.",
    );
    assert_says(
        &ada.get(&house.quote_path()).await.expect(200),
        "Acme GmbH pays: the invoice goes there.",
    );
    let done = send(&ada, &house.quote_path(), "/memberships", &[]).await.expect(303);
    // The invoice is the company's, so she is not led to it.
    assert_says(
        &ada.visit(done.location().as_str()).await.expect(200),
        "Acme GmbH pays for your membership",
    );
    let invoices = ada.get("/invoices").await.expect(200);
    assert_says(&invoices, "its invoices go to Acme GmbH");
    assert!(!invoices.body.contains("BER-000001"), "{}", invoices.body);
    house.stack.shutdown().await;
}
