//! Waiting for projections: read your own writes, bounded.

use std::time::Duration;

use coterie_eventlog::{StartAt, wait_for};
use uuid::Uuid;

use super::commit_one;
use super::follow::{Notebook, drain};

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn it_waits_until_every_named_projection_is_there() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    let (first, second) = (
        Notebook::new("first", StartAt::Beginning),
        Notebook::new("second", StartAt::Beginning),
    );
    drain(&db.worker, &first, 100).await;
    let names = ["first", "second"];
    assert!(wait_for(&db.app, tenant, &["first"], 1, LONG).await.expect("no error"));
    assert!(
        !wait_for(&db.app, tenant, &names, 1, Duration::from_millis(30))
            .await
            .expect("no error")
    );
    let (reached, _) = tokio::join!(
        wait_for(&db.app, tenant, &names, 1, LONG),
        drain(&db.worker, &second, 100)
    );
    assert!(reached.expect("no error"));
    // Nothing to wait for.
    assert!(
        wait_for(&db.app, tenant, &["never seen"], 0, LONG)
            .await
            .expect("no error")
    );
}

#[tokio::test]
async fn it_does_not_wait_for_what_is_parked_before_the_position() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    commit_one(&db.app, tenant).await;
    let follower = Notebook::new("notebook", StartAt::Beginning);
    follower.poison(Some((tenant, 2)));
    drain(&db.worker, &follower, 100).await;
    assert!(
        wait_for(&db.app, tenant, &["notebook"], 1, LONG)
            .await
            .expect("no error")
    );
    let started = tokio::time::Instant::now();
    assert!(
        !wait_for(&db.app, tenant, &["notebook"], 2, LONG)
            .await
            .expect("no error")
    );
    assert!(started.elapsed() < LONG / 2, "it must not wait the time out");
}
