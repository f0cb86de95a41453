//! Takes a workload and its baseline in turns, so that both meet the same machine, and says what came out.

use std::future::Future;
use std::time::{Duration, Instant};

/// People asking at the same time, unless a workload says otherwise.
pub const CLIENTS: usize = 8;
/// Turns of each side; the median counts. Many short ones: a checkpoint or a neighbour on the machine spoils a few.
const ROUNDS: usize = 15;
/// A turn ends after so many operations of one client, or after this time.
const ROUND_PATIENCE: Duration = Duration::from_secs(4);

/// How much is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub clients: usize,
    /// Operations of each client in a turn.
    pub operations: usize,
    /// How many of a thing one operation does, and what to call it.
    pub of: (u32, &'static str),
}

impl Load {
    pub const fn operations(operations: usize) -> Self {
        Self {
            clients: CLIENTS,
            operations,
            of: (1, "operations"),
        }
    }
}

/// One turn of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    pub per_second: f64,
    pub median: Duration,
    pub slowest_of_100: Duration,
}

/// What a client does, made when it is done: operations that were made ahead would cost memory that is none of theirs.
pub trait Operation<F>: Fn(usize, usize) -> F + Clone + Send + 'static {}

impl<F, O: Fn(usize, usize) -> F + Clone + Send + 'static> Operation<F> for O {}

/// Measures both sides and prints a line for each, and the ratio of the two.
///
/// An operation is told its client (0, 1 ..) and its number, which never comes twice for one client and side.
pub async fn compare<A, B>(
    name: &str,
    (ours_name, ours): (&str, impl Operation<A>),
    (baseline_name, baseline): (&str, impl Operation<B>),
    load: Load,
) -> Turn
where
    A: Future<Output = ()> + Send + 'static,
    B: Future<Output = ()> + Send + 'static,
{
    let (mut of_ours, mut of_baseline) = (Vec::new(), Vec::new());
    // The first turn of each warms connections, plans and caches, and is not counted.
    for round in 0..=ROUNDS {
        let first = round * load.operations;
        of_ours.push(turn(&ours, first, load).await);
        of_baseline.push(turn(&baseline, first, load).await);
    }
    let ratio = middle_ratio(&of_ours, &of_baseline);
    let (ours, baseline) = (middle(of_ours), middle(of_baseline));
    println!("{name}");
    print_turn(ours_name, ours, load);
    print_turn(baseline_name, baseline, load);
    println!("  {:<34}{ratio:>9.2}\n", "ratio of the rates");
    ours
}

pub fn summed(mut took: Vec<Duration>, elapsed: Duration) -> Turn {
    took.sort_unstable();
    let done = u32::try_from(took.len()).expect("a turn is bounded");
    Turn {
        per_second: f64::from(done) / elapsed.as_secs_f64(),
        median: took[took.len() / 2],
        slowest_of_100: took[took.len() * 99 / 100],
    }
}

/// One turn of all clients at once.
pub async fn turn<F>(operation: &impl Operation<F>, first: usize, load: Load) -> Turn
where
    F: Future<Output = ()> + Send + 'static,
{
    let started = Instant::now();
    let clients: Vec<_> = (0..load.clients)
        .map(|client| {
            let operation = operation.clone();
            tokio::spawn(async move {
                let mut took = Vec::with_capacity(load.operations);
                for number in first..first + load.operations {
                    if started.elapsed() > ROUND_PATIENCE {
                        break;
                    }
                    let begun = Instant::now();
                    operation(client, number).await;
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took: Vec<Duration> = Vec::new();
    for client in clients {
        took.extend(client.await.expect("no operation panics"));
    }
    let elapsed = started.elapsed();
    summed(took, elapsed)
}

/// The turn with the median rate; the first is left out.
pub fn middle(mut turns: Vec<Turn>) -> Turn {
    turns.remove(0);
    turns.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    turns[turns.len() / 2]
}

/// The median of what each turn has of the rate of the baseline's turn right after it: a machine that grows slower meanwhile
/// slows both. The first pair is left out.
fn middle_ratio(of_ours: &[Turn], of_baseline: &[Turn]) -> f64 {
    let pairs = of_ours.iter().zip(of_baseline).skip(1);
    let mut ratios: Vec<f64> = pairs
        .map(|(ours, baseline)| ours.per_second / baseline.per_second)
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

pub fn print_turn(name: &str, turn: Turn, load: Load) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let (many, what) = load.of;
    println!(
        "  {name:<34}{:>9.0} {what} per second{:>9.2} ms median{:>9.2} ms p99",
        turn.per_second * f64::from(many),
        milliseconds(turn.median),
        milliseconds(turn.slowest_of_100)
    );
}
