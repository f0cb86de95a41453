use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// How long to wait before start number `attempt + 1`: `base` doubled per attempt, at most `cap`,
/// and then between half and all of that. The jitter comes from the job's id, so jobs that failed
/// together do not come back together, and no random source is needed.
pub(super) fn delay(base: Duration, cap: Duration, attempt: u32, id: &str) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    let full = base.saturating_mul(1 << doublings).min(cap);
    let mut hasher = DefaultHasher::new();
    (id, attempt).hash(&mut hasher);
    let thousandths = 500 + u32::try_from(hasher.finish() % 501).unwrap_or(0);
    full / 1000 * thousandths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_is_capped_and_differs_between_jobs() {
        let (base, cap) = (Duration::from_secs(1), Duration::from_hours(1));
        for attempt in 1..60 {
            let waited = delay(base, cap, attempt, "job");
            let full = base.saturating_mul(1 << (attempt - 1).min(20)).min(cap);
            assert!(waited >= full / 2 && waited <= full, "{attempt}: {waited:?}");
        }
        assert_ne!(delay(base, cap, 5, "one"), delay(base, cap, 5, "two"));
    }
}
