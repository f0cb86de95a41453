//! Growth: appending to the log and following it, with few organizations and with many, with a young log and with an old
//! one. The same work is done in each, so the figures should be alike.

use std::time::Instant;

use coterie_eventlog::{BoxFuture, FollowError, Follower, RecordedEvent, StartAt, follow_once};
use futures::future::join_all;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::append::append_to;
use crate::measure::CLIENTS;
use crate::place::Place;

const SIZES: [(i32, i32); 4] = [(10, 10_000), (10, 1_000_000), (10_000, 10_000), (10_000, 1_000_000)];
/// Appends of each client in a turn, and turns; the median counts.
const APPENDS: usize = 2_000;
const TURNS: usize = 5;
/// Rounds that find a single event of each client's organization: what following costs when nearly nothing happens.
const QUIET_ROUNDS: usize = 50;
/// As the worker has it.
const BATCH: i64 = 500;

/// Events as an old log has them: rows of the right size; nobody looks at their hashes.
const FILL: &str = r#"
insert into event (tenant_id, position, category, stream_id, version, event_type, event_version, actor, command_id,
                   causation, correlation_id, occurred_at, recorded_at, payload, hash)
select md5('growth ' || t)::uuid, p, 'booking', md5(t || ' stream ' || p / 20)::uuid, p % 20 + 1, 'BookingConfirmed', 1,
       'member:bench', md5(t || ' command ' || p)::uuid, null, md5(t || ' correlation ' || p)::uuid, now(), now(),
       format('{"booking_id":"%s","member_id":"%s","resource_id":"%s","price":{"minor":%s,"currency":"EUR"},"rule":"weekday mornings in the small rooms by the water, as agreed between both, with coffee"}',
              md5(t || ' ' || p)::uuid, md5('member ' || t)::uuid, md5('resource ' || p % 7)::uuid, p)::json,
       sha256('')
from generate_series(1, $1) t, generate_series(1, $2) p"#;

pub async fn run() {
    println!(
        "Growth: {CLIENTS} clients append single events and one follower sees them, in the same organizations each time"
    );
    let mut first: Option<(f64, f64)> = None;
    for (tenants, events) in SIZES {
        let place = Place::make("bench_growth").await;
        let all = fill(&place.owner, tenants, events).await;
        let (append, follow) = measure(&place, &all[..CLIENTS]).await;
        let quiet = quiet_round(&place, &all[..CLIENTS]).await;
        let (first_append, first_follow) = *first.get_or_insert((append, follow));
        println!(
            "  {tenants:>6} organizations, {events:>9} events: append {append:>7.0}/s ({:.2} of the first), follow {follow:>8.0}/s ({:.2}), a round for {CLIENTS} single events {quiet:.1} ms",
            append / first_append,
            follow / first_follow
        );
        place.close().await;
    }
    println!();
}

async fn fill(owner: &PgPool, tenants: i32, events: i32) -> Vec<Uuid> {
    let each = events / tenants;
    sqlx::query(FILL)
        .bind(tenants)
        .bind(each)
        .execute(owner)
        .await
        .expect("the log is filled");
    sqlx::query(
        "insert into event_head (tenant_id, position, hash, occurred_at)
         select md5('growth ' || t)::uuid, $2, sha256(''), now() from generate_series(1, $1) t",
    )
    .bind(tenants)
    .bind(i64::from(each))
    .execute(owner)
    .await
    .expect("heads are made");
    for name in ["bench"] {
        sqlx::query(
            "insert into checkpoint (tenant_id, projection, position) select tenant_id, $1, position from event_head",
        )
        .bind(name)
        .execute(owner)
        .await
        .expect("checkpoints are made");
    }
    sqlx::query("vacuum analyze event")
        .execute(owner)
        .await
        .expect("vacuumed");
    sqlx::query("checkpoint").execute(owner).await.expect("written out");
    let last = i64::from(tenants);
    sqlx::query_scalar("select md5('growth ' || t)::uuid from generate_series(1, $1) t")
        .bind(last)
        .fetch_all(owner)
        .await
        .expect("listed")
}

/// Appends per second, and events followed per second.
async fn measure(place: &Place, tenants: &[Uuid]) -> (f64, f64) {
    let (mut appends, mut follows) = (Vec::new(), Vec::new());
    for _ in 0..=TURNS {
        let started = Instant::now();
        append_each(place, tenants, APPENDS).await;
        let count = u32::try_from(APPENDS * tenants.len()).expect("few");
        appends.push(f64::from(count) / started.elapsed().as_secs_f64());
        let started = Instant::now();
        let mut left = u64::from(count);
        while left > 0 {
            let progress = follow_once(&place.worker, &Silent, BATCH)
                .await
                .expect("the log can be followed");
            left = left.saturating_sub(progress.events);
        }
        follows.push(f64::from(count) / started.elapsed().as_secs_f64());
    }
    (middle(appends), middle(follows))
}

async fn append_each(place: &Place, tenants: &[Uuid], appends: usize) {
    join_all(tenants.iter().map(|&tenant| {
        let pool = place.app.clone();
        tokio::spawn(async move {
            for _ in 0..appends {
                append_to(&pool, tenant, 1, false, None).await;
            }
        })
    }))
    .await;
}

/// Milliseconds of a round that finds one event of each.
async fn quiet_round(place: &Place, tenants: &[Uuid]) -> f64 {
    let mut took = Vec::new();
    for _ in 0..=QUIET_ROUNDS {
        append_each(place, tenants, 1).await;
        let started = Instant::now();
        let round = follow_once(&place.worker, &Silent, BATCH)
            .await
            .expect("it can be followed");
        assert_eq!(usize::try_from(round.events), Ok(tenants.len()));
        took.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    middle(took)
}

/// The median; the first turn warms up and is not counted.
fn middle(mut rates: Vec<f64>) -> f64 {
    rates.remove(0);
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Follows and writes nothing but its checkpoints.
struct Silent;

impl Follower for Silent {
    fn name(&self) -> &'static str {
        "bench"
    }
    fn start_at(&self) -> StartAt {
        StartAt::Beginning
    }
    fn handle<'a>(
        &'a self,
        _conn: &'a mut PgConnection,
        _tenant: Uuid,
        _batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async { Ok(()) })
    }
}
