//! A decision's "no": a stable code for programs, a sentence for people, and the fields it is about.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which kind of "no": it decides the HTTP status and whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusalKind {
    /// The request itself is wrong (422).
    Invalid,
    /// The request is fine but the state of things is against it (409).
    Conflict,
    /// The thing it names does not exist for this caller (404).
    NotFound,
    /// The caller may not (403).
    Forbidden,
}

/// One field and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

/// A refused command. Nothing was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    pub code: &'static str,
    pub kind: RefusalKind,
    pub sentence: String,
    pub fields: Vec<FieldError>,
    /// Further members for programs, e.g. `next_free`.
    pub extra: Map<String, Value>,
}

impl Refusal {
    fn new(kind: RefusalKind, code: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            code,
            kind,
            sentence: sentence.into(),
            fields: Vec::new(),
            extra: Map::new(),
        }
    }
    pub fn invalid(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, code, sentence)
    }
    pub fn conflict(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, code, sentence)
    }
    pub fn not_found(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(RefusalKind::NotFound, code, sentence)
    }
    pub fn forbidden(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(RefusalKind::Forbidden, code, sentence)
    }
    /// An invalid request whose fault is in one field.
    pub fn field(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::invalid(code, message.clone()).on(field, message)
    }
    #[must_use]
    pub fn on(mut self, field: &str, message: impl Into<String>) -> Self {
        self.fields.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
        self
    }
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), value.into());
        self
    }
}

/// Collects the faults of a form so that all of them are shown at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.to_owned(),
            message: message.into(),
        });
    }
    pub fn check(&mut self, holds: bool, field: &str, message: impl Into<String>) {
        if !holds {
            self.add(field, message);
        }
    }
    /// # Errors
    /// All the faults collected so far, as one refusal.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut refusal = Refusal::invalid("invalid", "Some fields need another look.");
        refusal.fields = self.0;
        Err(refusal)
    }
}
