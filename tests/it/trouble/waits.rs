//! Locks, conflicts, a full pool, statements that do not end: contention is decided again, the rest is turned away.

use super::{LONGEST, scene, turned_away, waiting_backend};
use coterie_tests::stack;

/// What the database refuses a reservation with, for so many tries. The sequence counts outside of transactions.
fn refuse(state: &str, times: u32) -> String {
    format!(
        "create sequence tries; grant usage on sequence tries to coterie_app;
         create function refuse() returns trigger language plpgsql as $$
         begin
             if nextval('tries') <= {times} then raise exception 'as ordered' using errcode = '{state}'; end if;
             return new;
         end $$;
         create trigger refuse before insert on reservation for each row execute function refuse();"
    )
}

const OBEY: &str = "drop trigger refuse on reservation; drop function refuse; drop sequence tries;";

#[tokio::test]
async fn a_lock_that_is_not_let_go_ends_in_a_time_to_wait() {
    let scene = scene(stack().await).await;
    let before = scene.head().await;
    let mut held = scene.stack.db.owner.begin().await.unwrap();
    sqlx::query("select from resource_lock for update")
        .execute(&mut *held)
        .await
        .unwrap();
    let (answer, _) = tokio::join!(scene.book(10, "wish-1"), waiting_backend(&scene.stack.db.owner));
    turned_away(answer, "busy");
    assert_eq!(scene.head().await, before);
    held.rollback().await.unwrap();
    scene.book(10, "wish-1").await.expect(201);
    // It is the session's own limit that ends the wait, also where the role has none; a session without it has none.
    let limit: String = sqlx::query_scalar("show lock_timeout")
        .fetch_one(&scene.stack.app().pool)
        .await
        .unwrap();
    assert_eq!(limit, "5s");
    let control: String = sqlx::query_scalar("show lock_timeout")
        .fetch_one(&scene.stack.db.owner)
        .await
        .unwrap();
    assert_eq!(control, "0");
    scene.stack.shutdown().await;
}

#[tokio::test]
async fn a_full_pool_turns_away_and_serves_again_when_there_is_room() {
    let scene = scene(stack().await).await;
    let pool = &scene.stack.app().pool;
    let before = scene.head().await;
    let mut taken = Vec::new();
    while let Some(conn) = take(pool).await {
        taken.push(conn);
    }
    turned_away(scene.book(10, "wish-1").await, "busy");
    taken.clear();
    assert_eq!(scene.head().await, before);
    scene.book(10, "wish-1").await.expect(201);
    scene.stack.shutdown().await;
}

/// One more connection, while there is one.
async fn take(pool: &sqlx::PgPool) -> Option<sqlx::pool::PoolConnection<sqlx::Postgres>> {
    match pool.acquire().await {
        Ok(conn) => Some(conn),
        Err(sqlx::Error::PoolTimedOut) => None,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn two_that_met_are_decided_again_at_once_and_what_always_meets_is_turned_away() {
    let scene = scene(stack().await).await;
    for (hour, state) in [(8, "40001"), (10, "40P01")] {
        let owner = &scene.stack.db.owner;
        let order = |times| sqlx::AssertSqlSafe(refuse(state, times));
        sqlx::raw_sql(order(1)).execute(owner).await.unwrap();
        scene.book(hour, &format!("once-{state}")).await.expect(201);
        scene.sql(OBEY).await;
        let before = scene.api.head_at_rest(&scene.stack).await;
        // Control: without end it is not tried for ever.
        sqlx::raw_sql(order(1000)).execute(owner).await.unwrap();
        turned_away(scene.book(hour + 1, &format!("always-{state}")).await, "busy");
        let tries: i64 = sqlx::query_scalar("select last_value from tries")
            .fetch_one(owner)
            .await
            .unwrap();
        assert!((2..=5).contains(&tries), "{tries}");
        scene.sql(OBEY).await;
        assert_eq!(scene.head().await, before);
        let again = scene.book(hour + 1, &format!("always-{state}")).await.expect(201);
        assert_eq!(again.header("idempotent-replayed"), None);
    }
    scene.stack.shutdown().await;
}

#[tokio::test]
async fn a_database_without_room_or_on_its_way_down_is_away_and_no_fault_of_ours() {
    let scene = scene(stack().await).await;
    let before = scene.head().await;
    for state in ["53100", "53200", "57P01", "57P03", "58030", "25006"] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(refuse(state, 1000)))
            .execute(&scene.stack.db.owner)
            .await
            .unwrap();
        turned_away(scene.book(10, "wish-1").await, "unavailable");
        scene.sql(OBEY).await;
    }
    // Control: what is wrong with what we asked is not told as trouble that passes.
    sqlx::raw_sql(sqlx::AssertSqlSafe(refuse("22003", 1000)))
        .execute(&scene.stack.db.owner)
        .await
        .unwrap();
    scene.book(10, "wish-1").await.expect(500);
    scene.sql(OBEY).await;
    assert_eq!(scene.head().await, before);
    scene.book(10, "wish-1").await.expect(201);
    scene.stack.shutdown().await;
}

#[tokio::test]
async fn a_statement_that_does_not_end_is_ended() {
    let scene = scene(stack().await).await;
    let before = scene.head().await;
    scene
        .sql(
            "create function refuse() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
             create trigger refuse before insert on reservation for each row execute function refuse();",
        )
        .await;
    let started = tokio::time::Instant::now();
    turned_away(scene.book(10, "wish-1").await, "busy");
    assert!(started.elapsed() < LONGEST);
    scene.sql("drop trigger refuse on reservation").await;
    assert_eq!(scene.head().await, before);
    scene.book(10, "wish-1").await.expect(201);
    scene.stack.shutdown().await;
}
