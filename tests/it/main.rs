//! The integration tests: one binary, one module per room or journey.

mod anchors;
mod api;
mod arrows;
mod audit_pages;
mod cli;
mod crash;
mod demo;
mod eventlog;
mod finance_pages;
mod guards;
mod import;
mod journal_formats;
mod journey;
mod mail;
mod matrix;
mod member_pages;
mod operator_pages;
mod platform;
mod queue;
mod read_models;
mod seal;
mod stack;
mod stripe;
mod tenancy;
mod trouble;
mod use_cases;
