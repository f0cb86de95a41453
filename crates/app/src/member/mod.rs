//! Members: signing up, being imported, and how they pay.

mod account;
mod confirm_email;
mod import;
pub mod page;
mod sign_up;

pub use account::*;
pub use confirm_email::*;
pub use import::*;
pub use sign_up::*;
