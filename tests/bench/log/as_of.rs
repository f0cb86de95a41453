//! A stream of 10,000 events folded as of some position, as a page with an as-of slider does, against reading the same
//! payloads and folding nothing.

use coterie_eventlog::{Append, NewEvent, StreamWrite, append, read_stream, set_tenant_in_op};
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::measure::{self, Load};
use crate::place::Place;
use crate::plain::PAYLOAD;

const EVENTS: i64 = 10_000;
const PER_APPEND: i64 = 1_000;

#[derive(Deserialize)]
struct Booked {
    price: Price,
}

#[derive(Deserialize)]
struct Price {
    minor: i64,
}

pub async fn run(place: &Place) {
    let (tenant, stream) = (Uuid::now_v7(), Uuid::now_v7());
    fill(&place.app, tenant, stream).await;
    let load = Load {
        clients: 1,
        operations: 25,
        of: (1, "folds"),
    };
    let (ours_on, read_on) = (place.app.clone(), place.app.clone());
    let ours = move |_, number: usize| {
        let pool = ours_on.clone();
        async move { fold(&pool, tenant, stream, as_of(number)).await }
    };
    let read = move |_, number: usize| {
        let pool = read_on.clone();
        async move { payloads(&pool, tenant, stream, as_of(number)).await }
    };
    measure::compare(
        &format!("As-of fold of one stream of {EVENTS} events, at positions over its last tenth"),
        ("read, parse and fold", ours),
        ("payloads alone", read),
        load,
    )
    .await;
}

/// Spread over the last tenth of the stream, so that every fold reads nearly all of it.
fn as_of(number: usize) -> i64 {
    let back = i64::try_from(number).expect("few") * 37 % (EVENTS / 10);
    EVENTS - back
}

async fn fold(pool: &PgPool, tenant: Uuid, stream: Uuid, version: i64) {
    let mut tx = pool.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    let events = read_stream(&mut tx, tenant, stream, 0, version)
        .await
        .expect("the stream can be read");
    let sum: i64 = events
        .iter()
        .map(|event| {
            serde_json::from_str::<Booked>(&event.payload)
                .expect("a booking")
                .price
                .minor
        })
        .sum();
    assert_eq!(sum, 4_000 * version);
}

async fn payloads(pool: &PgPool, tenant: Uuid, stream: Uuid, version: i64) {
    let mut tx = pool.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    let found: Vec<String> = sqlx::query_scalar(
        "select payload::text from event where tenant_id = $1 and stream_id = $2 and version <= $3 order by version",
    )
    .bind(tenant)
    .bind(stream)
    .bind(version)
    .fetch_all(&mut *tx)
    .await
    .expect("the stream can be read");
    assert_eq!(i64::try_from(found.len()), Ok(version));
}

async fn fill(pool: &PgPool, tenant: Uuid, stream: Uuid) {
    let event = NewEvent {
        event_type: "BookingConfirmed",
        event_version: 1,
        payload: PAYLOAD.to_owned(),
    };
    for expected_version in (0..EVENTS).step_by(usize::try_from(PER_APPEND).expect("few")) {
        let write = StreamWrite {
            category: "booking",
            stream_id: stream,
            expected_version,
            events: vec![event.clone(); usize::try_from(PER_APPEND).expect("few")],
        };
        let now = Timestamp::now();
        let whole = Append {
            tenant_id: tenant,
            actor: "member:bench",
            command_id: Uuid::now_v7(),
            correlation_id: Uuid::now_v7(),
            causation: None,
            occurred_at: now,
            recorded_at: now,
            streams: vec![write],
            command_key: None,
            known_head: None,
        };
        append(pool, whole).await.expect("the stream goes on");
    }
}
