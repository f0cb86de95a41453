//! The installation's own host: what Coterie is, and opening a chain.

mod landing;
mod new_organization;

use crate::{access::Access, nav::Area, routes::Routes};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
        .nav(Area::Platform, "What it is", "/")
        .nav(Area::Platform, "Open a chain", "/organizations/new")
        .get("/", Access::Platform, landing::show)
        .get("/organizations/new", Access::Platform, new_organization::show)
        .post("/organizations", Access::Platform, new_organization::submit)
}
