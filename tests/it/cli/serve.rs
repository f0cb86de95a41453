use super::{coterie_until, environment, open};
use coterie_tests::{Person, database};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback has ports");
    listener.local_addr().expect("it listens").port()
}

/// Asks until the server is there.
async fn ready(port: u16) {
    let asking = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking)
        .await
        .expect("the server starts");
}

#[tokio::test]
async fn pages_are_served_until_told_to_stop() {
    let db = database().await;
    open(&db, "harbour", true).await;
    let port = free_port();
    let (bind, url) = (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"));
    let variables = environment(&db, &[("COTERIE_BIND", &bind), ("COTERIE_PUBLIC_URL", &url)]);
    let cancel = CancellationToken::new();
    let visiting = async {
        ready(port).await;
        let person = Person::new(&url);
        person.get("/readyz").await.expect(200);
        person.get("/metrics").await;
        person
            .get(&format!("http://harbour.localhost:{port}/no-such-page"))
            .await
            .expect(404);
        cancel.cancel();
    };
    let (ended, ()) = tokio::join!(coterie_until(&["serve"], &variables, cancel.clone()), visiting);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}

#[tokio::test]
async fn a_worker_follows_the_log_until_told_to_stop() {
    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    let cancel = CancellationToken::new();
    let watching = async {
        let names = coterie_app::projections::ALL;
        let patience = Duration::from_secs(60);
        let reached = coterie_eventlog::wait_for(&db.worker, owner.tenant, &names, 1, patience).await;
        assert!(reached.expect("the database answers"), "the models follow");
        cancel.cancel();
    };
    let variables = environment(&db, &[]);
    let (ended, ()) = tokio::join!(coterie_until(&["work"], &variables, cancel.clone()), watching);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
}
