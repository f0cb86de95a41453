//! An event of Stripe's, cut to what is trusted: which object to read again.

use serde::Deserialize;

/// Says that something happened to an object. Its picture of the object is not kept: a job reads the object again, so
/// events may come late, twice or out of order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `evt_...`; unique within `account`.
    pub id: String,
    /// `payment_intent.succeeded`, ...
    pub kind: String,
    /// The connected account; `None` for events of the platform itself.
    pub account: Option<String>,
    pub livemode: bool,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub created: i64,
    pub object: EventObject,
}

/// The object an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventObject {
    /// Empty for objects without an id (a balance).
    pub id: String,
    /// `payment_intent`, `checkout.session`, `refund`, ...; empty when Stripe left it out.
    pub kind: String,
    /// The payment intent behind a charge, refund or dispute, when the object names one.
    pub payment_intent: Option<String>,
}

/// Where the sweep goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventsAfter<'a> {
    /// After this event; it must be younger than 30 days.
    Event(&'a str),
    /// From this second on (since 1970-01-01T00:00:00Z), inclusive.
    Time(i64),
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawEvent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    account: Option<String>,
    livemode: bool,
    created: i64,
    data: RawData,
}

#[derive(Debug, Deserialize)]
struct RawData {
    object: RawObject,
}

#[derive(Debug, Deserialize)]
struct RawObject {
    #[serde(default)]
    id: String,
    #[serde(default)]
    object: String,
    // A string, an expanded object or null, by event kind.
    payment_intent: Option<serde_json::Value>,
}

impl From<RawEvent> for Event {
    fn from(raw: RawEvent) -> Self {
        Self {
            id: raw.id,
            kind: raw.kind,
            account: raw.account,
            livemode: raw.livemode,
            created: raw.created,
            object: EventObject {
                id: raw.data.object.id,
                kind: raw.data.object.object,
                payment_intent: raw.data.object.payment_intent.as_ref().and_then(crate::answer::id_of),
            },
        }
    }
}
