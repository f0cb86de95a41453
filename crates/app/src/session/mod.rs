//! Signing in: argon2id passwords, sessions as hashed opaque tokens, API keys as hashes. None of it is an event.

mod api_key;
mod password;
mod sign_in;

pub use api_key::*;
pub use password::*;
pub use sign_in::*;
