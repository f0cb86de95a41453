//! Leases: two and three workers at once, one that goes away, one that is frozen.

use std::sync::Arc;
use std::time::Duration;

use coterie_eventlog::{
    BoxFuture, FollowError, Follower, Leases, RecordedEvent, Shards, StartAt, follow_once, follow_shards,
};
use sqlx::{PgConnection, PgPool};
use tokio::sync::Notify;
use uuid::Uuid;

use super::follow::Notebook;
use super::{an_append, commit, commit_one, write};

const NAMES: [&str; 2] = ["notebook", "another"];

fn workers<const N: usize>() -> [Leases; N] {
    std::array::from_fn(|_| Leases::new(Uuid::now_v7(), NAMES.to_vec()))
}

/// Everybody says twice that he is there: the first time some learn that they have too much.
async fn settle(pool: &PgPool, workers: &[Leases]) {
    for _ in 0..2 {
        for worker in workers {
            worker.renew(pool).await.expect("the leases can be renewed");
        }
    }
}

/// How many shards each has, and how often each shard is held.
fn shares(workers: &[Leases], name: &str) -> (Vec<u32>, Vec<usize>) {
    let held: Vec<Shards> = workers.iter().map(|worker| worker.held(name)).collect();
    let holders = (0..64_u128)
        .map(|low| {
            held.iter()
                .filter(|shards| shards.contain(Uuid::from_u128(low)))
                .count()
        })
        .collect();
    (held.into_iter().map(Shards::count).collect(), holders)
}

#[tokio::test]
async fn workers_share_the_shards_and_nobody_shares_one() {
    let db = coterie_tests::database().await;
    let all: [Leases; 3] = workers();
    for (count, expected) in [(1, vec![64]), (2, vec![32, 32]), (3, vec![22, 22, 20])] {
        settle(&db.worker, &all[..count]).await;
        for name in NAMES {
            assert_eq!(
                shares(&all[..count], name),
                (expected.clone(), vec![1; 64]),
                "{count} workers, {name}"
            );
        }
    }
    // One gives his back, and the others need not wait until they run out.
    all[0].give_back(&db.worker).await.expect("given back");
    assert_eq!(all[0].held(NAMES[0]), Shards::NONE);
    settle(&db.worker, &all[1..]).await;
    assert_eq!(shares(&all[1..], NAMES[0]), (vec![32, 32], vec![1; 64]));
}

#[tokio::test]
async fn postgres_and_rust_see_the_same_shard() {
    let db = coterie_tests::database().await;
    for _ in 0..50 {
        let tenant = Uuid::new_v4();
        let shard: i32 = sqlx::query_scalar("select installation.shard_of($1)")
            .bind(tenant)
            .fetch_one(&db.worker)
            .await
            .expect("a shard");
        assert_eq!(u32::try_from(shard), Ok(Shards::of(tenant)));
    }
}

#[tokio::test]
async fn two_and_three_workers_handle_each_event_once_in_their_shards() {
    let db = coterie_tests::database().await;
    let tenants: Vec<Uuid> = (0..12).map(|_| Uuid::new_v4()).collect();
    for tenant in &tenants {
        commit(&db.app, an_append(*tenant, vec![write(Uuid::new_v4(), 0, 20)]))
            .await
            .expect("appended");
    }
    for (name, count) in [("by two", 2), ("by three", 3)] {
        let follower = Notebook::new(name, StartAt::Beginning);
        let all: Vec<Leases> = (0..count).map(|_| Leases::new(Uuid::now_v7(), vec![name])).collect();
        settle(&db.worker, &all).await;
        let work = all.iter().map(|leases| async {
            while follow_shards(&db.worker, &follower, 3, leases.held(name))
                .await
                .expect("the round goes through")
                .events
                > 0
            {}
        });
        futures::future::join_all(work).await;
        for tenant in &tenants {
            assert_eq!(follower.seen_of(*tenant), (1..=20).collect::<Vec<i64>>(), "{name}");
        }
        for leases in &all {
            leases.give_back(&db.worker).await.expect("given back");
        }
    }
    // Control: a worker that holds nothing does nothing.
    let idle = Notebook::new("idle", StartAt::Beginning);
    let progress = follow_shards(&db.worker, &idle, 3, Shards::NONE)
        .await
        .expect("a round");
    assert_eq!(progress.events, 0);
}

/// Stops in the middle of its transaction, as a process that was sent SIGSTOP does.
struct Frozen {
    reached: Arc<Notify>,
    thaw: Arc<Notify>,
}

impl Follower for Frozen {
    fn name(&self) -> &'static str {
        "notebook"
    }
    fn start_at(&self) -> StartAt {
        StartAt::Beginning
    }
    fn handle<'a>(
        &'a self,
        _: &'a mut PgConnection,
        _: Uuid,
        _: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async {
            self.reached.notify_one();
            self.thaw.notified().await;
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_frozen_holder_is_replaced_and_writes_nothing_when_it_wakes_up() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    let [frozen, other]: [Leases; 2] = workers();
    frozen.renew(&db.worker).await.expect("renewed");
    assert_eq!(frozen.held("notebook"), Shards::ALL);
    let (reached, thaw) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holder = tokio::spawn({
        let (pool, follower) = (
            db.worker.clone(),
            Frozen {
                reached: reached.clone(),
                thaw: thaw.clone(),
            },
        );
        async move { follow_once(&pool, &follower, 100).await }
    });
    reached.notified().await;

    // It holds leases, a transaction and the checkpoint's row, and says nothing any more.
    other.renew(&db.worker).await.expect("renewed");
    assert_eq!(other.held("notebook"), Shards::NONE, "they have not run out yet");
    let follower = Notebook::new("notebook", StartAt::Beginning);
    let replaced = async {
        while follower.seen_of(tenant).is_empty() {
            other.renew(&db.worker).await.expect("renewed");
            follow_shards(&db.worker, &follower, 100, other.held("notebook"))
                .await
                .expect("the round goes through");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), replaced)
        .await
        .expect("another worker takes over");
    assert_eq!(follower.seen_of(tenant), [1]);

    // It wakes up: its transaction is gone, and what it tries again finds nothing to do.
    thaw.notify_one();
    let woke = tokio::time::timeout(Duration::from_secs(20), holder)
        .await
        .expect("it comes to an end")
        .expect("no panic");
    assert_eq!(woke.map_or(0, |progress| progress.events), 0, "the other worker did it");
    let position: i64 = sqlx::query_scalar("select position from checkpoint where tenant_id = $1")
        .bind(tenant)
        .fetch_one(&db.owner)
        .await
        .expect("a checkpoint");
    assert_eq!(position, 1);
}
