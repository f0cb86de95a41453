//! How a noun's events are named and written down. The type and version stand in columns of the log; the payload is
//! the variant's struct as JSON.

use thiserror::Error;

/// A recorded payload that this build cannot read.
#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("the event type {event_type} version {version} is not known to the {category} noun")]
    UnknownType {
        category: &'static str,
        event_type: String,
        version: i16,
    },
    #[error("the payload of {event_type} does not have its declared shape: {source}")]
    Payload {
        event_type: String,
        source: serde_json::Error,
    },
    #[error("the payload could not be written: {0}")]
    Encode(serde_json::Error),
}

/// An event of one noun: it knows its category, type name and version, and how to be written and read.
pub trait DomainEvent: Sized {
    const CATEGORY: &'static str;
    /// Every type of the noun with its current version, as decoded.
    const TYPES: &'static [(&'static str, i16)];
    fn event_type(&self) -> &'static str;
    fn event_version(&self) -> i16;
    /// # Errors
    /// When the payload cannot be serialised, which the declared shapes never cause.
    fn payload(&self) -> Result<String, DecodeError>;
    /// # Errors
    /// When type, version or shape are unknown: the caller parks or refuses, it never guesses.
    fn decode(event_type: &str, version: i16, payload: &str) -> Result<Self, DecodeError>;
    /// The JSON Schema of a type's current shape, as written; `None` for a type that the noun does not have.
    fn schema(event_type: &str) -> Option<serde_json::Value>;
}

/// Declares a noun's event enum over structs of the same names, each with its current version.
macro_rules! domain_events {
    ($(#[$meta:meta])* $name:ident, $category:literal, { $($variant:ident = $version:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(
            clippy::large_enum_variant,
            clippy::enum_variant_names,
            reason = "variants are named as the log names them, and live only while one is folded"
        )]
        pub enum $name { $($variant($variant)),+ }

        impl $crate::event::DomainEvent for $name {
            const CATEGORY: &'static str = $category;
            const TYPES: &'static [(&'static str, i16)] = &[$((stringify!($variant), $version)),+];
            fn event_type(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($variant)),+ }
            }
            fn event_version(&self) -> i16 {
                match self { $(Self::$variant(_) => $version),+ }
            }
            fn payload(&self) -> Result<String, $crate::event::DecodeError> {
                match self {
                    $(Self::$variant(fact) => serde_json::to_string(fact).map_err($crate::event::DecodeError::Encode)),+
                }
            }
            fn decode(event_type: &str, version: i16, payload: &str) -> Result<Self, $crate::event::DecodeError> {
                match (event_type, version) {
                    $((stringify!($variant), $version) => serde_json::from_str(payload).map(Self::$variant).map_err(
                        |source| $crate::event::DecodeError::Payload { event_type: event_type.to_owned(), source },
                    ),)+
                    _ => Err($crate::event::DecodeError::UnknownType {
                        category: $category, event_type: event_type.to_owned(), version,
                    }),
                }
            }
            fn schema(event_type: &str) -> Option<serde_json::Value> {
                match event_type {
                    $(stringify!($variant) => Some($crate::schema::of::<$variant>()),)+
                    _ => None,
                }
            }
        }

        $(impl From<$variant> for $name { fn from(fact: $variant) -> Self { Self::$variant(fact) } })+
    };
}
pub(crate) use domain_events;

#[cfg(test)]
mod tests;
