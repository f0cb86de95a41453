//! Figures out of the books of one legal entity, in its own currency, and what its invoices say beside them.

use coterie_app::{
    App,
    invoice::page::{self as invoices, InvoiceFilter, InvoiceRow, InvoiceState},
    ledger::page::{self as ledger, BalanceRow},
    page::{MAX_PAGE, PageRequest},
};
use coterie_domain::{Currency, LegalEntityId, ledger::LedgerAccount, legal_entity::LegalEntityCreated};
use jiff::civil::Date;
use uuid::Uuid;

use crate::failure::Failure;

/// Pages of invoices that a sum reads at most; beyond them it says that it is not complete.
const MOST_PAGES: usize = 20;

/// The accounts of one legal entity as of a day.
pub(super) struct Balances {
    rows: Vec<BalanceRow>,
    currency: Currency,
}

impl Balances {
    pub(super) async fn read(
        app: &App,
        tenant: Uuid,
        entity: &LegalEntityCreated,
        as_of: Date,
    ) -> Result<Self, Failure> {
        let rows = ledger::trial_balance(app, tenant, entity.legal_entity_id, Some(as_of)).await?;
        Ok(Self {
            rows,
            currency: entity.currency,
        })
    }

    pub(super) fn rows(&self) -> &[BalanceRow] {
        &self.rows
    }

    fn row(&self, account: LedgerAccount) -> Option<&BalanceRow> {
        self.rows
            .iter()
            .find(|row| row.account == account && row.currency == self.currency)
    }

    /// Debits less credits, minor units.
    pub(super) fn balance(&self, account: LedgerAccount) -> i64 {
        self.row(account).map_or(0, |row| row.balance_minor)
    }

    /// Sum of the debits, minor units.
    pub(super) fn debits(&self, account: LedgerAccount) -> i64 {
        self.row(account).map_or(0, |row| row.debit_minor)
    }

    /// What was earned up to the day, minor units.
    pub(super) fn revenue(&self) -> i64 {
        let earned = [
            LedgerAccount::MembershipRevenue,
            LedgerAccount::BookingRevenue,
            LedgerAccount::Breakage,
        ];
        -earned.into_iter().map(|account| self.balance(account)).sum::<i64>()
    }
}

/// Invoices of one kind, read page by page.
pub(super) struct Invoices {
    pub(super) rows: Vec<InvoiceRow>,
    /// Whether these are all; a chain may have more than a page should read.
    pub(super) complete: bool,
}

/// All invoices of a filter, the newest first, up to a bound.
pub(super) async fn invoices(app: &App, tenant: Uuid, filter: &InvoiceFilter) -> Result<Invoices, Failure> {
    let mut rows = Vec::new();
    let mut request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    for _ in 0..MOST_PAGES {
        let page = invoices::list(app, tenant, filter.clone(), &request).await?;
        rows.extend(page.items);
        if page.next.is_none() {
            return Ok(Invoices { rows, complete: true });
        }
        request.after = page.next;
    }
    Ok(Invoices { rows, complete: false })
}

/// What is owed to a legal entity, invoice by invoice.
pub(super) async fn unpaid(app: &App, tenant: Uuid, entity: LegalEntityId) -> Result<Invoices, Failure> {
    let mut all = Invoices {
        rows: Vec::new(),
        complete: true,
    };
    for state in InvoiceState::ALL
        .iter()
        .copied()
        .filter(|state| !matches!(state, InvoiceState::Paid | InvoiceState::Credited))
    {
        let filter = InvoiceFilter {
            legal_entity: Some(entity),
            state: Some(state),
            ..InvoiceFilter::default()
        };
        let found = invoices(app, tenant, &filter).await?;
        all.complete &= found.complete;
        all.rows.extend(found.rows);
    }
    Ok(all)
}

impl Invoices {
    pub(super) fn in_state(&self, state: InvoiceState) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    pub(super) fn overdue(&self, today: Date) -> usize {
        self.rows.iter().filter(|row| row.due_date < today).count()
    }

    /// What is still owed in a currency, minor units.
    pub(super) fn open_minor(&self, currency: Currency) -> i64 {
        let open = self.rows.iter().map(InvoiceRow::open);
        open.filter(|open| open.currency == currency)
            .map(|open| open.minor)
            .sum()
    }

    /// Net, tax, gross and open by currency, minor units.
    pub(super) fn totals(&self) -> Vec<(Currency, [i64; 4])> {
        let mut totals: std::collections::BTreeMap<Currency, [i64; 4]> = std::collections::BTreeMap::new();
        for row in &self.rows {
            let sums = totals.entry(row.gross.currency).or_default();
            for (sum, part) in sums.iter_mut().zip([row.net, row.tax, row.gross, row.open()]) {
                *sum += part.minor;
            }
        }
        totals.into_iter().collect()
    }
}
