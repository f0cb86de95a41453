//! Attempts to collect invoices, with why those failed that did.

use coterie_app::payment::page::PaymentRow;
use coterie_domain::catalogue::Catalogue;
use jiff::tz::TimeZone;

use super::{office::entity_name, words};
use crate::{
    audit::links,
    components::{Cell, Column, Link, Table},
};

/// One row per attempt; times in the zone of its legal entity.
pub(super) fn table(caption: &str, payments: &[PaymentRow], catalogue: &Catalogue) -> Table {
    let columns = [
        Column::text("Invoice"),
        Column::text("Payer"),
        Column::text("Legal entity"),
        Column::text("Attempted"),
        Column::text("State"),
        Column::text("Reason"),
        Column::number("Amount"),
        Column::text("Log"),
    ];
    let mut table = Table::new(caption, columns);
    for payment in payments {
        let zone = super::office::zone(catalogue, payment.legal_entity_id);
        table.push([
            invoice(payment),
            payment.buyer_name.as_str().into(),
            entity_name(catalogue, payment.legal_entity_id).into(),
            attempted(payment, &zone).into(),
            words::payment_badge(payment.state).into(),
            reason(payment).into(),
            words::amount(payment.amount).into(),
            Link::new("History", links::stream(payment.payment_id.0)).into(),
        ]);
    }
    table
}

fn invoice(payment: &PaymentRow) -> Cell {
    let label = if payment.invoice_number.is_empty() {
        "Invoice"
    } else {
        &payment.invoice_number
    };
    Link::new(label, format!("/finance/invoices/{}", payment.invoice_id)).into()
}

/// `1 Feb 2026, 00:00 CET (2nd attempt)`
pub(super) fn attempted(payment: &PaymentRow, zone: &TimeZone) -> String {
    let at = words::moment(payment.attempted_at, zone);
    match payment.attempt {
        ..=1 => at,
        number => format!("{at} (attempt {number})"),
    }
}

/// `insufficient_funds: Your card has insufficient funds. (worth another try later)`; empty where nothing failed.
fn reason(payment: &PaymentRow) -> String {
    payment.failure.as_ref().map_or_else(String::new, |failure| {
        format!(
            "{}: {} ({})",
            failure.code,
            failure.message,
            words::advice(failure.kind)
        )
    })
}
