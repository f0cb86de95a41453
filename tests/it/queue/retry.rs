use std::time::Duration;

use coterie_tests::database;
use coterie_worker::queue::JobError;
use uuid::Uuid;

use super::{Recorder, enqueue, eventually, new_job, options, row, start, status};

#[tokio::test]
async fn a_job_is_tried_again_later_and_then_no_more() {
    let db = database().await;
    let handler = Recorder::new("work", |job| async move {
        match (job.payload["key"].as_str(), job.attempt) {
            (Some("second-time-lucky"), 2) => Ok(()),
            (Some("hopeless"), _) => Err(JobError::fail("the address is gone")),
            (_, attempt) => Err(JobError::retry(format!("no luck {attempt}"))),
        }
    });
    for key in ["second-time-lucky", "never", "hopeless"] {
        assert!(enqueue(&db, new_job(Uuid::from_u128(1), key)).await);
    }
    let _worker = start(&db.worker, vec![handler.clone()], options());
    eventually("all are settled", || async {
        status(&db, "second-time-lucky").await == "Done"
            && status(&db, "never").await == "Killed"
            && status(&db, "hopeless").await == "Killed"
    })
    .await;
    let attempts = |key: &str| -> Vec<u32> {
        handler
            .seen()
            .iter()
            .filter(|job| job.payload["key"] == key)
            .map(|job| job.attempt)
            .collect()
    };
    assert_eq!(attempts("second-time-lucky"), [1, 2]);
    assert_eq!(attempts("never"), [1, 2, 3]);
    assert_eq!(attempts("hopeless"), [1]);
    assert_eq!(row(&db, "never").await.2["Err"], "gave up after attempt 3: no luck 3");
    assert_eq!(row(&db, "hopeless").await.2["Err"], "the address is gone");
}

#[tokio::test]
async fn the_wait_grows_and_can_be_asked_for() {
    let db = database().await;
    let handler = Recorder::new("work", |job| async move {
        let after = (job.payload["key"] == "asked").then_some(Duration::from_mins(15));
        Err(JobError::Retry {
            reason: "busy".to_owned(),
            after,
        })
    });
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "asked")).await);
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "backoff")).await);
    let mut slow = options();
    slow.backoff_base = Duration::from_mins(1);
    let _worker = start(&db.worker, vec![handler], slow);
    eventually("both wait", || async {
        status(&db, "asked").await == "Failed" && status(&db, "backoff").await == "Failed"
    })
    .await;
    let waits: Vec<(String, f64)> = sqlx::query_as(
        "select split_part(idempotency_key, ':', 3), extract(epoch from run_at - done_at)::float8 \
         from apalis.jobs order by 1",
    )
    .fetch_all(&db.owner)
    .await
    .unwrap();
    assert!((899.0..=901.0).contains(&waits[0].1), "{waits:?}");
    assert!((29.0..=61.0).contains(&waits[1].1), "{waits:?}");
}

#[tokio::test]
async fn a_panic_is_a_retry_and_the_worker_goes_on() {
    let db = database().await;
    let handler = Recorder::new("work", |job| async move {
        assert!(job.payload["key"] != "panics" || job.attempt > 1, "out of cheese");
        Ok(())
    });
    let _worker = start(&db.worker, vec![handler.clone()], options());
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "panics")).await);
    eventually("the panic was tried again", || async {
        status(&db, "panics").await == "Done"
    })
    .await;
    assert_eq!(row(&db, "panics").await.1, 2);
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "calm")).await);
    eventually("the worker goes on", || async { status(&db, "calm").await == "Done" }).await;
}

#[tokio::test]
async fn what_cannot_be_decoded_dies_alone() {
    let db = database().await;
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "garbled")).await);
    sqlx::query("update apalis.jobs set job = '\\xdeadbeef'")
        .execute(&db.owner)
        .await
        .unwrap();
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "sound")).await);
    let mut unknown = new_job(Uuid::from_u128(1), "unknown");
    unknown.kind = "of-a-later-release";
    assert!(enqueue(&db, unknown).await);
    let handler = Recorder::new("work", |_| async { Ok(()) });
    let _worker = start(&db.worker, vec![handler.clone()], options());
    eventually("all are settled", || async {
        status(&db, "garbled").await == "Killed"
            && status(&db, "sound").await == "Done"
            // Tried again until the limit: a newer worker might have known it.
            && status(&db, "unknown").await == "Killed"
    })
    .await;
    let (_, attempts, result) = row(&db, "garbled").await;
    assert_eq!(attempts, 1);
    assert!(
        result["Err"].as_str().unwrap().contains("could not be decoded"),
        "{result}"
    );
    assert_eq!(row(&db, "unknown").await.1, 3);
    assert_eq!(handler.seen().len(), 1);
}
