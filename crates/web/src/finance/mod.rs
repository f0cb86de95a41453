//! Pages about money, below `/finance`.

use crate::routes::Routes;

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
}
