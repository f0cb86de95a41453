//! The one place that reads the machine's clock. Wall time is for sessions, tokens, retries and signatures; everything
//! that is in an event takes the organization's clock (see `operation.rs`).

use jiff::Timestamp;

/// The machine's time, cut to microseconds as `PostgreSQL` keeps it.
pub fn wall_now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
