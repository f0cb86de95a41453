//! Members: signing up, being imported, and how they pay.

mod account;
mod confirm_email;
mod forget;
mod forget_visitor;
mod import;
pub mod page;
mod project;
mod sign_up;

pub use account::*;
pub use confirm_email::*;
pub use forget::*;
pub(crate) use forget_visitor::forget_visitor_in_op;
pub use import::*;
pub(crate) use project::project_in_op;
pub use sign_up::*;
