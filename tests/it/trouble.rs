//! Whatever the database does, nobody is left hanging, nobody is told that it is our fault when it is not, nothing is
//! half done, and what was acknowledged is there.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod behind;
mod drops;
mod proxy;
mod races;
mod waits;
mod zones;

use coterie_tests::{Answer, TestStack};
use serde_json::Value;
use sqlx::PgPool;
use std::time::Duration;

use crate::api::client::{Client, Harbour, booking, set_up, subscribed};

/// Nobody waits longer than this for an answer, whatever the database does.
const LONGEST: Duration = Duration::from_secs(10);
/// For what the test itself waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A chain with a member who may book, at rest.
struct Scene {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
}

async fn scene(stack: TestStack) -> Scene {
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    stack.settle(api.chain.tenant).await;
    Scene {
        stack,
        api,
        harbour,
        ada,
    }
}

impl Scene {
    async fn head(&self) -> i64 {
        self.api.head(&self.stack).await
    }

    /// Ada asks for the room for an hour, under a key.
    async fn book(&self, hour: u8, key: &str) -> Answer {
        let wish = booking(&self.ada, &self.harbour.elbe, hour, hour + 1).to_string();
        let asking = self.api.post_with_key("/v1/bookings", &wish, key);
        tokio::time::timeout(LONGEST, asking).await.expect("nothing hangs")
    }

    async fn sql(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.stack.db.owner).await.unwrap();
    }
}

/// 503 as a problem that says when to ask again.
#[track_caller]
fn turned_away(answer: Answer, code: &str) {
    let answer = answer.expect(503);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let seconds: u32 = answer.header("retry-after").expect("a time to wait").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert_eq!(answer.json::<Value>()["code"], code);
}

/// The process id of the application's session that waits for a lock, once there is one.
async fn waiting_backend(owner: &PgPool) -> i32 {
    let looking = async {
        loop {
            let found: Option<i32> = sqlx::query_scalar(
                "select pid from pg_stat_activity
                 where datname = current_database() and usename = 'coterie_app' and wait_event_type = 'Lock'",
            )
            .fetch_optional(owner)
            .await
            .unwrap();
            if let Some(pid) = found {
                return pid;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("somebody waits")
}
