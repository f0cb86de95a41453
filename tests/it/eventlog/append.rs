//! Appending: versions, positions, several streams, time, exact payloads.

use coterie_eventlog::{AppendError, StreamWrite, append_in_op, head, read_stream, set_tenant_in_op};
use uuid::Uuid;

use super::{all_at_once, an_append, commit, commit_one, instant, log_of, write};

#[tokio::test]
async fn of_many_who_expect_one_version_exactly_one_wins() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::new_v4(), Uuid::new_v4());
    let race = (0..30).map(|_| {
        let pool = db.app.clone();
        async move { commit(&pool, an_append(tenant, vec![write(stream, 0, 1)])).await }
    });
    let results = all_at_once(race).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    for result in results.iter().filter_map(|result| result.as_ref().err()) {
        let AppendError::VersionConflict {
            stream_id,
            expected: 0,
            actual: None,
        } = result
        else {
            panic!("not a conflict: {result:?}");
        };
        assert_eq!(*stream_id, stream);
    }
    assert_eq!(log_of(&db.app, tenant, tenant).await.len(), 1);
}

#[tokio::test]
async fn control_without_a_common_stream_everybody_wins_and_positions_have_no_gap() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let race = (0..30).map(|number| {
        let pool = db.app.clone();
        async move { commit(&pool, an_append(tenant, vec![write(Uuid::new_v4(), 0, 1 + number % 3)])).await }
    });
    let results = all_at_once(race).await;
    let mut ranges: Vec<_> = results
        .into_iter()
        .map(|result| result.expect("nobody is in the way"))
        .map(|appended| (appended.first_position, appended.last_position))
        .collect();
    ranges.sort_unstable();
    let mut next = 1;
    for (first, last) in ranges {
        assert_eq!(first, next);
        next = last + 1;
    }
    assert_eq!(next, 61, "30 appends of 1, 2 and 3 events");
    let positions: Vec<i64> = log_of(&db.app, tenant, tenant)
        .await
        .iter()
        .map(|event| event.position)
        .collect();
    assert_eq!(positions, (1..=60).collect::<Vec<i64>>());
}

#[tokio::test]
async fn several_streams_go_in_together_or_not_at_all() {
    let db = coterie_tests::database().await;
    let (tenant, first, second) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    let both = vec![write(first, 0, 2), write(second, 0, 1), write(first, 2, 1)];
    let appended = commit(&db.app, an_append(tenant, both))
        .await
        .expect("all streams are new");
    assert_eq!((appended.first_position, appended.last_position), (1, 4));
    let order: Vec<_> = log_of(&db.app, tenant, tenant)
        .await
        .iter()
        .map(|event| (event.position, event.stream_id, event.version))
        .collect();
    assert_eq!(order, [(1, first, 1), (2, first, 2), (3, second, 1), (4, first, 3)]);

    let refused = commit(
        &db.app,
        an_append(tenant, vec![write(first, 3, 1), write(second, 7, 1)]),
    )
    .await;
    assert!(
        matches!(refused, Err(AppendError::VersionConflict { stream_id, expected: 7, actual: Some(1) }) if stream_id == second),
        "{refused:?}"
    );
    assert_eq!(log_of(&db.app, tenant, tenant).await.len(), 4);

    // A stream without events is only checked.
    let check = StreamWrite {
        category: "booking",
        stream_id: second,
        expected_version: 0,
        events: Vec::new(),
    };
    let refused = commit(&db.app, an_append(tenant, vec![write(first, 3, 1), check.clone()])).await;
    assert!(
        matches!(refused, Err(AppendError::VersionConflict { actual: Some(1), .. })),
        "{refused:?}"
    );
    let check = StreamWrite {
        expected_version: 1,
        ..check
    };
    commit(&db.app, an_append(tenant, vec![write(first, 3, 1), check]))
        .await
        .expect("both stand where expected");
}

#[tokio::test]
async fn nothing_to_append_is_refused() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let refused = commit(&db.app, an_append(tenant, vec![write(Uuid::new_v4(), 0, 0)])).await;
    assert!(matches!(refused, Err(AppendError::Empty)), "{refused:?}");
    let refused = commit(&db.app, an_append(tenant, Vec::new())).await;
    assert!(matches!(refused, Err(AppendError::Empty)), "{refused:?}");
}

#[tokio::test]
async fn a_rollback_leaves_neither_trace_nor_gap() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    commit_one(&db.app, tenant).await;
    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    let lost = append_in_op(&mut tx, an_append(tenant, vec![write(Uuid::new_v4(), 0, 3)]))
        .await
        .expect("appended");
    assert_eq!(lost.last_position, 4);
    tx.rollback().await.expect("rolled back");
    assert_eq!(commit_one(&db.app, tenant).await.first_position, 2);
}

#[tokio::test]
async fn tenant_time_never_goes_back_and_wall_time_is_kept_as_it_was() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let mut later = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]);
    later.occurred_at = instant(1_000_000);
    commit(&db.app, later).await.expect("appended");
    let mut earlier = an_append(tenant, vec![write(Uuid::new_v4(), 0, 1)]);
    earlier.occurred_at = instant(0);
    earlier.recorded_at = instant(-7);
    let appended = commit(&db.app, earlier).await.expect("appended");
    assert_eq!(appended.occurred_at, instant(1_000_000));
    let log = log_of(&db.app, tenant, tenant).await;
    assert_eq!(
        (log[1].occurred_at, log[1].recorded_at),
        (instant(1_000_000), instant(-7))
    );

    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    let head = head(&mut tx, tenant)
        .await
        .expect("readable")
        .expect("there are events");
    assert_eq!(
        (head.position, head.hash, head.occurred_at),
        (2, appended.head_hash, instant(1_000_000))
    );
}

#[tokio::test]
async fn a_stream_reads_back_exactly_as_written() {
    let db = coterie_tests::database().await;
    let (tenant, stream) = (Uuid::new_v4(), Uuid::new_v4());
    let written = write(stream, 0, 3);
    let payloads: Vec<String> = written.events.iter().map(|event| event.payload.clone()).collect();
    let mut append = an_append(tenant, vec![written]);
    append.causation = Some(41);
    commit(&db.app, append).await.expect("appended");
    let mut tx = db.app.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    let events = read_stream(&mut tx, tenant, stream, 1, 1_000).await.expect("readable");
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(
        events.iter().map(|event| event.payload.clone()).collect::<Vec<_>>(),
        payloads[1..]
    );
    assert_eq!(
        (events[0].category.as_str(), events[0].event_type.as_str()),
        ("booking", "room_booked")
    );
    assert_eq!((events[0].causation, events[0].actor.as_str()), (Some(41), "member:1"));
    let one = read_stream(&mut tx, tenant, stream, 0, 1).await.expect("readable");
    assert_eq!(one.len(), 1, "a limit is a limit");
}

#[tokio::test]
async fn a_payload_that_is_no_json_is_refused() {
    let db = coterie_tests::database().await;
    let tenant = Uuid::new_v4();
    let mut broken = write(Uuid::new_v4(), 0, 1);
    broken.events[0].payload = "{".to_owned();
    let refused = commit(&db.app, an_append(tenant, vec![broken])).await;
    assert!(matches!(refused, Err(AppendError::Database(_))), "{refused:?}");
    assert_eq!(log_of(&db.app, tenant, tenant).await.len(), 0);
}
