//! The one binary, `coterie`: it reads the environment, puts the rooms together and carries out commands. It decides
//! nothing of the business and knows no SQL beyond finding organizations.

mod boot;
pub mod cli;
pub mod config;
pub mod demo;
pub mod identity_app;
mod import;
pub mod inbox;
mod migrate;
pub mod stack;
mod tracing_setup;
mod wiring;

pub use migrate::{MigrateError, migrate};
pub use stack::{RunningStack, Stack, StackConfig, StackError};
