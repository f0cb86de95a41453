//! The log as people read it, below `/log`: who did what, when, from which command, what it led to, and how things stood at
//! any moment. Nothing here changes anything.

mod as_of;
mod command;
mod correlation;
mod event;
mod event_card;
mod event_table;
mod facts;
mod kinds;
pub(crate) mod links;
mod member;
mod payload;
mod people;
mod places;
mod recent;
mod sentence;
mod state_card;
mod stream;
pub(crate) mod when;

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
        .get("/log/{position}", staff, event::show)
        .get("/log/streams/{stream_id}", staff, stream::show)
        .get("/log/members/{id}", staff, member::show)
        .get("/log/commands/{id}", staff, command::show)
        .get("/log/correlations/{id}", staff, correlation::show)
        .nav(Area::Finance, "Log", "/log")
}
