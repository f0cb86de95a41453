//! A member's own pages, at her chain's host.

mod add_on;
mod allowance;
mod badges;
mod billing;
pub(crate) mod book;
pub(crate) mod book_form;
mod booking;
mod bookings;
mod calendar_feed;
mod cancel;
mod card;
mod card_saved;
mod card_start;
mod check_in;
pub(crate) mod command;
mod company;
mod confirm;
mod confirm_email;
mod credit_note;
mod day;
mod document;
mod door_code;
pub(crate) mod find;
mod floor;
pub(crate) mod gateway_away;
mod guests;
mod home;
mod invoice;
mod invoices;
mod line;
mod membership;
mod membership_plan;
pub(crate) mod moving;
mod notice;
mod occupancy;
mod offers;
mod packs;
mod pass_back;
mod passes;
mod pay;
mod pay_return;
mod photo;
mod plans;
mod quote;
pub(crate) mod repeat;
mod series;
mod set_password;
mod sign_in;
mod sign_up;
mod subscribe;
mod waitlist;
mod when;
mod who;

use std::str::FromStr;

use crate::{access::Access, components, failure::Failure, form::Submitted, nav::Area, routes::Routes};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    let routes = routes
        .nav(Area::Visitor, "Plans", "/plans")
        .nav(Area::Visitor, "Sign up", "/sign-up")
        .nav(Area::Visitor, "Sign in", "/sign-in")
        .nav(Area::Member, "Home", "/")
        .nav(Area::Member, "Book", "/bookings/new")
        .nav(Area::Member, "Bookings", "/bookings")
        .nav(Area::Member, "Passes", "/passes")
        .nav(Area::Member, "Packs", "/packs")
        .nav(Area::Member, "Invoices", "/invoices")
        .nav(Area::Member, "Card", "/card")
        .nav(Area::Member, "Plans", "/plans");
    let routes = routes
        .get("/", Access::Public, home::show)
        .get("/plans", Access::Public, plans::show)
        .get("/sign-in", Access::Public, sign_in::show)
        .post("/sign-in", Access::Public, sign_in::submit)
        .post("/sign-out", Access::Public, sign_in::out)
        .get("/sign-up", Access::Public, sign_up::show)
        .post("/sign-up", Access::Public, sign_up::submit)
        .get("/confirm-email/{token}", Access::Public, confirm_email::open)
        .get("/set-password/{token}", Access::Public, set_password::show)
        .post("/set-password/{token}", Access::Public, set_password::submit);
    routes
        .get("/plans/{plan_version_id}", Access::Member, quote::show)
        .post("/memberships", Access::Member, subscribe::submit)
        .get("/memberships/{id}", Access::Member, membership::show)
        .get("/memberships/{id}/plan", Access::Member, membership_plan::show)
        .post("/memberships/{id}/plan", Access::Member, membership_plan::submit)
        .post(
            "/memberships/{id}/plan/call-off",
            Access::Member,
            membership_plan::call_off,
        )
        .post("/memberships/{id}/pause", Access::Member, membership::pause)
        .post("/memberships/{id}/resume", Access::Member, membership::resume)
        .post("/memberships/{id}/coupons", Access::Member, membership::redeem)
        .post("/memberships/{id}/add-ons", Access::Member, add_on::add)
        .post("/memberships/{id}/add-ons/remove", Access::Member, add_on::remove)
        .post("/memberships/{id}/stay", Access::Member, membership::stay)
        .get("/memberships/{id}/notice", Access::Member, notice::show)
        .post("/memberships/{id}/notice", Access::Member, notice::submit)
        .get("/card", Access::Member, card::show)
        .post("/card", Access::Member, card_start::submit)
        .get("/card/saved", Access::Member, card_saved::show)
        .get("/bookings", Access::Member, bookings::show)
        .get("/bookings/new", Access::Member, day::show)
        .get("/bookings/find", Access::Member, find::show)
        .post("/bookings", Access::Member, book::submit)
        .get("/bookings/{id}", Access::Member, booking::show)
        .get("/bookings/{id}/cancel", Access::Member, cancel::show)
        .post("/bookings/{id}/cancel", Access::Member, cancel::submit)
        .get("/bookings/{id}/confirm", Access::Member, confirm::show)
        .post("/bookings/{id}/confirm", Access::Member, confirm::submit)
        .post("/bookings/{id}/guests", Access::Member, guests::invite)
        .post("/bookings/{id}/guests/uninvite", Access::Member, guests::uninvite)
        .post("/waitlist", Access::Member, waitlist::join)
        .post("/waitlist/{id}/leave", Access::Member, waitlist::leave)
        .get("/check-in/{sign}", Access::Member, check_in::show)
        .post("/check-in/{sign}", Access::Member, check_in::submit)
        .get("/bookings/{id}/move", Access::Member, moving::show)
        .post("/bookings/{id}/move", Access::Member, moving::submit)
        .get("/floors/{id}", Access::Member, floor::show)
        .get("/floors/{id}/plan.svg", Access::Member, floor::plan)
        .get("/photos/{id}", Access::Member, photo::show)
        .get("/packs", Access::Member, packs::show)
        .get("/packs/{credit_pack_id}", Access::Member, packs::new)
        .post("/packs/{credit_pack_id}", Access::Member, packs::submit)
        .get("/passes", Access::Member, passes::show)
        .get("/passes/new", Access::Member, passes::new)
        .post("/passes", Access::Member, passes::submit)
        .get("/passes/{id}/give-back", Access::Member, pass_back::show)
        .post("/passes/{id}/give-back", Access::Member, pass_back::submit)
        .get("/series/{id}", Access::Member, series::show)
        .post("/series/{id}/cancel", Access::Member, series::cancel)
        .get("/calendar-feed", Access::Member, calendar_feed::show)
        .post("/calendar-feed", Access::Member, calendar_feed::make)
        .post("/calendar-feed/revoke", Access::Member, calendar_feed::revoke)
        .get("/door-code", Access::Member, door_code::show)
        .post("/door-code", Access::Member, door_code::make)
        .post("/door-code/revoke", Access::Member, door_code::revoke)
        .get("/billing", Access::Member, billing::show)
        .post("/billing", Access::Member, billing::submit)
        .get("/companies/{id}", Access::Member, company::show)
        .get("/companies/{id}/billing", Access::Member, company::show_billing)
        .post("/companies/{id}/billing", Access::Member, company::set_billing)
        .post("/companies/{id}/seats", Access::Member, company::give)
        .get("/companies/{id}/seats/take", Access::Member, company::ask_take)
        .post("/companies/{id}/seats/take", Access::Member, company::take)
        .get("/invoices", Access::Member, invoices::show)
        .get("/invoices/{id}", Access::Member, invoice::show)
        .get("/invoices/{id}/lines/{charge_id}", Access::Member, line::show)
        .get("/credit-notes/{id}", Access::Member, credit_note::show)
        .get("/credit-notes/{id}/credit-note.pdf", Access::Member, credit_note::pdf)
        .get("/invoices/{id}/invoice.pdf", Access::Member, invoice::pdf)
        .get("/invoices/{id}/pay", Access::Member, pay_return::show)
        .post("/invoices/{id}/pay", Access::Member, pay::submit)
}

/// An id out of an address or a form. What is no id names nothing that exists.
fn id<T: FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

/// An amount of the domain as pages print it.
fn money(amount: coterie_domain::Money) -> components::Money {
    components::Money::new(amount.minor, amount.currency.code())
}

/// Whether a failure is an answer to what was entered, so that the form comes back with it.
pub(crate) fn answers_form(failure: &Failure) -> bool {
    matches!(failure.status.as_u16(), 409 | 422)
}

/// The query of a GET form.
fn query(raw: Option<String>) -> Result<Submitted, Failure> {
    Submitted::from_encoded(&raw.unwrap_or_default())
}

/// One of one's own; what a model that lags does not show yet is told apart by [`crate::behind`].
fn found<T>(row: Option<T>) -> Result<T, Failure> {
    row.ok_or_else(Failure::not_found)
}
