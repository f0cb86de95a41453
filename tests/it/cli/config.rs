use super::{coterie, environment, open};
use coterie_tests::{Database, database};
use sqlx::AssertSqlSafe;

#[tokio::test]
async fn a_good_configuration_is_good() {
    let db = database().await;
    let ended = coterie(&["config", "check"], &environment(&db, &[])).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.out.ends_with("The configuration is good.\n") && !ended.out.contains("unsafe"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn what_is_missing_or_unsafe_is_told_in_sentences_and_without_secrets() {
    let db = database().await;
    let superuser = db.url(None);
    for (changes, expected) in [
        (
            &[("COTERIE_SECRET_KEY", "")][..],
            "unsafe: COTERIE_SECRET_KEY is not set.",
        ),
        (
            &[("COTERIE_SECRET_KEY", "c2VjcmV0")],
            "unsafe: COTERIE_SECRET_KEY is not 32 bytes in base64.",
        ),
        (
            &[("COTERIE_MASTER_KEYS", "")],
            "unsafe: COTERIE_MASTER_KEYS is not set: nothing personal could be sealed.",
        ),
        (
            &[("COTERIE_MASTER_KEYS", "new:c2VjcmV0")],
            "unsafe: COTERIE_MASTER_KEYS has a key that is not 32 bytes in base64: new.",
        ),
        (
            &[("APP_DATABASE_URL", superuser.as_str())],
            "unsafe: APP_DATABASE_URL connects as postgres, a superuser",
        ),
        (
            &[("WORKER_DATABASE_URL", superuser.as_str())],
            "unsafe: WORKER_DATABASE_URL connects as postgres, the role of",
        ),
        (
            &[("COTERIE_PUBLIC_URL", "http://coterie.example")],
            "unsafe: COTERIE_PUBLIC_URL is http on coterie.example",
        ),
        (
            &[("APP_DATABASE_URL", "postgres://coterie_app:hunter2@127.0.0.1:1/nowhere")],
            "unsafe: APP_DATABASE_URL (postgres://coterie_app@127.0.0.1:1/nowhere) could not be asked",
        ),
    ] {
        let ended = coterie(&["config", "check"], &environment(&db, changes)).await;
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.out.contains(expected), "{expected}: {ended:?}");
        assert!(
            !ended.out.contains("hunter2") && !ended.out.contains("c2VjcmV0"),
            "{ended:?}"
        );
    }
}

/// Commits of a role do not wait for the disk any more, in this database only.
async fn make_forgetful(db: &Database, role: &str) {
    sqlx::query(AssertSqlSafe(format!(
        "alter role {role} in database {} set synchronous_commit = off",
        db.name
    )))
    .execute(&db.owner)
    .await
    .expect("a superuser may");
}

#[tokio::test]
async fn with_a_live_organization_nothing_starts_on_a_database_that_forgets() {
    let db = database().await;
    make_forgetful(&db, "coterie_worker").await;
    open(&db, "harbour", true).await;
    let variables = environment(&db, &[]);
    let forgets = "PostgreSQL has synchronous_commit off for coterie_worker";
    let sandbox_only = coterie(&["config", "check"], &variables).await;
    assert!(
        sandbox_only.code == 0 && sandbox_only.out.contains(&format!("note: {forgets}")),
        "{sandbox_only:?}"
    );

    open(&db, "quay", false).await;
    let live = coterie(&["config", "check"], &variables).await;
    assert!(
        live.code == 1 && live.out.contains(&format!("unsafe: {forgets}")),
        "{live:?}"
    );
    for command in ["serve", "work"] {
        let refused = coterie(&[command], &variables).await;
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(
            refused.err.starts_with(&format!("Refusing to start. {forgets}")),
            "{refused:?}"
        );
    }
}
