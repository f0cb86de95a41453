//! kill -9 at random points under load: the worker, the server, the whole PostgreSQL or one of its backends.

use super::load::{Load, assert_once_each};
use super::set_up::set_up;
use super::{Dice, alone, assert_sound, head};
use coterie_tests::processes::{House, HouseOptions, signal};
use std::time::{Duration, Instant};

/// The house is ready again this soon after its dead part was started.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// A kill comes at a random moment of so many milliseconds after the load has gone on.
const MOMENT_MS: u64 = 250;
const CLIENTS: usize = 4;
/// Commands acknowledged between two kills.
const BETWEEN: usize = 6;
const KILLS: u32 = 5;
/// Two hundred kills: a house's log grows with every one, and is looked through after every one, so new houses take turns.
const HOUSES: u32 = 8;
const KILLS_OF_A_HOUSE: u32 = 25;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Worker,
    Server,
    Postgres,
}

#[tokio::test]
async fn nothing_is_lost_when_the_worker_is_killed() {
    survives(Victim::Worker, KILLS).await;
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed() {
    survives(Victim::Server, KILLS).await;
}

#[tokio::test]
async fn nothing_is_lost_when_postgresql_is_killed() {
    survives(Victim::Postgres, KILLS).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn nothing_is_lost_when_the_worker_is_killed_many_times() {
    survives_many(Victim::Worker).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn nothing_is_lost_when_the_server_is_killed_many_times() {
    survives_many(Victim::Server).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn nothing_is_lost_when_postgresql_is_killed_many_times() {
    survives_many(Victim::Postgres).await;
}

async fn survives_many(victim: Victim) {
    for _ in 0..HOUSES {
        survives(victim, KILLS_OF_A_HOUSE).await;
    }
}

async fn survives(victim: Victim, kills: u32) {
    let _alone = alone().await;
    let test = format!("crash::kill {victim:?} x {kills}");
    let mut dice = Dice::new(&test);
    let Some(mut house) = House::start(&test, HouseOptions::default()).await else {
        return;
    };
    let harbour = set_up(&house, CLIENTS, 3).await;
    let mut load = Load::start(&house, &harbour);
    let (mut slowest, mut looked_at) = (Duration::ZERO, 0);
    for number in 1..=kills {
        load.goes_on(BETWEEN).await;
        tokio::time::sleep(Duration::from_millis(dice.below(MOMENT_MS))).await;
        let head = head(&house, harbour.tenant).await;
        let ready = match victim {
            Victim::Worker => worker(&mut house, &harbour, head).await,
            Victim::Server => server(&mut house).await,
            Victim::Postgres if dice.below(4) == 0 => backend(&mut house, &mut dice).await,
            Victim::Postgres => postgres(&mut house).await,
        };
        slowest = slowest.max(ready);
        if ready >= READY_WITHIN {
            println!("{victim:?} was ready again after {ready:?} (kill {number})");
            assert!(overloaded(), "that is too late, and the machine had nothing else to do");
        }
        let when = format!("after kill {number} of {victim:?}");
        let acknowledged = load.acknowledged();
        // What was there after an earlier kill is looked for again at the end.
        assert_sound(&house, &acknowledged[looked_at..], false, &when).await;
        looked_at = acknowledged.len();
    }
    load.goes_on(BETWEEN).await;
    let finished = load.finish().await;
    house.settle(harbour.tenant).await;
    assert_sound(&house, &finished.acknowledged(), true, "at rest").await;
    assert_once_each(&house, &harbour, &finished.answered).await;
    println!(
        "{victim:?}: {kills} kills, {} commands acknowledged, {} times turned away, longest answer {:?}, ready again within {slowest:?}",
        finished.answered.len(),
        finished.turned_away.len(),
        finished.longest
    );
}

/// Whether the machine has so much else to do that a time measured on it says nothing: more than twice its cores want to
/// run, or to write to its disks (recovery syncs every file of the database).
fn overloaded() -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load
        .split_whitespace()
        .next()
        .and_then(|load| load.parse().ok())
        .unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let too_much = u32::try_from(2 * cores).map_or(f64::MAX, f64::from);
    if load > too_much {
        println!("the load is {load} on {cores} cores: how soon it was ready is not asserted");
    }
    load > too_much
}

/// Ready is a worker that has caught up with where the log stood when its predecessor died.
async fn worker(house: &mut House, harbour: &super::set_up::Harbour, head: i64) -> Duration {
    house.workers[0].kill();
    house.workers.clear();
    house.work();
    house.follow_up_to(harbour.tenant, head).await;
    house.workers[0].started.elapsed()
}

async fn server(house: &mut House) -> Duration {
    if let Some(mut server) = house.server.take() {
        server.kill();
    }
    house.serve();
    let started = Instant::now();
    house.ready().await;
    started.elapsed()
}

/// As when the machine loses its power: every process at once, then a start with recovery.
async fn postgres(house: &mut House) -> Duration {
    house.cluster.kill();
    let started = house.cluster.begin();
    house.ready().await;
    started.elapsed()
}

/// One backend is killed: PostgreSQL throws all others out and recovers by itself.
async fn backend(house: &mut House, dice: &mut Dice) -> Duration {
    let of_clients: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity where usename like 'coterie%'")
        .fetch_all(&house.owner)
        .await
        .expect("the database answers");
    let chosen = usize::try_from(dice.below(of_clients.len() as u64)).unwrap_or(0);
    let before = checkpointer(house).await.expect("the database answers");
    let started = Instant::now();
    signal("KILL", &[of_clients[chosen].unsigned_abs()]);
    // Before it has noticed, the old backends still answer.
    while checkpointer(house).await.is_none_or(|now| now == before) {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "PostgreSQL does not recover"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.ready().await;
    started.elapsed()
}

/// The process that a recovered PostgreSQL has anew.
async fn checkpointer(house: &House) -> Option<i32> {
    let asked = sqlx::query_scalar("select pid from pg_stat_activity where backend_type = 'checkpointer'");
    asked.fetch_optional(&house.owner).await.ok().flatten()
}
