//! `make bench-log`: the log beside the least that the database could do instead, measured in one run on one cluster with
//! fsync and synchronous_commit on. It asserts nothing but that the work was done; the ratios are what means something
//! elsewhere. Built with the log's crate alone, so that measuring needs no build of the whole house.
//!
//! A word after `--` runs only the parts whose name contains it: `cargo bench -p coterie-eventlog --bench log -- append`.

mod append;
mod as_of;
mod growth;
mod hot;
#[path = "../measure.rs"]
mod measure;
mod place;
#[path = "../plain.rs"]
#[allow(dead_code, reason = "invoices are measured elsewhere")]
mod plain;
mod rebuild;
mod verify;

use place::Place;

#[tokio::main]
async fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|word| part.contains(word.as_str()));
    let mut place = Place::make("bench_log").await;
    place.introduce().await;
    if wants("append") {
        append::run(&place).await;
    }
    if wants("hot") {
        hot::run(&mut place).await;
    }
    if wants("as-of") {
        as_of::run(&place).await;
    }
    if wants("growth") {
        growth::run().await;
    }
    place.close().await;
    if wants("rebuild") {
        // Nobody else's events in it.
        let place = Place::make("bench_rebuild").await;
        rebuild::run(&place.owner, &place.worker).await;
        place.close().await;
    }
    if wants("verify") {
        verify::run();
    }
}
