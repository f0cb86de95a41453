//! The worker publishes anchors by itself.

use coterie_eventlog::{Agreement, compare_anchors};
use coterie_tests::stack_with;
use coterie_worker::anchors::{AnchorStore, Anchors};
use std::time::Duration;

#[tokio::test]
async fn heads_are_published_on_a_schedule() {
    let folder = std::env::temp_dir().join(format!("coterie-anchors-{}", uuid::Uuid::new_v4()));
    let url = url::Url::from_directory_path(&folder).expect("a path");
    let key = coterie_eventlog::AnchorKey::from_base64("CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=");
    let anchors = Anchors {
        store: AnchorStore::open(&url, &[]).expect("a folder can be made"),
        key: key.expect("a key"),
        earlier_keys: Vec::new(),
        every: Duration::from_secs(1),
    };
    let house = stack_with(|config| config.anchors = Some(anchors.clone())).await;
    let chain = house.open_chain("harbour", jiff::Timestamp::UNIX_EPOCH).await;
    let until = std::time::Instant::now() + Duration::from_mins(1);
    let first = loop {
        if let Some(anchor) = anchors.store.all(chain.tenant).await.expect("a folder").pop() {
            break anchor;
        }
        assert!(std::time::Instant::now() < until, "no anchor in a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    first.check(&anchors.keys()).expect("signed by the worker's key");
    let kept = anchors.store.all(chain.tenant).await.expect("a folder");
    let agreed = compare_anchors(&house.db.worker, chain.tenant, &kept, &anchors.keys())
        .await
        .expect("readable");
    assert!(matches!(agreed, Agreement::Agrees { up_to: Some(_), .. }), "{agreed:?}");
    house.house.shutdown().await;
    drop(std::fs::remove_dir_all(&folder));
}
