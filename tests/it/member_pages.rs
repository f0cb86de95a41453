//! A member at her browser, from signing up to paying: through HTTP only, reading the pages as they come.

mod beside;
mod calendar_feed;
mod floor;
mod forms;
pub mod house;
mod journey;
mod others;
mod packs;
mod passes;
mod paying;
mod photos;
mod told;
