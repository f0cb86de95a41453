//! The hash chain: the same bytes in SQL and in Rust, and every change is named.

use coterie_eventlog::{FIRST_PREVIOUS_HASH, Verdict, chain_hash, verify};
use coterie_tests::Database;
use sqlx::{AssertSqlSafe, Executor};
use uuid::Uuid;

use super::{an_append, commit, commit_one, instant, log_of, write};

#[tokio::test]
async fn sql_and_rust_hash_the_same_bytes_and_they_never_change() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut append = an_append(tenant, vec![write(stream, 0, 1)]);
    append.actor = "Zoë";
    commit(&db.app, append).await.expect("appended");
    let mut append = an_append(tenant, vec![write(stream, 1, 1)]);
    append.causation = Some(1);
    append.occurred_at = instant(123_456);
    commit(&db.app, append).await.expect("appended");

    let log = log_of(&db.app, tenant, tenant).await;
    assert_eq!(chain_hash(&FIRST_PREVIOUS_HASH, &log[0]), log[0].hash);
    assert_eq!(chain_hash(&log[0].hash, &log[1]), log[1].hash);
    // Computed apart, in Python, from the layout as written down. Whoever changes these has made every existing log
    // unverifiable.
    assert_eq!(
        hexadecimal(log[0].hash),
        "ab81fa177de155b9b3cff7fcb1b38c97bf01d84265da5c8c4a9fd2b6aa31686c"
    );
    assert_eq!(
        hexadecimal(log[1].hash),
        "d2d69bf28883444d10cae3b2b8db30c3ab6b9bbfd2afd0908cff6a71b780fbf3"
    );

    // Control: the hash depends on every field.
    let original = &log[1];
    let mut changed = vec![original.clone(); 13];
    changed[0].tenant_id = Uuid::nil();
    changed[1].position += 1;
    changed[2].category.push('s');
    changed[3].stream_id = Uuid::nil();
    changed[4].version += 1;
    changed[5].event_type.push('s');
    changed[6].event_version += 1;
    changed[7].actor.push('s');
    changed[8].command_id = Uuid::nil();
    changed[9].causation = None;
    changed[10].correlation_id = Uuid::nil();
    changed[11].occurred_at = instant(123_457);
    changed[12].recorded_at = instant(6);
    for event in changed {
        assert_ne!(chain_hash(&log[0].hash, &event), original.hash, "{event:?}");
    }
    // Text that moves from one field to the next changes it as well.
    let mut shifted = original.clone();
    shifted.category = "bookin".to_owned();
    shifted.event_type = "groom_booked".to_owned();
    assert_ne!(chain_hash(&log[0].hash, &shifted), original.hash);
}

fn hexadecimal(hash: [u8; 32]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}

/// Two tenants of five events each, on two streams; the second is never touched.
async fn two_logs(db: &Database) -> (Uuid, Uuid) {
    let (tampered, control) = (Uuid::new_v4(), Uuid::new_v4());
    for tenant in [tampered, control] {
        let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
        let streams = vec![write(first, 0, 2), write(second, 0, 3)];
        commit(&db.app, an_append(tenant, streams)).await.expect("appended");
    }
    (tampered, control)
}

/// Runs one statement as a superuser who has switched the triggers off.
async fn tamper(db: &Database, tenant: Uuid, statement: &str) {
    let mut tx = db.owner.begin().await.expect("a connection");
    tx.execute("set local session_replication_role = replica")
        .await
        .expect("a superuser may");
    let statement = statement.replace("$tenant", &format!("'{tenant}'"));
    let done = tx.execute(AssertSqlSafe(statement)).await.expect("a superuser may");
    assert!(done.rows_affected() > 0, "the statement changed nothing");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn an_untouched_log_is_intact_and_progress_is_told() {
    let db = coterie_tests::database().await;
    let (tenant, _) = two_logs(&db).await;
    let last = commit_one(&db.app, tenant).await;
    let mut told = Vec::new();
    let verdict = verify(&db.app, tenant, |events| told.push(events))
        .await
        .expect("readable");
    assert_eq!(
        verdict,
        Verdict::Intact {
            events: 6,
            head: last.head_hash,
            position: 6
        }
    );
    assert_eq!(told, [6]);
    assert_eq!(verify(&db.worker, tenant, |_| {}).await.expect("readable"), verdict);

    let empty = verify(&db.app, Uuid::new_v4(), |_| {}).await.expect("readable");
    assert_eq!(
        empty,
        Verdict::Intact {
            events: 0,
            head: FIRST_PREVIOUS_HASH,
            position: 0
        }
    );
}

#[tokio::test]
async fn a_log_of_many_pages_is_intact() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit(&db.app, an_append(tenant, vec![write(Uuid::new_v4(), 0, 2_500)]))
        .await
        .expect("appended");
    let mut told = Vec::new();
    let verdict = verify(&db.app, tenant, |events| told.push(events))
        .await
        .expect("readable");
    assert!(
        matches!(
            verdict,
            Verdict::Intact {
                events: 2_500,
                position: 2_500,
                ..
            }
        ),
        "{verdict:?}"
    );
    assert_eq!(told, [1_000, 2_000, 2_500]);
}

#[tokio::test]
async fn every_kind_of_tampering_is_named() {
    // What is done to the five events, which position is named, and with which words.
    let cases = [
        (
            "update event set payload = replace(payload::text, '1', '2')::json where tenant_id = $tenant and position = 2",
            2,
            "room_booked",
            "the event was changed",
        ),
        (
            "update event set payload = (payload::text || ' ')::json where tenant_id = $tenant and position = 3",
            3,
            "room_booked",
            "the event was changed",
        ),
        (
            "update event set actor = 'member:2' where tenant_id = $tenant and position = 1",
            1,
            "room_booked",
            "the event was changed",
        ),
        (
            "update event set recorded_at = recorded_at + interval '1 microsecond'
          where tenant_id = $tenant and position = 5",
            5,
            "room_booked",
            "the event was changed",
        ),
        (
            "update event set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where tenant_id = $tenant and position = 4",
            4,
            "room_booked",
            "the event was changed",
        ),
        (
            "delete from event where tenant_id = $tenant and position = 3",
            3,
            "(missing)",
            "was removed",
        ),
        (
            "delete from event where tenant_id = $tenant and position = 5",
            5,
            "(missing)",
            "there is none",
        ),
        (
            "delete from event where tenant_id = $tenant",
            1,
            "(missing)",
            "there is none",
        ),
        (
            "update event_head set hash = sha256(hash) where tenant_id = $tenant",
            5,
            "room_booked",
            "head row",
        ),
        (
            "update event_head set position = 4, hash = (select hash from event
             where event.tenant_id = event_head.tenant_id and position = 4) where tenant_id = $tenant",
            5,
            "room_booked",
            "beyond the head",
        ),
        (
            "delete from event_head where tenant_id = $tenant",
            1,
            "room_booked",
            "beyond the head",
        ),
    ];
    let db = coterie_tests::database().await;
    for (statement, named_position, named_type, words) in cases {
        let (tampered, control) = two_logs(&db).await;
        tamper(&db, tampered, statement).await;
        let verdict = verify(&db.app, tampered, |_| {}).await.expect("readable");
        let Verdict::Broken {
            position,
            event_type,
            reason,
            ..
        } = &verdict
        else {
            panic!("not noticed: {statement}");
        };
        assert_eq!(
            (*position, event_type.as_str()),
            (named_position, named_type),
            "{statement}: {verdict:?}"
        );
        assert!(reason.contains(words), "{statement}: {verdict:?}");
        let untouched = verify(&db.app, control, |_| {}).await.expect("readable");
        assert!(matches!(untouched, Verdict::Intact { events: 5, .. }), "{untouched:?}");
    }
}

#[tokio::test]
async fn a_change_that_brings_its_own_hash_breaks_the_next_link() {
    let db = coterie_tests::database().await;
    let (tenant, _) = two_logs(&db).await;
    let log = log_of(&db.app, tenant, tenant).await;
    let mut forged = log[1].clone();
    forged.actor = "member:2".to_owned();
    let hash = hexadecimal(chain_hash(&log[0].hash, &forged));
    let statement =
        format!("update event set actor = 'member:2', hash = '\\x{hash}' where tenant_id = $tenant and position = 2");
    tamper(&db, tenant, &statement).await;
    let verdict = verify(&db.app, tenant, |_| {}).await.expect("readable");
    assert!(matches!(verdict, Verdict::Broken { position: 3, .. }), "{verdict:?}");
}
