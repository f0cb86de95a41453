//! Every request has an id: the one a proxy sent, when it is harmless, or a new one.

use axum::{extract::Request, middleware::Next, response::Response};
use http::HeaderValue;
use uuid::Uuid;

const HEADER: &str = "x-request-id";
/// Longer ids are replaced: they would fill logs.
const MAX_LENGTH: usize = 64;

/// The id of this request, in logs, problems and failure pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_sane(id))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_sane(id: &str) -> bool {
    (8..=MAX_LENGTH).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn ids_that_could_break_a_log_are_replaced() {
        assert!(is_sane("0198c0de-1234_a.b"));
        for wrong in ["", "short", "has space in it", "line\nbreak-line", &"x".repeat(65)] {
            assert!(!is_sane(wrong), "{wrong:?}");
        }
    }
}
