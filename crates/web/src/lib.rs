//! Everything a browser or an API client meets: pages, forms, `/v1`, and the stack
//! in front of them. Knows use cases, never tables.

pub mod access;
pub mod api;
pub mod assets;
pub mod audit;
mod behind;
mod calendars;
pub mod callers;
pub mod components;
pub mod context;
pub mod cookies;
mod door;
pub mod failure;
pub mod finance;
pub mod form;
mod guard;
mod health;
pub mod host;
mod house;
pub mod idempotency;
pub mod identity;
pub mod json;
mod kiosk;
pub mod member;
pub mod nav;
pub mod operator;
pub mod page;
mod page_error;
mod papers;
mod pictures;
pub mod platform;
mod problem;
mod refused;
pub mod routes;
pub mod session;
pub mod stack;
pub mod state;
mod told;
mod upload;
mod visitor;

use axum::Router;

pub use crate::{
    access::{Access, Capability},
    context::{Flash, PageContext, Viewer},
    failure::{Failure, FieldError},
    form::{PageForm, Submitted},
    guard::safe_next,
    host::PublicUrl,
    house::{Channel, House},
    idempotency::IdempotencyKey,
    identity::{Identity, TenantInfo},
    json::ApiJson,
    nav::Area,
    page::{allow_form_target, page, page_with_status},
    routes::{RouteEntry, Routes},
    session::{ApiCaller, MemberSession, StaffSession, Tenant},
    state::{AppState, WebConfig},
};

/// The whole web surface, and the table of its routes for the tenant matrix test.
pub fn router(state: AppState) -> (Router, Vec<RouteEntry>) {
    let routes = Routes::new(state.clone());
    let routes = assets::routes(health::routes(routes));
    let routes = platform::routes(routes);
    let routes = visitor::routes(kiosk::routes(door::routes(calendars::routes(member::routes(routes)))));
    let routes = operator::routes(routes);
    let routes = finance::routes(routes);
    let routes = audit::routes(routes);
    let routes = api::routes(routes);
    finish(routes, state)
}

/// Closes the table and puts the stack in front.
pub(crate) fn finish(routes: Routes, state: AppState) -> (Router, Vec<RouteEntry>) {
    let (surfaces, entries) = routes.finish();
    let config = state.config.clone();
    (stack::wrap(surfaces.with_state(state), &config), entries)
}

#[cfg(test)]
mod tests;
