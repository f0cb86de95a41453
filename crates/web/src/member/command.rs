//! A form sent twice is carried out once: each form carries a token, and the token with what was asked is the command's key.

use coterie_app::{Caller, secret::sha256};
use uuid::Uuid;

use crate::{components::Hidden, form::Submitted};

const NAME: &str = "command";

/// A fresh token for a form.
pub(crate) fn token() -> Hidden {
    Hidden::new(NAME, Uuid::now_v7().to_string())
}

/// The token a form came with; a form without one gets one of its own.
pub(super) fn of(submitted: &Submitted) -> Uuid {
    submitted.get(NAME).parse().unwrap_or_else(|_| Uuid::now_v7())
}

/// The caller under the form's token. What is asked is part of the key: whoever goes back and asks for something else from
/// the same form means another command. Only a digest is kept, because an address may be part of what is asked; the token
/// in it is nowhere else, so nobody finds the address again by trying.
pub(crate) fn keyed(caller: Caller, submitted: &Submitted, asked: &str) -> Caller {
    let command = format!("{}:{asked}", of(submitted));
    let digest = sha256(command.as_bytes());
    let (high, low) = digest.split_at(16);
    let half = |bytes: &[u8]| bytes.iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
    let key = format!("{:032x}{:032x}", half(high), half(low));
    caller.with_key(&key, command.as_bytes())
}
