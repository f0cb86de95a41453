use std::sync::Arc;
use std::time::{Duration, Instant};

use coterie_tests::database;
use coterie_worker::queue::{Job, JobError};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Recorder, enqueue, eventually, new_job, options, row, start, status};

/// Never comes back.
async fn hang() -> Result<(), JobError> {
    std::future::pending().await
}

#[tokio::test]
async fn jobs_of_a_worker_that_died_are_taken_over() {
    let db = database().await;
    let stuck = Recorder::new("work", |_| hang());
    let doomed = start(&db.worker, vec![stuck.clone()], options());
    assert!(enqueue(&db, new_job(Uuid::from_u128(7), "orphan")).await);
    let mut once = new_job(Uuid::from_u128(7), "only-once");
    once.max_attempts = 1;
    assert!(enqueue(&db, once).await);
    eventually("both run", || async { stuck.seen().len() == 2 }).await;

    let handler = Recorder::new("work", |_| async { Ok(()) });
    let _heir = start(&db.worker, vec![handler.clone()], options());
    drop(doomed);
    let died = Instant::now();
    eventually("the orphan is done", || async { status(&db, "orphan").await == "Done" }).await;
    println!("taken over after {:?}", died.elapsed());
    // Three missed heartbeats of one second, and the next beat of the heir.
    assert!(died.elapsed() < Duration::from_secs(8));
    let seen = handler.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].tenant, seen[0].attempt), (Uuid::from_u128(7), 2));
    // Its one attempt was used up, whatever became of it.
    assert_eq!(status(&db, "only-once").await, "Killed");
    assert_eq!(
        row(&db, "only-once").await.2["Err"],
        "The worker that held this job stopped."
    );
}

#[tokio::test]
async fn a_long_job_is_not_taken_from_a_living_worker_even_while_it_shuts_down() {
    let db = database().await;
    let gate = Arc::new(Semaphore::new(0));
    let closed = gate.clone();
    let slow = Recorder::new("work", move |_| {
        let gate = closed.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let worker = start(&db.worker, vec![slow.clone()], options());
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "long")).await);
    eventually("it runs", || async { slow.seen().len() == 1 }).await;
    let other = Recorder::new("work", |_| async { Ok(()) });
    let _other = start(&db.worker, vec![other.clone()], options());
    worker.cancel.cancel();
    eventually("both have lived on for longer than the dead are waited for", || async {
        let alive: i64 = sqlx::query_scalar(
            "select count(*) from apalis.workers \
             where last_seen > (select lock_at + interval '5 seconds' from apalis.jobs)",
        )
        .fetch_one(&db.owner)
        .await
        .unwrap();
        alive == 2
    })
    .await;
    gate.add_permits(1);
    worker.task.await.unwrap();
    assert_eq!(status(&db, "long").await, "Done");
    assert_eq!(row(&db, "long").await.1, 1);
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_worker_outlives_a_database_that_hangs_up() {
    let db = database().await;
    let handler = Recorder::new("work", |_| async { Ok(()) });
    let _worker = start(&db.worker, vec![handler.clone()], options());
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "before")).await);
    eventually("the first is done", || async { status(&db, "before").await == "Done" }).await;
    sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity \
         where datname = current_database() and usename = 'coterie_worker'",
    )
    .execute(&db.owner)
    .await
    .unwrap();
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "after")).await);
    eventually("the second is done", || async { status(&db, "after").await == "Done" }).await;
}

/// The database died after it had written a claim, a start or nothing of a settlement, and before the worker heard of it.
#[tokio::test]
async fn what_a_living_worker_never_heard_of_is_given_back() {
    let db = database().await;
    let gate = Arc::new(Semaphore::new(0));
    let closed = gate.clone();
    let handler = Recorder::new("work", move |job: Job| {
        let gate = closed.clone();
        async move {
            if job.payload["wait"] == true {
                gate.acquire().await.unwrap().forget();
            }
            Ok(())
        }
    });
    let _worker = start(&db.worker, vec![handler.clone()], options());
    let mut long = new_job(Uuid::from_u128(1), "long");
    long.payload = serde_json::json!({ "wait": true });
    assert!(enqueue(&db, long).await);
    eventually("the long one runs", || async { handler.seen().len() == 1 }).await;
    for (key, status, attempts, most) in [
        ("claimed", "Queued", 0, 5),
        ("started", "Running", 1, 5),
        ("last", "Running", 5, 5),
    ] {
        let mut later = new_job(Uuid::from_u128(1), key);
        later.run_at = Some("2100-01-01T00:00:00Z".parse().unwrap());
        assert!(enqueue(&db, later).await);
        sqlx::query(
            "update apalis.jobs set status = $2, attempts = $3, max_attempts = $4, run_at = now() - interval '1 minute',
                    lock_at = now() - interval '1 minute', lock_by = (select lock_by from apalis.jobs where status = 'Running' limit 1)
             where idempotency_key like '%:' || $1",
        )
        .bind(key)
        .bind(status)
        .bind(attempts)
        .bind(most)
        .execute(&db.owner)
        .await
        .unwrap();
    }
    // The long one has been here for longer than the lost ones are waited for, and is nobody's but its worker's.
    sqlx::query("update apalis.jobs set lock_at = now() - interval '1 minute' where idempotency_key like '%:long'")
        .execute(&db.owner)
        .await
        .unwrap();
    eventually("the lost ones are settled", || async {
        status(&db, "claimed").await == "Done"
            && status(&db, "started").await == "Done"
            && status(&db, "last").await == "Killed"
    })
    .await;
    assert_eq!((row(&db, "claimed").await.1, row(&db, "started").await.1), (1, 2));
    assert_eq!(status(&db, "long").await, "Running");
    gate.add_permits(1);
    eventually("the long one is done", || async { status(&db, "long").await == "Done" }).await;
    assert_eq!(row(&db, "long").await.1, 1);
}
