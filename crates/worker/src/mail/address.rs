use std::fmt;
use std::str::FromStr;

use lettre::message::Mailbox;

/// An email address with an optional display name, as `Ada <ada@example.com>` or bare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Mailbox);

/// Not an email address.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is not an email address")]
pub struct AddressError {
    text: String,
    source: lettre::address::AddressError,
}

impl Address {
    /// An address with the name a mail program shows.
    ///
    /// # Errors
    /// If `email` is not an address.
    pub fn new(name: Option<&str>, email: &str) -> Result<Self, AddressError> {
        match email.trim().parse() {
            // A name is one header line: whatever could break it becomes a space.
            Ok(parsed) => Ok(Self(Mailbox::new(name.map(one_line), parsed))),
            Err(source) => Err(AddressError {
                text: email.to_owned(),
                source,
            }),
        }
    }

    /// The bare address, as it goes into the envelope and the outbox.
    pub fn email(&self) -> String {
        self.0.email.to_string()
    }

    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        text.trim().parse().map(Self).map_err(|source| AddressError {
            text: text.to_owned(),
            source,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Who writes, and whether the letter may leave the house.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The organization's name and address, for From and the envelope.
    pub from: Address,
    /// True for a sandbox organization: its mail goes to the capturing server only.
    pub captured: bool,
}

/// Replaces line breaks and other control characters by spaces.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
