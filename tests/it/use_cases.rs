//! Use cases on a real database, where the domain's tests cannot reach: guards, idempotency, sessions, clocks, races.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod add_ons;
mod allowances;
mod calendar;
mod changing;
mod clocks;
mod companies;
mod controls;
mod coupons;
mod credit_packs;
mod deposits;
mod guessing;
mod invoice_runs;
mod passes;
mod people;
mod price_changes;
mod racing;
mod replay;
mod simulations;
mod taking;
mod taxed;
mod visitors;

use coterie_app::App;
use coterie_tests::{
    Database,
    chain::{self, Chain},
};

/// An open chain in which nothing has happened yet.
async fn opened() -> (Database, App, Chain) {
    let database = coterie_tests::database().await;
    let app = chain::app(database.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    (database, app, chain)
}
