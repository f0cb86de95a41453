//! `/door/{token}`: the page of a tablet beside a room's door. The address is the proof that it may be looked at, and a
//! member's code the proof that it may book: an address that does not work or belongs to another chain is simply not there.

mod board;
mod book;
mod check_in;
mod code;
mod live;

pub(crate) use board::standing;
pub(crate) use code::CodePage;
pub(crate) use live::{MOST_CONNECTIONS, watch};

use axum::Extension;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::{access::Access, failure::Failure, routes::Routes, session::Tenant};

/// Registers this module's routes.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/door/{token}", Access::Token, board::show)
        .get("/door/{token}/events", Access::Token, live::follow)
        .get("/door/{token}/book", Access::Token, book::show)
        .post("/door/{token}/book", Access::Token, book::submit)
        .get("/door/{token}/check-in", Access::Token, check_in::show)
        .post("/door/{token}/check-in", Access::Token, check_in::submit)
}

/// At the installation's own host there is no chain, and so no door.
pub(crate) fn tenant(tenant: Option<Extension<Tenant>>) -> Result<Uuid, Failure> {
    let Extension(Tenant(tenant)) = tenant.ok_or_else(Failure::not_found)?;
    Ok(tenant.tenant)
}

/// `10:00`
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%H:%M").to_string()
}
