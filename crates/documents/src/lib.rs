//! Documents: text and bytes made from values. No database, no clock, no network, so the same values give the same
//! bytes every time.

pub mod calendar;
pub mod einvoice;
pub mod journal;
pub mod occupancy;
pub mod paper;
mod qr;
pub mod simulation;

pub use qr::qr_code;
