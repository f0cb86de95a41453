//! A worker that stands still (SIGSTOP) while it holds leases, locks and letters: others take over, and when it goes on it
//! does nothing a second time.

use super::load::{Load, assert_once_each};
use super::set_up::set_up;
use super::workers::{arrive, assert_each_alarm_fired_once};
use super::{Dice, alone, assert_sound, head, until};
use coterie_app::{member, member::ImportMember, test_clock};
use coterie_eventlog::wait_for;
use coterie_tests::processes::{House, HouseOptions};
use sqlx::{Connection as _, PgConnection};
use std::time::{Duration, Instant};

/// Nothing hangs longer, whoever stands still.
const LONGEST: Duration = Duration::from_secs(10);
/// The roles' own limit is longer than a test may take.
const IMPATIENT: &str = "alter role coterie_worker set idle_in_transaction_session_timeout = '2s'";

/// A house with two workers whose idle transactions end after two seconds.
async fn two_workers(test: &str) -> Option<House> {
    let mut house = House::start(test, HouseOptions::default()).await?;
    let limits: Vec<String> =
        sqlx::query_scalar("select unnest(rolconfig) from pg_roles where rolname in ('coterie_app', 'coterie_worker')")
            .fetch_all(&house.owner)
            .await
            .expect("the database answers");
    let limited = limits
        .iter()
        .filter(|limit| limit.starts_with("idle_in_transaction_session_timeout="))
        .count();
    assert_eq!(limited, 2, "both roles are limited: {limits:?}");
    sqlx::query(IMPATIENT).execute(&house.owner).await.expect("a superuser");
    house.workers.clear();
    house.work();
    house.work();
    Some(house)
}

#[tokio::test]
async fn others_take_over_from_a_worker_that_stands_still() {
    let _alone = alone().await;
    let mut dice = Dice::new("crash::frozen");
    let Some(house) = two_workers("crash::frozen").await else {
        return;
    };
    let harbour = set_up(&house, 3, 3).await;
    let mut load = Load::start(&house, &harbour);
    for round in 0..4 {
        load.goes_on(4).await;
        tokio::time::sleep(Duration::from_millis(dice.below(200))).await;
        let frozen = &house.workers[round % 2];
        frozen.send("STOP");
        let (stood, at) = (Instant::now(), head(&house, harbour.tenant).await);
        house.follow_up_to(harbour.tenant, at).await;
        println!(
            "worker {} stands still: followed up to {at} after {:?}",
            round % 2,
            stood.elapsed()
        );
        assert!(
            stood.elapsed() < LONGEST,
            "others took over after {:?}",
            stood.elapsed()
        );
        load.goes_on(4).await;
        frozen.send("CONT");
        assert_sound(&house, &load.acknowledged(), false, "after one stood still").await;
    }
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, "at rest").await;
    assert_once_each(&house, &harbour, &finished.answered).await;
}

#[tokio::test]
async fn a_clock_goes_on_when_the_worker_that_moves_it_stands_still() {
    let _alone = alone().await;
    let Some(house) = two_workers("crash::frozen clock").await else {
        return;
    };
    let harbour = set_up(&house, 1, 3).await;
    let far = "2026-06-20T09:00:00Z".parse().expect("an instant");
    test_clock::advance(&house.app, &harbour.owner, far)
        .await
        .expect("the clock may be moved");
    let (owner, app) = (&harbour.owner, &house.app);
    let clock = async || test_clock::read(app, owner).await.expect("a clock");
    // One of the two moves it; each stands still once, until the clock has gone on without it.
    for worker in &house.workers {
        let before = clock().await;
        until("it moves", LONGEST, async || {
            clock().await.now > before.now || clock().await.target.is_none()
        })
        .await;
        worker.send("STOP");
        let stood = clock().await;
        until("others move it", LONGEST * 3, async || {
            house.hasten().await;
            clock().await.now > stood.now || clock().await.target.is_none()
        })
        .await;
        worker.send("CONT");
    }
    until("it arrives", Duration::from_mins(2), async || {
        house.hasten().await;
        clock().await.target.is_none()
    })
    .await;
    assert_eq!(clock().await.error, None);
    house.settle(harbour.tenant).await;
    assert_sound(&house, &[], true, "after the clock arrived").await;
}

/// What a worker that stands still in the middle of a transaction looks like to PostgreSQL: a session that locked a
/// checkpoint and says nothing more.
#[tokio::test]
async fn a_transaction_that_stands_still_is_thrown_out() {
    let _alone = alone().await;
    let Some(house) = two_workers("crash::frozen transaction").await else {
        return;
    };
    let harbour = set_up(&house, 1, 1).await;
    let url = house.cluster.url(Some("coterie_worker"));
    let names = coterie_app::projections::ALL;
    for (limit, thrown_out) in [(Some("0"), false), (None, true)] {
        let mut frozen = PgConnection::connect(&url).await.expect("a connection");
        if let Some(limit) = limit {
            sqlx::query("select set_config('idle_in_transaction_session_timeout', $1, false)")
                .bind(limit)
                .execute(&mut frozen)
                .await
                .expect("a setting");
        }
        let mut tx = frozen.begin().await.expect("a transaction");
        coterie_eventlog::set_tenant_in_op(&mut tx, harbour.tenant)
            .await
            .expect("a tenant");
        sqlx::query("select from checkpoint where tenant_id = $1 for update")
            .bind(harbour.tenant)
            .execute(&mut *tx)
            .await
            .expect("the checkpoints are locked");
        let name = format!("newcomer-{thrown_out}");
        let new = ImportMember {
            external_id: name.clone(),
            email: format!("{name}@example.test"),
            name,
            home_location_id: None,
            password: None,
        };
        let imported = member::import(&house.app, &harbour.owner, new).await;
        let at = imported.expect("a member is imported").position;
        let patience = if thrown_out { LONGEST } else { Duration::from_secs(4) };
        let followed = wait_for(&house.owner, harbour.tenant, &names, at, patience)
            .await
            .expect("the database answers");
        // Without a limit it holds everybody up for as long as it stands still.
        assert_eq!(followed, thrown_out);
        assert_eq!(tx.commit().await.is_err(), thrown_out);
        house.follow_up_to(harbour.tenant, at).await;
    }
    house.settle(harbour.tenant).await;
    arrive(&house, &harbour, "2026-03-02T09:00:00Z").await;
    house.settle(harbour.tenant).await;
    assert_each_alarm_fired_once(&house).await;
    assert_sound(&house, &[], true, "at rest").await;
}
