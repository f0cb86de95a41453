//! The read models over real use cases on a real database: what they show, that a rebuild shows the same, and that one
//! organization's trouble stays its own.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod blue_green;
mod credit_notes;
mod february;
mod january;
mod payments;
mod poison;
mod rebuild;

use coterie_app::{App, booking, ledger, page::PageRequest, projections};
use coterie_domain::{BookingId, InvoiceId, ledger::LedgerAccount};
use coterie_tests::{
    Database,
    chain::{self, Chain},
};
use std::collections::BTreeMap;

/// A chain in whose January Ada subscribed, booked 2 h and 4 h, and took back a third booking in time.
struct January {
    database: Database,
    app: App,
    chain: Chain,
    invoice: InvoiceId,
    two_hours: BookingId,
    four_hours: BookingId,
    cancelled: BookingId,
}

async fn january() -> January {
    let database = coterie_tests::database().await;
    let app = chain::app(database.app.clone());
    let chain = chain::open_chain(&app, "harbour").await;
    let subscribed = chain::subscribe(&app, &chain).await;
    let two_hours = chain::book(&app, &chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    let four_hours = chain::book(&app, &chain, chain.spree, "2026-01-23T09:00", "2026-01-23T13:00").await;
    let cancelled = chain::book(&app, &chain, chain.elbe, "2026-01-28T10:00", "2026-01-28T11:00").await;
    booking::cancel(&app, &chain.as_ada(), cancelled)
        .await
        .expect("a booking a week ahead can be cancelled");
    January {
        invoice: subscribed.invoice_id.expect("the first days cost something"),
        database,
        app,
        chain,
        two_hours,
        four_hours,
        cancelled,
    }
}

impl January {
    async fn follow(&self) {
        chain::follow_until_idle(&self.database.worker, &projections::all(&chain::keys())).await;
    }

    /// Balances by account, debits positive, as of a day or of all that was posted.
    async fn balances(&self, as_of: Option<&str>) -> BTreeMap<LedgerAccount, i64> {
        let as_of = as_of.map(|day| day.parse().expect("a date"));
        let rows = ledger::page::trial_balance(&self.app, self.chain.tenant, self.chain.legal_entity, as_of)
            .await
            .expect("the balances can be read");
        for row in &rows {
            assert_eq!(row.balance_minor, row.debit_minor - row.credit_minor, "{row:?}");
        }
        rows.iter().map(|row| (row.account, row.balance_minor)).collect()
    }
}

fn first_page() -> PageRequest {
    PageRequest::default()
}
