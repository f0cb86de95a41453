use std::collections::HashSet;
use std::time::Duration;

use coterie_tests::database;
use coterie_worker::queue::{Cron, cron};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Recorder, eventually, options, start};

#[tokio::test]
async fn two_replicas_tick_once() {
    let db = database().await;
    let entries = || {
        vec![Cron {
            name: "pulse",
            kind: "work",
            every: Duration::from_secs(1),
            max_attempts: 1,
        }]
    };
    let cancel = CancellationToken::new();
    let replicas = [
        tokio::spawn(cron(db.worker.clone(), entries(), cancel.clone())),
        tokio::spawn(cron(db.worker.clone(), entries(), cancel.clone())),
    ];
    let handlers = [
        Recorder::new("work", |_| async { Ok(()) }),
        Recorder::new("work", |_| async { Ok(()) }),
    ];
    let _workers = handlers
        .clone()
        .map(|handler| start(&db.worker, vec![handler], options()));
    let seen = || handlers.iter().flat_map(|handler| handler.seen()).collect::<Vec<_>>();
    eventually("three ticks came", || async { seen().len() >= 3 }).await;
    cancel.cancel();
    for replica in replicas {
        replica.await.unwrap();
    }
    let jobs: i64 = sqlx::query_scalar("select count(*) from apalis.jobs")
        .fetch_one(&db.owner)
        .await
        .unwrap();
    eventually("every job ran", || async {
        i64::try_from(seen().len()).unwrap() == jobs
    })
    .await;
    let ticks: Vec<i64> = seen().iter().map(|job| job.payload["tick"].as_i64().unwrap()).collect();
    let distinct: HashSet<i64> = ticks.iter().copied().collect();
    assert_eq!(distinct.len(), ticks.len(), "a tick ran twice: {ticks:?}");
    assert!(seen().iter().all(|job| job.tenant == Uuid::nil()));
}
