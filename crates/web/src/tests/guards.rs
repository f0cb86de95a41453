use http::StatusCode;

use super::fake::{HARBOUR, PLATFORM, TOWER, ask, entries};
use crate::access::{Access, Capability};

const MEMBER: (&str, &str) = ("cookie", "session=harbour-member");
const OPERATOR: (&str, &str) = ("cookie", "session=harbour-operator");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn each_surface_has_its_own_start_page() {
    assert_eq!(ask("GET /", HARBOUR, &[], "").await.text, "Harbour");
    assert_eq!(ask("GET /", PLATFORM, &[], "").await.text, "the installation");
    assert_eq!(
        ask("GET /bookings", PLATFORM, &[MEMBER], "").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_host_no_chain_has_is_not_found() {
    for line in ["GET /", "GET /bookings", "GET /nowhere", "GET /v1/invoices"] {
        let answer = ask(line, "nobody.localhost:8080", &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{line}");
    }
    let page = ask("GET /", "nobody.localhost:8080", &[], "").await;
    assert!(page.text.contains("No chain here"), "{}", page.text);
}

#[tokio::test]
async fn a_failed_look_up_is_an_error_without_its_cause() {
    let answer = ask("GET /", "broken.localhost:8080", &[], "").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.text.contains("secret detail"));
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_back() {
    let answer = ask("GET /bookings?day=2026-01-20&x=a%26b", HARBOUR, &[], "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header("location"),
        "/sign-in?next=%2Fbookings%3Fday%3D2026-01-20%26x%3Da%2526b"
    );
    let posted = ask("POST /bookings", HARBOUR, &[FORM], "minutes=30").await;
    assert_eq!(posted.header("location"), "/sign-in");
}

#[tokio::test]
async fn htmx_is_told_to_leave_the_page() {
    let answer = ask("GET /bookings", HARBOUR, &[("hx-request", "true")], "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("hx-redirect"), "/sign-in?next=%2Fbookings");
    assert_eq!(answer.text, "");
}

#[tokio::test]
async fn the_right_person_gets_through() {
    assert_eq!(ask("GET /bookings", HARBOUR, &[MEMBER], "").await.text, "Mia <b>");
    assert_eq!(
        ask("GET /operator", HARBOUR, &[OPERATOR], "").await.text,
        "mia@example.org"
    );
}

#[tokio::test]
async fn the_wrong_role_is_refused_in_the_chains_own_frame() {
    let member = ask("GET /operator", HARBOUR, &[MEMBER], "").await;
    assert_eq!(member.status, StatusCode::FORBIDDEN);
    assert!(member.text.contains("Not allowed") && member.text.contains("Mia &#60;b&#62;"));
    assert!(
        member.text.contains("Sun 1 Feb 2026, 00:00 UTC"),
        "the sandbox shows its clock"
    );
    let operator = ask("GET /bookings", HARBOUR, &[OPERATOR], "").await;
    assert_eq!(operator.status, StatusCode::FORBIDDEN);
    let finance = ("cookie", "session=harbour-finance");
    assert_eq!(
        ask("GET /operator", HARBOUR, &[finance], "").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn who_reads_everything_changes_nothing() {
    let auditor = ("cookie", "session=harbour-auditor");
    let same_origin = ("sec-fetch-site", "same-origin");
    let read = ask("GET /operator", HARBOUR, &[auditor], "").await;
    assert_eq!(read.status, StatusCode::OK);
    let written = ask("POST /operator", HARBOUR, &[auditor, same_origin], "").await;
    assert_eq!(written.status, StatusCode::FORBIDDEN);
    // The control: whoever may write there is let in by the same request.
    let operator = ask("POST /operator", HARBOUR, &[OPERATOR, same_origin], "").await;
    assert_eq!(operator.text, "done");
    let tower = ask("GET /operator", TOWER, &[auditor], "").await;
    assert_eq!(tower.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn another_chains_session_is_nobody() {
    for token in [
        "session=tower-operator",
        "session=tower-member",
        "session=junk",
        "session=",
    ] {
        for line in ["GET /operator", "GET /bookings"] {
            let answer = ask(line, HARBOUR, &[("cookie", token)], "").await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{token} {line}");
        }
    }
    let own = ask("GET /operator", TOWER, &[("cookie", "session=tower-operator")], "").await;
    assert_eq!(own.status, StatusCode::OK);
}

#[tokio::test]
async fn an_api_key_brings_its_tenant() {
    let key = ("authorization", "Bearer harbour-key");
    let tenant = "00000000-0000-0000-0000-000000000001";
    assert_eq!(ask("GET /v1/invoices", PLATFORM, &[key], "").await.text, tenant);
    assert_eq!(ask("GET /v1/invoices", HARBOUR, &[key], "").await.text, tenant);
    let elsewhere = ask("GET /v1/invoices", TOWER, &[key], "").await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_key_the_api_answers_a_problem() {
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Basic eA==")],
        &[OPERATOR],
    ] {
        let answer = ask("GET /v1/invoices", HARBOUR, headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!(answer.json()["code"], "unauthenticated");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn a_key_without_the_scope_is_refused() {
    let headers = [
        ("authorization", "Bearer harbour-key"),
        ("content-type", "application/json"),
    ];
    let answer = ask("POST /v1/bookings", PLATFORM, &headers, r#"{"minutes":30}"#).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.json()["detail"].as_str().unwrap().contains("operate"));
}

#[tokio::test]
async fn a_handler_that_takes_what_its_access_lacks_fails_closed() {
    let answer = ask("GET /wrong", HARBOUR, &[MEMBER], "").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn forms_sent_from_another_site_are_refused() {
    for cross in [
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        [
            ("sec-fetch-site", "same-site"),
            ("origin", "http://tower.localhost:8080"),
        ],
        [("x-nothing", ""), ("origin", "https://evil.example")],
    ] {
        let headers = [MEMBER, FORM, cross[0], cross[1]];
        let answer = ask("POST /bookings", HARBOUR, &headers, "minutes=30").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{cross:?}");
        assert!(answer.text.contains("Sent from another site"), "{}", answer.text);
    }
    let own = [MEMBER, FORM, ("sec-fetch-site", "same-origin")];
    assert_eq!(ask("POST /bookings", HARBOUR, &own, "minutes=30").await.text, "30");
    let old_browser = [MEMBER, FORM, ("origin", "http://harbour.localhost:8080")];
    assert_eq!(
        ask("POST /bookings", HARBOUR, &old_browser, "minutes=30").await.text,
        "30"
    );
}

#[tokio::test]
async fn keys_and_webhooks_do_not_depend_on_where_they_come_from() {
    let cross = ("sec-fetch-site", "cross-site");
    let headers = [
        ("authorization", "Bearer harbour-key"),
        ("content-type", "application/json"),
        cross,
    ];
    assert_eq!(
        ask("POST /v1/payments", PLATFORM, &headers, r#"{"minutes":30}"#)
            .await
            .text,
        "30"
    );
    assert_eq!(ask("POST /webhooks/stripe", PLATFORM, &[cross], "abc").await.text, "3");
}

#[tokio::test]
async fn the_table_lists_every_route_with_its_access() {
    let entries = entries();
    let listed = |method: &str, path: &str, access: Access| {
        entries
            .iter()
            .any(|entry| entry.method == method && entry.path == path && entry.access == access)
    };
    assert_eq!(entries.len(), 13);
    assert!(listed("GET", "/", Access::Public) && listed("GET", "/", Access::Platform));
    assert!(listed("POST", "/operator", Access::Staff(Capability::Operate)));
}
