//! The house as processes: killed, frozen, starved and doubled, under load. After each of it nothing acknowledged is lost,
//! the chain verifies, the books balance, nobody is charged twice and no letter goes out twice.
//!
//! The long variants (`make soak`) are the same tests with more of it.

mod checker;
mod clock;
mod disk;
mod drops;
mod frozen;
mod kill;
mod load;
mod set_up;
mod workers;
mod zone;

use coterie_tests::invariants::{Acknowledged, Evidence};
use coterie_tests::processes::House;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// One house at a time: they measure how long the machine takes.
async fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::const_new(());
    ONE.lock().await
}

/// Looks at everything there is.
async fn assert_sound(house: &House, acknowledged: &[Acknowledged], at_rest: bool, when: &str) {
    let mail = house.inbox.messages();
    let evidence = Evidence {
        owner: &house.owner,
        sim: Some(&house.sim),
        mail: Some(&mail),
        acknowledged,
        at_rest,
    };
    evidence.assert_sound(when).await;
}

/// Asks until something holds; bounded.
pub(crate) async fn until(what: &str, patience: Duration, holds: impl AsyncFn() -> bool) {
    let asked = Instant::now();
    while !holds().await {
        assert!(asked.elapsed() < patience, "after {patience:?} not yet: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Where an organization's log stands.
async fn head(house: &House, tenant: Uuid) -> i64 {
    sqlx::query_scalar("select position from event_head where tenant_id = $1")
        .bind(tenant)
        .fetch_one(&house.owner)
        .await
        .expect("the database answers")
}

/// Random numbers that a failed run can be repeated with: `COTERIE_SEED`, printed at the start.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(test: &str) -> Self {
        let given = std::env::var("COTERIE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from(std::process::id()) ^ Uuid::now_v7().as_u64_pair().0);
        println!("{test}: COTERIE_SEED={seed}");
        Self(seed)
    }

    /// A number below `end` (splitmix64).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}
