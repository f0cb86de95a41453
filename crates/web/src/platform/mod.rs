//! The installation's own host: what Coterie is, opening a chain, and what whoever runs the installation looks after.

mod administrator;
mod landing;
mod new_organization;
mod projections;
mod sign_in;

pub use administrator::Administration;
pub(crate) use administrator::SESSION_HOURS;

use crate::{access::Access, nav::Area, routes::Routes};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
        .nav(Area::Platform, "What it is", "/")
        .nav(Area::Platform, "Open a chain", "/organizations/new")
        .nav(Area::Platform, "Read models", "/projections")
        .get("/", Access::Platform, landing::show)
        .get("/organizations/new", Access::Platform, new_organization::show)
        .post("/organizations", Access::Platform, new_organization::submit)
        .get("/sign-in", Access::Platform, sign_in::show)
        .post("/sign-in", Access::Platform, sign_in::submit)
        .post("/sign-out", Access::Platform, sign_in::out)
        .get("/projections", Access::PlatformAdmin, projections::show)
        .post("/projections/resume", Access::PlatformAdmin, projections::resume)
        .post("/projections/cancel", Access::PlatformAdmin, projections::cancel)
}
