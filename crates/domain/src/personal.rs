//! What is personal in an event, and whose it is. The domain only declares it: the log seals these texts under a key of
//! their subject, and forgetting the subject destroys the key.

use jiff::civil::Date;
use uuid::Uuid;

/// What stands in the place of a text that was forgotten.
pub const FORGOTTEN: &str = "(forgotten)";

/// How long a text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Until its subject is forgotten.
    Person,
    /// Until the end of this day, whoever is forgotten before: the law wants it.
    Retention { until: Date },
}

/// Whom a text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    pub id: Uuid,
    pub purpose: Purpose,
}

/// The texts of one payload that are about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    pub subject: Subject,
    /// JSON pointers to strings; `*` stands for every element of an array.
    pub pointers: &'static [&'static str],
}

impl Personal {
    /// Texts about a member, a member of staff or a company.
    pub fn of(id: impl Into<Uuid>, pointers: &'static [&'static str]) -> Vec<Self> {
        let subject = Subject {
            id: id.into(),
            purpose: Purpose::Person,
        };
        vec![Self { subject, pointers }]
    }
}
