//! The harness that the integration tests share.

pub mod chain;
pub mod database;
pub mod guards;
pub mod invariants;
pub mod person;
pub mod processes;
pub mod shapes;
pub mod skip;
pub mod stack;
pub mod stripe;
pub mod unlocked;

pub use database::{Database, database};
pub use person::{Answer, Person};
pub use skip::skip;
pub use stack::{OpenedChain, TestStack, stack, stack_with};
