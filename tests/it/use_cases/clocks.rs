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
    let quote = membership::quote(&app, &chain.as_ada(), chain.plan_version, chain.location, None)
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
