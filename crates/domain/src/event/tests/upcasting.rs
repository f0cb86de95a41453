//! Older versions are read as the newest, what is personal is declared truly, and what is sealed is not guessed.

use super::{DecodeError, NOUNS, golden, samples};
use crate::{
    DomainEvent,
    event::same_shape,
    invoice::InvoiceEvent,
    personal::Purpose,
    testing::{ADA, BERLIN},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs};

#[test]
fn every_older_version_has_its_golden_file_and_is_read() {
    let mut older = 0;
    for noun in &NOUNS {
        for (event_type, version) in noun.older {
            let current = noun.types.iter().find(|(known, _)| known == event_type).unwrap().1;
            assert!(*version < current, "{event_type}");
            let name = format!("{}.{event_type}.v{version}.json", noun.category);
            let payload = fs::read_to_string(golden().join(&name)).unwrap_or_else(|_| panic!("{name} is missing"));
            (noun.reread)(event_type, *version, &payload).unwrap_or_else(|error| panic!("{name}: {error}"));
            older += 1;
        }
    }
    assert!(older >= 6, "versions that came before sealing are still read: {older}");
}

#[test]
fn an_invoice_of_the_first_version_says_how_long_it_is_kept() {
    let payload = fs::read_to_string(golden().join("invoice.InvoiceIssued.v1.json")).unwrap();
    let InvoiceEvent::InvoiceIssued(issued) = InvoiceEvent::decode("InvoiceIssued", 1, &payload).unwrap();
    assert_eq!(issued.retain_until.to_string(), "2036-12-31");
    let mut undated: Value = serde_json::from_str(&payload).unwrap();
    undated["issue_date"] = Value::Null;
    let refused = InvoiceEvent::decode("InvoiceIssued", 1, &undated.to_string());
    assert!(
        matches!(refused, Err(DecodeError::Upcast { version: 1, .. })),
        "{refused:?}"
    );
    // As the newest version it lacks what only the upcaster adds.
    let refused = InvoiceEvent::decode("InvoiceIssued", 2, &payload);
    assert!(matches!(refused, Err(DecodeError::Payload { .. })), "{refused:?}");
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DoorOpened {
    door: String,
    at_minute: i64,
}

// The first version had one text, the second two texts, the third a number of minutes.
mod doors {
    use super::{DoorOpened, Value, same_shape};

    #[expect(
        clippy::needless_pass_by_value,
        reason = "every upcaster takes the payload it replaces"
    )]
    fn split(payload: Value) -> Result<Value, &'static str> {
        let text = payload["text"].as_str().ok_or("it has no text")?;
        let (door, at) = text.split_once('@').ok_or("its text has no time")?;
        Ok(serde_json::json!({ "door": door, "at": at }))
    }
    #[expect(
        clippy::needless_pass_by_value,
        reason = "every upcaster takes the payload it replaces"
    )]
    fn minutes(payload: Value) -> Result<Value, &'static str> {
        let (hour, minute) = payload["at"]
            .as_str()
            .and_then(|at| at.split_once(':'))
            .ok_or("its time is none")?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| "its time is none");
        Ok(serde_json::json!({ "door": payload["door"], "at_minute": number(hour)? * 60 + number(minute)? }))
    }
    domain_events!(DoorEvent, "door", { DoorOpened = 4 [1 => split, 2 => minutes, 3 => same_shape] });
}

#[test]
fn upcasters_follow_one_another() {
    let read = |version, payload: Value| doors::DoorEvent::decode("DoorOpened", version, &payload.to_string());
    let expected = doors::DoorEvent::from(DoorOpened {
        door: "front".into(),
        at_minute: 545,
    });
    for (version, payload) in [
        (1, json!({ "text": "front@9:05" })),
        (2, json!({ "door": "front", "at": "9:05" })),
        (3, json!({ "door": "front", "at_minute": 545 })),
        (4, json!({ "door": "front", "at_minute": 545 })),
    ] {
        assert_eq!(read(version, payload).unwrap(), expected, "version {version}");
    }
    for version in [0, 5, -1] {
        let refused = read(version, json!({ "door": "front", "at_minute": 545 }));
        assert!(
            matches!(refused, Err(DecodeError::UnknownType { .. })),
            "{version}: {refused:?}"
        );
    }
    let refused = read(1, json!({ "text": "front@noon" }));
    assert!(
        matches!(refused, Err(DecodeError::Upcast { version: 2, .. })),
        "{refused:?}"
    );
}

/// Samples have one element in each list, which is what `*` stands for.
fn first_of(pointer: &str) -> String {
    pointer.replace('*', "0")
}

#[test]
fn what_is_personal_is_declared_where_it_stands() {
    let mut declared = BTreeMap::new();
    for written in samples::all().iter().filter(|written| !written.personal.is_empty()) {
        let payload: Value = serde_json::from_str(&written.payload).unwrap();
        for personal in &written.personal {
            for pointer in personal.pointers {
                let text = payload.pointer(&first_of(pointer)).and_then(Value::as_str);
                assert!(text.is_some(), "{} has no text at {pointer}", written.event_type);
            }
        }
        let pointers: Vec<_> = written.personal.iter().flat_map(|personal| personal.pointers).collect();
        declared.insert(written.event_type, pointers.len());
    }
    let expected = [
        ("BillingDetailsSet", 5),
        ("BookingDeclined", 1),
        ("CompanyCorrected", 6),
        ("CompanyRegistered", 6),
        ("DepositReturned", 1),
        ("GuestInvited", 2),
        ("CreditNoteIssued", 8),
        ("InvoiceIssued", 8),
        ("MemberImported", 3),
        ("MemberSignedUp", 2),
        ("PaymentMethodSaved", 3),
        ("StaffAdded", 2),
        ("VisitorRegistered", 2),
    ];
    assert_eq!(declared, BTreeMap::from(expected));
}

/// Nothing of Ada that the samples know stands in a payload without being declared. It finds what a new event forgets.
#[test]
fn nothing_personal_stands_outside_the_marks() {
    for written in samples::all() {
        let mut payload: Value = serde_json::from_str(&written.payload).unwrap();
        for pointer in written.personal.iter().flat_map(|personal| personal.pointers) {
            *payload.pointer_mut(&first_of(pointer)).unwrap() = Value::Null;
        }
        let rest = payload.to_string();
        for known in ["Ada", "Lovelace", "ada@", "Grace", "grace@", "4242", "bills@", "Acme"] {
            assert!(!rest.contains(known), "{} tells {known}: {rest}", written.event_type);
        }
    }
}

#[test]
fn an_invoice_keeps_its_buyer_under_the_years_key_and_her_email_under_hers() {
    let invoice = samples::all()
        .into_iter()
        .find(|written| written.event_type == "InvoiceIssued")
        .unwrap();
    let [person, kept] = &invoice.personal[..] else {
        panic!("{:?}", invoice.personal)
    };
    assert_eq!((person.subject.id, person.subject.purpose), (ADA.0, Purpose::Person));
    assert_eq!(person.pointers, ["/buyer/email"]);
    assert_eq!(kept.subject.id, crate::retention::subject(BERLIN, 2026));
    let until = "2036-12-31".parse().unwrap();
    assert_eq!(kept.subject.purpose, Purpose::Retention { until });
    assert!(!kept.pointers.contains(&"/buyer/email"));
}

#[test]
fn what_is_still_sealed_is_not_decoded() {
    let sealed = json!({ "payment_id": ADA, "request": { "$sealed": { "s": ADA, "v": 2, "c": "AAAA" } } });
    for noun in &NOUNS {
        for (event_type, version) in noun.types {
            let refused = (noun.reread)(event_type, *version, &sealed.to_string());
            assert!(
                matches!(refused, Err(DecodeError::Sealed { .. })),
                "{event_type}: {refused:?}"
            );
        }
    }
    // Somebody's name may read like a seal; in JSON its quotes are escaped.
    let typed = json!({ "member_id": ADA, "name": "{\"$sealed\":1}", "email": "a@b.de", "home_location_id": null });
    crate::member::MemberEvent::decode("MemberSignedUp", 2, &typed.to_string()).unwrap();
}
