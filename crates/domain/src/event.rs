//! How a noun's events are named and written down. The type and version stand in columns of the log; the payload is
//! the variant's struct as JSON.
//!
//! A type whose shape changes gets a new version and an upcaster from the one before, so that every shape that was ever
//! written is read as the newest. What is personal in a payload is declared beside the struct; the log seals it.

use crate::personal::Personal;
use serde::de::DeserializeOwned;
use serde_json::Value;
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
    /// Whoever decodes opens first; guessing what is under a seal would be worse than stopping.
    #[error("the payload of {event_type} is still sealed")]
    Sealed { event_type: String },
    #[error("version {version} of {event_type} cannot be read as the next one: {reason}")]
    Upcast {
        event_type: String,
        version: i16,
        reason: &'static str,
    },
    #[error("the payload could not be written: {0}")]
    Encode(serde_json::Error),
}

/// An event of one noun: it knows its category, type name and version, and how to be written and read.
pub trait DomainEvent: Sized {
    const CATEGORY: &'static str;
    /// Every type of the noun with its current version, as decoded.
    const TYPES: &'static [(&'static str, i16)];
    /// Every older version that is still read.
    const OLDER: &'static [(&'static str, i16)];
    fn event_type(&self) -> &'static str;
    fn event_version(&self) -> i16;
    /// # Errors
    /// When the payload cannot be serialised, which the declared shapes never cause.
    fn payload(&self) -> Result<String, DecodeError>;
    /// What is to be sealed before it is recorded.
    fn personal(&self) -> Vec<Personal>;
    /// # Errors
    /// When type, version or shape are unknown, or something is still sealed: the caller parks or refuses, it never guesses.
    fn decode(event_type: &str, version: i16, payload: &str) -> Result<Self, DecodeError>;
    /// The JSON Schema of a type's current shape, as written; `None` for a type that the noun does not have.
    fn schema(event_type: &str) -> Option<serde_json::Value>;
}

/// Reads one version's payload as the next version's.
pub type Upcast = fn(Value) -> Result<Value, &'static str>;

/// For a version that changed only in where its texts are kept: the first shapes were written before anything was sealed.
///
/// # Errors
/// Never.
#[expect(clippy::unnecessary_wraps, reason = "an upcaster may fail")]
pub fn same_shape(payload: Value) -> Result<Value, &'static str> {
    Ok(payload)
}

/// How a sealed text begins in the compact JSON of the log; a quote inside a string would be escaped.
const SEALED: &str = "{\"$sealed\":";

/// A payload that is to be decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub(crate) category: &'static str,
    pub(crate) event_type: &'a str,
    pub(crate) version: i16,
    pub(crate) payload: &'a str,
}

impl Recorded<'_> {
    pub(crate) fn unknown(&self) -> DecodeError {
        DecodeError::UnknownType {
            category: self.category,
            event_type: self.event_type.to_owned(),
            version: self.version,
        }
    }

    /// The current shape, through every upcaster from the recorded version on.
    pub(crate) fn read<T: DeserializeOwned>(&self, current: i16, upcasts: &[(i16, Upcast)]) -> Result<T, DecodeError> {
        if self.payload.contains(SEALED) {
            return Err(DecodeError::Sealed {
                event_type: self.event_type.to_owned(),
            });
        }
        let shape = |source| DecodeError::Payload {
            event_type: self.event_type.to_owned(),
            source,
        };
        if self.version == current {
            return serde_json::from_str(self.payload).map_err(shape);
        }
        if !upcasts.iter().any(|(from, _)| *from == self.version) {
            return Err(self.unknown());
        }
        let mut value: Value = serde_json::from_str(self.payload).map_err(shape)?;
        for version in self.version..current {
            let upcast = upcasts.iter().find(|(from, _)| *from == version);
            let (_, upcast) = upcast.ok_or_else(|| self.unknown())?;
            value = upcast(value).map_err(|reason| DecodeError::Upcast {
                event_type: self.event_type.to_owned(),
                version,
                reason,
            })?;
        }
        serde_json::from_value(value).map_err(shape)
    }
}

/// Declares a noun's event enum over structs of the same names, each with its current version. `[1 => f]` names the
/// upcasters of older versions, `personal by f` what says which texts are to be sealed:
/// `MemberSignedUp = 2 [1 => same_shape] personal by MemberSignedUp::personal`.
macro_rules! domain_events {
    ($(#[$meta:meta])* $name:ident, $category:literal, {
        $($variant:ident = $version:literal
            $([$($older:literal => $upcast:path),+ $(,)?])? $(personal by $personal:path)?),+ $(,)?
    }) => {
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
            const OLDER: &'static [(&'static str, i16)] = &[$($($((stringify!($variant), $older),)+)?)+];
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
            fn personal(&self) -> Vec<$crate::personal::Personal> {
                #[allow(unreachable_patterns, reason = "a noun may have nothing but personal events")]
                match self {
                    $($(Self::$variant(fact) => $personal(fact),)?)+
                    _ => Vec::new(),
                }
            }
            fn decode(event_type: &str, version: i16, payload: &str) -> Result<Self, $crate::event::DecodeError> {
                let recorded = $crate::event::Recorded { category: $category, event_type, version, payload };
                match event_type {
                    $(stringify!($variant) => {
                        recorded.read($version, &[$($(($older, $upcast as $crate::event::Upcast)),+)?]).map(Self::$variant)
                    })+
                    _ => Err(recorded.unknown()),
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
