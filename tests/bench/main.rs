//! `make bench`: what the house does, beside the least that the database could do instead, measured in one run on one
//! machine. It asserts nothing; the figures are for reading, and only their ratio means something elsewhere.

mod api_booking;
mod booking;
mod calendar;
mod house;
mod invoice_run;
mod measure;
mod memory;
mod papers;
mod plain;
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

    papers::run();

    booking::run(&pool, 60).await;
    invoice_run::run(&pool, &database.owner).await;
    pool.close().await;

    let house = house::House::start().await;
    api_booking::run(&house, 60).await;
    calendar::search(&house).await;
    calendar::day_grid(&house).await;
    calendar::growth(&house).await;
    house.stack.shutdown().await;
}
