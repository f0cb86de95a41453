//! Appending to the log against the cheapest thing that keeps the same rows: an INSERT into a table of the same columns
//! and indexes, without positions that must have no gap, without hash chain, row-level security and version check.

use crate::measure::{self, CLIENTS};
use coterie_eventlog::{Append, NewEvent, StreamWrite, append_in_op, set_tenant_in_op};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use uuid::Uuid;

/// Organizations that the appends go to, in turn.
const TENANTS: usize = 64;
/// About the size of a confirmed booking.
const PAYLOAD: &str = r#"{"booking_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11","member_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a12","resource_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a13","starts_at":"2026-01-22T09:00:00Z","ends_at":"2026-01-22T11:00:00Z","price":{"minor":4000,"currency":"EUR"}}"#;

/// The baseline's table.
pub const PLAIN_EVENT: [&str; 3] = [
    "create table plain_event (like event including defaults including constraints including indexes)",
    "alter table plain_event drop constraint plain_event_pkey, add primary key (tenant_id, position)",
    "grant select, insert on plain_event to coterie_app",
];

pub async fn run(pool: &PgPool, events: usize, operations: usize) {
    let tenants: Vec<Uuid> = (0..TENANTS).map(|_| Uuid::now_v7()).collect();
    let whose = |client: usize, number: usize| tenants[(number * CLIENTS + client) % TENANTS];
    let ours = |client, number| append(pool.clone(), whose(client, number), events);
    let plain = |client: usize, number: usize| {
        // Unique within the table, which is all that a baseline without a head knows.
        let position = i64::try_from((number * CLIENTS + client) * events).expect("few") + 1;
        insert(pool.clone(), Uuid::now_v7(), position, events)
    };
    let name = format!("Append of {events} to a new stream, {CLIENTS} clients, {TENANTS} organizations");
    measure::compare(&name, ("append_events", ours), ("plain INSERT", plain), operations).await;
}

async fn append(pool: PgPool, tenant: Uuid, events: usize) {
    let event = NewEvent {
        event_type: "booking_confirmed",
        event_version: 1,
        payload: PAYLOAD.to_owned(),
    };
    let write = StreamWrite {
        category: "booking",
        stream_id: Uuid::now_v7(),
        expected_version: 0,
        events: vec![event; events],
    };
    let append = Append {
        tenant_id: tenant,
        actor: "member:bench",
        command_id: Uuid::now_v7(),
        correlation_id: Uuid::now_v7(),
        causation: None,
        occurred_at: Timestamp::now(),
        recorded_at: Timestamp::now(),
        streams: vec![write],
        command_key: None,
    };
    let mut tx = pool.begin().await.expect("a connection");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant can be set");
    append_in_op(&mut tx, append).await.expect("a new stream takes events");
    tx.commit().await.expect("it commits");
}

/// One statement, one round trip, one commit.
async fn insert(pool: PgPool, tenant: Uuid, position: i64, events: usize) {
    insert_on(&pool, tenant, position, events).await;
}

/// The same on a connection or in a transaction.
pub async fn insert_on<'c>(on: impl sqlx::PgExecutor<'c>, tenant: Uuid, position: i64, events: usize) {
    let now = Timestamp::now().to_sqlx();
    let payloads: Vec<&str> = vec![PAYLOAD; events];
    sqlx::query(
        "insert into plain_event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                                  command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
         select $1, $2 + n.ordinality, 'booking', $3, n.ordinality, 'booking_confirmed', 1, 'member:bench',
                $4, null, $5, $6, $6, n.payload::json, $7
         from unnest($8::text[]) with ordinality as n (payload, ordinality)",
    )
    .bind(tenant)
    .bind(position)
    .bind(Uuid::now_v7())
    .bind(Uuid::now_v7())
    .bind(Uuid::now_v7())
    .bind(now)
    .bind(&[0_u8; 32][..])
    .bind(payloads)
    .execute(on)
    .await
    .expect("a row goes in");
}
