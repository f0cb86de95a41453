//! Neither the machine's zone nor a clock set back shows in the log.

use coterie_app::{Caller, Operation, member, member::ImportMember};
use coterie_tests::{chain, database};
use jiff::{Timestamp, ToSpan};
use jiff_sqlx::ToSqlx;
use std::path::PathBuf;
use std::process::Command;

use crate::cli::environment;

/// The program under another zone reads the same instants.
#[tokio::test]
async fn in_auckland_the_log_reads_the_same() {
    let named = std::env::var_os("COTERIE_BINARY").unwrap_or_else(|| "target/debug/coterie".into());
    // Tests run in their package's folder, the program is named from the workspace's.
    let places = [PathBuf::from(&named), PathBuf::from("..").join(&named)];
    let Some(program) = places.into_iter().find(|path| path.exists()) else {
        coterie_tests::skip(
            "in_auckland_the_log_reads_the_same",
            "there is no program at COTERIE_BINARY",
        );
        return;
    };
    let db = database().await;
    let app = chain::app(db.app.clone());
    let opened = chain::open_chain(&app, "harbour").await;
    let read = |zone: &str| {
        let output = Command::new(&program)
            .args(["log", "show", "--json", &opened.ada.to_string()])
            .env_clear()
            .envs(environment(&db, &[]))
            .env("TZ", zone)
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (here, there) = (read("UTC"), read("Pacific/Auckland"));
    assert!(here.contains("MemberImported"), "{here}");
    assert_eq!(here, there);
}

/// A live organization whose machine's clock was ahead and is set right: what is decided next is not earlier.
#[tokio::test]
async fn a_clock_set_back_does_not_take_the_organization_back() {
    let db = database().await;
    let owner = crate::cli::open(&db, "harbour", false).await;
    let app = crate::cli::app(&db);
    // As if the last append had been made while the clock was an hour ahead.
    let ahead: Timestamp = coterie_app::clock::wall_now() + 1.hour();
    sqlx::query("update event_head set occurred_at = $2 where tenant_id = $1")
        .bind(owner.tenant)
        .bind(ahead.to_sqlx())
        .execute(&db.owner)
        .await
        .unwrap();
    assert_eq!(
        now(&app, &owner).await,
        ahead,
        "decided no earlier than what was decided before"
    );
    for number in 0..3 {
        let row = ImportMember {
            external_id: format!("row-{number}"),
            name: "Ada".to_owned(),
            email: format!("ada{number}@example.test"),
            home_location_id: None,
            password: None,
        };
        member::import(&app, &owner, row).await.unwrap();
    }
    let times: Vec<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "select occurred_at from event where tenant_id = $1 and event_type = 'MemberImported' order by position",
    )
    .bind(owner.tenant)
    .fetch_all(&db.owner)
    .await
    .unwrap();
    let times: Vec<Timestamp> = times.into_iter().map(jiff_sqlx::Timestamp::to_jiff).collect();
    assert_eq!(times.len(), 3);
    assert!(times.iter().all(|time| *time >= ahead), "{times:?}");
    assert!(times.is_sorted());
}

async fn now(app: &coterie_app::App, caller: &Caller) -> Timestamp {
    Operation::open(app, caller).await.unwrap().now
}
