//! The headline figures of one legal entity's month, out of its books and its unpaid invoices.

use askama::Template;
use coterie_app::invoice::page::InvoiceState;
use coterie_domain::{catalogue::LegalEntity, ledger::LedgerAccount};
use jiff::civil::Date;

use super::{
    books::{Balances, Invoices},
    words,
};
use crate::components::{Cell, Tile, prints_html};

/// Headline figures that stay readable beside a chart and on a phone, however large they become.
#[derive(Template)]
#[template(path = "finance/figures.html")]
pub(super) struct Figures {
    tiles: Vec<Tile>,
}

prints_html!(Figures);

impl Figures {
    /// `before` are the balances at the end of the month before.
    pub(super) fn new(
        entity: &LegalEntity,
        today: Date,
        current: &Balances,
        before: &Balances,
        unpaid: &Invoices,
    ) -> Self {
        let money = money_tiles(entity, today, current, before, unpaid);
        let attention = attention_tiles(entity, current, unpaid);
        Self {
            tiles: [money, attention].concat(),
        }
    }
}

fn tile(label: impl Into<String>, value: impl Into<Cell>, note: impl Into<String>, href: Option<String>) -> Tile {
    Tile {
        label: label.into(),
        value: value.into(),
        note: note.into(),
        href,
    }
}

/// Where the pages about one legal entity begin.
fn about(page: &str, entity: &LegalEntity) -> String {
    format!("/finance/{page}?legal_entity={}", entity.fact.legal_entity_id)
}

fn money_tiles(
    entity: &LegalEntity,
    today: Date,
    current: &Balances,
    before: &Balances,
    unpaid: &Invoices,
) -> Vec<Tile> {
    let money = |minor| words::money(minor, entity.fact.currency);
    let this_month = |account| money(current.debits(account) - before.debits(account));
    let owed = format!("{} unpaid, {} overdue", unpaid.rows.len(), unpaid.overdue(today));
    vec![
        tile(
            format!("Invoiced in {}", words::month(today)),
            this_month(LedgerAccount::AccountsReceivable),
            "with VAT",
            Some(about("invoices", entity)),
        ),
        tile(
            "Received",
            this_month(LedgerAccount::StripeBalance),
            "this month",
            Some("/finance/payments?state=settled".to_owned()),
        ),
        tile(
            "Open receivable",
            money(current.balance(LedgerAccount::AccountsReceivable)),
            owed,
            Some(about("trial-balance", entity)),
        ),
    ]
}

fn attention_tiles(entity: &LegalEntity, current: &Balances, unpaid: &Invoices) -> Vec<Tile> {
    let unbilled = current.balance(LedgerAccount::UnbilledReceivable);
    let failed = unpaid.in_state(InvoiceState::Failed);
    let waiting = unpaid.in_state(InvoiceState::ActionRequired);
    let more = if waiting == 0 {
        "last attempt of an unpaid invoice".to_owned()
    } else {
        format!("and {waiting} that the payer must confirm")
    };
    vec![
        tile(
            "Failed payments",
            failed.to_string(),
            more,
            Some(format!("{}&state=failed", about("invoices", entity))),
        ),
        tile(
            "Unbilled charges",
            words::money(unbilled, entity.fact.currency),
            "net, on the next invoices",
            None,
        ),
    ]
}
