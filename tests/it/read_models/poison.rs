use coterie_app::{log::page as log, member::page as members, projections, today::today};
use coterie_eventlog::{Append, NewEvent, StreamWrite, append_in_op, follow_once, set_tenant_in_op};
use coterie_tests::chain;
use uuid::Uuid;

use super::{January, first_page, january};

/// Writes one event as no use case would.
pub(super) async fn scribble(here: &January, category: &'static str, event_type: &'static str, payload: &str) -> i64 {
    let tenant = here.chain.tenant;
    let now = chain::CLOCK.parse().unwrap();
    let mut tx = here.database.app.begin().await.unwrap();
    set_tenant_in_op(&mut tx, tenant).await.unwrap();
    let event = NewEvent {
        event_type,
        event_version: 1,
        payload: payload.to_owned(),
    };
    let streams = vec![StreamWrite {
        category,
        stream_id: Uuid::now_v7(),
        expected_version: 0,
        events: vec![event],
    }];
    let append = Append {
        tenant_id: tenant,
        actor: "test",
        command_id: Uuid::now_v7(),
        correlation_id: Uuid::now_v7(),
        causation: None,
        occurred_at: now,
        recorded_at: now,
        streams,
        command_key: None,
        known_head: None,
    };
    let position = append_in_op(&mut tx, append).await.unwrap().last_position;
    tx.commit().await.unwrap();
    position
}

async fn follow_and_park(here: &January) {
    for follower in projections::all(&chain::keys()) {
        while follow_once(&here.database.worker, follower.as_ref(), 500)
            .await
            .unwrap()
            .events
            > 0
        {}
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_parks_one_projection_of_one_organization() {
    let here = january().await;
    let position = scribble(&here, "booking", "BookingConfirmed", r#"{"booking_id":"not one"}"#).await;
    let other = chain::open_chain(&here.app, "elsewhere").await;
    follow_and_park(&here).await;
    let mine = today(&here.app, here.chain.tenant, None).await.unwrap();
    let [parked] = mine.parked.as_slice() else {
        panic!("one is parked: {mine:?}")
    };
    assert_eq!(
        (parked.projection.as_str(), parked.position),
        (projections::BOOKINGS, position)
    );
    assert!(parked.reason.contains("BookingConfirmed"), "{}", parked.reason);
    assert_eq!(mine.lagging, [(projections::BOOKINGS.to_owned(), 1)]);
    let theirs = today(&here.app, other.tenant, None).await.unwrap();
    assert_eq!((theirs.parked, theirs.lagging), (vec![], vec![]));
}

#[tokio::test]
async fn what_postgres_refuses_for_ever_parks_at_the_event_that_is_to_blame() {
    let here = january().await;
    // JSON can say NUL, text cannot hold it.
    let member = |name: &str, id: Uuid| {
        format!(r#"{{"member_id":"{id}","name":"{name}","email":"{id}@example.test","home_location_id":null}}"#)
    };
    let bad = scribble(&here, "member", "MemberSignedUp", &member("a\\u0000b", Uuid::now_v7())).await;
    scribble(&here, "member", "MemberSignedUp", &member("Grace", Uuid::now_v7())).await;
    follow_and_park(&here).await;
    let mine = today(&here.app, here.chain.tenant, None).await.unwrap();
    let [parked] = mine.parked.as_slice() else {
        panic!("one is parked: {mine:?}")
    };
    assert_eq!(
        (parked.projection.as_str(), parked.position),
        (projections::PEOPLE, bad)
    );
    let head = log::head(&here.app, here.chain.tenant).await.unwrap().unwrap();
    assert_eq!(head.position, bad + 1);
    let page = members::list(
        &here.app,
        here.chain.tenant,
        members::MemberFilter::default(),
        &first_page(),
    )
    .await
    .unwrap();
    assert_eq!(
        page.items.len(),
        1,
        "what came before it is there, what comes after waits"
    );
}
