//! Bookings: one winner per slot, priced when made, cancelled by policy.

mod book;
mod cancel;
mod day;
mod find;
pub(crate) mod guard;
mod guests;
mod hold;
mod moving;
pub mod page;
mod people;
mod presence;
mod project;
mod series;
mod take;
mod visit;

pub use book::*;
pub use cancel::{cancel, load};
pub(crate) use cancel::{cancel_in_op, give_up_in_op};
pub use find::{Found, Offer, find_free};
pub use guests::*;
pub(crate) use hold::end_hold_in_op;
pub(crate) use hold::record as record_hold;
pub use hold::{Kept, confirm, decline, hold, quote_confirm};
pub use moving::*;
pub use people::PeopleCache;
pub use presence::*;
pub(crate) use project::project_in_op;
pub use series::*;
pub(crate) use visit::*;
