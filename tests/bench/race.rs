//! A thousand clients ask for one hour of one room at once: how many got it, and how long everybody waited for an answer.

use crate::{
    booking::hour,
    house::House,
    measure::{self, Load},
};
use coterie_tests::chain;
use jiff::ToSpan;
use reqwest::StatusCode;
use serde_json::json;
use std::time::Instant;

const CLIENTS: usize = 1_000;
/// Hours that are asked for; the first opens connections and is not counted.
const ROUNDS: usize = 11;

pub async fn run(house: &House) {
    let app = house.stack.app();
    let chain = chain::open_chain(app, "race").await;
    chain::subscribe(app, &chain).await;
    let program = house.program(&chain).await;
    house.run_in().await;
    let (mut took, mut won, mut refused, mut else_answered) = (Vec::new(), 0, 0, 0);
    let mut begun = Instant::now();
    for round in 0..ROUNDS {
        if round == 1 {
            (took, won, refused, begun) = (Vec::new(), 0, 0, Instant::now());
        }
        let start = hour(round);
        let wish = json!({
            "member_id": chain.ada, "resource_id": chain.elbe,
            "starts_at": start.strftime("%Y-%m-%dT%H:%M").to_string(),
            "ends_at": (start + 1.hour()).strftime("%Y-%m-%dT%H:%M").to_string(),
        });
        let all = (0..CLIENTS).map(|_| async {
            let asked = Instant::now();
            (program.ask("/v1/bookings", &wish).await, asked.elapsed())
        });
        for (status, waited) in futures::future::join_all(all).await {
            match status {
                StatusCode::CREATED => won += 1,
                StatusCode::CONFLICT => refused += 1,
                _ => else_answered += 1,
            }
            took.push(waited);
        }
    }
    let elapsed = begun.elapsed();
    println!("One hour asked for by {CLIENTS} clients at once, {} times", ROUNDS - 1);
    println!("  {won} got it, {refused} were refused, {else_answered} had another answer");
    measure::print_turn("POST /v1/bookings", measure::summed(took, elapsed), Load::operations(1));
    println!();
}
