//! The log as people read it: who did what, when, and what it led to.

pub mod page;
