//! JSON Schemas of the events, as they are written. The checked-in files in `schemas/` are compared with these.
//!
//! Only the shape counts. Names of Rust types and comments are left out, nested types stand in place, and the order in
//! which fields or variants are declared does not matter: renaming a helper struct is not a new shape, another field is.

use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Value, json};

/// The schema of one event's payload. Objects are closed: a field that is not named here is not written.
pub(crate) fn of<E: JsonSchema>() -> Value {
    let title = E::schema_name();
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<E>();
    RecursiveTransform(shape_only).transform(&mut schema);
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn shape_only(schema: &mut Schema) {
    schema.remove("title");
    schema.remove("description");
    // Whether a variant has a comment decides how schemars writes an enum; the words it stands for are the same.
    let words = schema.get("oneOf").and_then(Value::as_array).and_then(|one_of| {
        let words: Option<Vec<Vec<Value>>> = one_of.iter().map(plain_words).collect();
        words.map(|words| words.concat())
    });
    if let Some(words) = words {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), words.into());
    }
    for unordered in ["enum", "required"] {
        if let Some(Value::Array(words)) = schema.get_mut(unordered) {
            words.sort_by_key(Value::to_string);
        }
    }
    let object = schema.get("properties").is_some();
    if object && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// The words that a schema allows if it allows nothing but some words.
fn plain_words(schema: &Value) -> Option<Vec<Value>> {
    if schema.get("type") != Some(&json!("string")) {
        return None;
    }
    match (schema.get("const"), schema.get("enum")) {
        (Some(word), None) => Some(vec![word.clone()]),
        (None, Some(Value::Array(words))) => Some(words.clone()),
        _ => None,
    }
}
