//! Add-ons with the database in them: charged at once for the rest of the cycle, beside the plan after, given back when removed,
//! and the database itself lets no day of one be charged twice.

use super::opened;
use coterie_app::{add_on, invoice, membership};
use coterie_tests::{chain, guards::guards_agree};

#[tokio::test]
async fn an_add_on_stands_beside_the_plan_by_the_day() {
    let (db, app, chain) = opened().await;
    let begun = chain::subscribe(&app, &chain).await;
    let (id, ada) = (begun.membership_id, chain.as_ada());
    let locker = chain::define_locker(&app, &chain).await;
    let added = add_on::add(&app, &ada, id, locker, 2, None).await.unwrap().outcome;
    // 12 of 31 days of 30.00.
    assert_eq!((added.net.minor, added.invoices.len()), (1_161, 1));
    let mut op = coterie_app::Operation::open(&app, &chain.owner).await.unwrap();
    let issued = invoice::load(&mut op, added.invoices[0]).await.unwrap().unwrap();
    drop(op);
    let line = &issued.lines[0];
    assert_eq!(
        (line.description.as_str(), line.quantity.as_str(), line.unit_price_minor),
        ("2 x Locker, 2026-01-20 to 2026-01-31", "12/31", 3_000)
    );
    guards_agree(&db.worker, chain.tenant).await;
    let again = add_on::add(&app, &ada, id, locker, 1, None).await.unwrap_err();
    assert_eq!(again.code(), Some("add_on_there"));

    chain::live_until(&app, &db.worker, &chain, "2026-02-10T12:00:00Z".parse().unwrap()).await;
    let mut op = coterie_app::Operation::open(&app, &chain.owner).await.unwrap();
    let latest: uuid::Uuid =
        sqlx::query_scalar("select stream_id from event where event_type = 'InvoiceIssued' order by position desc")
            .fetch_one(&db.owner)
            .await
            .unwrap();
    let february = invoice::load(&mut op, coterie_domain::InvoiceId(latest))
        .await
        .unwrap()
        .unwrap();
    drop(op);
    assert_eq!(february.net_minor, 33_000);
    let gone = add_on::remove(&app, &ada, id, locker, None).await.unwrap().outcome;
    // From 10 February on: 19 of 28 days of 30.00.
    assert_eq!((gone.net.minor, gone.invoices.len()), (-2_036, 0));
    guards_agree(&db.worker, chain.tenant).await;
    let agreed = membership::agreement(&app, chain.tenant, id).await.unwrap().unwrap();
    assert_eq!(agreed.add_ons[0].until, Some(jiff::civil::date(2026, 2, 10)));

    // The constraint is what holds: the same day of the same thing goes in once.
    let twice = sqlx::query(
        "insert into billed_days (tenant_id, membership_id, add_on_id, first_day, end_day)
         select tenant_id, membership_id, add_on_id, first_day + 1, end_day from billed_days where add_on_id = $1 limit 1",
    )
    .bind(locker.0)
    .execute(&db.owner)
    .await;
    assert!(twice.unwrap_err().to_string().contains("billed_once"));
}

#[tokio::test]
async fn what_is_not_hers_to_choose_a_member_asks_for() {
    let (_db, app, chain) = opened().await;
    let begun = chain::subscribe(&app, &chain).await;
    let new = coterie_domain::add_on::NewAddOn {
        legal_entity_id: chain.legal_entity,
        name: "Mail handling".to_owned(),
        price: chain::eur(2_000),
        tax_included: false,
        length: coterie_domain::period::CycleLength::Month,
        tax_category: "standard".to_owned(),
        self_service: false,
    };
    let mail = add_on::define(&app, &chain.owner, &new).await.unwrap().outcome;
    let (id, ada) = (begun.membership_id, chain.as_ada());
    let refused = add_on::add(&app, &ada, id, mail, 1, None).await.unwrap_err();
    assert_eq!(refused.code(), Some("ask_the_house"));
    add_on::add(&app, &chain.owner, id, mail, 1, None).await.unwrap();
    let refused = add_on::remove(&app, &ada, id, mail, None).await.unwrap_err();
    assert_eq!(refused.code(), Some("ask_the_house"));
    add_on::withdraw(&app, &chain.owner, mail).await.unwrap();
    add_on::remove(&app, &chain.owner, id, mail, None).await.unwrap();
    let refused = add_on::add(&app, &chain.owner, id, mail, 1, None).await.unwrap_err();
    assert_eq!(refused.code(), Some("add_on_withdrawn"));
}
