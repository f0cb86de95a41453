use super::{coterie, environment, open};
use coterie_tests::{Database, database};
use serde_json::Value;

/// One byte of one event, as somebody with every right would change it.
async fn tamper(db: &Database, tenant: uuid::Uuid, position: i64) {
    let mut tx = db.owner.begin().await.expect("a transaction");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("a superuser may");
    let changed = sqlx::query(
        r#"update event set payload = replace(payload::text, '"owner"', '"ownes"')::json where tenant_id = $1 and position = $2"#,
    )
    .bind(tenant)
    .bind(position)
    .execute(&mut *tx)
    .await
    .expect("changed");
    assert_eq!(changed.rows_affected(), 1);
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn an_intact_log_is_counted_and_one_changed_byte_names_its_event() {
    let db = database().await;
    let (harbour, quay) = (open(&db, "harbour", true).await, open(&db, "quay", true).await);
    let variables = environment(&db, &[]);

    let intact = coterie(&["log", "verify", "--all"], &variables).await;
    assert_eq!(intact.code, 0, "{intact:?}");
    let lines: Vec<&str> = intact.out.lines().collect();
    assert_eq!(lines.len(), 4, "{intact:?}");
    for (pair, caller) in lines.chunks(2).zip([&harbour, &quay]) {
        let (line, guards) = (pair[0], pair[1]);
        assert!(guards.ends_with(": guards agree (34 tables, 4 rows)"), "{guards}");
        let head: (i64, Vec<u8>) = sqlx::query_as("select position, hash from event_head where tenant_id = $1")
            .bind(caller.tenant)
            .fetch_one(&db.owner)
            .await
            .expect("a head");
        let hash = head
            .1
            .iter()
            .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        assert!(
            line.ends_with(&format!(": {} events, intact, head {hash}", head.0)),
            "{line}"
        );
    }

    // The owner's event: the only one that names her.
    let (position, stream): (i64, uuid::Uuid) =
        sqlx::query_as("select position, stream_id from event where tenant_id = $1 and event_type = 'StaffAdded'")
            .bind(harbour.tenant)
            .fetch_one(&db.owner)
            .await
            .expect("she was added");
    tamper(&db, harbour.tenant, position).await;
    let broken = coterie(&["log", "verify", "--organization", "harbour"], &variables).await;
    assert_eq!(broken.code, 1, "{broken:?}");
    let expected = format!("harbour: broken at position {position} (StaffAdded, stream {stream}): ");
    assert!(broken.out.starts_with(&expected), "{broken:?}");

    // Control: another organization's log is what it was, and the exit code of all says that one is not.
    let control = coterie(&["log", "verify", "--organization", "quay"], &variables).await;
    assert!(control.code == 0 && control.out.contains("intact"), "{control:?}");
    assert_eq!(coterie(&["log", "verify", "--all"], &variables).await.code, 1);

    let unknown = coterie(&["log", "verify", "--organization", "nowhere"], &variables).await;
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (1, "There is no organization \u{201c}nowhere\u{201d}.\n")
    );
}

#[tokio::test]
async fn events_are_shown_by_stream_and_by_correlation() {
    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    let variables = environment(&db, &[]);
    let stream = owner.tenant.to_string();
    let shown = coterie(&["log", "show", &stream], &variables).await;
    assert_eq!(shown.code, 0, "{shown:?}");
    let lines: Vec<&str> = shown.out.lines().collect();
    assert_eq!(lines[0], "harbour");
    let at = |heading: &str| lines[1].find(heading).expect("a column");
    // Each cell begins where its heading does.
    for (heading, cell) in [
        ("TYPE", "OrganizationCreated v1 "),
        ("WHO", "staff:"),
        ("WHEN (UTC)", "20"),
    ] {
        assert!(lines[2][at(heading)..].starts_with(cell), "{shown:?}");
    }
    assert!(
        lines[3].starts_with("    ") && lines[3].contains("slug: harbour"),
        "{shown:?}"
    );

    let shown = coterie(&["log", "show", &stream, "--json"], &variables).await;
    let event: Value = serde_json::from_str(&shown.out).expect("one event is one line of JSON");
    assert_eq!(event["payload"]["slug"], "harbour");
    let correlation = event["correlation_id"].as_str().expect("an id");
    let shown = coterie(&["log", "show", "--correlation", correlation, "--json"], &variables).await;
    let types: Vec<Value> = shown
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["event_type"].clone())
        .collect();
    assert!(
        types.contains(&"OrganizationCreated".into()) && types.contains(&"StaffAdded".into()),
        "{types:?}"
    );

    // As of: an event, an instant, an organization.
    let position = event["position"].to_string();
    let until = coterie(&["log", "show", &stream, "--json", "--as-of", &position], &variables).await;
    assert_eq!(until.out.lines().count(), 1, "{until:?}");
    let before = coterie(&["log", "show", &stream, "--as-of", "2020-01-01T00:00:00Z"], &variables).await;
    assert_eq!(
        (before.code, before.err.as_str()),
        (1, "There is no event with this id.\n")
    );
    let now = event["occurred_at"].as_str().expect("an instant");
    let named = ["log", "show", &stream, "--organization", "harbour", "--as-of", now];
    assert_eq!(coterie(&named, &variables).await.code, 0);
    open(&db, "quay", true).await;
    let elsewhere = coterie(&["log", "show", &stream, "--organization", "quay"], &variables).await;
    assert_eq!(elsewhere.code, 1, "{elsewhere:?}");
    let odd = coterie(&["log", "show", &stream, "--as-of", "tomorrow"], &variables).await;
    assert!(odd.code == 2 && odd.err.contains("an instant such as"), "{odd:?}");

    let nothing = coterie(&["log", "show", &uuid::Uuid::nil().to_string()], &variables).await;
    assert_eq!(
        (nothing.code, nothing.err.as_str()),
        (1, "There is no event with this id.\n")
    );
}
