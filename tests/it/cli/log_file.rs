//! A log that leaves the house and proves itself: `log export` and `log verify --file`.

use super::{Ended, coterie, environment, open};
use coterie_eventlog::{
    Append, FIRST_PREVIOUS_HASH, NewEvent, StreamWrite, append_in_op, chain_hash, read_tenant, set_tenant_in_op,
};
use coterie_tests::{Database, database};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A folder that is gone when the test is over.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("coterie-test-{}", Uuid::new_v4()));
        std::fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Proves a file with no environment at all.
pub(crate) async fn prove(file: &str, more: &[&str]) -> Ended {
    let words = [&["log", "verify", "--file", file][..], more].concat();
    coterie(&words, &[]).await
}

/// As somebody would who rules the database: changes what is there, with triggers off.
pub(crate) async fn rule(db: &Database, statement: &'static str, tenant: Uuid) {
    let mut tx = db.owner.begin().await.expect("a transaction");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("a superuser may");
    let changed = sqlx::query(statement)
        .bind(tenant)
        .execute(&mut *tx)
        .await
        .expect("changed");
    assert!(changed.rows_affected() > 0);
    tx.commit().await.expect("committed");
}

/// And then makes the whole chain fit again, the head as well.
pub(crate) async fn recompute_chain(db: &Database, tenant: Uuid) {
    let mut tx = db.owner.begin().await.expect("a transaction");
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("a superuser may");
    let mut hash = FIRST_PREVIOUS_HASH;
    let events = read_tenant(&mut tx, tenant, 0, None, 10_000).await.expect("a log");
    for event in events {
        hash = chain_hash(&hash, &event);
        sqlx::query("update event set hash = $3 where tenant_id = $1 and position = $2")
            .bind(tenant)
            .bind(event.position)
            .bind(&hash[..])
            .execute(&mut *tx)
            .await
            .expect("changed");
    }
    sqlx::query("update event_head set hash = $2 where tenant_id = $1")
        .bind(tenant)
        .bind(&hash[..])
        .execute(&mut *tx)
        .await
        .expect("changed");
    tx.commit().await.expect("committed");
}

pub(crate) const CHANGE_THE_OWNER: &str =
    "update event set payload = replace(payload::text, '\"owner\"', '\"member\"')::json
     where tenant_id = $1 and event_type = 'StaffAdded'";

/// More events than opening an organization makes. One carries a sealed leaf, which nobody needs to open.
pub(crate) async fn write_notes(db: &Database, tenant: Uuid) {
    let event = |payload: &str| NewEvent {
        event_type: "NoteWritten",
        event_version: 1,
        payload: payload.to_owned(),
    };
    let sealed = r#"{"note": {"$sealed": {"key":"6c1f","text":"b2theQ=="}}}"#;
    let mut tx = db.app.begin().await.expect("a transaction");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant is set");
    let append = Append {
        tenant_id: tenant,
        actor: "system:test",
        command_id: Uuid::from_u128(1),
        correlation_id: Uuid::from_u128(2),
        causation: Some(1),
        occurred_at: jiff::Timestamp::UNIX_EPOCH,
        recorded_at: jiff::Timestamp::UNIX_EPOCH,
        streams: vec![StreamWrite {
            category: "note",
            stream_id: Uuid::from_u128(3),
            expected_version: 0,
            events: vec![
                event(r#"{"note":"one"}"#),
                event(sealed),
                event(r#"{"note":"three \u00e9"}"#),
            ],
        }],
        command_key: None,
        known_head: None,
    };
    append_in_op(&mut tx, append).await.expect("appended");
    tx.commit().await.expect("committed");
}

async fn export(db: &Database, slug: &str, file: &str) -> Ended {
    coterie(
        &["log", "export", "--organization", slug, "--out", file],
        &environment(db, &[]),
    )
    .await
}

#[tokio::test]
async fn an_exported_log_is_proven_without_database_or_environment() {
    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    write_notes(&db, owner.tenant).await;
    let folder = Folder::new();
    let file = folder.file("harbour.ndjson");
    let exported = export(&db, "harbour", &file).await;
    assert_eq!(exported.code, 0, "{exported:?}");
    let text = std::fs::read_to_string(&file).expect("a file");
    let events = text.lines().filter(|line| line.starts_with("{\"position\":")).count();
    assert_eq!(
        exported.out,
        format!("harbour: {events} events and 0 anchors in {file}\n")
    );

    let proven = prove(&file, &[]).await;
    assert_eq!(proven.code, 0, "{proven:?}");
    let begins = format!("harbour: {events} events, intact, head ");
    assert!(
        proven.out.starts_with(&begins) && proven.out.contains("No anchor vouches for it"),
        "{proven:?}"
    );
    let head = coterie(&["log", "verify", "--organization", "harbour"], &environment(&db, &[])).await;
    let hash = head
        .out
        .lines()
        .next()
        .and_then(|line| line.rsplit(' ').next())
        .expect("a hash")
        .to_owned();
    assert!(proven.out.contains(&hash), "{proven:?} {head:?}");

    // Without --out it is the answer itself.
    let streamed = coterie(&["log", "export", "--organization", "harbour"], &environment(&db, &[])).await;
    assert!(streamed.code == 0 && streamed.out == text, "the same bytes");
}

#[tokio::test]
async fn a_log_that_was_changed_in_the_database_is_named_in_the_file() {
    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    let folder = Folder::new();
    let file = folder.file("harbour.ndjson");
    rule(&db, CHANGE_THE_OWNER, owner.tenant).await;
    assert_eq!(
        export(&db, "harbour", &file).await.code,
        0,
        "what is damaged is exported as it is"
    );
    let (position,): (i64,) =
        sqlx::query_as("select position from event where tenant_id = $1 and event_type = 'StaffAdded'")
            .bind(owner.tenant)
            .fetch_one(&db.owner)
            .await
            .expect("she was added");
    let broken = prove(&file, &[]).await;
    assert_eq!(broken.code, 1, "{broken:?}");
    let says = format!("{file}: broken at line {}: event {position} was changed", position + 1);
    assert!(
        broken.out.starts_with(&says) && broken.out.contains("StaffAdded"),
        "{broken:?}"
    );

    // Control: whoever recomputes the chain gets past both, which is what anchors are for.
    recompute_chain(&db, owner.tenant).await;
    assert_eq!(export(&db, "harbour", &file).await.code, 0);
    assert_eq!(prove(&file, &[]).await.code, 0);
    let verified = coterie(&["log", "verify", "--all"], &environment(&db, &[])).await;
    assert!(verified.out.contains(" events, intact, head "), "{verified:?}");
    // The guards still know what the log has forgotten: they would have to be forged too.
    assert!(
        verified.code == 1
            && verified
                .out
                .contains("harbour: The guards could not be compared with the log: "),
        "{verified:?}"
    );
}

#[tokio::test]
async fn a_file_that_was_tampered_with_says_what_was_done() {
    let db = database().await;
    let owner = open(&db, "harbour", true).await;
    write_notes(&db, owner.tenant).await;
    let folder = Folder::new();
    let file = folder.file("harbour.ndjson");
    assert_eq!(export(&db, "harbour", &file).await.code, 0);
    let text = std::fs::read_to_string(&file).expect("a file");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 5, "header, three events, last line: {text}");
    let says = async |lines: Vec<&str>, said: &str| {
        let tampered = folder.file("tampered.ndjson");
        std::fs::write(&tampered, lines.join("\n") + "\n").expect("written");
        let broken = prove(&tampered, &[]).await;
        assert!(broken.code == 1 && broken.out.contains(said), "{said}: {broken:?}");
    };
    let changed = lines[2].replacen("\"actor\":\"", "\"actor\":\"x", 1);
    let with = |change: &dyn Fn(&mut Vec<&str>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        lines
    };
    let mut changed_lines = lines.clone();
    changed_lines[2] = &changed;
    says(changed_lines, "line 3: event 2 was changed").await;
    let without = with(&|lines| {
        lines.remove(2);
    });
    says(without, "line 3: event 2 was dropped").await;
    says(with(&|lines| lines.insert(3, lines[2])), "line 4 was inserted").await;
    says(with(&|lines| lines.swap(2, 3)), "line 3: events were reordered").await;
    says(with(&|lines| lines.truncate(3)), "cut off").await;
    says(with(&|lines| lines[2] = "garbage"), "line 3 cannot be read").await;
    // Control: the same lines untouched.
    std::fs::write(folder.file("same.ndjson"), lines.join("\n") + "\n").expect("written");
    assert_eq!(prove(&folder.file("same.ndjson"), &[]).await.code, 0);
}

#[tokio::test]
async fn what_was_not_understood_is_told() {
    let nowhere = prove("/nowhere/at-all.ndjson", &[]).await;
    assert_eq!(nowhere.code, 1);
    assert!(
        nowhere.err.starts_with("/nowhere/at-all.ndjson could not be read: "),
        "{nowhere:?}"
    );
    let key = prove("x", &["--public-key", "seven"]).await;
    assert!(key.code == 2 && key.err.contains("32 bytes in base64"), "{key:?}");
    let both = coterie(&["log", "verify", "--all", "--file", "x"], &[]).await;
    assert!(both.code == 2 && both.err.contains("cannot be used with"), "{both:?}");
    let none = coterie(&["log", "verify"], &[]).await;
    assert_eq!(none.code, 2, "{none:?}");

    let db = database().await;
    open(&db, "harbour", true).await;
    let unwritable = export(&db, "harbour", "/nowhere/at-all.ndjson").await;
    assert!(
        unwritable.code == 1
            && unwritable
                .err
                .starts_with("/nowhere/at-all.ndjson could not be written: "),
        "{unwritable:?}"
    );
    let unknown = export(&db, "nobody", "/nowhere/at-all.ndjson").await;
    assert_eq!(
        (unknown.code, unknown.err.as_str(), Path::new("/nowhere").exists()),
        (1, "There is no organization \u{201c}nobody\u{201d}.\n", false)
    );
}
