//! Connections that go away in the middle of a request.

use super::{proxy::Proxy, scene, turned_away, waiting_backend};
use coterie_tests::{stack, stack_with};
use serde_json::Value;

#[tokio::test]
async fn a_session_ended_in_mid_command_leaves_nothing_and_the_same_key_carries_it_out() {
    let scene = scene(stack().await).await;
    let owner = &scene.stack.db.owner;
    let before = scene.head().await;
    // Somebody holds the room's row, so that the command stands still where it can be hit.
    let mut held = owner.begin().await.unwrap();
    sqlx::query("select from resource_lock for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let (answer, ()) = tokio::join!(scene.book(10, "wish-1"), async {
        let pid = waiting_backend(owner).await;
        let ended: bool = sqlx::query_scalar("select pg_terminate_backend($1)")
            .bind(pid)
            .fetch_one(owner)
            .await
            .unwrap();
        assert!(ended);
    });
    turned_away(answer, "unavailable");
    held.rollback().await.unwrap();
    assert_eq!(scene.head().await, before);
    let again = scene.book(10, "wish-1").await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), None, "the first try left nothing");
    scene.stack.shutdown().await;
}

/// The commit went through and its answer was lost: only the key can tell.
#[tokio::test]
async fn a_lost_answer_to_a_commit_is_found_again_under_its_key() {
    let cluster = std::env::var("DATABASE_URL").unwrap();
    let proxy = Proxy::start(&cluster.parse().unwrap()).await;
    let port = proxy.port;
    let scene = scene(
        stack_with(|config| {
            let mut url: url::Url = config.app_url.to_string().parse().unwrap();
            url.set_host(Some("127.0.0.1")).unwrap();
            url.set_port(Some(port)).unwrap();
            config.app_url = url.as_str().parse().unwrap();
        })
        .await,
    )
    .await;

    proxy.lose_next_commit();
    turned_away(scene.book(10, "wish-1").await, "unavailable");
    assert!(proxy.lost(), "the answer to the commit was lost and nothing else");
    let committed = scene.head().await;
    let again = scene.book(10, "wish-1").await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("log-position"), Some(committed.to_string().as_str()));
    assert_eq!(scene.head().await, committed);
    // Control: under another key it would have been a second command, and the room is taken.
    let other = scene.book(10, "wish-2").await.expect(409);
    assert_eq!(other.json::<Value>()["code"], "slot_taken");
    scene.stack.shutdown().await;
}

#[tokio::test]
async fn pages_say_so_in_words() {
    let scene = scene(stack().await).await;
    let visitor = scene.stack.person_at("harbour");
    visitor.get("/sign-in").await.expect(200);
    scene.stack.app().pool.close().await;
    let answer = visitor.get("/sign-in").await.expect(503);
    assert!(answer.header("retry-after").is_some());
    assert!(
        answer.body.contains("Our database does not answer right now."),
        "{}",
        answer.body
    );
    turned_away(scene.api.get("/v1/members").await, "unavailable");
    scene.stack.shutdown().await;
}
