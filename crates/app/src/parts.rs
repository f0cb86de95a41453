//! Work on values that is shared out over the machine's cores.

use crate::UseCaseError;
use std::{num::NonZero, thread};

/// With fewer than that, a thread costs more than it brings.
const WORTH_A_THREAD: usize = 256;

/// Does work on parts of a list, each on a thread of its own, and answers in the order of the parts. It blocks, so whoever serves
/// others meanwhile calls it on a thread that may.
pub(crate) fn in_parts<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len() / WORTH_A_THREAD).max(1);
    let size = items.len().div_ceil(threads).max(1);
    if threads == 1 {
        return vec![work(items)];
    }
    let work = &work;
    thread::scope(|scope| {
        let parts: Vec<_> = items.chunks(size).map(|part| scope.spawn(move || work(part))).collect();
        parts
            .into_iter()
            .map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Work for other threads than those that serve, where it holds up nobody.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UseCaseError> + Send + 'static,
) -> Result<T, UseCaseError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| UseCaseError::Broken(format!("work that was shared out was not done: {error}")))?
}

#[cfg(test)]
mod tests {
    use super::{WORTH_A_THREAD, in_parts};

    #[test]
    fn every_item_is_worked_on_once_and_order_stays() {
        for count in [0, 1, WORTH_A_THREAD - 1, WORTH_A_THREAD * 2 + 1, WORTH_A_THREAD * 9] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = in_parts(&items, |part| part.iter().map(|item| item * 2).collect::<Vec<_>>());
            let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(doubled.concat(), expected);
        }
    }
}
