use super::{coterie, environment};
use coterie_tests::{Database, database};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The same cluster with an empty database; its name carries the process, so that a leftover is cleared away.
async fn blank(db: &Database) -> String {
    let name = format!("{}_blank", db.name);
    sqlx::query(AssertSqlSafe(format!(
        "create database {name} template template0 encoding 'UTF8' locale 'C.UTF-8'"
    )))
    .execute(&db.owner)
    .await
    .expect("a database can be created");
    db.url(None).replace(&db.name, &name)
}

#[tokio::test]
async fn an_empty_database_is_brought_up_to_date_and_once_more_changes_nothing() {
    let db = database().await;
    let url = blank(&db).await;
    let variables = environment(
        &db,
        &[
            ("DATABASE_URL", &url),
            ("WORKER_DATABASE_URL", &url.replace("//postgres@", "//coterie_worker@")),
        ],
    );
    let before = coterie(&["log", "verify", "--all"], &variables).await;
    assert_eq!((before.code, before.out.as_str()), (1, ""), "{before:?}");
    for _ in 0..2 {
        let ended = coterie(&["migrate"], &variables).await;
        assert!(ended.code == 0 && ended.out.contains("is up to date"), "{ended:?}");
    }
    let after = coterie(&["log", "verify", "--all"], &variables).await;
    assert_eq!(
        (after.code, after.out.as_str()),
        (0, "There is no organization yet.\n"),
        "{after:?}"
    );

    let mut conn = PgConnection::connect(&url).await.expect("the new database answers");
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_tables where schemaname in ('public', 'apalis')")
        .fetch_one(&mut conn)
        .await
        .expect("tables can be counted");
    assert!(tables > 20, "{tables}");
    conn.close().await.expect("closed");
    sqlx::query(AssertSqlSafe(format!("drop database {}_blank with (force)", db.name)))
        .execute(&db.owner)
        .await
        .expect("dropped");
}

#[tokio::test]
async fn the_roles_get_their_passwords_whatever_is_in_them() {
    let db = database().await;
    let ended = coterie(
        &["migrate"],
        &environment(&db, &[("COTERIE_APP_PASSWORD", r"it's; a \ pass$$word")]),
    )
    .await;
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    assert!(!ended.out.contains("pass$$word"));
    let verifier: Option<String> =
        sqlx::query_scalar("select rolpassword from pg_authid where rolname = 'coterie_app'")
            .fetch_one(&db.owner)
            .await
            .expect("a superuser may look");
    assert!(verifier.is_some_and(|verifier| verifier.starts_with("SCRAM-SHA-256$")));
    sqlx::query("alter role coterie_app password null")
        .execute(&db.owner)
        .await
        .expect("as it was");
}

#[tokio::test]
async fn what_is_missing_is_a_sentence() {
    let db = database().await;
    let ended = coterie(&["migrate"], &environment(&db, &[("DATABASE_URL", "")])).await;
    assert_eq!((ended.code, ended.err.as_str()), (1, "DATABASE_URL is not set.\n"));
    let ended = coterie(&["migrate"], &environment(&db, &[("DATABASE_URL", "nonsense")])).await;
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .err
            .starts_with("The environment cannot be read. DATABASE_URL is not"),
        "{ended:?}"
    );
    let ended = coterie(&["dance"], &[]).await;
    assert!(
        ended.code == 2 && ended.err.contains("unrecognized subcommand"),
        "{ended:?}"
    );
    let ended = coterie(&["--help"], &[]).await;
    assert!(
        ended.code == 0 && ended.out.contains("migrate") && ended.err.is_empty(),
        "{ended:?}"
    );
}
