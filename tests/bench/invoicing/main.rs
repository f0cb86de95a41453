//! `make bench-invoicing`: invoice runs and single invoices, beside the rows that so many invoices cannot do without. Built with the
//! use cases' crate alone, so that measuring needs no build of the whole house; `make bench` measures the same with the rest.

#[path = "../../src/chain.rs"]
#[allow(dead_code, reason = "the bench needs some of what journeys share")]
mod chain;
#[path = "../invoice_run.rs"]
mod invoice_run;
#[path = "../measure.rs"]
#[allow(dead_code, reason = "the bench needs some of what others share")]
mod measure;
#[path = "../memory.rs"]
mod memory;
#[path = "../log/place.rs"]
#[allow(dead_code, reason = "the bench needs some of what the log's share")]
mod place;
#[path = "../plain.rs"]
mod plain;

#[tokio::main]
async fn main() {
    let place = place::Place::make("bench_invoicing").await;
    place.introduce().await;
    invoice_run::run(&place.app, &place.owner).await;
    place.close().await;
}
