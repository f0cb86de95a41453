//! Pages about money, below `/finance`: what was invoiced, received and earned, down to the event behind every amount.

mod books;
mod charges;
mod entry_table;
mod export;
mod figures;
mod invoice;
mod invoices;
mod journal;
mod line;
pub(crate) mod listing;
pub(crate) mod office;
mod overview;
mod overview_exceptions;
mod payment_table;
mod payments;
mod trial_balance;
pub(crate) mod words;

use crate::{
    access::{Access, Capability},
    nav::Area,
    routes::Routes,
};

/// Registers this module's routes and navigation links.
pub fn routes(routes: Routes) -> Routes {
    let staff = Access::Staff(Capability::Finance);
    routes
        .get("/finance", staff, overview::show)
        .get("/finance/invoices", staff, invoices::show)
        .get("/finance/invoices/{id}", staff, invoice::show)
        .get("/finance/invoices/{id}/lines/{charge_id}", staff, line::show)
        .get("/finance/charges", staff, charges::show)
        .get("/finance/payments", staff, payments::show)
        .get("/finance/journal", staff, journal::show)
        .get("/finance/trial-balance", staff, trial_balance::show)
        .get("/finance/export", staff, export::download)
        .nav(Area::Finance, "Overview", "/finance")
        .nav(Area::Finance, "Invoices", "/finance/invoices")
        .nav(Area::Finance, "Charges", "/finance/charges")
        .nav(Area::Finance, "Payments", "/finance/payments")
        .nav(Area::Finance, "Journal", "/finance/journal")
        .nav(Area::Finance, "Trial balance", "/finance/trial-balance")
}
