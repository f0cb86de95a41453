//! The golden corpus: one file for each type and version of event that was ever written down, `golden/<category>.<Type>.v<n>.json`.
//! What stands there stands in somebody's log, so a file is never changed; a new shape is a new version with a new file.
//! Personal texts stand there opened, as they are decoded; how a sealed one looks is the log's own golden value.
//! `COTERIE_GOLDEN=write cargo test -p coterie-domain golden` adds the missing files and touches no other.
//!
//! Beside it stands `schemas/`, a JSON Schema of every version, held by `schemas.rs`.

use super::{DecodeError, DomainEvent};
use crate::{
    add_on::AddOnEvent,
    assignment::AssignmentEvent,
    billing::BillingEvent,
    blocker::BlockerEvent,
    booking::BookingEvent,
    charge::ChargeEvent,
    company::CompanyEvent,
    coupon::CouponEvent,
    credit::CreditEvent,
    credit_note::CreditNoteEvent,
    credit_pack::CreditPackEvent,
    deposit::DepositEvent,
    floor::FloorEvent,
    invoice::InvoiceEvent,
    invoice_run::InvoiceRunEvent,
    ledger::JournalEvent,
    legal_entity::LegalEntityEvent,
    location::LocationEvent,
    member::{MemberEvent, PayerAccountEvent},
    membership::MembershipEvent,
    meter::MeterEvent,
    organization::{OrganizationEvent, StaffEvent},
    pass::PassEvent,
    payment::PaymentEvent,
    personal::Personal,
    photo::PhotoEvent,
    plan::PlanEvent,
    price_change::PriceChangeEvent,
    resource::{PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    retention::RetentionEvent,
    series::SeriesEvent,
    tax::TaxEvent,
    usage::UsageEvent,
    visitor_booking::VisitorBookingEvent,
    waitlist::WaitlistEvent,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fmt::Debug,
    fs,
    path::{Path, PathBuf},
};

mod samples;
mod schemas;
mod upcasting;

/// What an event looks like in the log.
struct Written {
    category: &'static str,
    event_type: &'static str,
    version: i16,
    payload: String,
    personal: Vec<Personal>,
}

impl Written {
    fn file(&self) -> PathBuf {
        golden().join(format!("{}.{}.v{}.json", self.category, self.event_type, self.version))
    }
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Whether missing files are to be added.
fn writing() -> bool {
    std::env::var("COTERIE_GOLDEN").is_ok_and(|wish| wish == "write")
}

/// Writes an event and holds it to the round trip.
#[track_caller]
fn written<E: DomainEvent + PartialEq + Debug>(event: &E) -> Written {
    let (event_type, version) = (event.event_type(), event.event_version());
    let payload = event.payload().unwrap();
    assert_eq!(&E::decode(event_type, version, &payload).unwrap(), event);
    assert!(E::TYPES.contains(&(event_type, version)));
    Written {
        category: E::CATEGORY,
        event_type,
        version,
        payload,
        personal: event.personal(),
    }
}

/// A noun as the corpus sees it.
struct Noun {
    category: &'static str,
    types: &'static [(&'static str, i16)],
    /// Older versions that are still read.
    older: &'static [(&'static str, i16)],
    /// Reads a payload and writes it again as the event it became.
    reread: fn(&str, i16, &str) -> Result<String, DecodeError>,
    /// The schema of a type's current shape.
    schema: fn(&str) -> Option<Value>,
}

const fn noun<E: DomainEvent>() -> Noun {
    Noun {
        category: E::CATEGORY,
        types: E::TYPES,
        older: E::OLDER,
        reread: |event_type, version, payload| E::decode(event_type, version, payload)?.payload(),
        schema: E::schema,
    }
}

/// Every event enum of the house.
const NOUNS: [Noun; 38] = [
    noun::<OrganizationEvent>(),
    noun::<StaffEvent>(),
    noun::<LegalEntityEvent>(),
    noun::<LocationEvent>(),
    noun::<FloorEvent>(),
    noun::<PhotoEvent>(),
    noun::<ResourceTypeEvent>(),
    noun::<ResourceEvent>(),
    noun::<PriceRuleEvent>(),
    noun::<DepositEvent>(),
    noun::<PlanEvent>(),
    noun::<TaxEvent>(),
    noun::<MemberEvent>(),
    noun::<PayerAccountEvent>(),
    noun::<CompanyEvent>(),
    noun::<MembershipEvent>(),
    noun::<CreditEvent>(),
    noun::<BookingEvent>(),
    noun::<BlockerEvent>(),
    noun::<AssignmentEvent>(),
    noun::<SeriesEvent>(),
    noun::<WaitlistEvent>(),
    noun::<PassEvent>(),
    noun::<VisitorBookingEvent>(),
    noun::<ChargeEvent>(),
    noun::<InvoiceEvent>(),
    noun::<BillingEvent>(),
    noun::<CreditNoteEvent>(),
    noun::<InvoiceRunEvent>(),
    noun::<PriceChangeEvent>(),
    noun::<PaymentEvent>(),
    noun::<JournalEvent>(),
    noun::<RetentionEvent>(),
    noun::<MeterEvent>(),
    noun::<UsageEvent>(),
    noun::<CouponEvent>(),
    noun::<AddOnEvent>(),
    noun::<CreditPackEvent>(),
];

#[test]
fn golden_shapes_are_written_as_ever() {
    let write = writing();
    for written in samples::all() {
        let now: Value = serde_json::from_str(&written.payload).unwrap();
        let file = written.file();
        if write && !file.exists() {
            fs::write(&file, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
        }
        let then = fs::read_to_string(&file).unwrap_or_else(|_| {
            panic!(
                "{} is missing: see the top of this file for how to add it",
                file.display()
            );
        });
        // Compared as values: the order of keys depends on which features of serde_json a build happens to unite.
        let then: Value = serde_json::from_str(&then).unwrap();
        assert_eq!(
            now, then,
            "{} version {} is written in another shape than before: give it a new version, and keep reading the old one",
            written.event_type, written.version
        );
    }
}

#[test]
fn golden_shapes_are_read_as_ever() {
    for entry in fs::read_dir(golden()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let [category, event_type, version, "json"] = name.split('.').collect::<Vec<_>>()[..] else {
            panic!("{name} is not named <category>.<Type>.v<n>.json");
        };
        let version: i16 = version.trim_start_matches('v').parse().unwrap();
        let noun = NOUNS.iter().find(|noun| noun.category == category).unwrap();
        let payload = fs::read_to_string(&path).unwrap();
        let again = (noun.reread)(event_type, version, &payload).unwrap_or_else(|error| panic!("{name}: {error}"));
        if noun.types.contains(&(event_type, version)) {
            let (before, after): (Value, Value) = (
                serde_json::from_str(&payload).unwrap(),
                serde_json::from_str(&again).unwrap(),
            );
            assert_eq!(before, after, "{name} loses something when read");
        }
    }
}

#[test]
fn golden_samples_cover_every_type_of_every_noun() {
    let declared: BTreeSet<_> = NOUNS
        .iter()
        .flat_map(|noun| {
            noun.types
                .iter()
                .map(|(event_type, version)| (noun.category, *event_type, *version))
        })
        .collect();
    let sampled: BTreeSet<_> = samples::all()
        .iter()
        .map(|written| (written.category, written.event_type, written.version))
        .collect();
    assert_eq!(sampled, declared);
    let categories: BTreeSet<_> = NOUNS.iter().map(|noun| noun.category).collect();
    assert_eq!(categories.len(), NOUNS.len(), "a category belongs to one noun");
}

/// A noun that is declared in the sources and missing above would escape the corpus.
#[test]
fn golden_nouns_are_all_listed() {
    fn declarations(folder: &Path) -> usize {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| match path.extension() {
                _ if path.is_dir() => declarations(&path),
                Some(kind) if kind == "rs" => {
                    let source = fs::read_to_string(&path).unwrap();
                    source
                        .lines()
                        .filter(|line| line.starts_with("domain_events!("))
                        .count()
                }
                _ => 0,
            })
            .sum()
    }
    assert_eq!(
        declarations(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")),
        NOUNS.len()
    );
}

#[test]
fn what_is_not_known_is_not_guessed() {
    for noun in &NOUNS {
        let (event_type, version) = noun.types[0];
        for (event_type, version) in [(event_type, version + 1), (event_type, 0), ("NobodyKnows", 1)] {
            let refused = (noun.reread)(event_type, version, "{}");
            assert!(
                matches!(refused, Err(DecodeError::UnknownType { .. })),
                "{}",
                noun.category
            );
        }
        let refused = (noun.reread)(event_type, version, "{}");
        assert!(matches!(refused, Err(DecodeError::Payload { .. })), "{}", noun.category);
    }
}
