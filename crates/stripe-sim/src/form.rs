//! Form bodies and queries with Stripe's bracketed names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::answer::ApiError;

/// Longest accepted list of fields; Stripe's own requests stay far below.
const FIELDS: usize = 500;

/// Decoded fields, flat as sent: `metadata[invoice]` is the name of a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, String>,
}

impl Form {
    pub fn parse(text: &str) -> Result<Self, Box<ApiError>> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text)
            .map_err(|_| ApiError::invalid("parameter_invalid_string", "", "The body is not form-encoded."))?;
        if pairs.len() > FIELDS {
            return Err(ApiError::invalid(
                "parameter_invalid_string",
                "",
                "Too many parameters.",
            ));
        }
        Ok(Self {
            fields: pairs.into_iter().collect(),
        })
    }

    /// Every field in order of name: two bodies are the same request when these are equal.
    pub fn canonical(&self) -> String {
        serde_urlencoded::to_string(self.fields.iter().collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Refuses what this request does not know, as Stripe does.
    pub fn only(&self, known: &[&str]) -> Result<(), Box<ApiError>> {
        for name in self.fields.keys() {
            let top = name.split('[').next().unwrap_or_default();
            if !known.contains(&top) && top != "expand" {
                let message = format!("Received unknown parameter: {top}");
                return Err(ApiError::invalid("parameter_unknown", top, message));
            }
        }
        Ok(())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    pub fn need(&self, name: &str) -> Result<&str, Box<ApiError>> {
        self.text(name)
            .ok_or_else(|| ApiError::invalid("parameter_missing", name, format!("Missing required param: {name}.")))
    }

    pub fn integer(&self, name: &str) -> Result<Option<i64>, Box<ApiError>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let message = || ApiError::invalid("parameter_invalid_integer", name, format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(|_| message())
    }

    pub fn flag(&self, name: &str) -> Result<bool, Box<ApiError>> {
        match self.text(name) {
            Some("true") => Ok(true),
            None | Some("false") => Ok(false),
            Some(other) => {
                let message = format!("Invalid boolean: {other}");
                Err(ApiError::invalid("parameter_invalid_string", name, message))
            }
        }
    }

    /// `name[a]=1&name[b]=2` as a JSON object of strings.
    pub fn map(&self, name: &str) -> Value {
        let prefix = format!("{name}[");
        let inside = self.fields.iter().filter_map(|(field, value)| {
            let key = field.strip_prefix(&prefix)?.strip_suffix(']')?;
            Some((key.to_owned(), Value::String(value.clone())))
        });
        Value::Object(inside.collect())
    }

    pub fn list(&self, name: &str) -> Vec<String> {
        let prefix = format!("{name}[");
        self.fields
            .iter()
            .filter(|(field, _)| field.starts_with(&prefix))
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// Nested, as the shapes describe it; what has only numbers for names becomes a list. Values stay strings.
    pub fn nested(&self) -> Value {
        let mut root = Map::new();
        for (name, value) in &self.fields {
            let path: Vec<&str> = name.split('[').map(|part| part.trim_end_matches(']')).collect();
            insert(&mut root, &path, value);
        }
        lists(Value::Object(root))
    }
}

fn insert(object: &mut Map<String, Value>, path: &[&str], value: &str) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        object.insert((*first).to_owned(), Value::String(value.to_owned()));
        return;
    }
    let inner = object
        .entry((*first).to_owned())
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        insert(inner, rest, value);
    }
}

fn lists(value: Value) -> Value {
    let Value::Object(object) = value else { return value };
    let numbered = |name: &String| name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit());
    let is_list = !object.is_empty() && object.keys().all(numbered);
    if is_list {
        return Value::Array(object.into_iter().map(|(_, inner)| lists(inner)).collect());
    }
    Value::Object(object.into_iter().map(|(name, inner)| (name, lists(inner))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Form;

    #[test]
    fn given_brackets_then_they_nest() {
        let form = Form::parse("created%5Bgte%5D=1&expand[0]=a&expand[1]=b&metadata[x]=%26").expect("a form");
        assert_eq!(
            form.nested(),
            json!({"created": {"gte": "1"}, "expand": ["a", "b"], "metadata": {"x": "&"}})
        );
        assert_eq!(form.map("metadata"), json!({"x": "&"}));
        assert_eq!(form.list("expand"), ["a", "b"]);
    }

    #[test]
    fn given_an_unknown_field_then_it_is_refused_by_name() {
        let form = Form::parse("payment_method_types[0]=card").expect("a form");
        let error = form.only(&["amount"]).expect_err("unknown");
        assert_eq!(error.param.as_deref(), Some("payment_method_types"));
    }

    #[test]
    fn given_another_order_then_the_same_request() {
        let (one, two) = (
            Form::parse("a=1&b=2").expect("a form"),
            Form::parse("b=2&a=1").expect("a form"),
        );
        assert_eq!(one.canonical(), two.canonical());
    }
}
