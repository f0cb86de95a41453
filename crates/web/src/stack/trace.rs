//! One span per request, continuing the caller's trace when it sent a `traceparent`.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use tracing::{Span, field::Empty};

use super::RequestId;

pub(super) fn span(request: &Request) -> Span {
    let request_id = request.extensions().get::<RequestId>().map_or("", |id| id.0.as_str());
    let parent = request
        .headers()
        .get("traceparent")
        .and_then(|value| TraceParent::parse(value.to_str().ok()?));
    // The path itself is left out: it can hold secrets of token links.
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        route = Empty,
        request_id,
        tenant = Empty,
        trace_id = Empty,
        parent_span_id = Empty,
    );
    if let Some(parent) = parent {
        span.record("trace_id", parent.trace_id);
        span.record("parent_span_id", parent.span_id);
    }
    span
}

pub(super) fn answered(response: &Response, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(status, latency_ms, "answered");
}

/// W3C Trace Context, version 00: `00-<32 hex>-<16 hex>-<2 hex>`.
#[derive(Debug, PartialEq, Eq)]
struct TraceParent<'a> {
    trace_id: &'a str,
    span_id: &'a str,
}

impl<'a> TraceParent<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, length: usize| {
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
        // A later version may append parts; version ff is forbidden.
        let well_formed = hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && hex(trace_id, 32)
            && nonzero(trace_id)
            && hex(span_id, 16)
            && nonzero(span_id)
            && hex(flags, 2);
        well_formed.then_some(Self { trace_id, span_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_taken_or_ignored_whole() {
        let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parsed = TraceParent::parse(header).unwrap();
        assert_eq!(parsed.trace_id, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(parsed.span_id, "b7ad6b7169203331");
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
        }
    }
}
