use super::*;
use crate::log::kinds;
use jiff::Timestamp;
use uuid::Uuid;

fn event(category: &str, event_type: &str, position: i64, payload: String) -> RecordedEvent {
    RecordedEvent {
        tenant_id: Uuid::nil(),
        position,
        category: category.to_owned(),
        stream_id: Uuid::nil(),
        version: position,
        event_type: event_type.to_owned(),
        event_version: 1,
        actor: String::new(),
        command_id: Uuid::nil(),
        causation: None,
        correlation_id: Uuid::nil(),
        occurred_at: Timestamp::UNIX_EPOCH,
        recorded_at: Timestamp::UNIX_EPOCH,
        payload,
        hash: [0; 32],
        opened: None,
    }
}

/// The corpus of the domain: one sample of every shape.
fn golden(category: &str, event_type: &str) -> String {
    let file = format!(
        "{}/../domain/golden/{category}.{event_type}.v1.json",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn state(category: &str, types: &[&str]) -> Value {
    let events: Vec<_> = types
        .iter()
        .zip(1..)
        .map(|(name, position)| event(category, name, position, golden(category, name)))
        .collect();
    let events: Vec<&RecordedEvent> = events.iter().collect();
    fold(category, &events).unwrap().unwrap_or(Value::Null)
}

#[test]
fn every_noun_is_folded_and_stands_after_its_first_event() {
    let folded: Vec<_> = FOLDS.iter().map(|(name, _)| *name).collect();
    let nouns: Vec<_> = kinds::all().iter().map(|(name, _)| *name).collect();
    assert_eq!(folded, nouns);
    for (category, types) in kinds::all() {
        let (first, _) = types[0];
        assert!(state(category, &[first]).is_object(), "{category}");
    }
}

#[test]
fn each_event_shows_in_the_state() {
    assert_eq!(state("booking", &["BookingConfirmed"])["state"], "confirmed");
    let cancelled = state("booking", &["BookingConfirmed", "BookingCancelled"]);
    assert_eq!(cancelled["state"], "cancelled");
    assert!(cancelled["percent_due"].is_number() && cancelled["starts_at"].is_string());
    assert_eq!(state("charge", &["ChargeMade", "ChargeVoided"])["state"], "voided");

    let granted = state("credit", &["CreditGranted"]);
    let used = state("credit", &["CreditGranted", "CreditUsed"]);
    let restored = state("credit", &["CreditGranted", "CreditUsed", "CreditRestored"]);
    assert!(used["left"].as_i64() < granted["left"].as_i64(), "{used}");
    assert_eq!(restored["left"], granted["left"]);

    let membership = |types: &[&str]| state("membership", types)["state"].clone();
    assert_eq!(membership(&["MembershipStarted"]), "active");
    assert_eq!(membership(&["MembershipStarted", "NoticeGiven"]), "notice given");
    assert_eq!(
        membership(&["MembershipStarted", "NoticeGiven", "MembershipEnded"]),
        "ended"
    );

    let failed = state("payment", &["PaymentAttempted", "PaymentFailed"]);
    assert_eq!(failed["state"], "failed");
    assert!(failed["message"].is_string(), "{failed}");
    assert_eq!(
        state("payment", &["PaymentAttempted", "PaymentFailed", "PaymentSettled"])["state"],
        "settled"
    );
    let confirmed = |types: &[&str]| state("member", types)["email_confirmed"].clone();
    assert_eq!(confirmed(&["MemberSignedUp"]), false);
    assert_eq!(confirmed(&["MemberSignedUp", "EmailConfirmed"]), true);
    let connected = state("legal_entity", &["LegalEntityCreated", "StripeConnected"]);
    assert!(connected["stripe_account"].is_string(), "{connected}");
}

#[test]
fn before_the_first_event_there_is_nothing_and_unknown_nouns_show_their_fields() {
    assert_eq!(fold("booking", &[]).unwrap(), None);
    let first = event("parcel", "ParcelArrived", 1, r#"{"shelf":"A","weight":2}"#.to_owned());
    let then = event("parcel", "ParcelMoved", 2, r#"{"shelf":"B"}"#.to_owned());
    assert_eq!(
        fold("parcel", &[&first, &then]).unwrap(),
        Some(json!({ "shelf": "B", "weight": 2 }))
    );
    // A shape that nobody declared is refused, not guessed.
    let broken = event("booking", "BookingConfirmed", 1, "{}".to_owned());
    assert!(fold("booking", &[&broken]).is_err());
}
