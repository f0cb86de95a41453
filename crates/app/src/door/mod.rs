//! A tablet beside a room's door: a secret address at which it shows how the room stands, and the codes by which members
//! book there.

mod address;
mod board;
mod book;
mod check_in;
mod code;
mod enter;

pub use address::*;
pub use board::*;
pub use book::*;
pub use check_in::*;
pub use code::*;
pub use enter::*;
