//! Rebuilding a read model: events fetched, parsed, folded and written with their checkpoints, by one worker and by two,
//! beside fetching alone and beside a raw INSERT of the rows that come of it.

use std::collections::HashMap;
use std::time::Instant;

use coterie_eventlog::{
    BoxFuture, FollowError, Follower, Leases, RecordedEvent, Shards, StartAt, follow_shards, read_many,
};
use serde::Deserialize;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Organizations, and events of each.
pub const TENANTS: i32 = 1_000;
pub const EVENTS: i32 = 1_000;
/// Events of one stream, so of one row in the first of the two folds.
const PER_STREAM: i32 = 20;
/// Events of one organization in one transaction, as a rebuild takes them.
const BATCH: i64 = 2_000;

const TABLES: [&str; 6] = [
    "create table if not exists bench_view (tenant_id uuid not null, id uuid not null, events bigint not null,
         sum_minor bigint not null, position bigint not null, primary key (tenant_id, id))",
    "alter table bench_view enable row level security",
    "alter table bench_view force row level security",
    "drop policy if exists tenant on bench_view",
    "create policy tenant on bench_view using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
         with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)",
    "grant select, insert, update, delete on bench_view to coterie_worker",
];

/// Logs as nobody appended them: the rows are what counts here, and their hashes are not looked at.
const FILL: &str = r#"
insert into event (tenant_id, position, category, stream_id, version, event_type, event_version, actor, command_id,
                   causation, correlation_id, occurred_at, recorded_at, payload, hash)
select md5('rebuild ' || t)::uuid, p, 'booking', md5(t || ' ' || (p - 1) / $3)::uuid, (p - 1) % $3 + 1,
       'BookingConfirmed', 1, 'member:bench', md5(t || ' command ' || p)::uuid, null, md5(t || ' correlation ' || p)::uuid,
       now(), now(),
       format('{"booking_id":"%s","member_id":"%s","resource_id":"%s","starts_at":"2026-01-22T09:00:00Z","ends_at":"2026-01-22T11:00:00Z","price":{"minor":%s,"currency":"EUR"},"rule":"weekday mornings in the small rooms by the water, as agreed"}',
              md5(t || ' ' || p)::uuid, md5('member ' || t)::uuid, md5('resource ' || p % 7)::uuid, p)::json,
       sha256('')
from generate_series($1::integer, $2::integer) t, generate_series(1, $4::integer) p"#;

const HEADS: &str = "
insert into event_head (tenant_id, position, hash, occurred_at)
select md5('rebuild ' || t)::uuid, $2, sha256(''), now() from generate_series(1, $1::integer) t";

/// `owner` is the superuser, `worker` the worker role with at least four connections.
pub async fn run(owner: &PgPool, worker: &PgPool) {
    run_with(owner, worker, TENANTS, EVENTS).await;
}

pub async fn run_with(owner: &PgPool, worker: &PgPool, tenants: i32, events: i32) {
    for sql in TABLES {
        sqlx::query(sql)
            .execute(owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    fill(owner, tenants, events).await;
    let all = i64::from(tenants) * i64::from(events);
    println!("Rebuild of {all} events over {tenants} organizations");
    let before = processor(owner).await;
    let fetched = fetch_alone(worker, tenants, events).await;
    say("fetch alone", fetched, all, fetched, (before, processor(owner).await));
    for (row, fold) in [("20 events", by_stream as Fold), ("event", by_event)] {
        let raw = raw_insert(owner, worker, fold, tenants).await;
        let rows: i64 = sqlx::query_scalar("select count(*) from bench_view")
            .fetch_one(owner)
            .await
            .expect("counted");
        println!("  a row for each {row}: {rows} rows");
        println!(
            "    {:<26}{:>10.0} rows per second",
            "raw INSERT of them",
            per_second(rows, raw)
        );
        for workers in [1, 2] {
            forget(owner).await;
            let before = processor(owner).await;
            let seconds = follow(worker, workers, fold).await;
            let after = processor(owner).await;
            let done: (i64, i64) = sqlx::query_as("select count(*), sum(events)::bigint from bench_view")
                .fetch_one(owner)
                .await
                .expect("counted");
            assert_eq!(done, (rows, all), "every event is counted once");
            say(
                &format!("rebuild, {workers} worker(s)"),
                seconds,
                all,
                fetched,
                (before, after),
            );
        }
    }
}

type Processor = (f64, f64);

fn say(what: &str, seconds: f64, events: i64, fetched: f64, (before, after): (Processor, Processor)) {
    // Seconds of processor time for a million events are microseconds for one.
    let each = |seconds: f64| 1_000_000.0 / per_second(events, seconds);
    println!(
        "    {what:<26}{:>10.0} events per second, {:.2} of fetch alone; processor: {:.2} us each here, {:.2} us in PostgreSQL",
        per_second(events, seconds),
        fetched / seconds,
        each(after.0 - before.0),
        each(after.1 - before.1),
    );
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_second(count: i64, seconds: f64) -> f64 {
    count as f64 / seconds
}

async fn fill(owner: &PgPool, tenants: i32, events: i32) {
    for first in (1..=tenants).step_by(50) {
        sqlx::query(FILL)
            .bind(first)
            .bind((first + 49).min(tenants))
            .bind(PER_STREAM)
            .bind(events)
            .execute(owner)
            .await
            .expect("the log is filled");
    }
    sqlx::query(HEADS)
        .bind(tenants)
        .bind(i64::from(events))
        .execute(owner)
        .await
        .expect("heads");
    for sql in ["vacuum analyze event", "vacuum analyze event_head", "checkpoint"] {
        sqlx::query(sql)
            .execute(owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

async fn forget(owner: &PgPool) {
    for sql in [
        "truncate bench_view",
        "truncate checkpoint",
        "truncate installation.follower_lease",
        "checkpoint",
    ] {
        sqlx::query(sql)
            .execute(owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The same pages by the same query as a round reads, decoded and thrown away.
async fn fetch_alone(worker: &PgPool, tenants: i32, events: i32) -> f64 {
    let all: Vec<Uuid> = sqlx::query_scalar("select tenant_id from event_head order by tenant_id limit $1")
        .bind(i64::from(tenants))
        .fetch_all(worker)
        .await
        .expect("organizations");
    let started = Instant::now();
    let mut seen = 0_usize;
    for page in all.chunks(10) {
        let wanted: Vec<_> = page.iter().map(|tenant| (*tenant, 0, i64::from(events))).collect();
        let page = read_many(worker, &wanted).await.expect("a page");
        seen += page.len();
    }
    assert_eq!(i64::try_from(seen), Ok(i64::from(tenants) * i64::from(events)));
    started.elapsed().as_secs_f64()
}

/// Seconds of processor time used so far: by this process, and by PostgreSQL for the worker role. Where the machine has
/// other work to do, these say more than the clock.
async fn processor(owner: &PgPool) -> (f64, f64) {
    let backends: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity where usename = 'coterie_worker'")
        .fetch_all(owner)
        .await
        .expect("backends");
    let of_backends = backends.into_iter().map(|pid| ticks(&pid.to_string())).sum::<f64>();
    (ticks("self"), of_backends)
}

/// User and system time of a process in seconds; 0 where there is no /proc.
fn ticks(process: &str) -> f64 {
    const PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / PER_SECOND
}

/// The rows that a fold makes, written once without following anything: one INSERT for each organization, each committed.
async fn raw_insert(owner: &PgPool, worker: &PgPool, fold: Fold, tenants: i32) -> f64 {
    forget(owner).await;
    follow(worker, 2, fold).await;
    let rows: Vec<(Uuid, Uuid, i64, i64, i64)> = sqlx::query_as(
        "select tenant_id, id, events, sum_minor, position from bench_view order by tenant_id, position",
    )
    .fetch_all(owner)
    .await
    .expect("rows");
    forget(owner).await;
    let started = Instant::now();
    for rows in rows.chunks(rows.len().div_ceil(usize::try_from(tenants).expect("few"))) {
        let mut columns = Columns::default();
        let tenants: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
        for (_, id, events, sum_minor, position) in rows {
            columns.push(*id, *events, *sum_minor, *position);
        }
        sqlx::query(
            "insert into bench_view (tenant_id, id, events, sum_minor, position)
             select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])",
        )
        .bind(tenants)
        .bind(&columns.ids)
        .bind(&columns.events)
        .bind(&columns.sums)
        .bind(&columns.positions)
        .execute(owner)
        .await
        .expect("rows go in");
    }
    started.elapsed().as_secs_f64()
}

async fn follow(worker: &PgPool, workers: usize, fold: Fold) -> f64 {
    let all: Vec<Leases> = (0..workers)
        .map(|_| Leases::new(Uuid::now_v7(), vec!["bench"]))
        .collect();
    for _ in 0..2 {
        for leases in &all {
            leases.renew(worker).await.expect("leases");
        }
    }
    let started = Instant::now();
    let working: Vec<_> = all
        .iter()
        .map(|leases| tokio::spawn(drain(worker.clone(), leases.held("bench"), fold)))
        .collect();
    for one in working {
        one.await.expect("no panic");
    }
    let seconds = started.elapsed().as_secs_f64();
    for leases in &all {
        leases.give_back(worker).await.expect("given back");
    }
    seconds
}

async fn drain(pool: PgPool, shards: Shards, fold: Fold) {
    let model = Model(fold);
    while follow_shards(&pool, &model, BATCH, shards)
        .await
        .expect("a round")
        .events
        > 0
    {}
}

/// What the fold reads of a payload.
#[derive(Deserialize)]
struct Booked {
    price: Price,
}

#[derive(Deserialize)]
struct Price {
    minor: i64,
}

#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    events: Vec<i64>,
    sums: Vec<i64>,
    positions: Vec<i64>,
}

impl Columns {
    fn push(&mut self, id: Uuid, events: i64, sum_minor: i64, position: i64) {
        self.ids.push(id);
        self.events.push(events);
        self.sums.push(sum_minor);
        self.positions.push(position);
    }
}

type Fold = fn(&[RecordedEvent]) -> Columns;

fn minor(event: &RecordedEvent) -> i64 {
    let booked: Booked = serde_json::from_str(&event.payload).expect("the bench wrote it");
    booked.price.minor
}

fn by_stream(batch: &[RecordedEvent]) -> Columns {
    let mut rows: HashMap<Uuid, (i64, i64, i64)> = HashMap::new();
    for event in batch {
        let row = rows.entry(event.stream_id).or_default();
        *row = (row.0 + 1, row.1 + minor(event), event.position);
    }
    let mut columns = Columns::default();
    for (id, (events, sum_minor, position)) in rows {
        columns.push(id, events, sum_minor, position);
    }
    columns
}

fn by_event(batch: &[RecordedEvent]) -> Columns {
    let mut columns = Columns::default();
    for event in batch {
        columns.push(event.command_id, 1, minor(event), event.position);
    }
    columns
}

struct Model(Fold);

impl Follower for Model {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn start_at(&self) -> StartAt {
        StartAt::Beginning
    }

    fn handle<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        tenant: Uuid,
        batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async move {
            let rows = (self.0)(batch);
            sqlx::query(
                "insert into bench_view as known (tenant_id, id, events, sum_minor, position)
                 select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
                 on conflict (tenant_id, id) do update
                 set events = known.events + excluded.events, sum_minor = known.sum_minor + excluded.sum_minor,
                     position = excluded.position",
            )
            .bind(tenant)
            .bind(&rows.ids)
            .bind(&rows.events)
            .bind(&rows.sums)
            .bind(&rows.positions)
            .execute(conn)
            .await?;
            Ok(())
        })
    }
}
