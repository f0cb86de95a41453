//! `/kiosk/{token}`: the page of a tablet at the entrance of a house. Its address is the proof that it may be looked at; nobody
//! is named before she says by her code who she is.

mod arrive;
mod board;

pub(crate) use board::Panel;

use crate::{access::Access, routes::Routes};

/// Registers this module's routes.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/kiosk/{token}", Access::Token, board::show)
        .get("/kiosk/{token}/events", Access::Token, board::follow)
        .get("/kiosk/{token}/check-in", Access::Token, arrive::show)
        .post("/kiosk/{token}/check-in", Access::Token, arrive::submit)
}
