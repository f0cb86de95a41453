//! Loads that are no race between two sides: at a steady rate, or one operation after the other.

use crate::measure::{Load, Turn, print_turn, summed};
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Operations at a steady rate, whether or not those before them are answered; each is timed from when it was due. Ends after
/// `length`.
pub async fn paced<F>(per_second: f64, length: Duration, operation: impl Fn(usize) -> F) -> Turn
where
    F: Future<Output = ()> + Send + 'static,
{
    let gap = Duration::from_secs_f64(1.0 / per_second);
    let begun = tokio::time::Instant::now();
    let mut under_way = tokio::task::JoinSet::new();
    let mut number = 0;
    while begun.elapsed() < length {
        let due = begun + gap * u32::try_from(number).expect("a run is bounded");
        tokio::time::sleep_until(due).await;
        let one = operation(number);
        under_way.spawn(async move {
            one.await;
            due.elapsed()
        });
        number += 1;
    }
    let took = under_way.join_all().await;
    summed(took, begun.elapsed())
}

/// One client, one operation after the other.
pub async fn one_by_one<F: Future<Output = ()>>(operations: usize, operation: impl Fn(usize) -> F) -> Turn {
    let begun = Instant::now();
    let mut took = Vec::with_capacity(operations);
    for number in 0..operations {
        let started = Instant::now();
        operation(number).await;
        took.push(started.elapsed());
    }
    summed(took, begun.elapsed())
}

pub fn print(name: &str, turn: Turn) {
    print_turn(name, turn, Load::operations(1));
}
