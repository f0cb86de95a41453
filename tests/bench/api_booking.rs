//! Booking a room through the API (key, rights, decision, guards, append, answer) against the bare SQL that it cannot do
//! without; then at half of that rate.

use crate::{
    booking::{hour, write},
    house::{House, Program},
    measure,
};
use coterie_tests::chain::{self, Chain};
use jiff::ToSpan;
use serde_json::json;
use std::time::Duration;

/// How long the steady load lasts.
const STEADY: Duration = Duration::from_secs(8);

pub async fn run(house: &House, operations: usize) {
    let app = house.stack.app();
    let mut chains = Vec::new();
    for client in 0..measure::CLIENTS {
        let chain = chain::open_chain(app, &format!("api{client}")).await;
        chain::subscribe(app, &chain).await;
        let program = house.program(&chain).await;
        chains.push((chain, program));
    }
    let ours = |client: usize, number| book(chains[client].clone(), number);
    let pool = app.pool.clone();
    let bare = |client: usize, number| write(pool.clone(), chains[client].0.clone(), number);
    let name = format!(
        "Booking an hour through the API, {} clients, each in a chain of its own",
        measure::CLIENTS
    );
    let load = measure::Load::operations(operations);
    let turn = measure::compare(&name, ("POST /v1/bookings", ours), ("its bare SQL", bare), load).await;

    // The hours after those that the turns took.
    let first = operations * 8;
    let steady = |number: usize| {
        book(
            chains[number % measure::CLIENTS].clone(),
            first + number / measure::CLIENTS,
        )
    };
    let steady = measure::paced(turn.per_second / 2.0, STEADY, steady).await;
    println!("The same at half of that rate");
    measure::print("POST /v1/bookings", steady);
    println!();
}

async fn book((chain, program): (Chain, Program), number: usize) {
    let start = hour(number);
    let wish = json!({
        "member_id": chain.ada, "resource_id": chain.elbe,
        "starts_at": start.strftime("%Y-%m-%dT%H:%M").to_string(),
        "ends_at": (start + 1.hour()).strftime("%Y-%m-%dT%H:%M").to_string(),
    });
    program.post("/v1/bookings", &wish).await;
}
