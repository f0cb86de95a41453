//! The baseline of the log: a table of the same columns and indexes, and an INSERT into it. No positions that must have no
//! gap, no hash chain, no row-level security, no version check.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// About the size of a confirmed booking: 300 bytes.
pub const PAYLOAD: &str = r#"{"booking_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11","member_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a12","resource_id":"0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a13","starts_at":"2026-01-22T09:00:00Z","ends_at":"2026-01-22T11:00:00Z","price":{"minor":4000,"currency":"EUR"},"rule":"0198f0a2-4c1e-7e5f-9c53"}"#;

/// The baseline's table.
pub const PLAIN_EVENT: [&str; 3] = [
    "create table plain_event (like event including defaults including constraints including indexes)",
    "alter table plain_event drop constraint plain_event_pkey, add primary key (tenant_id, position)",
    "grant select, insert on plain_event to coterie_app",
];

/// Inserts events after `position`, on a pool, a connection or in a transaction: one statement, one round trip.
pub async fn insert_on<'c>(on: impl sqlx::PgExecutor<'c>, tenant: Uuid, position: i64, events: usize) {
    let now = Timestamp::now().to_sqlx();
    let (hash, payload) = (&[7_u8; 32][..], PAYLOAD);
    let query = if events == 1 {
        sqlx::query(
            "insert into plain_event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                                      command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
             values ($1, $2 + 1, $3, $4, 1, $5, 1::smallint, $6, $7, null, $8, $9, $9, $10::text::json, $11)",
        )
        .bind(tenant)
        .bind(position)
        .bind("booking")
        .bind(Uuid::now_v7())
        .bind("BookingConfirmed")
        .bind("member:bench")
        .bind(Uuid::now_v7())
        .bind(Uuid::now_v7())
        .bind(now)
        .bind(payload)
        .bind(hash)
    } else {
        let count = i64::try_from(events).expect("few");
        sqlx::query(
            "insert into plain_event (tenant_id, position, category, stream_id, version, event_type, event_version, actor,
                                      command_id, causation, correlation_id, occurred_at, recorded_at, payload, hash)
             select $1, $2 + n.ordinality, n.category, n.stream_id, n.version, n.event_type, n.event_version, $3,
                    $4, null, $5, $6, $6, n.payload::json, n.hash
             from unnest($7::text[], $8::uuid[], $9::bigint[], $10::text[], $11::smallint[], $12::text[], $13::bytea[])
                 with ordinality
                 as n (category, stream_id, version, event_type, event_version, payload, hash, ordinality)",
        )
        .bind(tenant)
        .bind(position)
        .bind("member:bench")
        .bind(Uuid::now_v7())
        .bind(Uuid::now_v7())
        .bind(now)
        .bind(vec!["booking"; events])
        .bind(vec![Uuid::now_v7(); events])
        .bind((1..=count).collect::<Vec<_>>())
        .bind(vec!["BookingConfirmed"; events])
        .bind(vec![1_i16; events])
        .bind(vec![payload; events])
        .bind(vec![hash; events])
    };
    query.execute(on).await.expect("rows go in");
}
