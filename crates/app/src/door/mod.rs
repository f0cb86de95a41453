//! Tablets, beside a room's door and at the entrance of a house: secret addresses at which they show how rooms stand, and the
//! codes by which members book and check in there.

mod address;
mod arrive;
mod board;
mod book;
mod check_in;
mod code;
mod enter;
mod house;
mod tablet;

pub use address::*;
pub use arrive::*;
pub use board::*;
pub use book::*;
pub use check_in::*;
pub use code::*;
pub use enter::*;
pub use house::*;
pub(crate) use tablet::tablet_sql;
pub use tablet::{Tablet, TabletKind};
