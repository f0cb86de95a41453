//! What stands before every route: host, session or key, role, body size, context.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};

use crate::{
    access::{Access, opens},
    behind,
    context::{PageContext, Viewer},
    cookies,
    failure::Failure,
    host,
    identity::{IdentityError, Person, SessionInfo, TenantInfo},
    page_error,
    routes::RouteEntry,
    session::{ApiCaller, MemberSession, StaffSession, Tenant},
    stack::{BodyLimit, MatchedRoute},
    state::AppState,
};

/// The guard of one route.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) state: AppState,
    pub(crate) entry: Arc<RouteEntry>,
    pub(crate) limit_bytes: usize,
}

/// Whether a foreign page could misuse a cookie here. API keys are never sent by a
/// browser on its own, and webhooks are signed.
pub(crate) fn checks_origin(entry: &RouteEntry) -> bool {
    entry.access != Access::ApiKey && !entry.path.starts_with("/webhooks/")
}

/// Why the guard did not let a request through.
enum Refusal {
    Failure(Failure),
    SignIn,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<IdentityError> for Refusal {
    fn from(error: IdentityError) -> Self {
        Self::Failure(error.into())
    }
}

/// The middleware of every route.
pub(crate) async fn stand(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    // Without its body a request can be shared across awaits.
    let (mut parts, body) = request.into_parts();
    let route = MatchedRoute(guard.entry.path);
    tracing::Span::current().record("route", guard.entry.path);
    parts.extensions.insert(BodyLimit(guard.limit_bytes));
    let mut context = PageContext {
        path: parts.uri.path().to_owned(),
        navigation: guard.state.navigation.get().cloned(),
        https: guard.state.config.public_url.is_https(),
        ..PageContext::default()
    };
    let mut response = match admit(&guard, &mut parts, &mut context).await {
        Ok(()) => {
            parts.extensions.insert(context.clone());
            behind::watched(next.run(Request::from_parts(parts, body))).await
        }
        Err(Refusal::SignIn) => sign_in(&parts),
        Err(Refusal::Failure(failure)) => failure.into_response(),
    };
    // The failure page is rendered further out, but only here is it known who looks.
    page_error::attach_context(&mut response, context);
    if guard.entry.access.is_personal() {
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response.extensions_mut().insert(route);
    response
}

async fn admit(guard: &Guard, parts: &mut Parts, context: &mut PageContext) -> Result<(), Refusal> {
    let access = guard.entry.access;
    refuse_large(&parts.headers, guard.limit_bytes)?;
    if access == Access::Everywhere {
        return Ok(());
    }
    let host = host::of_request(&parts.uri, &parts.headers).ok_or_else(Failure::unknown_host)?;
    let tenant = if guard.state.config.public_url.is_platform(&host) {
        None
    } else {
        let found = guard.state.identity.tenant_by_host(&host).await?;
        Some(found.ok_or_else(Failure::unknown_host)?)
    };
    if access == Access::ApiKey {
        let caller = api_caller(guard, &parts.headers, tenant.as_ref()).await?;
        tracing::Span::current().record("tenant", tracing::field::display(caller.tenant));
        parts.extensions.insert(caller);
        return Ok(());
    }
    let session = recognise(guard, parts, tenant.as_ref(), context).await?;
    if access == Access::PlatformAdmin {
        return administrator(guard, parts);
    }
    if let Some(tenant) = tenant {
        role(access, &tenant, session, parts)?;
        parts.extensions.insert(Tenant(tenant));
    }
    Ok(())
}

/// Only ever asked at the installation's own host: the other surface has no such routes.
fn administrator(guard: &Guard, parts: &Parts) -> Result<(), Refusal> {
    let jar = CookieJar::from_headers(&parts.headers);
    let administration = guard.state.administration.as_ref();
    if administration.is_some_and(|known| known.is_signed_in(&guard.state.config, &jar)) {
        Ok(())
    } else {
        Err(Refusal::SignIn)
    }
}

fn refuse_large(headers: &HeaderMap, limit_bytes: usize) -> Result<(), Failure> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(bytes) if bytes > limit_bytes as u64 => Err(Failure::too_large(limit_bytes)),
        _ => Ok(()),
    }
}

/// Fills the context with chain, viewer, clock and flash, and gives back the session.
async fn recognise(
    guard: &Guard,
    parts: &Parts,
    tenant: Option<&TenantInfo>,
    context: &mut PageContext,
) -> Result<Option<SessionInfo>, Failure> {
    let config = &guard.state.config;
    let jar = CookieJar::from_headers(&parts.headers);
    context.flash = cookies::flash(config, &jar);
    let Some(tenant) = tenant else { return Ok(None) };
    tracing::Span::current().record("tenant", tracing::field::display(tenant.tenant));
    context.tenant = Some(tenant.clone());
    if tenant.sandbox {
        let now = guard.state.identity.test_clock(tenant.tenant).await?;
        context.clock = now.map(|now| now.strftime("%a %-d %b %Y, %H:%M UTC").to_string());
    }
    let Some(token) = cookies::session_token(config, &jar) else {
        return Ok(None);
    };
    let session = guard.state.identity.session(tenant.tenant, token).await?;
    context.viewer = session.clone().map_or(Viewer::Stranger, Viewer::from);
    Ok(session)
}

fn role(access: Access, tenant: &TenantInfo, session: Option<SessionInfo>, parts: &mut Parts) -> Result<(), Refusal> {
    let tenant = tenant.clone();
    match (access, session) {
        (Access::Member | Access::Staff(_), None) => Err(Refusal::SignIn),
        (
            Access::Member,
            Some(SessionInfo {
                person: Person::Member { id },
                name,
                email,
            }),
        ) => {
            parts.extensions.insert(MemberSession {
                tenant,
                member_id: id,
                name,
                email,
            });
            Ok(())
        }
        (
            Access::Staff(capability),
            Some(SessionInfo {
                person: Person::Staff { id, capabilities },
                name,
                email,
            }),
        ) if opens(&capabilities, capability, parts.method.is_safe()) => {
            let session = StaffSession {
                tenant,
                staff_id: id,
                name,
                email,
                capabilities,
            };
            parts.extensions.insert(session);
            Ok(())
        }
        (Access::Member | Access::Staff(_), Some(_)) => Err(Failure::forbidden().into()),
        _ => Ok(()),
    }
}

async fn api_caller(guard: &Guard, headers: &HeaderMap, tenant: Option<&TenantInfo>) -> Result<ApiCaller, Failure> {
    let key = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|key| !key.is_empty())
        .ok_or_else(Failure::unauthenticated)?;
    let found = guard
        .state
        .identity
        .api_key(key)
        .await?
        .ok_or_else(Failure::unauthenticated)?;
    // At a chain's own host only that chain's keys work; elsewhere the key alone decides.
    if tenant.is_some_and(|tenant| tenant.tenant != found.tenant) {
        return Err(Failure::unauthenticated());
    }
    Ok(ApiCaller {
        tenant: found.tenant,
        key_id: found.key_id,
        scopes: found.scopes,
    })
}

/// Sends a person to the sign-in page and, after a GET, back again.
fn sign_in(parts: &Parts) -> Response {
    let mut target = String::from("/sign-in");
    let uri = &parts.uri;
    if matches!(parts.method, Method::GET | Method::HEAD) {
        let next = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let encoded = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
        target = format!("/sign-in?{encoded}");
    }
    if !parts.headers.contains_key("hx-request") {
        return Redirect::to(&target).into_response();
    }
    // A followed redirect would be swapped into the middle of a page.
    match HeaderValue::from_str(&target) {
        Ok(value) => (StatusCode::UNAUTHORIZED, [("hx-redirect", value)]).into_response(),
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The address after signing in: only a path of this very host, never another site.
pub fn safe_next(next: &str) -> &str {
    let local = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && !next.contains(|character: char| character.is_control());
    if local { next } else { "/" }
}

/// No route matched at a chain's host: say so in the chain's own frame, if there is a chain.
pub(crate) async fn unmatched_at_chain(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(mut context) = PageContext::from_request_parts(&mut parts, &state).await;
    let failure = match host::of_request(&parts.uri, &parts.headers) {
        None => Failure::unknown_host(),
        Some(host) => match state.identity.tenant_by_host(&host).await {
            Ok(Some(tenant)) => {
                context.tenant = Some(tenant);
                Failure::not_found()
            }
            Ok(None) => Failure::unknown_host(),
            Err(error) => error.into(),
        },
    };
    let mut response = failure.into_response();
    page_error::attach_context(&mut response, context);
    response
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn next_never_leaves_the_host() {
        assert_eq!(safe_next("/bookings?day=2026-01-20"), "/bookings?day=2026-01-20");
        for outside in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "bookings",
            "/a\r\nb",
        ] {
            assert_eq!(safe_next(outside), "/", "{outside:?}");
        }
    }
}
