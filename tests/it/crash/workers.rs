//! Two and three workers at once: they share the work, and each alarm fires once, each invoice is charged once, each letter
//! goes out once.

use super::load::{Load, assert_once_each};
use super::set_up::{Harbour, set_up};
use super::{alone, assert_sound, until};
use coterie_app::test_clock;
use coterie_tests::processes::{House, HouseOptions};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_mins(2);
/// Two month's ends after the chain's 20 January.
const MARCH: &str = "2026-03-02T09:00:00Z";

#[tokio::test]
async fn two_workers_do_everything_once() {
    together(2).await;
}

#[tokio::test]
async fn three_workers_do_everything_once() {
    together(3).await;
}

async fn together(workers: usize) {
    let _alone = alone().await;
    let test = format!("crash::workers x {workers}");
    let Some(mut house) = House::start(&test, HouseOptions::default()).await else {
        return;
    };
    for _ in 1..workers {
        house.work();
    }
    let harbour = set_up(&house, 3, 3).await;
    let mut load = Load::start(&house, &harbour);
    load.goes_on(24).await;
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    arrive(&house, &harbour, MARCH).await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, &test).await;
    assert_once_each(&house, &harbour, &finished.answered).await;
    assert_each_alarm_fired_once(&house).await;
    let at_work: i64 = sqlx::query_scalar("select count(distinct lock_by) from apalis.jobs where status = 'Done'")
        .fetch_one(&house.owner)
        .await
        .expect("the database answers");
    assert_eq!(usize::try_from(at_work).ok(), Some(workers), "all of them did jobs");
}

/// Moves the chain's clock and waits until everything due has happened.
pub(super) async fn arrive(house: &House, harbour: &Harbour, to: &str) {
    let to = to.parse().expect("an instant");
    test_clock::advance(&house.app, &harbour.owner, to)
        .await
        .expect("the clock may be moved");
    until("the clock arrives", PATIENCE, async || {
        let clock = test_clock::read(&house.app, &harbour.owner).await.expect("a clock");
        assert_eq!(clock.error, None);
        clock.target.is_none() && clock.now >= to
    })
    .await;
}

/// An alarm that fired twice would have opened a cycle or charged a month twice; one that never fired would still be due.
pub(super) async fn assert_each_alarm_fired_once(house: &House) {
    let twice: i64 = sqlx::query_scalar(
        "select count(*) from (
             select 1 from event where event_type = 'CycleOpened' group by stream_id, payload->'cycle'->>'start' having count(*) > 1
             union all
             select 1 from event where event_type = 'ChargeMade' and payload->>'kind' = 'recurring'
             group by payload->>'membership_id', payload->>'service_from' having count(*) > 1) as twice",
    )
    .fetch_one(&house.owner)
    .await
    .expect("the database answers");
    assert_eq!(twice, 0, "cycles and months that came twice");
    let due: i64 = sqlx::query_scalar(
        "select count(*) from alarm a join organization o using (tenant_id) where a.due_at <= o.clock_now",
    )
    .fetch_one(&house.owner)
    .await
    .expect("the database answers");
    assert_eq!(due, 0, "alarms that are still due");
    let (memberships, cycles): (i64, i64) = sqlx::query_as(
        "select (select count(*) from event where event_type = 'MembershipStarted'),
                (select count(*) from event where event_type = 'CycleOpened')",
    )
    .fetch_one(&house.owner)
    .await
    .expect("the database answers");
    assert_eq!(
        cycles,
        memberships * 3,
        "January, February and March of every membership"
    );
}
