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

/// A month's invoices as rows of the plainest kind.
pub const PLAIN_INVOICES: [&str; 4] = [
    "create table plain_line (tenant_id uuid, invoice_id uuid, line integer, charge_id uuid, description text, quantity text,
                              net_minor bigint, tax_category text, tax_percent numeric, service_from date, service_to date,
                              primary key (tenant_id, invoice_id, line))",
    "create table plain_entry (tenant_id uuid, entry_id uuid, effective_date date, rule text, memo text,
                               primary key (tenant_id, entry_id))",
    "create table plain_posting (tenant_id uuid, entry_id uuid, number integer, account text, amount_minor bigint, payer_id uuid,
                                 primary key (tenant_id, entry_id, number))",
    "grant select, insert on plain_line, plain_entry, plain_posting to coterie_app",
];

/// Lines, entries, postings of each entry and events that one membership's month leaves, at the least.
const LINES: usize = 8;
const ENTRIES: usize = 3;
const POSTINGS: usize = 3;
const EVENTS: usize = 4;

/// Writes a month of so many memberships in one transaction, each table by one statement.
pub async fn write_invoices(pool: &sqlx::PgPool, tenant: Uuid, position: i64, memberships: usize) {
    let ids = |count: usize| -> Vec<Uuid> { std::iter::repeat_with(Uuid::now_v7).take(count).collect() };
    let numbers = |of: usize, each: usize| -> Vec<i32> {
        let each = i32::try_from(each).expect("few");
        (0..of).flat_map(|_| 1..=each).collect()
    };
    let each = |ids: &[Uuid], count: usize| -> Vec<Uuid> {
        ids.iter().flat_map(|id| std::iter::repeat_n(*id, count)).collect()
    };
    let (invoices, entries) = (ids(memberships), ids(memberships * ENTRIES));
    let (lines, postings) = (memberships * LINES, entries.len() * POSTINGS);
    let mut tx = pool.begin().await.expect("a transaction begins");
    coterie_eventlog::set_tenant_in_op(&mut tx, tenant)
        .await
        .expect("a tenant");
    sqlx::query(
        "insert into plain_line
         select $1, l.invoice_id, l.line, l.charge_id, l.description, '2', 4000, 'standard', 19, date '2026-01-20', date '2026-01-21'
         from unnest($2::uuid[], $3::integer[], $4::uuid[], $5::text[]) as l (invoice_id, line, charge_id, description)",
    )
    .bind(tenant)
    .bind(each(&invoices, LINES))
    .bind(numbers(memberships, LINES))
    .bind(ids(lines))
    .bind(vec!["Elbe, 20 January 2026, 10:00 to 12:00"; lines])
    .execute(&mut *tx)
    .await
    .expect("lines go in");
    sqlx::query(
        "insert into plain_entry select $1, id, date '2026-01-20', 'invoice_issued@1', 'Invoice BER-000001' from unnest($2::uuid[]) as e (id)",
    )
    .bind(tenant)
    .bind(&entries)
    .execute(&mut *tx)
    .await
    .expect("entries go in");
    sqlx::query(
        "insert into plain_posting select $1, p.entry_id, p.number, 'accounts_receivable', 38080, p.payer_id
         from unnest($2::uuid[], $3::integer[], $4::uuid[]) as p (entry_id, number, payer_id)",
    )
    .bind(tenant)
    .bind(each(&entries, POSTINGS))
    .bind(numbers(entries.len(), POSTINGS))
    .bind(ids(postings))
    .execute(&mut *tx)
    .await
    .expect("postings go in");
    insert_on(&mut *tx, tenant, position, memberships * EVENTS).await;
    tx.commit().await.expect("it commits");
}

/// Events that [`write_invoices`] leaves.
pub fn events_of(memberships: usize) -> i64 {
    i64::try_from(memberships * EVENTS).expect("few")
}

/// Inserts events after `position`, on a pool, a connection or in a transaction: one statement, one round trip. Like whoever
/// appends, it has payloads of its own.
pub async fn insert_on<'c>(on: impl sqlx::PgExecutor<'c>, tenant: Uuid, position: i64, events: usize) {
    let now = Timestamp::now().to_sqlx();
    let (hash, payload) = (&[7_u8; 32][..], PAYLOAD.to_owned());
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
