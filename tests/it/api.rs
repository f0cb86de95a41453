//! The JSON API over real HTTP: a chain set up, lived in and read through it, and what it refuses.

mod access_hours;
mod assignments;
mod bad_input;
mod calendar_feeds;
pub mod client;
mod closures;
mod finding;
mod floors;
mod guests;
mod holding;
mod journey;
mod moving;
mod occupancy;
mod openapi;
mod passes;
mod photos;
mod presence;
mod prices;
mod race;
mod reading;
mod repeating;
mod rights;
mod series;
mod spaces;
mod waiting;
mod webhook;
