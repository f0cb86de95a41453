//! Pages of those who run the houses, below `/operator`.

use crate::routes::Routes;

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
}
