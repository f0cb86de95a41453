//! The one place that reads the machine's clock. Wall time is for sessions, tokens, retries and signatures; everything
//! that is in an event takes the organization's clock (see `operation.rs`).

use jiff::Timestamp;

/// The machine's time, cut to microseconds as `PostgreSQL` keeps it.
pub fn wall_now() -> Timestamp {
    let now = machine();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

#[cfg(not(debug_assertions))]
fn machine() -> Timestamp {
    Timestamp::now()
}

/// A debug build can be told that the machine's clock is wrong by so many seconds, `COTERIE_TEST_CLOCK_OFFSET`: the tests
/// show what a clock that was set back does, and may not set the machine's own. A release build has no such thing.
#[cfg(debug_assertions)]
fn machine() -> Timestamp {
    use std::sync::OnceLock;
    static OFFSET_SECONDS: OnceLock<i64> = OnceLock::new();
    let offset = *OFFSET_SECONDS.get_or_init(|| {
        let named = std::env::var("COTERIE_TEST_CLOCK_OFFSET").ok();
        named.and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
    });
    let now = Timestamp::now();
    now.checked_add(jiff::SignedDuration::from_secs(offset)).unwrap_or(now)
}
