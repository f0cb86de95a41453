//! Two chains, their people and keys, and a handful of routes of every access.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    response::Response,
};
use http::{HeaderMap, Request, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Deserialize;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    access::{Access, Capability},
    context::PageContext,
    failure::Failure,
    form::PageForm,
    identity::{ApiKeyInfo, BoxFuture, Identity, IdentityError, Person, SessionInfo, TenantInfo},
    json::ApiJson,
    routes::Routes,
    session::{ApiCaller, MemberSession, StaffSession, Tenant},
    state::{AppState, WebConfig},
};

pub const HARBOUR: &str = "harbour.localhost:8080";
pub const TOWER: &str = "tower.localhost:8080";
pub const PLATFORM: &str = "localhost:8080";

struct Fake;

fn tenant(host: &str) -> Option<TenantInfo> {
    let (number, name, sandbox) = match host {
        "harbour.localhost" => (1, "Harbour", true),
        "tower.localhost" => (2, "Tower", false),
        _ => return None,
    };
    Some(TenantInfo {
        tenant: Uuid::from_u128(number),
        name: name.into(),
        slug: name.to_lowercase(),
        sandbox,
    })
}

/// Tokens read `<chain>-<person>`; a token of one chain is nobody at the other.
fn session(tenant: Uuid, token: &str) -> Option<SessionInfo> {
    let (chain, person) = token.split_once('-')?;
    let number = if chain == "harbour" { 1 } else { 2 };
    if tenant != Uuid::from_u128(number) {
        return None;
    }
    let id = Uuid::from_u128(10);
    let person = match person {
        "member" => Person::Member { id },
        "operator" => Person::Staff {
            id,
            capabilities: vec![Capability::Operate],
        },
        "finance" => Person::Staff {
            id,
            capabilities: vec![Capability::Finance],
        },
        "auditor" => Person::Staff {
            id,
            capabilities: vec![Capability::Audit, Capability::ReadAll],
        },
        _ => return None,
    };
    Some(SessionInfo {
        person,
        name: "Mia <b>".into(),
        email: "mia@example.org".into(),
    })
}

impl Identity for Fake {
    fn tenant_by_host<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Option<TenantInfo>, IdentityError>> {
        Box::pin(async move {
            if host == "broken.localhost" {
                return Err(IdentityError {
                    what: "host",
                    source: "secret detail".into(),
                });
            }
            Ok(tenant(host))
        })
    }

    fn session<'a>(
        &'a self,
        tenant: Uuid,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Option<SessionInfo>, IdentityError>> {
        Box::pin(async move { Ok(session(tenant, token)) })
    }

    fn api_key<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<ApiKeyInfo>, IdentityError>> {
        Box::pin(async move {
            Ok((key == "harbour-key").then(|| ApiKeyInfo {
                tenant: Uuid::from_u128(1),
                key_id: Uuid::from_u128(20),
                scopes: vec![Capability::Finance],
            }))
        })
    }

    fn test_clock(&self, _: Uuid) -> BoxFuture<'_, Result<Option<jiff::Timestamp>, IdentityError>> {
        Box::pin(async { Ok("2026-02-01T00:00:00Z".parse().ok()) })
    }
}

#[derive(Deserialize)]
struct Book {
    minutes: u32,
}

async fn panics() -> &'static str {
    panic!("on purpose")
}

fn routes(routes: Routes) -> Routes {
    routes
        .get("/", Access::Public, |Tenant(tenant): Tenant| async move { tenant.name })
        .get("/", Access::Platform, || async { "the installation" })
        .get(
            "/bookings",
            Access::Member,
            |who: MemberSession| async move { who.name },
        )
        .post(
            "/bookings",
            Access::Member,
            |PageForm(book): PageForm<Book>| async move { book.minutes.to_string() },
        )
        .get(
            "/operator",
            Access::Staff(Capability::Operate),
            |who: StaffSession| async move { who.email },
        )
        .post("/operator", Access::Staff(Capability::Operate), || async { "done" })
        .get("/panic", Access::Public, panics)
        .get("/context", Access::Public, |ctx: PageContext| async move {
            format!("{:?} {:?} {:?}", ctx.viewer.name(), ctx.clock, ctx.flash)
        })
        .get("/wrong", Access::Public, |_: MemberSession| async { "never" })
        .get("/v1/invoices", Access::ApiKey, |caller: ApiCaller| async move {
            caller.tenant.to_string()
        })
        .post(
            "/v1/bookings",
            Access::ApiKey,
            |caller: ApiCaller, body: ApiJson<Book>| async move {
                caller.require(Capability::Operate)?;
                Ok::<_, Failure>(body.0.minutes.to_string())
            },
        )
        .post("/v1/payments", Access::ApiKey, |body: ApiJson<Book>| async move {
            body.0.minutes.to_string()
        })
        .post_up_to(
            1024 * 1024,
            "/webhooks/stripe",
            Access::Token,
            |body: String| async move { body.len().to_string() },
        )
}

/// Use cases without a database: no route of these tests gets that far.
fn house() -> crate::House {
    let pool = sqlx::PgPool::connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
    let secret = coterie_app::secret::SecretKey::new([7; 32]);
    let keys = coterie_app::secret::Keyring::new([("test".to_owned(), [8; 32])]).unwrap();
    crate::House {
        app: coterie_app::App::new(pool, coterie_app::AppConfig::new(secret, keys)),
        live: None,
        sandbox: None,
    }
}

fn state(public_url: &str) -> AppState {
    let config = WebConfig {
        public_url: public_url.parse().unwrap(),
        metrics_token: None,
    };
    AppState::new(
        config,
        house(),
        Arc::new(Fake),
        Arc::new(|| Box::pin(async { Err("away".into()) })),
    )
}

pub fn router() -> Router {
    at("http://localhost:8080")
}

pub fn at(public_url: &str) -> Router {
    assemble(state(public_url))
}

/// With `/metrics` behind the token `scrape`.
pub fn with_metrics(handle: PrometheusHandle) -> Router {
    let mut state = state("http://localhost:8080").with_metrics(handle);
    Arc::make_mut(&mut state.config).metrics_token = Some("scrape".into());
    assemble(state)
}

fn assemble(state: AppState) -> Router {
    let all = crate::assets::routes(crate::health::routes(Routes::new(state.clone())));
    crate::finish(routes(all), state).0
}

pub fn entries() -> Vec<crate::routes::RouteEntry> {
    let state = state("http://localhost:8080");
    crate::finish(routes(Routes::new(state.clone())), state).1
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), "application/problem+json");
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Asks `METHOD /path` at a host, with headers and a body.
pub async fn ask(line: &str, host: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask_at(router(), line, host, headers, body).await
}

pub async fn ask_at(router: Router, line: &str, host: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header("host", host);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response: Response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1024 * 1024).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}
