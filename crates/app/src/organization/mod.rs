//! Opening a chain and inviting its staff.

mod add_staff;
mod create;
mod read;

pub use add_staff::*;
pub use create::*;
pub use read::*;
