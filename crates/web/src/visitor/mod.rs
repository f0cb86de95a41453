//! What somebody without an account can do at a chain's host: find a room that is open to visitors, hold a time, pay for it on
//! the hosted page, and come back to her booking by a secret link.

mod book;
mod cancel;
mod payment_page;
mod room;
mod room_page;
mod rooms;
mod visit;
mod visit_page;
mod words;

pub(crate) use payment_page::of_visit;

use coterie_app::Caller;
use uuid::Uuid;

use crate::{access::Access, nav::Area, routes::Routes};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    routes
        .nav(Area::Visitor, "Book a room", "/visit")
        .get("/visit", Access::Public, rooms::show)
        .get("/visit/{id}", Access::Public, room::show)
        .post("/visit/{id}", Access::Public, book::submit)
        .get("/visits/{token}", Access::Public, visit::show)
        .post("/visits/{token}/cancel", Access::Public, cancel::submit)
}

/// Whoever acts on these pages: nobody that the house knows.
fn stranger(tenant: Uuid) -> Caller {
    Caller::system(tenant, "visitor")
}
