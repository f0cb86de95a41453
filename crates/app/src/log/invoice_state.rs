//! What had been collected of an invoice by a moment: its document never changes, what is paid and taken back of it does.

use super::state;
use coterie_domain::{
    DecodeError, DomainEvent,
    credit_note::CreditNoteEvent,
    payment::{PaymentEvent, PaymentState},
};
use coterie_eventlog::RecordedEvent;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Adds to an issued invoice what its payments' events up to the moment say.
pub(super) fn collected(mut issued: Value, events: &[RecordedEvent]) -> Result<Value, DecodeError> {
    let mut payments: BTreeMap<Uuid, Vec<&RecordedEvent>> = BTreeMap::new();
    let mut paid_minor = 0;
    let mut last = None;
    for event in events.iter().filter(|event| event.category == PaymentEvent::CATEGORY) {
        payments.entry(event.stream_id).or_default().push(event);
        let decoded = PaymentEvent::decode(&event.event_type, event.event_version, state::plain(event))?;
        if let PaymentEvent::PaymentSettled(settled) = decoded {
            paid_minor += settled.amount.minor;
        }
        last = Some(event.stream_id);
    }
    let mut credited_minor = 0;
    for event in events
        .iter()
        .filter(|event| event.category == CreditNoteEvent::CATEGORY)
    {
        let decoded = CreditNoteEvent::decode(&event.event_type, event.event_version, state::plain(event))?;
        let CreditNoteEvent::CreditNoteIssued(note) = decoded;
        credited_minor += note.gross_minor;
    }
    let mut attempts = Vec::new();
    let mut last_state = None;
    for (id, events) in &payments {
        let Some(payment) = state::fold(PaymentEvent::CATEGORY, events)? else {
            continue;
        };
        if last == Some(*id) {
            last_state = payment.get("state").and_then(Value::as_str).map(str::to_owned);
        }
        attempts.push(json!({
            "payment_id": id,
            "attempt": payment["attempt"],
            "amount": payment["amount"],
            "state": payment["state"],
        }));
    }
    attempts.sort_by_key(|attempt| attempt["attempt"].as_i64());
    let currency = issued["currency"].clone();
    let gross_minor = issued["gross_minor"].as_i64().unwrap_or(0);
    let money = |minor: i64| json!({ "minor": minor, "currency": currency });
    let additions = [
        (
            "state",
            json!(stands(gross_minor, paid_minor, credited_minor, last_state.as_deref())),
        ),
        ("paid", money(paid_minor.min(gross_minor))),
        ("credited", money(credited_minor)),
        ("open", money((gross_minor - credited_minor - paid_minor).max(0))),
        ("attempts", Value::Array(attempts)),
    ];
    if let Value::Object(fields) = &mut issued {
        fields.extend(additions.map(|(key, value)| (key.to_owned(), value)));
    }
    Ok(issued)
}

/// Where collecting stands, in the words of the read model.
fn stands(gross_minor: i64, paid_minor: i64, credited_minor: i64, last: Option<&str>) -> &'static str {
    let is = |state: PaymentState| last == Some(state.name());
    if credited_minor > 0 && credited_minor >= gross_minor {
        "credited"
    } else if paid_minor + credited_minor >= gross_minor {
        "paid"
    } else if is(PaymentState::ActionRequired) {
        "action_required"
    } else if is(PaymentState::Failed) {
        "failed"
    } else if last.is_none() || is(PaymentState::Canceled) || is(PaymentState::Settled) {
        "open"
    } else {
        "pending"
    }
}
