//! Sealed data: whatever is personal in a payload is encrypted under a key of its subject before it is appended. The
//! hash covers the sealed text, so destroying the key forgets the subject and the chain still verifies.
//!
//! A sealed leaf stands where a JSON string stood: `{"$sealed":{"c":"<base64 of nonce and ciphertext>","s":"<subject>","v":2}}`
//! with `v` the event's version. Tenant, subject, event type, version and JSON pointer are authenticated with it, so a leaf
//! opens only where it was written. The subject's key lies in `subject_key`, wrapped by a master key of the environment
//! ([`Keyring`]); nothing keeps an unwrapped one longer than a batch, so that no copy outlives a destruction.

mod cipher;
mod destroy;
mod keyring;
mod leaf;
mod open;
mod rotate;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use destroy::{bar_in_op, destroy_in_op, lock_in_op, subject_state};
pub use keyring::{KeyError, Keyring, KeyringError};
pub use leaf::{has_sealed, subjects_of};
pub use open::{OpenError, blank};
pub use rotate::{Rotated, rotate_page_in_op};
pub use write::{Pending, SealError};

use jiff::civil::Date;
use uuid::Uuid;

/// What stands in the place of a sealed text whose key was destroyed.
pub const FORGOTTEN: &str = "(forgotten)";

/// What a subject's key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Whatever is known of a person or a company until it is forgotten.
    Person,
    /// What the law wants kept until a date, whoever is forgotten before it.
    Retention,
}

impl Purpose {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Retention => "retention",
        }
    }
    fn from_name(name: &str) -> Option<Self> {
        [Self::Person, Self::Retention]
            .into_iter()
            .find(|purpose| purpose.name() == name)
    }
}

/// Whom a text is about: whoever destroys the key of this id forgets the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The subject's id, unique within the organization whatever the purpose.
    pub id: Uuid,
    /// What its key is for.
    pub purpose: Purpose,
    /// The last day on which a retention key must still be there.
    pub retain_until: Option<Date>,
}

/// Which leaves of one payload belong to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whose they are.
    pub subject: Subject,
    /// JSON pointers; `*` stands for every element of an array. Only strings can be sealed, and an absent, null or empty
    /// one has nothing to hide.
    pub pointers: &'static [&'static str],
}
