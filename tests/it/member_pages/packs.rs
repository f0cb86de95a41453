//! A pack of hours at its buyer's browser: bought once, invoiced by mail, drawn on by a booking, given back, lapsed.

use super::house::{assert_says, hidden, house, link, send};
use coterie_app::{catalogue, credit_pack};
use coterie_domain::{
    Money,
    credit::Holds,
    credit_pack::{NewCreditPack, ValidFor},
};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_pack_is_bought_once_used_and_lapses() {
    let house = house().await;
    let (app, owner) = (house.stack.app(), house.chain.owner());
    let ada = house.sign_up("Ada", "ada@example.test").await;
    assert_says(&ada.get("/packs").await.expect(200), "Nothing on offer");
    let offer = catalogue::read(app, house.chain.tenant).await.expect("an offer");
    let new = NewCreditPack {
        legal_entity_id: *offer.legal_entities.keys().next().expect("an entity"),
        name: "10 hours of meeting room".to_owned(),
        holds: Holds::Minutes {
            resource_type_id: *offer.resource_types.keys().next().expect("a type"),
        },
        amount: 600,
        price: Money::new(15_000, "EUR".parse().expect("EUR is known")),
        tax_category: "standard".to_owned(),
        valid_for: ValidFor::Days(10),
        self_service: true,
    };
    credit_pack::define(app, &owner, &new).await.expect("a pack");
    let page = ada.get("/packs").await.expect(200);
    let buy = link(&page.body, "Buy 10 hours of meeting room");
    // Whoever has no membership reads why she cannot.
    assert_says(
        &ada.get(&buy).await.expect(409),
        "is for members of Harbour Berlin GmbH",
    );
    house.save_card(&ada, "/card", "works").await.expect(200);
    house.subscribe(&ada).await;
    let shown = ada.get(&buy).await.expect(200);
    assert_says(&shown, "costs EUR 150.00 net, as the pack says");
    assert_says(&shown, "What is not used by then lapses.");
    // Pressed twice, it is bought once.
    let form = hidden(&shown.body, &buy);
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    for _ in 0..2 {
        assert_eq!(ada.post(&buy, &form).await.expect(303).location().path(), "/packs");
    }
    let mine = ada.get("/packs").await.expect(200);
    assert_says(&mine, "10 hours of meeting room (Meeting room) 10 h of 10 h");
    assert_says(&mine, "30 Jan");
    assert_eq!(mine.body.matches("10 h of 10 h").count(), 1);
    let inbox = &house.stack.house.inbox;
    let mail = inbox.wait_for(
        |mail| mail.to.iter().any(|to| to == "ada@example.test") && mail.text().contains("BER-000002"),
        PATIENCE,
    );
    assert!(mail.await.expect("the invoice comes").text().contains("178.50"));
    // Its line opens to the pack.
    let invoices = ada.get("/invoices").await.expect(200);
    let invoice = ada.get(&link(&invoices.body, "BER-000002")).await.expect(200);
    let why = ada
        .get(&link(&invoice.body, "10 hours of meeting room, valid until"))
        .await
        .expect(200);
    assert_says(&why, "10 h of 10 hours of meeting room, 10 days until 2026-01-30");

    // The pack ends before the plan's hours do, so it is drawn on first.
    let booked = house.book(&ada, "2026-01-28", "10:00", "12:00").await;
    assert_says(&booked, "from the pack");
    assert_says(&ada.get("/packs").await.expect(200), "8 h of 10 h");
    assert_says(&ada.get("/").await.expect(200), "8 h of 10 h");
    let path = booked.url.path().to_owned();
    send(&ada, &format!("{path}/cancel"), &format!("{path}/cancel"), &[])
        .await
        .expect(303);
    assert_says(&ada.get("/packs").await.expect(200), "10 h of 10 h");
    house
        .stack
        .advance(&house.chain, "2026-02-02T09:00:00Z".parse().expect("an instant"))
        .await;
    let over = ada.get("/packs").await.expect(200);
    assert_says(&over, "0 h of 10 h");
    assert_says(&over, "Lapsed");
    house.stack.shutdown().await;
}
