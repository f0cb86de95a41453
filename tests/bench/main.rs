//! `make bench`: what the house does, beside the least that the database could do instead, measured in one run on one
//! machine. It asserts nothing; the figures are for reading, and only their ratio means something elsewhere.
//! `make bench PART=api` measures one part: papers, booking, runs, api, search, day, growth or race.

mod api_booking;
mod bare;
mod booking;
mod calendar;
mod house;
mod invoice_run;
mod measure;
mod memory;
mod papers;
mod plain;
mod race;
mod steady;

use coterie_tests::chain;
use sqlx::postgres::PgPoolOptions;

#[tokio::main]
async fn main() {
    let database = coterie_tests::database().await;
    for sql in plain::PLAIN_EVENT {
        sqlx::query(sql)
            .execute(&database.owner)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let clients = u32::try_from(measure::CLIENTS).expect("few");
    let pool = PgPoolOptions::new()
        .min_connections(clients)
        .max_connections(clients)
        .connect(&database.url(Some("coterie_app")))
        .await
        .expect("the database answers");
    let settings: String = sqlx::query_scalar(
        "select format('PostgreSQL %s, fsync %s, synchronous_commit %s', current_setting('server_version'),
                       current_setting('fsync'), current_setting('synchronous_commit'))",
    )
    .fetch_one(&pool)
    .await
    .expect("settings can be read");
    let build = if cfg!(debug_assertions) {
        "debug build: the figures mean little"
    } else {
        "release build"
    };
    println!("{settings}, {build}\n");

    let part = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if wanted("papers") {
        papers::run();
    }
    if wanted("booking") {
        booking::run(&pool, 60).await;
    }
    if wanted("runs") {
        invoice_run::run(&pool, &database.owner).await;
    }
    pool.close().await;

    let house = house::House::start().await;
    if wanted("search") {
        calendar::search(&house).await;
    }
    if wanted("day") {
        calendar::day_grid(&house).await;
    }
    if wanted("growth") {
        calendar::growth(&house).await;
    }
    if wanted("race") {
        race::run(&house).await;
    }
    // It ends the work of this process.
    if wanted("api") {
        api_booking::run(&house, 200).await;
    }
    house.stack.shutdown().await;
}
