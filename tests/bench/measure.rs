//! Takes a workload and its baseline in turns, so that both meet the same machine, and says what came out.

use std::future::Future;
use std::time::{Duration, Instant};

/// People asking at the same time.
pub const CLIENTS: usize = 8;
/// Turns of each side; the median counts.
const ROUNDS: usize = 5;
/// A turn ends after so many operations of one client, or after this time.
const ROUND_PATIENCE: Duration = Duration::from_secs(4);

/// One turn of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    pub per_second: f64,
    pub median: Duration,
    pub slowest_of_100: Duration,
}

/// Measures both sides and prints a line for each, and the ratio of the two.
///
/// An operation is told its client (0 to 7) and its number, which never comes twice for one client and side.
pub async fn compare<A, B>(
    name: &str,
    (ours_name, ours): (&str, impl Fn(usize, usize) -> A),
    (baseline_name, baseline): (&str, impl Fn(usize, usize) -> B),
    operations: usize,
) where
    A: Future<Output = ()> + Send + 'static,
    B: Future<Output = ()> + Send + 'static,
{
    let (mut of_ours, mut of_baseline) = (Vec::new(), Vec::new());
    // The first turn of each warms connections, plans and caches, and is not counted.
    for round in 0..=ROUNDS {
        let first = round * operations;
        of_ours.push(turn(&ours, first, operations).await);
        of_baseline.push(turn(&baseline, first, operations).await);
    }
    let (ours, baseline) = (middle(of_ours), middle(of_baseline));
    println!("{name}");
    print_turn(ours_name, ours);
    print_turn(baseline_name, baseline);
    println!(
        "  {:<34}{:>9.2}\n",
        "ratio of the rates",
        ours.per_second / baseline.per_second
    );
}

async fn turn<F>(operation: &impl Fn(usize, usize) -> F, first: usize, operations: usize) -> Turn
where
    F: Future<Output = ()> + Send + 'static,
{
    let started = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let todo: Vec<F> = (first..first + operations)
                .map(|number| operation(client, number))
                .collect();
            tokio::spawn(async move {
                let mut took = Vec::with_capacity(todo.len());
                for one in todo {
                    if started.elapsed() > ROUND_PATIENCE {
                        break;
                    }
                    let begun = Instant::now();
                    one.await;
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for client in clients {
        took.extend(client.await.expect("no operation panics"));
    }
    let elapsed = started.elapsed();
    took.sort_unstable();
    let done = u32::try_from(took.len()).expect("a turn is bounded");
    Turn {
        per_second: f64::from(done) / elapsed.as_secs_f64(),
        median: took[took.len() / 2],
        slowest_of_100: took[took.len() * 99 / 100],
    }
}

/// The turn with the median rate; the first is left out.
fn middle(mut turns: Vec<Turn>) -> Turn {
    turns.remove(0);
    turns.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    turns[turns.len() / 2]
}

fn print_turn(name: &str, turn: Turn) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "  {name:<34}{:>9.0} per second{:>9.2} ms median{:>9.2} ms p99",
        turn.per_second,
        milliseconds(turn.median),
        milliseconds(turn.slowest_of_100)
    );
}
