//! Appends to many organizations, one statement and one round trip each, against a plain INSERT of the same rows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use coterie_eventlog::{Append, CommandKey, Head, NewEvent, StreamWrite, append};
use jiff::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

use crate::measure::{self, CLIENTS, Load};
use crate::place::Place;
use crate::plain::{self, PAYLOAD};

const TENANTS: usize = 10_000;

/// Workloads so far, so that the baseline's positions never come twice.
static TURN: AtomicI64 = AtomicI64::new(0);

/// Where each organization's log stood when it was last written: a use case has read it for the organization's time.
pub type Heads = Arc<Mutex<HashMap<Uuid, Head>>>;

pub async fn run(place: &Place) {
    let (tenants, heads) = begin(&place.app, TENANTS).await;
    for (events, operations) in [(1, 500), (10, 300), (100, 100)] {
        let name = format!("Append of {events} to a new stream, {CLIENTS} clients, {TENANTS} organizations");
        against_insert(
            &place.app,
            &tenants,
            &name,
            events,
            Load {
                of: (u32::try_from(events).expect("few"), "events"),
                ..Load::operations(operations)
            },
            false,
            Some(&heads),
        )
        .await;
    }
    let name = format!("Append of 3 with a command key, {CLIENTS} clients, {TENANTS} organizations");
    against_insert(
        &place.app,
        &tenants,
        &name,
        3,
        Load {
            of: (3, "events"),
            ..Load::operations(300)
        },
        true,
        Some(&heads),
    )
    .await;
}

/// Organizations with a first event each, so that what is measured is no beginning.
pub async fn begin(pool: &PgPool, count: usize) -> (Arc<[Uuid]>, Heads) {
    let heads = Heads::default();
    let tenants: Arc<[Uuid]> = (0..count).map(|_| Uuid::now_v7()).collect();
    let parts: Vec<_> = tenants
        .chunks(count.div_ceil(CLIENTS))
        .map(|part| {
            let (pool, part, heads) = (pool.clone(), part.to_vec(), Arc::clone(&heads));
            tokio::spawn(async move {
                for tenant in part {
                    append_to(&pool, tenant, 1, false, Some(&heads)).await;
                }
            })
        })
        .collect();
    for part in parts {
        part.await.expect("every organization begins");
    }
    (tenants, heads)
}

/// `heads` is none where everybody writes to one organization: nobody knows where it stands.
pub async fn against_insert(
    pool: &PgPool,
    tenants: &Arc<[Uuid]>,
    name: &str,
    events: usize,
    load: Load,
    with_key: bool,
    heads: Option<&Heads>,
) {
    let tenants = Arc::clone(tenants);
    let whose = move |client: usize, number: usize| tenants[(number * load.clients + client) % tenants.len()];
    let ours = {
        let (pool, heads, whose) = (pool.clone(), heads.cloned(), whose.clone());
        move |client, number| {
            let (pool, tenant, heads) = (pool.clone(), whose(client, number), heads.clone());
            async move { append_to(&pool, tenant, events, with_key, heads.as_ref()).await }
        }
    };
    // Unique for the table's primary key, which is all that a baseline without a head knows.
    let base = TURN.fetch_add(1, Ordering::Relaxed) * 10_000_000_000;
    let pool = pool.clone();
    let plain = move |client: usize, number: usize| {
        let position = base + i64::try_from((number * load.clients + client) * events).expect("few");
        let (pool, tenant) = (pool.clone(), whose(client, number));
        async move { plain::insert_on(&pool, tenant, position, events).await }
    };
    measure::compare(name, ("append", ours), ("plain INSERT", plain), load).await;
}

pub async fn append_to(pool: &PgPool, tenant: Uuid, events: usize, with_key: bool, heads: Option<&Heads>) {
    let event = NewEvent {
        event_type: "BookingConfirmed",
        event_version: 1,
        payload: PAYLOAD.to_owned(),
    };
    let write = StreamWrite {
        category: "booking",
        stream_id: Uuid::now_v7(),
        expected_version: 0,
        events: vec![event; events],
    };
    let now = Timestamp::now();
    let known_head = heads.and_then(|heads| heads.lock().expect("nobody panics").get(&tenant).copied());
    let whole = Append {
        known_head,
        tenant_id: tenant,
        actor: "member:bench",
        command_id: Uuid::now_v7(),
        correlation_id: Uuid::now_v7(),
        causation: None,
        occurred_at: now,
        recorded_at: now,
        streams: vec![write],
        command_key: with_key.then(|| CommandKey {
            key: Uuid::now_v7().to_string(),
            request_hash: [1; 32],
            outcome: serde_json::Value::from("0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11"),
        }),
    };
    let appended = append(pool, whole).await.expect("a new stream takes events");
    if let Some(heads) = heads {
        heads.lock().expect("nobody panics").insert(tenant, appended.head());
    }
}
