//! A failure as RFC 9457 `application/problem+json`.

use axum::body::Body;
use http::HeaderValue;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// The problem document: `type`, `title`, `status`, `detail`, `instance`, then our own
/// members `code`, `request_id`, `errors` (only when there are some) and the extra ones.
pub(crate) fn document(failure: &Failure, path: &str, request_id: &str) -> Map<String, Value> {
    let mut problem = Map::new();
    // Extra members go in first so that none of them can replace a standard one.
    problem.extend(failure.extra.clone());
    problem.insert("type".into(), format!("urn:coterie:problem:{}", failure.code).into());
    problem.insert("title".into(), failure.title.into());
    problem.insert("status".into(), failure.status.as_u16().into());
    problem.insert("detail".into(), failure.detail.clone().into());
    problem.insert("instance".into(), path.into());
    problem.insert("code".into(), failure.code.into());
    problem.insert("request_id".into(), request_id.into());
    if !failure.fields.is_empty() {
        problem.insert("errors".into(), json!(failure.fields));
    }
    problem
}

/// The document as a body, with its media type.
pub(crate) fn body(failure: &Failure, path: &str, request_id: &str) -> (HeaderValue, Body) {
    let bytes = Value::Object(document(failure, path, request_id)).to_string();
    (HeaderValue::from_static("application/problem+json"), Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::FieldError;

    #[test]
    fn a_problem_names_code_fields_and_extra_members() {
        let mut failure = Failure::invalid(vec![FieldError::new("start", "Choose a later time.")]);
        failure.extra.insert("next_free".into(), "2026-01-20T10:00:00Z".into());
        failure.extra.insert("status".into(), "smuggled".into());
        let problem = Value::Object(document(&failure, "/v1/bookings", "r-1"));
        insta::assert_json_snapshot!(problem, @r#"
        {
          "code": "invalid",
          "detail": "Some fields need correcting before this can be done.",
          "errors": [
            {
              "field": "start",
              "message": "Choose a later time."
            }
          ],
          "instance": "/v1/bookings",
          "next_free": "2026-01-20T10:00:00Z",
          "request_id": "r-1",
          "status": 422,
          "title": "Please check the form",
          "type": "urn:coterie:problem:invalid"
        }
        "#);
    }
}
