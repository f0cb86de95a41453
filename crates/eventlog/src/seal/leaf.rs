//! The leaves of a payload: finding them by pointer, sealing one, opening one.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cipher::{Key, NONCE_BYTES, bound};

/// How a sealed leaf begins in compact JSON. A quote inside a string is escaped there, so no text that somebody typed can
/// look like it.
const OPENING: &str = "{\"$sealed\":";

/// Whether a payload of the log has a sealed leaf.
pub fn has_sealed(payload: &str) -> bool {
    payload.contains(OPENING)
}

/// Whose leaves are sealed in a payload; nobody's when it is no JSON.
pub fn subjects_of(payload: &str) -> BTreeSet<Uuid> {
    let mut subjects = BTreeSet::new();
    if has_sealed(payload)
        && let Ok(mut value) = serde_json::from_str(payload)
    {
        // Cannot fail: the closure never does.
        let walked: Result<(), std::convert::Infallible> = each(&mut value, &mut String::new(), &mut |_, leaf| {
            subjects.insert(leaf.subject);
            Ok(None)
        });
        let Ok(()) = walked;
    }
    subjects
}

/// Where a leaf stands: what its ciphertext is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: Uuid,
    pub(super) event_type: &'a str,
    pub(super) event_version: i16,
}

impl Place<'_> {
    fn binding(self, subject: Uuid, pointer: &str) -> Vec<u8> {
        bound(&[
            b"coterie sealed leaf 1",
            self.tenant.as_bytes(),
            subject.as_bytes(),
            self.event_type.as_bytes(),
            &self.event_version.to_be_bytes(),
            pointer.as_bytes(),
        ])
    }
}

/// A sealed leaf as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) subject: Uuid,
    pub(super) version: i16,
    ciphertext: String,
}

impl Sealed {
    fn read(value: &Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 1)?.get("$sealed")?;
        Some(Self {
            subject: object.get("s")?.as_str()?.parse().ok()?,
            version: object.get("v")?.as_i64()?.try_into().ok()?,
            ciphertext: object.get("c")?.as_str()?.to_owned(),
        })
    }
    /// The text; `None` when it is not what was sealed at this place.
    pub(super) fn open(&self, key: &Key, place: Place<'_>, pointer: &str) -> Option<String> {
        let bytes = STANDARD_NO_PAD.decode(&self.ciphertext).ok()?;
        let plain = key.open(&place.binding(self.subject, pointer), &bytes)?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

pub(super) fn seal(
    key: &Key,
    nonce: [u8; NONCE_BYTES],
    place: Place<'_>,
    subject: Uuid,
    pointer: &str,
    plain: &str,
) -> Value {
    let bytes = key.seal(nonce, &place.binding(subject, pointer), plain.as_bytes());
    json!({ "$sealed": { "s": subject, "v": place.event_version, "c": STANDARD_NO_PAD.encode(bytes) } })
}

/// The pointers that a pattern means in this value: `/lines/*/description` is one for each line.
pub(super) fn expand(value: &Value, pattern: &str) -> Vec<String> {
    let mut found = vec![(String::new(), value)];
    for token in pattern.split('/').skip(1) {
        found = found
            .into_iter()
            .flat_map(|(at, value)| match (token, value) {
                ("*", Value::Array(items)) => items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (format!("{at}/{index}"), item))
                    .collect(),
                (name, value) => value
                    .get(name.replace("~1", "/").replace("~0", "~"))
                    .map(|inner| (format!("{at}/{name}"), inner))
                    .into_iter()
                    .collect::<Vec<_>>(),
            })
            .collect();
    }
    found.into_iter().map(|(pointer, _)| pointer).collect()
}

/// Visits every sealed leaf with its pointer; what the visitor answers takes its place.
pub(super) fn each<E>(
    value: &mut Value,
    pointer: &mut String,
    visit: &mut impl FnMut(&str, &Sealed) -> Result<Option<Value>, E>,
) -> Result<(), E> {
    if let Some(sealed) = Sealed::read(value) {
        if let Some(instead) = visit(pointer, &sealed)? {
            *value = instead;
        }
        return Ok(());
    }
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                each(inner, pointer, visit)?;
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                each(inner, pointer, visit)?;
                pointer.truncate(length);
            }
        }
        _ => {}
    }
    Ok(())
}
