mod golden;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cipher::Key;
use super::keyring::{KeyError, Keyring, KeyringError};
use super::leaf::{self, Place, has_sealed, subjects_of};
use super::open::{OpenError, open};
use super::table::Keys;
use super::write::{Pending, SealError, seal};
use super::{FORGOTTEN, Mark, Purpose, Subject};

const TENANT: Uuid = Uuid::from_u128(1);
const ADA: Uuid = Uuid::from_u128(0xada);

fn ada() -> Subject {
    Subject {
        id: ADA,
        purpose: Purpose::Person,
        retain_until: None,
    }
}

fn keys() -> Keys {
    BTreeMap::from([(ADA, Some(Key::new([3; 32])))])
}

fn sealed(payload: &Value, pointers: &'static [&'static str]) -> Result<String, SealError> {
    let mut text = payload.to_string();
    let marks = [Mark {
        subject: ada(),
        pointers,
    }];
    let mut pending = Pending {
        event_type: "MemberSignedUp",
        event_version: 2,
        payload: &mut text,
        marks: &marks,
    };
    seal(TENANT, &keys(), &mut pending)?;
    Ok(text)
}

fn place() -> Place<'static> {
    Place {
        tenant: TENANT,
        event_type: "MemberSignedUp",
        event_version: 2,
    }
}

#[test]
fn a_leaf_is_sealed_and_opened_and_the_rest_stays() {
    let plain = json!({ "name": "Ada", "email": "", "lines": [{ "text": "for Ada" }, { "text": null }], "n": 7 });
    let text = sealed(&plain, &["/name", "/email", "/lines/*/text", "/nothing"]).unwrap();
    assert!(has_sealed(&text) && !text.contains("Ada"), "{text}");
    assert_eq!(subjects_of(&text).into_iter().collect::<Vec<_>>(), [ADA]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["email"], &value["n"]), (&json!(""), &json!(7)));
    let opened: Value = serde_json::from_str(&open(&keys(), place(), 1, &text).unwrap()).unwrap();
    assert_eq!(opened, plain);
}

#[test]
fn what_was_forgotten_reads_as_a_tombstone() {
    let text = sealed(&json!({ "name": "Ada" }), &["/name"]).unwrap();
    let forgotten = BTreeMap::from([(ADA, None)]);
    let opened = open(&forgotten, place(), 1, &text).unwrap();
    assert_eq!(opened, json!({ "name": FORGOTTEN }).to_string());
    assert!(matches!(
        open(&Keys::new(), place(), 1, &text),
        Err(OpenError::NoKey { position: 1, .. })
    ));
}

#[test]
fn nothing_but_text_can_be_sealed() {
    let refused = sealed(&json!({ "name": 7 }), &["/name"]);
    assert!(matches!(refused, Err(SealError::NotText { .. })), "{refused:?}");
}

#[test]
fn nobody_can_type_a_sealed_leaf() {
    let typed = json!({ "name": "{\"$sealed\":{\"s\":\"x\"}}" }).to_string();
    assert!(!has_sealed(&typed), "{typed}");
}

/// Everything that a leaf is bound to, changed one at a time.
#[test]
fn a_leaf_opens_only_where_it_was_sealed() {
    let text = sealed(&json!({ "name": "Ada", "email": "" }), &["/name"]).unwrap();
    let opens = |place: Place<'_>, text: &str| open(&keys(), place, 1, text).is_ok();
    assert!(opens(place(), &text));
    assert!(!opens(
        Place {
            tenant: Uuid::from_u128(2),
            ..place()
        },
        &text
    ));
    assert!(!opens(
        Place {
            event_type: "StaffAdded",
            ..place()
        },
        &text
    ));
    assert!(!opens(
        Place {
            event_version: 3,
            ..place()
        },
        &text
    ));
    assert!(
        !opens(place(), &text.replace("\"name\"", "\"nick\"")),
        "another pointer"
    );
    assert!(!opens(place(), &text.replace("\"v\":2", "\"v\":3")), "another version");
    let other = Uuid::from_u128(0xb0b);
    let moved = text.replace(&ADA.to_string(), &other.to_string());
    let same_key = BTreeMap::from([(other, Some(Key::new([3; 32])))]);
    assert!(open(&same_key, place(), 1, &moved).is_err(), "another subject");
    let other_key = BTreeMap::from([(ADA, Some(Key::new([4; 32])))]);
    assert!(matches!(
        open(&other_key, place(), 1, &text),
        Err(OpenError::Changed { .. })
    ));
}

#[test]
fn a_document_of_a_read_model_opens_without_its_version() {
    let text = sealed(&json!({ "name": "Ada" }), &["/name"]).unwrap();
    let document = Place {
        event_version: 0,
        ..place()
    };
    assert_eq!(open(&keys(), document, 0, &text).unwrap(), r#"{"name":"Ada"}"#);
    assert!(open(&keys(), document, 0, &text.replace("\"v\":2", "\"v\":1")).is_err());
}

#[test]
fn the_same_text_never_looks_the_same() {
    let plain = json!({ "name": "Ada" });
    assert_ne!(sealed(&plain, &["/name"]).unwrap(), sealed(&plain, &["/name"]).unwrap());
}

#[test]
fn master_keys_are_read_and_their_faults_are_told_without_the_key() {
    let (good, short) = ("A".repeat(43) + "=", "AAAA");
    assert_eq!(Keyring::parse(&format!("b:{good}, a:{good}")).unwrap().newest(), "b");
    let fault = |text: &str| Keyring::parse(text).unwrap_err();
    assert_eq!(fault(" , "), KeyringError::Empty);
    assert_eq!(fault(&good), KeyringError::Form(1));
    assert_eq!(fault(&format!("a:{good},b:{short}")), KeyringError::Length("b".into()));
    assert_eq!(fault(&format!("a:{good},a:{good}")), KeyringError::Twice("a".into()));
    assert_eq!(fault(&format!("a b:{good}")), KeyringError::Id(1));
    assert!(!format!("{:?} {}", Keyring::parse(&format!("b:{good}")), fault("b:AAAA")).contains("AAA"));
}

#[test]
fn a_wrapped_key_is_bound_to_its_subject_and_its_master() {
    let ring = |ids: &[(&str, u8)]| Keyring::new(ids.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32]))).unwrap();
    let old = ring(&[("old", 1)]);
    let wrapped = old.wrap(TENANT, &ada(), &Key::new([9; 32]));
    let both = ring(&[("new", 2), ("old", 1)]);
    assert_eq!(both.unwrap(TENANT, &ada(), "old", &wrapped).unwrap().bytes(), &[9; 32]);
    let refused = ring(&[("new", 2)]).unwrap(TENANT, &ada(), "old", &wrapped).err();
    assert_eq!(refused, Some(KeyError::MasterMissing("old".into())));
    let retention = Subject {
        purpose: Purpose::Retention,
        ..ada()
    };
    for (tenant, subject) in [(Uuid::nil(), ada()), (TENANT, retention)] {
        assert!(both.unwrap(tenant, &subject, "old", &wrapped).is_err());
    }
    assert!(ring(&[("old", 7)]).unwrap(TENANT, &ada(), "old", &wrapped).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sealed_comes_back(text in any::<String>(), nonce in any::<[u8; 24]>()) {
        let value = leaf::seal(&Key::new([3; 32]), nonce, place(), ADA, "/name", &text);
        let payload = json!({ "name": value }).to_string();
        prop_assert_eq!(open(&keys(), place(), 1, &payload).unwrap(), json!({ "name": text }).to_string());
    }

    #[test]
    fn one_changed_bit_is_noticed(at in 0_usize..60, bit in 0_u8..8) {
        let sealed = Key::new([3; 32]).seal([7; 24], b"here", b"a name that is twenty");
        let mut changed = sealed.clone();
        let at = at % changed.len();
        changed[at] ^= 1 << bit;
        prop_assert!(Key::new([3; 32]).open(b"here", &sealed).is_some());
        prop_assert!(Key::new([3; 32]).open(b"here", &changed).is_none());
    }
}
