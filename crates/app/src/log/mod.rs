//! The log as people read it: who did what, when, what it led to, and how things stood at any moment.

pub mod history;
mod invoice_state;
pub mod kinds;
pub mod member;
pub mod page;
pub mod search;
pub mod state;
