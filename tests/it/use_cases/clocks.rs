use coterie_app::{
    Actor, Caller, UseCaseError,
    alarm::{self, Fired, Kind},
    membership,
    organization::{self, CreateOrganization},
    test_clock,
};
use coterie_domain::organization::Role;
use coterie_tests::chain;
use jiff::{Timestamp, ToSpan};

use super::opened;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[tokio::test]
async fn a_test_clock_goes_forward_once_at_a_time() {
    let (database, app, chain) = opened().await;
    let back = test_clock::advance(&app, &chain.owner, at("2026-01-19T00:00:00Z"))
        .await
        .unwrap_err();
    assert_eq!(back.code(), Some("clock_goes_forward"));
    let far = test_clock::advance(&app, &chain.owner, at("2028-01-19T00:00:00Z"))
        .await
        .unwrap_err();
    assert_eq!(far.code(), Some("too_far"));
    let target = at("2026-02-10T00:00:00Z");
    let going = test_clock::advance(&app, &chain.owner, target).await.unwrap();
    assert_eq!(going.target, Some(target));
    let twice = test_clock::advance(&app, &chain.owner, target).await.unwrap_err();
    assert_eq!(twice.code(), Some("clock_is_moving"));
    let moving = test_clock::moving(&database.worker).await.unwrap();
    assert_eq!(
        moving
            .iter()
            .map(|clock| (clock.tenant, clock.target))
            .collect::<Vec<_>>(),
        [(chain.tenant, target)]
    );
    test_clock::set(&app, chain.tenant, target, true, None).await.unwrap();
    let arrived = test_clock::read(&app, &chain.owner).await.unwrap();
    assert_eq!((arrived.now, arrived.target), (target, None));
    assert_eq!(test_clock::moving(&database.worker).await.unwrap(), []);
}

#[tokio::test]
async fn an_alarm_fires_once_and_only_for_those_who_are_due() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    let cycle_end = at("2026-01-31T23:00:00Z");
    let early = alarm::earliest(&database.worker, chain.tenant, cycle_end - 1.second())
        .await
        .unwrap();
    assert_eq!(early, []);
    let due = alarm::earliest(&database.worker, chain.tenant, cycle_end)
        .await
        .unwrap();
    assert_eq!(
        due.iter().map(|alarm| alarm.kind).collect::<Vec<_>>(),
        [Kind::CycleEnd],
        "one rank at a time"
    );
    assert_eq!(chain::fire(&app, &due[0]).await.unwrap(), Fired::Done);
    assert_eq!(chain::fire(&app, &due[0]).await.unwrap(), Fired::Gone);
    // A sandbox's alarms never fire by wall time.
    let by_wall = alarm::due_by_wall(&database.worker, at("2100-01-01T00:00:00Z"), 100)
        .await
        .unwrap();
    assert_eq!(by_wall, []);
}

#[tokio::test]
async fn alarms_that_are_due_together_are_one_append() {
    let (database, app, chain) = opened().await;
    chain::subscribe(&app, &chain).await;
    for number in 1..=3 {
        chain::another_member(&app, &chain, number).await;
    }
    let cycle_end = at("2026-01-31T23:00:00Z");
    let due = alarm::earliest(&database.worker, chain.tenant, cycle_end)
        .await
        .unwrap();
    assert_eq!(due.len(), 4);
    let fired = alarm::fire(&app, &due).await.unwrap().commit().await.unwrap();
    assert_eq!(fired, [Fired::Done; 4]);
    let again = alarm::fire(&app, &due).await.unwrap().commit().await.unwrap();
    assert_eq!(again, [Fired::Gone; 4]);
    let opened: (i64, i64) = sqlx::query_as(
        "select count(*), count(distinct command_id) from event where event_type = 'CycleOpened' and occurred_at = '2026-01-31T23:00:00Z'",
    )
    .fetch_one(&database.owner)
    .await
    .unwrap();
    assert_eq!(opened, (4, 1));
    let billing = alarm::earliest(&database.worker, chain.tenant, cycle_end)
        .await
        .unwrap();
    let mixed = [due[0].clone(), billing[0].clone()];
    assert!(alarm::fire(&app, &mixed).await.is_err(), "one kind at a time");
}

/// The worker fires what is due together; an alarm that nobody can carry out keeps none of the others.
#[tokio::test]
async fn an_alarm_that_fails_keeps_none_of_the_others() {
    let stack = coterie_tests::stack::stack().await;
    let chain = chain::open_chain(stack.app(), "harbour").await;
    chain::subscribe(stack.app(), &chain).await;
    chain::another_member(stack.app(), &chain, 1).await;
    // First in the order of subjects, so that it fails before the others were decided.
    sqlx::query("insert into alarm (tenant_id, kind, subject_id, due_at, rank) values ($1, 'cycle_end', $2, '2026-01-31T23:00:00Z', 10)")
        .bind(chain.tenant)
        .bind(uuid::Uuid::from_u128(1))
        .execute(&stack.db.owner)
        .await
        .unwrap();
    test_clock::advance(stack.app(), &chain.owner, at("2026-02-02T00:00:00Z"))
        .await
        .unwrap();
    let stopped = crate::crash::until("the clock stops", std::time::Duration::from_secs(60), async || {
        let clock = test_clock::read(stack.app(), &chain.owner).await.unwrap();
        clock.error.is_some()
    });
    stopped.await;
    let left: Vec<(String, uuid::Uuid)> = sqlx::query_as(
        "select kind, subject_id from alarm where due_at = '2026-01-31T23:00:00Z' and kind = 'cycle_end'",
    )
    .fetch_all(&stack.db.owner)
    .await
    .unwrap();
    assert_eq!(left, [("cycle_end".to_owned(), uuid::Uuid::from_u128(1))]);
    let opened: i64 = sqlx::query_scalar(
        "select count(*) from event where event_type = 'CycleOpened' and occurred_at = '2026-01-31T23:00:00Z'",
    )
    .fetch_one(&stack.db.owner)
    .await
    .unwrap();
    assert_eq!(opened, 2);
    stack.shutdown().await;
}

#[tokio::test]
async fn a_live_chain_lives_by_wall_time() {
    let (database, app, sandbox) = opened().await;
    let command = CreateOrganization {
        name: "Real".to_owned(),
        slug: "real".to_owned(),
        sandbox: false,
        clock_starts_at: Some(at(chain::CLOCK)),
        host: "real.localhost".to_owned(),
        owner_name: "Rita Real".to_owned(),
        owner_email: "rita@real.test".to_owned(),
        owner_password: "a long enough one".to_owned(),
    };
    let taken = organization::create(
        &app,
        CreateOrganization {
            host: sandbox.host.clone(),
            ..command.clone()
        },
    );
    assert_eq!(taken.await.unwrap_err().code(), Some("host_taken"));
    let opened = organization::create(&app, command).await.unwrap().outcome;
    let actor = Actor::Staff {
        id: opened.owner_id,
        role: Role::Owner,
    };
    let owner = Caller::new(opened.organization_id.0, actor);
    let none = test_clock::read(&app, &owner).await.unwrap_err();
    assert!(matches!(none, UseCaseError::NotFound), "{none:?}");
    let info = organization::by_id(&app, opened.organization_id.0)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((info.sandbox, info.clock_now), (false, None));
    assert_eq!(test_clock::moving(&database.worker).await.unwrap(), []);
}

#[tokio::test]
async fn a_quote_is_what_subscribing_bills() {
    let (_database, app, chain) = opened().await;
    let quote = membership::quote(
        &app,
        &chain.as_ada(),
        None,
        chain.plan_version,
        chain.location,
        None,
        None,
    )
    .await
    .unwrap();
    assert_eq!(
        (quote.net, quote.tax, quote.gross),
        (chain::eur(11_613), chain::eur(2_206), chain::eur(13_819))
    );
    let command = membership::Subscribe {
        member_id: chain.ada,
        plan_version_id: chain.plan_version,
        location_id: chain.location,
        agreed_gross_minor: Some(13_818),
        without_card: false,
        coupon: None,
    };
    let changed = membership::subscribe(&app, &chain.as_ada(), command.clone())
        .await
        .unwrap_err();
    assert_eq!(changed.code(), Some("price_changed"));
    let agreed = membership::Subscribe {
        agreed_gross_minor: Some(quote.gross.minor),
        ..command
    };
    membership::subscribe(&app, &chain.as_ada(), agreed).await.unwrap();
}
