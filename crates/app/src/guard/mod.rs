//! Guards computed anew from the log: what every guard table has to hold, row by row, beside what it does hold.
//!
//! One file per noun folds that noun's events into the rows that the use cases write in the transaction of the same
//! events. What the log does not know (password hashes, test clocks, ids of imported companies) is neither compared nor
//! touched. [`compare`] finds differences and [`rebuild`] mends them.

mod alarm;
mod booking;
mod charge;
mod compare;
mod coupon;
mod credit;
mod deposit;
mod invoice;
mod invoice_run;
mod member;
mod membership;
mod organization;
mod pass;
mod price_change;
mod rebuild;
mod shadow;
mod table;
mod usage;
mod visitor;

pub use compare::{Agreement, Difference, Found, compare};
pub use rebuild::{Mended, rebuild};

use crate::{App, UseCaseError, operation::decode, secret::SecretKey};
use coterie_domain::{credit_note::CreditNoteEvent, membership::MembershipEvent};
use coterie_eventlog::RecordedEvent;
use shadow::Rows;
use sqlx::PgConnection;
use uuid::Uuid;

/// Events read at once.
const PAGE: i64 = 1_000;

/// The names of all guard tables, for whoever asks for one.
pub fn names() -> impl Iterator<Item = &'static str> {
    table::ALL.iter().map(|table| table.name)
}

/// Every guard of one organization, folded from its log up to a position.
struct Guards {
    tenant: Uuid,
    position: i64,
    organization: organization::Offer,
    members: member::People,
    coupons: coupon::Coupons,
    memberships: membership::Memberships,
    bookings: booking::Reservations,
    passes: pass::Passes,
    visits: visitor::Visits,
    credit: credit::Lots,
    deposits: deposit::Deposits,
    usage: usage::Usages,
    charges: charge::Charges,
    invoices: invoice::Invoices,
    runs: invoice_run::Runs,
    price_changes: price_change::PriceChanges,
    alarms: alarm::Alarms,
}

impl Guards {
    fn new(tenant: Uuid, secret: SecretKey) -> Self {
        Self {
            tenant,
            position: 0,
            organization: organization::Offer::default(),
            visits: visitor::Visits::new(secret.clone()),
            members: member::People::new(secret),
            coupons: coupon::Coupons::default(),
            memberships: membership::Memberships::default(),
            bookings: booking::Reservations::default(),
            passes: pass::Passes::default(),
            credit: credit::Lots::default(),
            deposits: deposit::Deposits::default(),
            usage: usage::Usages::default(),
            charges: charge::Charges::default(),
            invoices: invoice::Invoices::default(),
            runs: invoice_run::Runs::default(),
            price_changes: price_change::PriceChanges::default(),
            alarms: alarm::Alarms::default(),
        }
    }

    /// Reads on, page by page, up to a position.
    async fn read_in_op(&mut self, app: &App, conn: &mut PgConnection, up_to: i64) -> Result<(), UseCaseError> {
        while self.position < up_to {
            if !self.read_page_in_op(app, conn, up_to).await? {
                return Err(UseCaseError::Broken(format!(
                    "the log of {} has no event {}",
                    self.tenant,
                    self.position + 1
                )));
            }
        }
        Ok(())
    }

    /// Reads one page; whether there was any.
    async fn read_page_in_op(&mut self, app: &App, conn: &mut PgConnection, up_to: i64) -> Result<bool, UseCaseError> {
        let mut events =
            coterie_eventlog::read_tenant(&mut *conn, self.tenant, self.position, Some(up_to), PAGE).await?;
        app.config.keys.open_in_op(conn, self.tenant, &mut events).await?;
        for event in &events {
            self.apply(event)?;
        }
        Ok(!events.is_empty())
    }

    fn apply(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        self.organization.apply(event)?;
        match event.category.as_str() {
            "member" => {
                self.members.apply(event)?;
                self.visits.member(event)?;
            }
            "staff" | "company" => self.members.apply(event)?,
            "visitor_booking" => self.visits.apply(event)?,
            "membership" => {
                if event.event_type == "CouponRedeemed"
                    && let MembershipEvent::CouponRedeemed(fact) = decode(event)?
                {
                    self.coupons.redeemed(fact);
                }
                self.memberships.apply(event)?;
                self.alarms.membership(event, &self.organization.catalogue)?;
            }
            "coupon" => self.coupons.apply(event)?,
            "booking" => {
                self.bookings.booking(event, &self.organization.catalogue)?;
                self.alarms.booking(event)?;
            }
            "assignment" => self.bookings.assignment(event, &self.organization.catalogue)?,
            "blocker" => self.bookings.blocker(event, &self.organization.catalogue)?,
            "waitlist" => self.bookings.waitlist(event)?,
            "series" => self.bookings.series(event)?,
            "pass" => self.passes.apply(event)?,
            "credit" => {
                self.credit.apply(event)?;
                self.alarms.credit(event)?;
            }
            "usage" => self.usage.apply(event)?,
            "charge" => self.charges.apply(event)?,
            "invoice" => {
                self.charges.invoiced(event)?;
                self.organization.invoiced(event)?;
                self.invoices.issued(event)?;
                self.alarms.issued(event, &self.organization.catalogue)?;
            }
            "credit_note" => {
                let CreditNoteEvent::CreditNoteIssued(note) = decode(event)?;
                self.charges.credited(&note);
                self.organization
                    .numbered(note.legal_entity_id, note.series.clone(), note.sequence);
                self.invoices.credited(&note);
                self.alarms.credited(&note, &self.organization.catalogue)?;
            }
            "deposit" => {
                if let Some(applied) = self.deposits.apply(event)? {
                    self.invoices.paid_from_deposit(&applied);
                }
            }
            "invoice_run" => self.runs.apply(event)?,
            "price_change" => self.price_changes.apply(event)?,
            "payment" => {
                let failed = self.invoices.paid(event)?;
                self.alarms.paid(event, failed)?;
            }
            "journal" => self.alarms.posted(event)?,
            _ => {}
        }
        self.position = event.position;
        Ok(())
    }

    /// The rows that should be there, by table. `now` is the organization's clock.
    fn rows(&self, now: jiff::Timestamp) -> Result<Rows, UseCaseError> {
        let mut rows = Rows::new(self.tenant);
        self.organization.rows(self.tenant, &mut rows);
        self.members.rows(self.tenant, &mut rows);
        self.coupons.rows(&mut rows);
        self.memberships.rows(&mut rows);
        self.bookings.rows(&mut rows);
        self.passes.rows(&mut rows);
        self.visits.rows(self.tenant, &mut rows);
        self.credit.rows(&mut rows);
        self.deposits.rows(&mut rows);
        self.usage.rows(&mut rows);
        self.charges.rows(&mut rows);
        self.invoices.rows(&mut rows);
        self.runs.rows(&mut rows);
        self.price_changes.rows(&mut rows);
        self.alarms.rows(now, &mut rows);
        rows.checked()
    }
}
