use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use coterie_tests::database;
use coterie_worker::queue::{Job, enqueue_in_op, sweep};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Recorder, enqueue, eventually, new_job, options, start, status};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_do_two_hundred_jobs_once_each() {
    let db = database().await;
    let tenants = [Uuid::from_u128(1), Uuid::from_u128(2)];
    let mut transaction = db.app.begin().await.unwrap();
    for number in 0..200 {
        let job = new_job(tenants[number % 2], &format!("job-{number}"));
        assert!(enqueue_in_op(&mut transaction, job).await.unwrap());
    }
    transaction.commit().await.unwrap();
    let (one, two) = (
        Recorder::new("work", |_| async { Ok(()) }),
        Recorder::new("work", |_| async { Ok(()) }),
    );
    let first = start(&db.worker, vec![one.clone()], options());
    let second = start(&db.worker, vec![two.clone()], options());
    let all = || [one.seen(), two.seen()].concat();
    eventually("all jobs are done", || async {
        let done: i64 = sqlx::query_scalar("select count(*) from apalis.jobs where status = 'Done'")
            .fetch_one(&db.owner)
            .await
            .unwrap();
        done == 200
    })
    .await;
    for worker in [first, second] {
        worker.cancel.cancel();
        worker.task.await.unwrap();
    }
    let jobs: Vec<Job> = all();
    assert_eq!(jobs.len(), 200);
    let keys: HashSet<&str> = jobs.iter().map(|job| job.payload["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 200);
    for job in &jobs {
        let number: usize = job.payload["key"].as_str().unwrap()["job-".len()..].parse().unwrap();
        assert_eq!(job.tenant, tenants[number % 2]);
        assert_eq!((job.attempt, job.max_attempts), (1, 3));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_due_job_starts_soon() {
    let db = database().await;
    let handler = Recorder::new("work", |_| async { Ok(()) });
    let _worker = start(&db.worker, vec![handler.clone()], options());
    let mut waits = Vec::new();
    for number in 0..20 {
        let enqueued = Instant::now();
        assert!(enqueue(&db, new_job(Uuid::from_u128(1), &format!("{number}"))).await);
        while handler.seen().len() <= number {
            assert!(enqueued.elapsed() < super::PATIENCE);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        waits.push(enqueued.elapsed());
    }
    waits.sort();
    println!("from commit to start: median {:?}, worst {:?}", waits[10], waits[19]);
    // Normally within 50 ms; a busy machine gets some grace before the test calls it broken.
    assert!(waits[10] < Duration::from_millis(250), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_run_at_once_than_there_are_slots() {
    let db = database().await;
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = (running.clone(), most.clone());
    let gate = Arc::new(Semaphore::new(0));
    let closed = gate.clone();
    let handler = Recorder::new("work", move |_| {
        let ((running, most), gate) = (counted.clone(), closed.clone());
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            gate.acquire().await.unwrap().forget();
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    });
    for number in 0..12 {
        assert!(enqueue(&db, new_job(Uuid::from_u128(1), &format!("{number}"))).await);
    }
    let _worker = start(&db.worker, vec![handler.clone()], options());
    eventually("the slots are full", || async { running.load(Ordering::SeqCst) == 4 }).await;
    gate.add_permits(12);
    eventually("all are done", || async {
        handler.seen().len() == 12 && running.load(Ordering::SeqCst) == 0
    })
    .await;
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn cancelling_finishes_what_runs_and_gives_back_the_rest() {
    let db = database().await;
    let gate = Arc::new(Semaphore::new(0));
    let closed = gate.clone();
    let handler = Recorder::new("work", move |_| {
        let gate = closed.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let worker = start(&db.worker, vec![handler.clone()], options());
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "running")).await);
    eventually("the job runs", || async { handler.seen().len() == 1 }).await;
    worker.cancel.cancel();
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "after")).await);
    assert!(!worker.task.is_finished());
    gate.add_permits(1);
    worker.task.await.unwrap();
    assert_eq!(status(&db, "running").await, "Done");
    assert_eq!(status(&db, "after").await, "Pending");
}

#[tokio::test]
async fn what_finished_long_ago_is_forgotten() {
    let db = database().await;
    for key in ["old", "fresh", "old-killed"] {
        assert!(enqueue(&db, new_job(Uuid::from_u128(1), key)).await);
    }
    sqlx::query(
        "update apalis.jobs set status = case when idempotency_key like '%killed' then 'Killed' else 'Done' end, \
         done_at = case when idempotency_key like '%fresh' then now() else now() - interval '8 days' end",
    )
    .execute(&db.owner)
    .await
    .unwrap();
    assert_eq!(sweep(&db.worker).await.unwrap(), 1);
    assert_eq!(status(&db, "fresh").await, "Done");
    assert_eq!(status(&db, "old-killed").await, "Killed");
}
