//! Who may see and do what: tenants, roles, and an append-only table.

use coterie_eventlog::{AppendError, append_in_op, set_tenant_in_op};
use sqlx::{Executor, PgPool};
use uuid::Uuid;

use super::{an_append, commit, commit_one, log_of, sqlstate, write};

const PERMISSION_DENIED: &str = "42501";
const APPEND_ONLY: &str = "CT004";

#[tokio::test]
async fn a_tenant_sees_its_own_log_and_nobody_elses() {
    let db = coterie_tests::database().await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    commit_one(&db.app, mine).await;
    commit_one(&db.app, theirs).await;
    assert_eq!(log_of(&db.app, mine, mine).await.len(), 1);
    assert_eq!(log_of(&db.app, theirs, mine).await.len(), 0);
    // Without a filter in the query either.
    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, mine).await.expect("the tenant can be set");
    for table in ["select tenant_id from event", "select tenant_id from event_head"] {
        let seen: Vec<Uuid> = sqlx::query_scalar(table).fetch_all(&mut *tx).await.expect("readable");
        assert_eq!(seen, [mine], "{table}");
    }
    drop(tx);
    // Control: who speaks for the other tenant sees it, and without row-level security everybody sees everything.
    assert_eq!(log_of(&db.app, theirs, theirs).await.len(), 1);
    db.owner
        .execute("alter table event disable row level security")
        .await
        .expect("the owner may");
    assert_eq!(log_of(&db.app, theirs, mine).await.len(), 1);
}

#[tokio::test]
async fn the_table_owner_is_held_to_the_policies_too() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    // A superuser is above policies, so a plain role becomes the owner for this test, inside a transaction that is never committed.
    let mut tx = db.owner.begin().await.expect("a connection");
    let role = format!("owner_{}", Uuid::new_v4().simple());
    for statement in [
        format!("create role {role}"),
        format!("grant usage, create on schema public to {role}"),
        format!("alter table event owner to {role}"),
        format!("set local role {role}"),
    ] {
        tx.execute(sqlx::AssertSqlSafe(statement))
            .await
            .expect("a superuser may");
    }
    let count = "select count(*) from event";
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.expect("readable");
    assert_eq!(seen, 0);
    // Control: without FORCE the owner sees it.
    tx.execute("alter table event no force row level security")
        .await
        .expect("the owner may");
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *tx).await.expect("readable");
    assert_eq!(seen, 1);
    tx.rollback().await.expect("rolled back");
}

#[tokio::test]
async fn without_a_tenant_or_for_another_one_nothing_is_written() {
    let db = coterie_tests::database().await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    for pool in [&db.app, &db.worker] {
        for speaking_for in [None, Some(mine)] {
            let mut tx = pool.begin().await.expect("a connection");
            if let Some(tenant) = speaking_for {
                set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
            }
            let refused = append_in_op(&mut tx, an_append(theirs, vec![write(Uuid::new_v4(), 0, 1)])).await;
            let Err(AppendError::Database(error)) = refused else {
                panic!("not refused: {refused:?}")
            };
            assert_eq!(sqlstate::<()>(Err(error)), PERMISSION_DENIED);
        }
    }
    // Control: speaking for them it works.
    commit(&db.app, an_append(theirs, vec![write(Uuid::new_v4(), 0, 1)]))
        .await
        .expect("appended");
    // An existing head changes nothing, although the worker can see it.
    let mut tx = db.worker.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, mine).await.expect("the tenant can be set");
    let refused = append_in_op(&mut tx, an_append(theirs, vec![write(Uuid::new_v4(), 0, 1)])).await;
    assert!(matches!(refused, Err(AppendError::Database(_))), "{refused:?}");
    drop(tx);
    assert_eq!(log_of(&db.owner, theirs, theirs).await.len(), 1);
}

#[tokio::test]
async fn the_worker_reads_across_tenants_and_the_app_does_not() {
    let db = coterie_tests::database().await;
    commit_one(&db.app, Uuid::new_v4()).await;
    commit_one(&db.app, Uuid::new_v4()).await;
    for table in ["select count(*) from event", "select count(*) from event_head"] {
        let seen = |pool: PgPool| async move { sqlx::query_scalar::<_, i64>(table).fetch_one(&pool).await };
        assert_eq!(seen(db.worker.clone()).await.expect("readable"), 2, "{table}");
        assert_eq!(seen(db.app.clone()).await.expect("readable"), 0, "{table}");
    }
    // Command keys are nobody's business but the tenant's.
    let seen: i64 = sqlx::query_scalar("select count(*) from command_key")
        .fetch_one(&db.worker)
        .await
        .expect("readable");
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn events_are_never_changed_or_deleted() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    let statements = ["update event set actor = 'x'", "delete from event", "truncate event"];
    for statement in statements {
        for (pool, expected) in [
            (&db.app, PERMISSION_DENIED),
            (&db.worker, PERMISSION_DENIED),
            (&db.owner, APPEND_ONLY),
        ] {
            let mut tx = pool.begin().await.expect("a connection");
            set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
            assert_eq!(sqlstate(tx.execute(statement).await), expected, "{statement}");
        }
    }
    for statement in [
        "delete from event_head",
        "update command_key set key = 'x'",
        "delete from command_key",
    ] {
        for pool in [&db.app, &db.worker] {
            assert_eq!(
                sqlstate(pool.execute(statement).await),
                PERMISSION_DENIED,
                "{statement}"
            );
        }
    }
    // Control: a superuser who switches the triggers off can, which is what the hash chain is for.
    for statement in statements {
        let mut tx = db.owner.begin().await.expect("a connection");
        tx.execute("set local session_replication_role = replica")
            .await
            .expect("a superuser may");
        tx.execute(statement).await.expect("nothing stops a superuser");
        tx.rollback().await.expect("rolled back");
    }
}

#[tokio::test]
async fn the_roles_are_as_weak_as_they_should_be() {
    let db = coterie_tests::database().await;
    for (pool, role) in [(&db.app, "coterie_app"), (&db.worker, "coterie_worker")] {
        let (name, strong, owns): (String, bool, bool) = sqlx::query_as(
            "select rolname::text, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit,
                    exists (select from pg_class where relowner = r.oid)
                 or exists (select from pg_proc where proowner = r.oid)
                 or exists (select from pg_auth_members where member = r.oid)
             from pg_roles r where rolname = current_user",
        )
        .fetch_one(pool)
        .await
        .expect("readable");
        assert_eq!((name.as_str(), strong, owns), (role, false, false));
        assert_eq!(
            sqlstate(pool.execute("create table public.mine ()").await),
            PERMISSION_DENIED
        );
        for setting in [
            "lock_timeout",
            "statement_timeout",
            "idle_in_transaction_session_timeout",
        ] {
            let value: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(pool)
                .await
                .expect("readable");
            assert_ne!(value, "0", "{role} may wait for ever: {setting}");
        }
    }
}

#[tokio::test]
async fn the_tenant_does_not_outlive_its_transaction() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    let mut conn = db.app.acquire().await.expect("a connection");
    conn.execute("begin").await.expect("begun");
    set_tenant_in_op(&mut conn, tenant)
        .await
        .expect("the tenant can be set");
    let count = "select count(*) from event";
    let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut *conn).await.expect("readable");
    assert_eq!(seen, 1);
    conn.execute("commit").await.expect("committed");
    let seen: i64 = sqlx::query_scalar(count)
        .fetch_one(&mut *conn)
        .await
        .expect("an empty setting is no error");
    assert_eq!(seen, 0);
}
