//! Pages of the installation's own host, where there is no tenant.

use crate::routes::Routes;

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
}
