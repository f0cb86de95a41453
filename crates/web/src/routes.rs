//! The table of routes. A route is added together with its access; the guard is
//! applied in the same step, and the table is what the tenant matrix test walks.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    handler::Handler,
    middleware,
    response::Response,
    routing::{MethodFilter, MethodRouter, on},
};
use http::Method;
use tower::ServiceExt as _;

use crate::{
    access::Access,
    failure::Failure,
    guard::{self, Guard},
    host,
    nav::{Area, Navigation},
    stack::{self, BODY_LIMIT_BYTES},
    state::AppState,
};

/// One line of the route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteEntry {
    /// The method.
    pub method: Method,
    /// The path as axum matches it: `/bookings/{id}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// Builds the two surfaces (the installation's host, chains' hosts) and their table.
pub struct Routes {
    state: AppState,
    platform: Router<AppState>,
    chain: Router<AppState>,
    entries: Vec<RouteEntry>,
    navigation: Navigation,
}

impl Routes {
    /// No routes yet.
    pub fn new(state: AppState) -> Self {
        Self {
            state,
            platform: Router::new(),
            chain: Router::new(),
            entries: Vec::new(),
            navigation: Navigation::default(),
        }
    }

    /// Adds a GET (and HEAD) route.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::GET, path, access, BODY_LIMIT_BYTES, handler)
    }

    /// Adds a POST route.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::POST, path, access, BODY_LIMIT_BYTES, handler)
    }

    /// Adds a POST route that takes more than the usual 256 KiB, such as an import.
    #[must_use]
    pub fn post_up_to<H, T>(self, limit_bytes: usize, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::POST, path, access, limit_bytes, handler)
    }

    /// Adds a PUT route.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::PUT, path, access, BODY_LIMIT_BYTES, handler)
    }

    /// Adds a PATCH route.
    #[must_use]
    pub fn patch<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::PATCH, path, access, BODY_LIMIT_BYTES, handler)
    }

    /// Adds a DELETE route.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::DELETE, path, access, BODY_LIMIT_BYTES, handler)
    }

    /// Puts a page into the header of an area, after those registered before.
    #[must_use]
    pub fn nav(mut self, area: Area, label: &'static str, href: &'static str) -> Self {
        self.navigation.add(area, label, href);
        self
    }

    fn add<H, T>(mut self, method: Method, path: &'static str, access: Access, limit_bytes: usize, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let entry = RouteEntry {
            method: method.clone(),
            path,
            access,
        };
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let guard = Guard {
            state: self.state.clone(),
            entry: Arc::new(entry.clone()),
            limit_bytes,
        };
        let mut route: MethodRouter<AppState> = on(filter, handler);
        if guard::checks_origin(&entry) {
            route = route.layer(stack::csrf());
        }
        let route = route
            .layer(DefaultBodyLimit::max(limit_bytes))
            .layer(middleware::from_fn_with_state(guard, guard::stand));
        if access.at_platform() {
            self.platform = self.platform.route(path, route.clone());
        }
        if access.at_chain() {
            self.chain = self.chain.route(path, route);
        }
        self.entries.push(entry);
        self
    }

    /// The router that picks the surface by host, and the table of everything in it.
    pub fn finish(self) -> (Router<AppState>, Vec<RouteEntry>) {
        // A second router over the same state keeps the first navigation; both are equal.
        let _ = self.state.navigation.set(Arc::new(self.navigation));
        let not_found = || async { Failure::not_found() };
        let surfaces = Surfaces {
            platform: self.platform.fallback(not_found).with_state(self.state.clone()),
            chain: self
                .chain
                .fallback(guard::unmatched_at_chain)
                .with_state(self.state.clone()),
            state: self.state,
        };
        (Router::new().fallback(dispatch).with_state(surfaces), self.entries)
    }
}

#[derive(Clone)]
struct Surfaces {
    platform: Router,
    chain: Router,
    state: AppState,
}

async fn dispatch(State(surfaces): State<Surfaces>, request: Request) -> Response {
    let at_platform = host::of_request(request.uri(), request.headers())
        .is_some_and(|host| surfaces.state.config.public_url.is_platform(&host));
    let router = if at_platform { surfaces.platform } else { surfaces.chain };
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
