//! The machine's zone means nothing: the same story in Auckland and in UTC leaves the same events, at the same times, with
//! the same dates on the same invoices.

use super::alone;
use super::load::Load;
use super::set_up::set_up;
use super::workers::arrive;
use coterie_tests::processes::{ClusterOptions, House, HouseOptions};
use serde_json::Value;
use sqlx::Row as _;

#[tokio::test]
async fn the_machines_zone_changes_nothing() {
    let _alone = alone().await;
    let Some(here) = story("UTC").await else { return };
    let Some(there) = story("Pacific/Auckland").await else {
        return;
    };
    assert!(
        here.len() > 40 && here.iter().any(|line| line.contains("InvoiceIssued")),
        "{here:#?}"
    );
    for (ours, theirs) in here.iter().zip(&there) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(here.len(), there.len());
}

/// Every event of a month and a half, without the ids that are drawn anew each time.
async fn story(zone: &str) -> Option<Vec<String>> {
    let options = HouseOptions {
        cluster: ClusterOptions {
            settings: vec![format!("timezone={zone}")],
            ..ClusterOptions::default()
        },
        variables: vec![("TZ".to_owned(), zone.to_owned())],
    };
    let house = House::start("crash::zone", options).await?;
    let server = house.server.as_ref().expect("a server");
    let environment = std::fs::read_to_string(format!("/proc/{}/environ", server.pid())).expect("a process");
    assert!(
        environment.split('\0').any(|one| one == format!("TZ={zone}")),
        "{environment}"
    );
    let harbour = set_up(&house, 1, 1).await;
    // One client, and one more command at a time: everything comes in one order.
    Load::one_by_one(&house, &harbour, 7).await;
    house.settle(harbour.tenant).await;
    arrive(&house, &harbour, "2026-03-02T09:00:00Z").await;
    house.settle(harbour.tenant).await;
    let rows = sqlx::query("select event_type, actor, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at, payload::text as payload from event where tenant_id = $1")
        .bind(harbour.tenant)
        .fetch_all(&house.owner)
        .await
        .expect("the database answers");
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row.try_get::<String, _>(name).expect("text");
            let payload: Value = serde_json::from_str(&text("payload")).expect("JSON");
            format!("{} {} {}", text("at"), text("event_type"), plain(payload))
        })
        .collect();
    // Jobs of one moment finish in any order.
    lines.sort();
    Some(lines)
}

/// A payload without what is drawn anew: ids of ours and of the gateway, and what is sealed.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) if members.contains_key("$sealed") => Value::from("(sealed)"),
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| name != "catalogue_position")
            .map(|(name, value)| (name, plain(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => {
            let drawn = text.parse::<uuid::Uuid>().is_ok()
                || ["acct_", "cus_", "pm_", "pi_"]
                    .iter()
                    .any(|prefix| text.starts_with(prefix));
            // A memo ends in the intent's id.
            let kept = text.split(" (pi_").next().unwrap_or_default();
            Value::from(if drawn { "(id)" } else { kept })
        }
        plain => plain,
    }
}
