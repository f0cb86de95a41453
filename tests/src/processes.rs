//! The house as an installation runs it: a PostgreSQL, `coterie serve` and `coterie work` as processes of their own, which a
//! test can kill, freeze and start again. The simulator and the inbox stay in the test's process: they are the world
//! outside, which does not die with the house.

mod cluster;
mod house;
mod program;

pub use cluster::{Cluster, ClusterOptions};
pub use house::{House, HouseOptions};
pub use program::{Program, processes_in, signal};

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

/// The program under test: `COTERIE_BINARY`, or what Cargo builds beside the tests.
pub fn binary() -> PathBuf {
    std::env::var_os("COTERIE_BINARY").map_or_else(
        || crate::skip::root().join("target/debug/coterie"),
        |path| crate::skip::root().join(path),
    )
}

/// A port that keeps free while its server is dead: below the range from which the kernel takes ports for outgoing
/// connections, and each given away once.
///
/// # Panics
/// When none is free.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 9_000).unwrap_or(0);
    (0..9_000)
        .map(|_| 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 9_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("some port is free")
}
