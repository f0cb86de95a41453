use coterie_tests::database;
use coterie_worker::queue::{enqueue_in_op, pending};
use uuid::Uuid;

use super::{enqueue, eventually, new_job, options, start, status};
use crate::queue::Recorder;

async fn count(db: &coterie_tests::Database) -> i64 {
    sqlx::query_scalar("select count(*) from apalis.jobs")
        .fetch_one(&db.owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_job_lives_and_dies_with_its_transaction() {
    let db = database().await;
    let mut transaction = db.app.begin().await.unwrap();
    assert!(
        enqueue_in_op(&mut transaction, new_job(Uuid::from_u128(1), "a"))
            .await
            .unwrap()
    );
    transaction.rollback().await.unwrap();
    assert_eq!(count(&db).await, 0);
}

#[tokio::test]
async fn a_repeated_key_is_one_job_and_leaves_the_transaction_usable() {
    let db = database().await;
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert!(enqueue(&db, new_job(one, "a")).await);
    let mut transaction = db.worker.begin().await.unwrap();
    assert!(!enqueue_in_op(&mut transaction, new_job(one, "a")).await.unwrap());
    assert!(enqueue_in_op(&mut transaction, new_job(one, "b")).await.unwrap());
    // Another tenant's key is another key.
    assert!(enqueue_in_op(&mut transaction, new_job(two, "a")).await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(count(&db).await, 3);
}

#[tokio::test]
async fn pending_counts_what_is_not_finished_for_one_tenant() {
    let db = database().await;
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let far = jiff::Timestamp::from_second(4_000_000_000).unwrap();
    for (key, tenant) in [("done", one), ("killed", one), ("retried", one), ("other", two)] {
        assert!(enqueue(&db, new_job(tenant, key)).await);
    }
    let mut later = new_job(one, "later");
    later.run_at = Some(far);
    assert!(enqueue(&db, later).await);

    let mut app = db.app.acquire().await.unwrap();
    assert_eq!(pending(&mut app, one).await.unwrap(), 4);
    let handler = Recorder::new("work", |job| async move {
        use coterie_worker::queue::JobError;
        match job.payload["key"].as_str() {
            Some("killed") => Err(JobError::fail("no")),
            Some("retried") => Err(JobError::Retry {
                reason: "not yet".to_owned(),
                after: Some(std::time::Duration::from_mins(10)),
            }),
            _ => Ok(()),
        }
    });
    let _worker = start(&db.worker, vec![handler], options());
    eventually("everything due was tried", || async {
        status(&db, "done").await == "Done"
            && status(&db, "killed").await == "Killed"
            && status(&db, "retried").await == "Failed"
            && status(&db, "other").await == "Done"
    })
    .await;
    // What waits for its time and what is to be tried again.
    assert_eq!(pending(&mut app, one).await.unwrap(), 2);
    assert_eq!(pending(&mut app, two).await.unwrap(), 0);
    let mut worker = db.worker.acquire().await.unwrap();
    assert_eq!(pending(&mut worker, one).await.unwrap(), 2);

    let mut conn = db.owner.acquire().await.unwrap();
    sqlx::query("set enable_seqscan = off")
        .execute(&mut *conn)
        .await
        .unwrap();
    let plan: Vec<String> = sqlx::query_scalar(
        "explain select count(*) from apalis.jobs where left(idempotency_key, 36) = 'x' \
         and status in ('Pending', 'Queued', 'Running', 'Failed')",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert!(plan.join("\n").contains("coterie_jobs_unfinished"), "{plan:#?}");
}

#[tokio::test]
async fn the_application_may_enqueue_and_nothing_else() {
    let db = database().await;
    assert!(enqueue(&db, new_job(Uuid::from_u128(1), "a")).await);
    assert!(sqlx::query("delete from apalis.jobs").execute(&db.app).await.is_err());
    assert!(
        sqlx::query("select from apalis.workers")
            .execute(&db.app)
            .await
            .is_err()
    );
    // Preparing again changes nothing and breaks nothing.
    coterie_worker::queue::setup(&db.owner).await.unwrap();
    assert_eq!(count(&db).await, 1);
}
