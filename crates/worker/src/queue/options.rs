use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// Tells workers of this process that something was committed; without it they notice within
/// [`QueueOptions::poll`]. Cloning shares the channel.
#[derive(Debug, Clone, Default)]
pub struct Wake(pub(super) Arc<Notify>);

impl Wake {
    /// Call after the commit.
    pub fn wake(&self) {
        self.0.notify_waiters();
        // Kept for whoever is busy looking at this moment: it may have looked too early.
        self.0.notify_one();
    }
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Jobs at the same time; more than the pool has connections is rarely of use.
    pub concurrency: usize,
    /// How often to look for work: one small index look-up each time, the longest a due job waits.
    pub poll: Duration,
    /// First wait before a retry; doubles with every attempt, with jitter.
    pub backoff_base: Duration,
    /// Longest wait before a retry.
    pub backoff_cap: Duration,
    /// How often the worker says that it lives.
    pub heartbeat: Duration,
    /// After how many missed heartbeats others take its jobs.
    pub missed_heartbeats: u32,
    /// How often finished jobs are swept.
    pub sweep_every: Duration,
    /// Wakes the worker from within the process.
    pub wake: Wake,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            concurrency: 8,
            poll: Duration::from_millis(25),
            backoff_base: Duration::from_secs(1),
            backoff_cap: Duration::from_hours(1),
            heartbeat: Duration::from_secs(1),
            missed_heartbeats: 3,
            sweep_every: Duration::from_hours(1),
            wake: Wake::default(),
        }
    }
}
