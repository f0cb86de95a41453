use http::StatusCode;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

use super::fake::{HARBOUR, PLATFORM, ask, ask_at, at, with_metrics};
use crate::assets;

const KEY: [(&str, &str); 2] = [
    ("authorization", "Bearer harbour-key"),
    ("content-type", "application/json"),
];

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for (line, host) in [
        ("GET /", HARBOUR),
        ("GET /nowhere", HARBOUR),
        ("GET /bookings", HARBOUR),
        ("GET /panic", HARBOUR),
        ("GET /healthz", "10.0.0.7:8080"),
        ("GET /v1/nowhere", PLATFORM),
        ("DELETE /", PLATFORM),
    ] {
        let answer = ask(line, host, &[], "").await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{line}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{line}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{line}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{line}");
        assert_ne!(answer.header("permissions-policy"), "", "{line}");
        assert_ne!(answer.header("x-request-id"), "", "{line}");
        assert_eq!(answer.header("strict-transport-security"), "", "{line}: plain http");
    }
}

#[tokio::test]
async fn https_brings_hsts_and_host_cookies() {
    let router = || at("https://coterie.example");
    let start = ask_at(router(), "GET /", "coterie.example", &[], "").await;
    assert_eq!(start.header("strict-transport-security"), "max-age=31536000");
    let bare = ("cookie", "session=harbour-member");
    let prefixed = ("cookie", "__Host-session=harbour-member");
    let ignored = ask_at(router(), "GET /bookings", HARBOUR, &[bare], "").await;
    assert_eq!(ignored.status, StatusCode::SEE_OTHER);
    let taken = ask_at(router(), "GET /bookings", HARBOUR, &[prefixed], "").await;
    assert_eq!(taken.status, StatusCode::OK);
}

#[tokio::test]
async fn personal_pages_are_never_stored() {
    for line in ["GET /", "GET /bookings", "GET /nowhere"] {
        assert_eq!(
            ask(line, HARBOUR, &[], "").await.header("cache-control"),
            "no-store",
            "{line}"
        );
    }
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused_announced_or_not() {
    let large = "x".repeat(300 * 1024);
    let announced = [KEY[0], KEY[1], ("content-length", "307200")];
    for headers in [&KEY[..], &announced] {
        let answer = ask("POST /v1/payments", PLATFORM, headers, &large).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.json()["limit_bytes"], 262_144);
    }
    let form = [
        ("cookie", "session=harbour-member"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let page = ask("POST /bookings", HARBOUR, &form, &large).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.text.contains("256 KiB"), "{}", page.text);
    let allowed = ask("POST /webhooks/stripe", PLATFORM, &[], &large).await;
    assert_eq!(allowed.text, "307200", "a route may take more");
}

#[tokio::test]
async fn a_problem_has_its_shape() {
    let id = ("x-request-id", "test-request-1");
    let headers = [KEY[0], KEY[1], id];
    let answer = ask("POST /v1/payments?x=1", PLATFORM, &headers, r#"{"minutes":"many"}"#).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.header("x-request-id"), "test-request-1");
    assert_eq!(
        answer.json(),
        json!({
            "type": "urn:coterie:problem:invalid",
            "title": "Please check the form",
            "status": 422,
            "detail": "Some fields need correcting before this can be done.",
            "instance": "/v1/payments",
            "code": "invalid",
            "request_id": "test-request-1",
            "errors": [{
                "field": "minutes",
                "message": "Invalid type: string \"many\", expected u32."
            }],
        })
    );
}

#[tokio::test]
async fn what_the_framework_refuses_is_a_problem_too() {
    let missing = ask("GET /v1/nowhere", PLATFORM, &[], "").await;
    assert_eq!(missing.json()["code"], "not_found");
    let method = ask("DELETE /v1/invoices", PLATFORM, &KEY, "").await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.header("allow"), "GET,HEAD");
    assert_eq!(method.json()["code"], "method_not_allowed");
    let media = ask("POST /v1/payments", PLATFORM, &KEY[..1], "{}").await;
    assert_eq!(media.json()["code"], "unsupported_media_type");
}

#[tokio::test]
async fn a_panic_is_a_page_without_its_message() {
    let answer = ask("GET /panic", HARBOUR, &[], "").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.text.contains("Something went wrong on our side"));
    assert!(!answer.text.contains("on purpose"));
}

#[tokio::test]
async fn htmx_gets_a_part_of_a_page() {
    let answer = ask("GET /nowhere", HARBOUR, &[("hx-request", "true")], "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(
        answer.text.starts_with("<div class=\"notice notice-error\""),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_form_that_does_not_parse_names_its_field() {
    let headers = [
        ("cookie", "session=harbour-member"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = ask("POST /bookings", HARBOUR, &headers, "minutes=many").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("(minutes)"), "{}", answer.text);
}

#[tokio::test]
async fn the_context_knows_viewer_clock_and_flash() {
    // "success:Room booked." in base64.
    let cookie = ("cookie", "session=harbour-member; flash=c3VjY2VzczpSb29tIGJvb2tlZC4");
    let answer = ask("GET /context", HARBOUR, &[cookie], "").await;
    assert_eq!(
        answer.text,
        "Some(\"Mia <b>\") Some(\"Sun 1 Feb 2026, 00:00 UTC\") \
         Some(Flash { kind: Success, message: \"Room booked.\" })"
    );
}

#[tokio::test]
async fn metrics_want_their_token_and_count_by_route_pattern() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let router = || with_metrics(handle.clone());
    for headers in [&[][..], &[("authorization", "Bearer wrong")]] {
        let answer = ask_at(router(), "GET /metrics", "10.0.0.7", headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    ask_at(router(), "GET /nowhere/17", HARBOUR, &[], "").await;
    let token = [("authorization", "Bearer scrape")];
    let answer = ask_at(router(), "GET /metrics", "10.0.0.7", &token, "").await;
    let refused = r#"http_requests_total{method="GET",route="/metrics",status="401"} 2"#;
    assert!(answer.text.contains(refused), "{}", answer.text);
    assert!(answer.text.contains(r#"route="unmatched""#) && !answer.text.contains("/nowhere"));
    assert!(answer.text.contains("http_request_duration_seconds"));
    assert_eq!(
        ask("GET /metrics", PLATFORM, &token, "").await.status,
        StatusCode::NOT_FOUND,
        "without a recorder"
    );
}

#[tokio::test]
async fn probes_answer_at_any_host() {
    assert_eq!(
        ask("GET /healthz", "10.0.0.7", &[], "").await.text,
        r#"{"status":"ok"}"#
    );
    let ready = ask("GET /readyz", "10.0.0.7", &[], "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.text, r#"{"status":"not ready"}"#);
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash_only() {
    let address = assets::url("app.css");
    let answer = ask(&format!("GET {address}"), "any.host", &[], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    let stale = ask("GET /assets/0000000000000000/app.css", "any.host", &[], "").await;
    assert_eq!(stale.header("cache-control"), "no-cache");
    let missing = ask("GET /assets/0000000000000000/../Cargo.toml", "any.host", &[], "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn large_answers_are_compressed_on_request() {
    let address = format!("GET {}", assets::url("app.css"));
    let answer = ask(&address, HARBOUR, &[("accept-encoding", "gzip")], "").await;
    assert_eq!(answer.header("content-encoding"), "gzip");
}
