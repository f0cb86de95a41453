//! The whole stack, asked without a socket.

mod fake;
mod guards;
mod surface;
