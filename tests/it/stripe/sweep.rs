//! The sweep over events, and data kept between starts.

use coterie_gateway::{EventsAfter, Gateway};
use coterie_stripe_sim::SimConfig;
use coterie_tests::stripe::{PATIENCE, gateway, shop, shop_with};

#[tokio::test]
async fn fault_7_events_that_never_came_are_found_oldest_first() {
    let shop = shop().await;
    let card = shop.card("pm_card_visa").await;
    // More than one page of a hundred.
    for number in 0..45 {
        let charge = shop.charge(&card, &number.to_string());
        shop.gateway
            .create_payment_intent(&shop.account, &number.to_string(), &charge)
            .await
            .expect("paid");
    }
    let all = shop
        .gateway
        .list_events(&shop.account, EventsAfter::Time(0))
        .await
        .expect("events");
    assert_eq!(
        i64::try_from(all.len()).expect("few"),
        shop.state()["events"].as_i64().expect("a number")
    );
    assert!(all.len() > 100);
    assert_eq!(all[0].kind, "customer.created");
    assert!(
        all.iter()
            .all(|event| event.account.as_deref() == Some(shop.account.as_str()) && !event.livemode)
    );
    let last = all.last().expect("some");
    assert_eq!(
        (last.kind.as_str(), last.object.kind.as_str()),
        ("payment_intent.succeeded", "payment_intent")
    );

    let after = shop
        .gateway
        .list_events(&shop.account, EventsAfter::Event(&all[9].id))
        .await
        .expect("events");
    assert_eq!(after, all[10..]);
    let none = shop
        .gateway
        .list_events(&shop.account, EventsAfter::Event(&last.id))
        .await
        .expect("events");
    assert!(none.is_empty());
}

#[tokio::test]
async fn the_data_file_keeps_everything_between_starts() {
    let name = format!("coterie-sim-{}.json", uuid::Uuid::new_v4());
    let data_file = std::env::temp_dir().join(name);
    let config = SimConfig {
        data_file: Some(data_file.clone()),
        ..SimConfig::default()
    };
    let shop = shop_with(config.clone()).await;
    let card = shop.card("pm_card_visa").await;
    let charge = shop.charge(&card, "1");
    let paid = shop
        .gateway
        .create_payment_intent(&shop.account, "k", &charge)
        .await
        .expect("paid");
    let before = shop.state();
    shop.sim.shutdown().await;

    let sim = coterie_stripe_sim::Sim::start(config).await.expect("starts again");
    let gateway = gateway(&sim, PATIENCE);
    let again = gateway
        .create_payment_intent(&shop.account, "k", &charge)
        .await
        .expect("replayed");
    assert_eq!(again, paid);
    let mut after = sim.state(&shop.account).expect("known");
    after["now"] = before["now"].clone();
    assert_eq!(after, before);
    sim.shutdown().await;
    std::fs::remove_file(data_file).expect("the file was there");
}
