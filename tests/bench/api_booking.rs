//! Booking a room through the API (key, rights, decision, guards, append, answer) against the bare SQL that it cannot do
//! without; then at half of that rate. Nothing works in the process any more when it is over.

use crate::{
    bare::Bare,
    booking::hour,
    house::{House, Program},
    measure, steady,
};
use coterie_tests::chain::{self, Chain};
use jiff::ToSpan;
use serde_json::json;
use std::time::Duration;

/// Turns of each side; the first warms connections, plans and caches, and is not counted.
const TURNS: usize = 6;
/// Turns of the whole house; the first is not counted.
const WHOLE: usize = 3;
/// How long a turn of the baseline lasts.
const BARE: Duration = Duration::from_secs(3);
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
    let ours = {
        let chains = chains.clone();
        move |client: usize, number| book(chains[client].clone(), number)
    };
    let load = measure::Load::operations(operations);
    println!(
        "Booking an hour through the API, {} clients, each in a chain of its own",
        measure::CLIENTS
    );
    // With followers, reactions and jobs in the same process, as in the demo.
    let mut of_whole = Vec::new();
    for turn in 0..WHOLE {
        of_whole.push(measure::turn(&ours, turn * operations, load).await);
        for (chain, _) in &chains {
            house.stack.settle(chain.tenant).await;
        }
    }
    measure::print_turn(
        "POST /v1/bookings, and all that follows",
        measure::middle(of_whole),
        load,
    );
    // What follows is another process's: the baseline is what the booking itself needs.
    let mut bare = Bare::new(last_events(house, &chains[0].0).await).await;
    house.stack.house.stop_working();
    house.run_in().await;
    let (mut of_ours, mut of_bare) = (Vec::new(), Vec::new());
    for turn in WHOLE..WHOLE + TURNS {
        of_ours.push(measure::turn(&ours, turn * operations, load).await);
        of_bare.extend(bare.turn(BARE).await);
    }
    let turn = measure::middle(of_ours);
    measure::print_turn("POST /v1/bookings", turn, load);
    if of_bare.is_empty() {
        println!("  its bare SQL was not measured: there is no pgbench");
    } else {
        of_bare.remove(0);
        of_bare.sort_by(f64::total_cmp);
        let bare = of_bare[of_bare.len() / 2];
        println!(
            "  {:<34}{bare:>9.0} transactions per second, by pgbench",
            "its bare SQL"
        );
        println!("  {:<34}{:>9.2}", "ratio of the rates", turn.per_second / bare);
    }

    // The hours after those that the turns took.
    let first = operations * (WHOLE + TURNS);
    let steady = |number: usize| {
        book(
            chains[number % measure::CLIENTS].clone(),
            first + number / measure::CLIENTS,
        )
    };
    house.run_in().await;
    let steady = steady::paced(turn.per_second / 2.0, STEADY, steady).await;
    println!("The same at half of that rate");
    steady::print("POST /v1/bookings", steady);
    println!();
}

/// The events of a chain's last booking, as they are recorded.
async fn last_events(house: &House, chain: &Chain) -> Vec<String> {
    let mut events: Vec<String> =
        sqlx::query_scalar("select payload::text from event where tenant_id = $1 order by position desc limit 3")
            .bind(chain.tenant)
            .fetch_all(&house.stack.db.owner)
            .await
            .expect("events");
    events.reverse();
    events
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
