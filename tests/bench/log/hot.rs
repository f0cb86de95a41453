//! One organization that everybody writes to. Its head is locked until each commit has reached the disk, so single
//! commands are bound by the disk; what comes in bulk appends in batches and is not.

use std::time::Instant;

use crate::append::{against_insert, begin};
use crate::measure::{self, Load};
use crate::place::Place;

const CLIENTS: usize = 32;
const BATCH: usize = 500;

pub async fn run(place: &mut Place) {
    let (tenant, _) = begin(&place.app, 1).await;
    let flush = flush_ms(place).await;
    println!(
        "One flush to this disk takes {flush:.2} ms: a ceiling of {:.0} commits per second for one organization",
        1000.0 / flush
    );
    let load = |operations, events: usize| Load {
        clients: CLIENTS,
        operations,
        of: (u32::try_from(events).expect("few"), "events"),
    };
    for delay in [0, 1000] {
        let set = format!("alter role coterie_app set commit_delay = {delay}");
        sqlx::query(sqlx::AssertSqlSafe(set))
            .execute(&place.owner)
            .await
            .expect("a superuser sets it");
        place.reconnect(CLIENTS).await;
        let name = format!("One organization, {CLIENTS} clients, single commands, commit_delay {delay}");
        against_insert(&place.app, &tenant, &name, 1, load(40, 1), false, None).await;
        let name = format!("One organization, {CLIENTS} clients, batches of {BATCH}, commit_delay {delay}");
        against_insert(&place.app, &tenant, &name, BATCH, load(8, BATCH), false, None).await;
    }
    sqlx::query("alter role coterie_app reset commit_delay")
        .execute(&place.owner)
        .await
        .expect("a superuser resets it");
    place.reconnect(measure::CLIENTS).await;
}

/// The median time of a commit that has to reach the disk, with nobody else about.
async fn flush_ms(place: &Place) -> f64 {
    sqlx::query("create table if not exists flushed (number bigint)")
        .execute(&place.owner)
        .await
        .expect("a table can be made");
    let mut took = Vec::new();
    for number in 0..101_i64 {
        let started = Instant::now();
        sqlx::query("insert into flushed values ($1)")
            .bind(number)
            .execute(&place.owner)
            .await
            .expect("a row goes in");
        took.push(started.elapsed());
    }
    took.sort_unstable();
    took[took.len() / 2].as_secs_f64() * 1000.0
}
