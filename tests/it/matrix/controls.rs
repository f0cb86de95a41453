//! The matrix turns red when it should: an unlisted route, a leaky answer, a route without its guard.

use super::{
    cast,
    judge::{Expected, Seen, verdict},
    listed::{differences, read},
    walk::{self, Site},
};
use axum::extract::Path;
use coterie_server::identity_app::AppIdentity;
use coterie_web::{Access, AppState, Capability, House, RouteEntry, Routes, WebConfig};
use reqwest::Method;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

fn entry(path: &'static str, access: Access) -> RouteEntry {
    RouteEntry {
        method: Method::GET,
        path,
        access,
    }
}

#[test]
fn control_a_route_that_nobody_listed_is_named_and_so_is_a_row_without_route() {
    let rows = read("GET /bookings Member\nGET /gone Public", "");
    let routes = [
        entry("/bookings", Access::Member),
        entry("/operator/keys", Access::Staff(Capability::Operate)),
    ];
    assert_eq!(
        differences(&routes, &rows),
        [
            "The router has a route that nobody listed: add the line `GET /operator/keys Staff(operate)` and, after it, \
             the roles that may to tests/it/matrix/routes.txt.",
            "The router has no route `GET /gone Public`: take the line out of tests/it/matrix/routes.txt.",
        ]
    );
    assert_eq!(differences(&routes[..1], &rows[..1]), Vec::<String>::new());
    // Another access than the listed one is a difference on both sides.
    assert_eq!(differences(&[entry("/bookings", Access::Public)], &rows[..1]).len(), 2);
}

#[test]
fn control_a_leaky_answer_is_never_taken_for_a_refusal() {
    let answer = |status, location: &str, content_type: &str| Seen {
        status,
        location: location.to_owned(),
        content_type: content_type.to_owned(),
        tells_error: false,
    };
    let page = |status| answer(status, "", "text/html");
    let right = [
        (Expected::SignIn, answer(303, "/sign-in?next=%2F", "")),
        (Expected::Unauthenticated, answer(401, "", "application/problem+json")),
        (Expected::Forbidden, page(403)),
        (Expected::NotFound, page(404)),
        (Expected::Nothing, page(405)),
        (Expected::Refused, page(422)),
        (
            Expected::Refused,
            Seen {
                tells_error: true,
                ..answer(303, "/operator/members/1", "")
            },
        ),
        (Expected::Admitted, page(200)),
        (Expected::Admitted, answer(303, "/bookings/1", "")),
        (Expected::Anything, page(400)),
    ];
    for (expected, seen) in &right {
        assert_eq!(verdict(*expected, seen), Ok(()), "{seen:?}");
    }
    let refusals = [
        Expected::SignIn,
        Expected::Unauthenticated,
        Expected::Forbidden,
        Expected::NotFound,
        Expected::Nothing,
        Expected::Refused,
    ];
    for refusal in refusals {
        for leak in [page(200), page(201), answer(303, "/bookings", ""), page(500), page(503)] {
            assert!(
                verdict(refusal, &leak).is_err(),
                "{refusal:?} was content with {leak:?}"
            );
        }
    }
    // What tells that something exists is a leak as well, and a failure of ours is never fine.
    assert!(verdict(Expected::NotFound, &page(403)).is_err());
    assert!(verdict(Expected::Admitted, &page(404)).is_err());
    assert!(verdict(Expected::Anything, &page(500)).is_err());
    assert!(verdict(Expected::Admitted, &answer(303, "/sign-in", "")).is_err());
}

#[tokio::test]
async fn control_without_its_guard_a_route_is_found_out() {
    let (stack, cast) = cast::assemble().await;
    let rows = read(
        "GET /bookings/{id} Member\nGET /v1/bookings/{id} ApiKey owner operator",
        "",
    );

    let guarded = serve(&stack, Access::Member, Access::ApiKey).await;
    let findings = walk::refusals(&guarded, &cast, &rows).await;
    // Failures have no body here, as the stack in front is left out; what counts is who gets one at all.
    let let_in = |line: &&String| line.contains("Stranger with Own ids") && line.contains(" 200 ");
    let strangers = |findings: &[String]| findings.iter().filter(let_in).count();
    assert_eq!(strangers(&findings), 0, "{findings:?}");
    // The handler looks at no id, which the guard cannot know: that alone is found.
    assert!(
        findings.iter().any(|line| line.contains("Ada with Foreign ids")),
        "{findings:?}"
    );

    let open = serve(&stack, Access::Public, Access::Public).await;
    let findings = walk::refusals(&open, &cast, &rows).await;
    assert_eq!(strangers(&findings), 2, "{findings:?}");
    for who in ["ForeignMember", "ForeignOwner", "ForeignKey", "Staff(Finance)"] {
        assert!(
            findings.iter().any(|line| line.contains(who)),
            "{who} was not noticed: {findings:?}"
        );
    }
    stack.shutdown().await;
}

/// A router of two routes whose handlers tell everything to everybody.
async fn serve(stack: &coterie_tests::TestStack, page: Access, api: Access) -> Site {
    let app = stack.app().clone();
    let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .expect("a port");
    let platform = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    let config = WebConfig {
        public_url: platform.parse().expect("an address"),
        metrics_token: None,
    };
    let house = House {
        app: app.clone(),
        live: None,
        sandbox: None,
    };
    let readiness =
        Arc::new(|| -> coterie_web::identity::BoxFuture<'static, Result<(), String>> { Box::pin(async { Ok(()) }) });
    let state = AppState::new(config, house, Arc::new(AppIdentity::new(app)), readiness);
    let leaky = |Path(id): Path<String>| async move { id };
    let table = Routes::new(state.clone())
        .get("/bookings/{id}", page, leaky)
        .get("/v1/bookings/{id}", api, leaky);
    let router = table.finish().0.with_state::<()>(state);
    // It ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, router).await });
    Site { platform }
}
