//! 
pub mod inbox;
