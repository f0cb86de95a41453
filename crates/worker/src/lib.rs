//! 
pub mod mail;
pub mod queue;
