//! Pages about money, below `/finance`: what was invoiced, received and earned, down to the event behind every amount.

mod books;
mod charges;
mod credit;
mod credit_note;
mod credit_notes;
mod deposit;
mod deposits;
mod entry_table;
mod export;
mod figures;
mod invoice;
mod invoice_run;
mod invoice_run_draft;
mod invoice_runs;
mod invoices;
mod journal;
mod line;
pub(crate) mod listing;
pub(crate) mod office;
mod overview;
mod overview_exceptions;
mod paper;
mod payment_table;
mod payments;
mod trial_balance;
mod waiting;
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
        .get("/finance/invoices/{id}/factur-x.pdf", staff, invoice::factur_x)
        .get("/finance/invoices/{id}/xrechnung.xml", staff, invoice::xrechnung)
        .get("/finance/credit-notes/{id}/factur-x.pdf", staff, credit_note::factur_x)
        .get(
            "/finance/credit-notes/{id}/xrechnung.xml",
            staff,
            credit_note::xrechnung,
        )
        .get("/finance/invoices/{id}/invoice.pdf", staff, invoice::pdf)
        .get("/finance/credit-notes/{id}/credit-note.pdf", staff, credit_note::pdf)
        .get("/finance/invoices/{id}/credit", staff, credit::show)
        .post("/finance/invoices/{id}/credit", staff, credit::submit)
        .get("/finance/credit-notes", staff, credit_notes::show)
        .get("/finance/credit-notes/{id}", staff, credit_note::show)
        .get(deposits::HERE, staff, deposits::show)
        .get("/finance/deposits/{id}", staff, deposit::show)
        .post("/finance/deposits/{id}/applications", staff, deposit::apply)
        .post("/finance/deposits/{id}/returns", staff, deposit::give_back)
        .get(invoice_runs::HERE, staff, invoice_runs::show)
        .post(invoice_runs::HERE, staff, invoice_runs::open)
        .post("/finance/invoicing", staff, invoice_runs::set_invoicing)
        .get("/finance/invoice-runs/{id}", staff, invoice_run::show)
        .post("/finance/invoice-runs/{id}/approve", staff, invoice_run::approve)
        .post("/finance/invoice-runs/{id}/issue", staff, invoice_run::issue)
        .post("/finance/invoice-runs/{id}/resume", staff, invoice_run::resume)
        .post("/finance/invoice-runs/{id}/cancel", staff, invoice_run::cancel)
        .post("/finance/invoice-runs/{id}/go-on", staff, invoice_run::go_on)
        .get(
            "/finance/invoice-runs/{id}/drafts/{payer_id}",
            staff,
            invoice_run_draft::show,
        )
        .post(
            "/finance/invoice-runs/{id}/drafts/{payer_id}",
            staff,
            invoice_run_draft::set,
        )
        .get(waiting::HERE, staff, waiting::show)
        .post(waiting::HERE, staff, waiting::invoice)
        .post(waiting::PAY_BACK, staff, waiting::pay_back)
        .get("/finance/payments", staff, payments::show)
        .get("/finance/journal", staff, journal::show)
        .get("/finance/trial-balance", staff, trial_balance::show)
        .get("/finance/export", staff, export::download)
        .nav(Area::Finance, "Overview", "/finance")
        .nav(Area::Finance, "Invoices", "/finance/invoices")
        .nav(Area::Finance, "Charges", "/finance/charges")
        .nav(Area::Finance, "Credit notes", "/finance/credit-notes")
        .nav(Area::Finance, "Deposits", deposits::HERE)
        .nav(Area::Finance, "Invoice runs", invoice_runs::HERE)
        .nav(Area::Finance, "Payments", "/finance/payments")
        .nav(Area::Finance, "Journal", "/finance/journal")
        .nav(Area::Finance, "Trial balance", "/finance/trial-balance")
}
