//! The log as people read it, below `/log`: who did what, when, and what it led to. Nothing here changes anything.

mod correlation;
mod event_card;
mod facts;
mod kinds;
pub(crate) mod links;
mod payload;
mod people;
mod places;
mod recent;
mod stream;

pub(crate) use self::{
    event_card::{EventCard, cards},
    facts::Facts,
    people::People,
    places::Places,
};

use crate::{
    access::{Access, Capability},
    nav::Area,
    routes::Routes,
};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    let staff = Access::Staff(Capability::Audit);
    routes
        .get("/log", staff, recent::show)
        .get("/log/streams/{stream_id}", staff, stream::show)
        .get("/log/correlations/{id}", staff, correlation::show)
        .nav(Area::Finance, "Log", "/log")
}
