//! What a POST takes: who asks, under which key, and the body.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts as _, Request},
};
use coterie_app::Caller;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    failure::Failure,
    house::House,
    idempotency::IdempotencyKey,
    json::{self, ApiJson},
    session::ApiCaller,
    state::AppState,
};

/// A command as it came in. The caller carries the hash of the canonical request when the client named its attempt.
pub struct Command<T> {
    pub house: House,
    pub caller: Caller,
    pub body: T,
}

impl<T> Command<T> {
    /// Refuses an Idempotency-Key where the answer holds something that is shown once and cannot be repeated.
    pub fn shows_a_secret(&self, what: &str) -> Result<(), Failure> {
        if self.caller.idempotency.is_none() {
            return Ok(());
        }
        Err(Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_not_supported",
            "Not repeatable",
            format!("{what} is shown once and never kept, so this cannot be repeated under an Idempotency-Key."),
        ))
    }
}

/// The body of a command that needs none: absent, or `{}`.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned> FromRequest<AppState> for Command<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let api = ApiCaller::from_request_parts(&mut parts, state).await?;
        let key = <Option<IdempotencyKey>>::from_request_parts(&mut parts, state).await?;
        let mut bytes = json::body(Request::from_parts(parts.clone(), body), state).await?;
        if bytes.is_empty() {
            bytes = "{}".into();
            let media = HeaderValue::from_static("application/json");
            parts.headers.insert(header::CONTENT_TYPE, media);
        }
        let mut caller = Caller::from(&api);
        if let Some(IdempotencyKey(key)) = key {
            // What is no JSON is refused below, and a refusal is not remembered.
            let sent: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let mut canonical = format!("{} {}\n", parts.method, parts.uri.path());
            write_canonical(&sent, &mut canonical);
            caller = caller.with_key(&key, canonical.as_bytes());
        }
        let ApiJson(body) = ApiJson::from_request(Request::from_parts(parts, Body::from(bytes)), state).await?;
        Ok(Self {
            house: state.house.clone(),
            caller,
            body,
        })
    }
}

/// JSON with sorted members and without white space, so that the same request written differently stays the same.
fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::write_canonical;

    fn canonical(text: &str) -> String {
        let mut out = String::new();
        write_canonical(&serde_json::from_str(text).unwrap(), &mut out);
        out
    }

    #[test]
    fn order_and_white_space_do_not_make_another_request() {
        let one = canonical(r#"{"b": [1, {"y": null, "x": "a\"b"}], "a": true}"#);
        assert_eq!(one, r#"{"a":true,"b":[1,{"x":"a\"b","y":null}]}"#);
        assert_eq!(one, canonical(r#"{"a":true,"b":[1,{"x":"a\"b","y":null}]}"#));
        assert_ne!(
            canonical("[1,2]"),
            canonical("[2,1]"),
            "order in a list means something"
        );
    }
}
