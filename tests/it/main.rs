//! The integration tests: one binary, one module per room or journey.

mod arrows;
mod eventlog;
mod mail;
mod queue;
mod read_models;
mod stripe;
mod tenancy;
