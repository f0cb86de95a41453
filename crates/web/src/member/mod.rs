//! A member's own pages, at her chain's host.

use crate::routes::Routes;

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
}
