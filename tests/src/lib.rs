//! The harness that the integration tests share.

pub mod database;
pub mod shapes;
pub mod skip;
pub mod stripe;

pub use database::{Database, database};
pub use skip::skip;
