//! Appends of one event and of many from a head that the caller knows: their hashes are computed before the database sees them,
//! and the head may have moved since.

use coterie_eventlog::{AppendError, Appended, Head, Verdict, append, chain_hash, set_tenant_in_op, verify};
use sqlx::PgPool;
use uuid::Uuid;

use super::{all_at_once, an_append, commit, commit_one, instant, key, log_of, write};

const MANY: usize = 20;

async fn intact(pool: &PgPool, tenant: Uuid, expected: i64) {
    let verdict = verify(pool, tenant, |_| {}).await.expect("readable");
    assert!(
        matches!(&verdict, Verdict::Intact { events, .. } if *events == expected),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn whoever_hashes_the_chain_is_the_same() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let mut last = commit_one(&db.app, tenant).await;
    for known_head in [None, Some(last.head())] {
        // A head that is told is that of the first event, so the second time it has moved.
        let mut append = an_append(
            tenant,
            vec![write(Uuid::new_v4(), 0, MANY), write(Uuid::new_v4(), 0, 2)],
        );
        append.known_head = known_head;
        let appended = commit(&db.app, append).await.expect("appended");
        assert_eq!(appended.first_position, last.last_position + 1);
        last = appended;
    }
    // Now it has not. Whoever's clock stands behind the log's has its time.
    let mut known = an_append(tenant, vec![write(Uuid::new_v4(), 0, MANY)]);
    known.known_head = Some(last.head());
    known.occurred_at = instant(-1_000_000);
    let appended = commit(&db.app, known).await.expect("appended");
    assert_eq!(appended.occurred_at, last.occurred_at);
    let log = log_of(&db.app, tenant, tenant).await;
    assert_eq!(log.last().map(|event| event.hash), Some(appended.head_hash));
    assert_eq!(log.last().map(|event| event.occurred_at), Some(last.occurred_at));
    for pair in log.windows(2) {
        assert_eq!(chain_hash(&pair[0].hash, &pair[1]), pair[1].hash);
    }
    intact(&db.app, tenant, 65).await;
}

#[tokio::test]
async fn a_head_that_nobody_told_is_asked_for_and_a_log_may_begin_with_many() {
    let db = coterie_tests::database().await;
    for in_a_transaction in [true, false] {
        let tenant = Uuid::new_v4();
        // The first finds no head at all, the second asks where it stands.
        for first_position in [1, 101] {
            let many = an_append(tenant, vec![write(Uuid::new_v4(), 0, 100)]);
            let appended = if in_a_transaction {
                commit(&db.app, many).await
            } else {
                append(&db.app, many).await
            };
            assert_eq!(appended.expect("appended").first_position, first_position);
        }
        intact(&db.app, tenant, 200).await;
    }
}

#[tokio::test]
async fn of_many_who_know_the_same_head_all_are_written_without_a_gap() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let head = commit_one(&db.app, tenant).await.head();
    let race = (0..16).map(|number| {
        let pool = db.app.clone();
        async move {
            let mut many = an_append(tenant, vec![write(Uuid::new_v4(), 0, MANY)]);
            many.known_head = Some(head);
            // In a transaction of their own, and as the statement that commits by itself.
            if number % 2 == 0 {
                commit(&pool, many).await
            } else {
                append(&pool, many).await
            }
        }
    });
    let mut ranges: Vec<(i64, i64)> = all_at_once(race)
        .await
        .into_iter()
        .map(|appended| appended.expect("nobody is in the way"))
        .map(|appended: Appended| (appended.first_position, appended.last_position))
        .collect();
    ranges.sort_unstable();
    let gapless: Vec<_> = (0..16).map(|nth| (2 + 20 * nth, 21 + 20 * nth)).collect();
    assert_eq!(ranges, gapless);
    intact(&db.app, tenant, 321).await;
}

#[tokio::test]
async fn a_head_that_never_stood_there_is_one_that_has_moved() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let mut head = commit_one(&db.app, tenant).await.head();
    for count in [1, MANY, 100] {
        // Another position, and what a rollback may have left: another event at the same position.
        for elsewhere in [true, false] {
            let mut append = an_append(tenant, vec![write(Uuid::new_v4(), 0, count)]);
            append.known_head = Some(if elsewhere {
                Head {
                    position: head.position + 6,
                    ..head
                }
            } else {
                Head { hash: [7; 32], ..head }
            });
            let appended = commit(&db.app, append)
                .await
                .expect("appended after the head that is there");
            assert_eq!(appended.first_position, head.position + 1);
            head = appended.head();
        }
    }
    intact(&db.app, tenant, 243).await;
}

/// Without them only whoever knows the head can append.
const ONLY_BY_TAKING_THE_HEAD: &str = "revoke execute on all functions in schema public from coterie_app;
     grant execute on function take_head, last_version, refuse_version to coterie_app";

#[tokio::test]
async fn whoever_knows_the_head_needs_no_other_way() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let mut head = commit_one(&db.app, tenant).await.head();
    sqlx::raw_sql(ONLY_BY_TAKING_THE_HEAD)
        .execute(&db.owner)
        .await
        .expect("an owner revokes");
    let mut number = 0;
    for in_a_transaction in [true, false] {
        for count in [1, 2, MANY, 100] {
            for with_key in [true, false] {
                number += 1;
                let mut known = an_append(tenant, vec![write(Uuid::new_v4(), 0, count)]);
                known.known_head = Some(head);
                known.command_key = with_key.then(|| key(&number.to_string(), 1)).flatten();
                let appended = if in_a_transaction {
                    commit(&db.app, known).await
                } else {
                    append(&db.app, known).await
                };
                head = appended.expect("appended").head();
            }
        }
    }
    // The control: whoever does not know it has lost the way.
    let mut unknown = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]);
    unknown.known_head = Some(Head { hash: [7; 32], ..head });
    let refused = commit(&db.app, unknown).await;
    assert!(matches!(refused, Err(AppendError::Database(_))), "{refused:?}");
    intact(&db.app, tenant, 493).await;
}

#[tokio::test]
async fn control_a_chain_that_does_not_follow_from_its_head_is_found() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let head = commit_one(&db.app, tenant).await.head();
    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    // Whoever appends must know the head, but nothing makes the hash follow from it.
    let written = sqlx::query(
        "insert into event (tenant_id, position, category, stream_id, version, event_type, event_version, actor, command_id,
                            correlation_id, occurred_at, recorded_at, payload, hash)
         select e.tenant_id, 2, e.category, gen_random_uuid(), 1, e.event_type, e.event_version, e.actor, e.command_id,
                e.correlation_id, e.occurred_at, e.recorded_at, e.payload, sha256('wrong')
         from event e
         where e.tenant_id = $1 and e.position = 1
           and take_head($1, 1, $2, 2, sha256('wrong'), e.occurred_at, e.recorded_at, null, null, null, null, e.actor, null,
                         null, null)",
    )
    .bind(tenant)
    .bind(head.hash)
    .execute(&mut *tx)
    .await
    .expect("the database believes it");
    assert_eq!(written.rows_affected(), 1);
    tx.commit().await.expect("committed");
    let verdict = verify(&db.app, tenant, |_| {}).await.expect("readable");
    assert!(!matches!(verdict, Verdict::Intact { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_stream_that_is_continued_has_no_hole_and_no_fork() {
    let db = coterie_tests::database().await;
    let (tenant, stream, other) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    commit(&db.app, an_append(tenant, vec![write(stream, 0, 3)]))
        .await
        .expect("a new stream");
    let elsewhere = Uuid::new_v4();
    let another = an_append(tenant, vec![write(elsewhere, 0, 1)]);
    let mut head = commit(&db.app, another).await.expect("another one").head();
    // From a version before the last one and from one after it, with and without another stream that is only asked for.
    for events in [1, 2, MANY] {
        for asks in [false, true] {
            for wrong in [2, 4] {
                let mut streams = vec![write(stream, wrong, events)];
                streams.extend(asks.then(|| write(other, 0, 0)));
                let mut refused = an_append(tenant, streams);
                refused.known_head = Some(head);
                let refused = commit(&db.app, refused).await;
                assert!(
                    matches!(refused, Err(AppendError::VersionConflict { stream_id, expected, .. })
                        if stream_id == stream && expected == wrong),
                    "{events} {asks} {wrong}: {refused:?}"
                );
            }
        }
    }
    // An event elsewhere that asks for the stream as it stood before.
    let mut stale = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1), write(stream, 2, 0)]);
    stale.known_head = Some(head);
    let refused = commit(&db.app, stale).await;
    assert!(
        matches!(refused, Err(AppendError::VersionConflict { actual: Some(3), .. })),
        "{refused:?}"
    );
    // A stream that goes on beside one that begins is named, and so is one that began meanwhile.
    for (streams, named, at, stands) in [
        (
            vec![write(Uuid::new_v4(), 0, 1), write(stream, 2, 1)],
            stream,
            2,
            Some(3),
        ),
        (vec![write(stream, 3, 1), write(elsewhere, 0, 1)], elsewhere, 0, None),
    ] {
        let mut refused = an_append(tenant, streams);
        refused.known_head = Some(head);
        let refused = commit(&db.app, refused).await;
        assert!(
            matches!(refused, Err(AppendError::VersionConflict { stream_id, expected, actual })
                if (stream_id, expected, actual) == (named, at, stands)),
            "{refused:?}"
        );
    }
    // One that is asked to be new, and then begins.
    let begun = Uuid::new_v4();
    let mut begins = an_append(tenant, vec![write(begun, 0, 0), write(begun, 0, 1)]);
    begins.known_head = Some(head);
    head = commit(&db.app, begins).await.expect("it begins").head();
    let mut version = 3;
    for events in [1, 2, MANY] {
        let mut right = an_append(tenant, vec![write(stream, version, events), write(other, 0, 0)]);
        right.known_head = Some(head);
        let appended = commit(&db.app, right).await.expect("it goes on");
        assert_eq!(appended.first_position, head.position + 1);
        head = appended.head();
        version += i64::try_from(events).expect("few");
    }
    intact(&db.app, tenant, 28).await;
}

#[tokio::test]
async fn a_head_that_moved_changes_no_refusal() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::new_v4(), Uuid::new_v4());
    let old = commit_one(&db.app, tenant).await.head();
    let mut first = an_append(tenant, vec![write(stream, 0, MANY)]);
    first.command_key = key("k", 1);
    first.known_head = Some(old);
    let now = commit(&db.app, first).await.expect("the key is new").head();
    for known in [old, now] {
        let mut replay = an_append(tenant, vec![write(stream, 0, MANY)]);
        replay.command_key = key("k", 1);
        replay.known_head = Some(known);
        let refused = commit(&db.app, replay).await;
        assert!(matches!(refused, Err(AppendError::CommandKeyTaken)), "{refused:?}");
        let mut late = an_append(tenant, vec![write(stream, 3, MANY)]);
        late.known_head = Some(known);
        let refused = commit(&db.app, late).await;
        assert!(
            matches!(refused, Err(AppendError::VersionConflict { expected: 3, .. })),
            "{refused:?}"
        );
    }
    intact(&db.app, tenant, 21).await;
}
