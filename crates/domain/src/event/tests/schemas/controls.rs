//! That the checks can fail: every kind of change is tried on a small event of their own.

use super::{as_when_added, fingerprint, fits, same_shape};
use crate::schema::of;
use crate::{Currency, MemberId, Money};
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Declares a shape in a module of its own and gives its schema.
macro_rules! shape {
    ($(#[$meta:meta])* { $($(#[$field_meta:meta])* $field:ident: $kind:ty),* $(,)? }, $($word:ident)|+) => {{
        #[derive(Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(dead_code, reason = "only its shape is looked at")]
        enum Mood { $($word),+ }
        #[derive(Serialize, JsonSchema)]
        $(#[$meta])*
        struct Happened { $($(#[$field_meta])* $field: $kind),*, mood: Mood }
        of::<Happened>()
    }};
}

fn as_it_was() -> Value {
    shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<String> }, Calm | Cross)
}

#[test]
fn golden_control_every_change_of_a_shape_is_refused() {
    let then = as_it_was().to_string();
    let changed = [
        ("an optional field more", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<String>,
                #[serde(skip_serializing_if = "Option::is_none")] more: Option<String> }, Calm | Cross)
        }),
        ("a field less", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal }, Calm | Cross)
        }),
        ("a field renamed", {
            shape!({ member: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<String> }, Calm | Cross)
        }),
        ("another type", {
            shape!({ member_id: MemberId, at: Timestamp, price: i64, rate: Decimal, note: Option<String> }, Calm | Cross)
        }),
        ("another type inside", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<i64> }, Calm | Cross)
        }),
        ("no longer optional", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: String }, Calm | Cross)
        }),
        ("left out when empty", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal,
                #[serde(skip_serializing_if = "Option::is_none")] note: Option<String> }, Calm | Cross)
        }),
        ("a word more", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<String> },
                Calm | Cross | Merry)
        }),
        ("a word renamed", {
            shape!({ member_id: MemberId, at: Timestamp, price: Money, rate: Decimal, note: Option<String> }, Calm | Angry)
        }),
    ];
    for (change, now) in changed {
        let refused = same_shape("noun.Happened.v1.json", &now, Some(&then)).expect_err(change);
        assert!(
            refused.contains("raise the version") && refused.contains("COTERIE_GOLDEN=write"),
            "{change}: {refused}"
        );
    }
    let refused = same_shape("noun.Happened.v2.json", &as_it_was(), None).expect_err("no file");
    assert!(refused.contains("noun.Happened.v2.json is missing"), "{refused}");
}

/// What is not a change of shape stays free to change.
#[test]
fn golden_control_comments_and_order_are_no_shape() {
    let then = as_it_was().to_string();
    let now = shape!(
        /// A comment of the struct.
        { price: Money, member_id: MemberId, /** A comment of the field. */ at: Timestamp, note: Option<String>, rate: Decimal },
        Cross | Calm
    );
    same_shape("noun.Happened.v1.json", &now, Some(&then)).unwrap();
}

#[test]
fn golden_control_a_payload_that_does_not_fit_is_refused() {
    let schema = as_it_was().to_string();
    let good = json!({
        "member_id": MemberId(uuid::Uuid::from_u128(7)), "at": Timestamp::UNIX_EPOCH, "note": null, "mood": "calm",
        "price": Money::new(100, Currency::all().next().unwrap()), "rate": Decimal::new(77, 1),
    });
    fits("x", Some(&schema), &good.to_string()).unwrap();
    for (field, instead) in [
        ("member_id", json!("seven")),
        ("at", json!("yesterday")),
        ("note", json!(3)),
        ("mood", json!("merry")),
        ("price", json!({ "minor": 1.5, "currency": "EUR" })),
        ("price", json!({ "minor": 1, "currency": "EUR", "more": 1 })),
        ("price", json!({ "minor": 1, "currency": "euro" })),
        ("rate", json!(7.7)),
        ("more", json!(1)),
    ] {
        let mut wrong = good.clone();
        wrong[field] = instead;
        let refused = fits("x", Some(&schema), &wrong.to_string()).expect_err(field);
        assert!(refused.contains("does not fit its schema"), "{refused}");
    }
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("note");
    fits("x", Some(&schema), &missing.to_string()).expect_err("a field is missing");
    fits("x", None, &good.to_string()).expect_err("the schema is missing");
}

#[test]
fn golden_control_an_old_schema_that_is_mended_or_removed_is_refused() {
    let name = "noun.Happened.v1.json".to_owned();
    let files = BTreeMap::from([(name.clone(), as_it_was().to_string())]);
    let fingerprints = format!("{}  {name}\n", fingerprint(&files[&name]));
    as_when_added(&files, &fingerprints).unwrap();
    let mended = BTreeMap::from([(name.clone(), json!({ "type": "object" }).to_string())]);
    for (files, said) in [
        (mended, "was changed"),
        (BTreeMap::new(), "was removed"),
        (
            BTreeMap::from([
                (name.clone(), files[&name].clone()),
                ("other.json".to_owned(), String::new()),
            ]),
            "has no fingerprint yet",
        ),
    ] {
        let refused = as_when_added(&files, &fingerprints).expect_err(said);
        assert!(refused.contains(said), "{refused}");
    }
}
