//! Command keys: replays find what was done, misuse shows, and a race has one winner.

use coterie_eventlog::{AppendError, RememberedCommand, find_command, set_tenant_in_op};
use sqlx::PgPool;
use uuid::Uuid;

use super::{all_at_once, an_append, commit, key, log_of, write};

async fn remembered(pool: &PgPool, tenant: Uuid, actor: &str, key: &str) -> Option<RememberedCommand> {
    let mut tx = pool.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    find_command(&mut tx, tenant, actor, key).await.expect("readable")
}

#[tokio::test]
async fn a_replay_finds_the_outcome_and_another_request_under_the_key_shows() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    assert_eq!(remembered(&db.app, tenant, "member:1", "k").await, None);
    let mut first = an_append(tenant, vec![write(Uuid::new_v4(), 0, 2)]);
    first.command_key = key("k", 1);
    commit(&db.app, first).await.expect("the key is new");

    let found = remembered(&db.app, tenant, "member:1", "k").await.expect("remembered");
    assert_eq!((found.request_hash, found.position), ([1; 32], 2));
    assert_eq!(found.outcome, serde_json::json!({ "booking": 1 }));

    // Replay and misuse both stop here; which of them it is, the request hash says.
    for request in [1, 2] {
        let mut again = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]);
        again.command_key = key("k", request);
        let refused = commit(&db.app, again).await;
        assert!(matches!(refused, Err(AppendError::CommandKeyTaken)), "{refused:?}");
    }
    assert_eq!(log_of(&db.app, tenant, tenant).await.len(), 2);
    assert_eq!(remembered(&db.app, tenant, "member:1", "k").await, Some(found));
}

#[tokio::test]
async fn a_key_belongs_to_one_actor_of_one_tenant() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    for (tenant, actor) in [(tenant, "member:1"), (tenant, "member:2"), (Uuid::new_v4(), "member:1")] {
        let mut append = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]);
        append.actor = actor;
        append.command_key = key("k", 1);
        commit(&db.app, append).await.expect("nobody else's key is in the way");
    }
}

#[tokio::test]
async fn of_one_request_sent_many_times_at_once_one_is_carried_out_and_the_rest_are_replays() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::new_v4(), Uuid::new_v4());
    let race = (0..20).map(|_| {
        let pool = db.app.clone();
        async move {
            // All expect the same version too: the key must win over the conflict.
            let mut append = an_append(tenant, vec![write(stream, 0, 1)]);
            append.command_key = key("k", 1);
            commit(&pool, append).await
        }
    });
    let results = all_at_once(race).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Err(AppendError::CommandKeyTaken)))
            .count(),
        19
    );
}

#[tokio::test]
async fn a_refused_append_does_not_use_its_key_up() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::new_v4(), Uuid::new_v4());
    let attempt = |expected| {
        let mut append = an_append(tenant, vec![write(stream, expected, 1)]);
        append.command_key = key("k", 1);
        append
    };
    let refused = commit(&db.app, attempt(5)).await;
    assert!(
        matches!(refused, Err(AppendError::VersionConflict { .. })),
        "{refused:?}"
    );
    commit(&db.app, attempt(0)).await.expect("the key is still free");
}
