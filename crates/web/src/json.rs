//! JSON in and out of `/v1`, with field paths in what is refused.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    failure::{Failure, FieldError},
    stack::{BODY_LIMIT_BYTES, BodyLimit},
};

/// A JSON body. Refusals are problem documents that name the field.
#[derive(Debug, Clone, Copy)]
pub struct ApiJson<T>(pub T);

impl<T: Serialize> IntoResponse for ApiJson<T> {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(Failure::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Not JSON",
                "Send the body as application/json.",
            ));
        }
        let bytes = body(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads a body within the route's limit.
pub(crate) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    let limit_bytes = request
        .extensions()
        .get::<BodyLimit>()
        .map_or(BODY_LIMIT_BYTES, |limit| limit.0);
    Bytes::from_request(request, state).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Failure::too_large(limit_bytes)
        } else {
            Failure::malformed("The request body could not be read to its end.")
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut *deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            Failure::invalid(vec![field_error(&path, &sentence(&inner))])
        } else {
            Failure::malformed(format!("The body is not valid JSON: {inner}."))
        }
    })?;
    deserializer
        .end()
        .map_err(|error| Failure::malformed(format!("The body is not valid JSON: {error}.")))?;
    Ok(value)
}

/// serde's message without the position, which means nothing beside a field path.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(message, _)| message.to_owned())
}

/// serde reports a missing or unknown field at its parent; the name is in the message.
pub(crate) fn field_error(path: &str, message: &str) -> FieldError {
    let parent = if path == "." { "" } else { path };
    for (prefix, says) in [
        ("missing field `", "This is missing."),
        ("unknown field `", "There is no such field."),
    ] {
        let Some((name, _)) = message.strip_prefix(prefix).and_then(|rest| rest.split_once('`')) else {
            continue;
        };
        let inside = parent
            .strip_suffix(name)
            .map_or(parent, |rest| rest.trim_end_matches('.'));
        let field = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}.{name}")
        };
        return FieldError::new(field, says);
    }
    let mut characters = message.chars();
    let capitalised: String = characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default();
    FieldError::new(
        if parent.is_empty() { "body" } else { parent },
        format!("{capitalised}."),
    )
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
        .is_some_and(|media| {
            media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Book {
        #[allow(dead_code, reason = "only its shape is tested")]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[allow(dead_code, reason = "only its shape is tested")]
        minutes: u32,
    }

    fn refused(text: &str) -> Failure {
        parse::<Book>(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_is_refused_names_the_field() {
        let field = |text: &str| refused(text).fields.remove(0);
        assert_eq!(field("{}"), FieldError::new("lines", "This is missing."));
        assert_eq!(
            field(r#"{"lines":[{}]}"#),
            FieldError::new("lines[0].minutes", "This is missing.")
        );
        assert_eq!(
            field(r#"{"lines":[], "rooom": 1}"#),
            FieldError::new("rooom", "There is no such field.")
        );
        let wrong = field(r#"{"lines":[{"minutes":"x"}]}"#);
        assert_eq!(
            wrong,
            FieldError::new("lines[0].minutes", "Invalid type: string \"x\", expected u32.")
        );
    }

    #[test]
    fn broken_json_is_malformed() {
        assert_eq!(refused("{").status, StatusCode::BAD_REQUEST);
        assert_eq!(refused(r#"{"lines":[]} {}"#).status, StatusCode::BAD_REQUEST);
    }
}
