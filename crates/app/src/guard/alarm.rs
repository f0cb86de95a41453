//! `alarm`: what is to happen by time. One that lies ahead of the organization's clock has to be there. Of one that is
//! due, the log says whether it has been fired where firing leaves an event: a cycle's end opens the next or ends the
//! membership, an earned month is in the books, a hold is over, nobody checked in. A billing day that found nothing to bill, and a try that was due, leave
//! none: those may be there or not.

use super::shadow::Rows;
use crate::{UseCaseError, alarm::Kind, operation::decode};
use coterie_domain::{
    InvoiceId, JournalEntryId, MembershipId,
    booking::Booking,
    catalogue::Catalogue,
    credit::CreditEvent,
    credit_note::{CreditNoteIssued, Credited},
    invoice::{InvoiceEvent, InvoiceIssued},
    ledger::{self, JournalEvent},
    local_time,
    membership::{Membership, MembershipEvent},
    payment::{self, Payment, PaymentEvent},
    period, retention,
};
use coterie_eventlog::RecordedEvent;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How far before the fact's recorded time its deciding may have begun: two that meet are recorded at the later's.
const DECIDING_SECONDS: i64 = 60;

#[derive(Default)]
pub(super) struct Alarms {
    memberships: BTreeMap<MembershipId, Membership>,
    /// Every alarm that was ever called for, and the part of it that shows in the log once it was fired.
    called: BTreeMap<(Kind, Uuid, Timestamp), Evidence>,
    earned: BTreeSet<(InvoiceId, String)>,
    /// Invoices with something to earn, and what was taken back of them.
    invoices: BTreeMap<InvoiceId, (InvoiceIssued, Credited)>,
    /// The end of the last cycle opened, of memberships that have not ended.
    open_until: BTreeMap<Uuid, Timestamp>,
    /// Of bookings that wait: for a word, or for somebody to check in.
    bookings: BTreeMap<Uuid, Booking>,
}

enum Evidence {
    /// Gone when the membership's last open cycle is another.
    Cycle,
    /// Gone when the membership has ended.
    Notice,
    /// Gone when the month is in the books.
    Month(String),
    None,
}

impl Alarms {
    pub fn membership(&mut self, event: &RecordedEvent, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        let fact: MembershipEvent = decode(event)?;
        let id = MembershipId(event.stream_id);
        if let MembershipEvent::CycleOpened(opened) = &fact
            && let Some(membership) = self.memberships.get(&id)
        {
            let zone = catalogue.zone_of(membership.fact.home_location_id)?;
            let ends = local_time::day_start(opened.cycle.end, &zone)?;
            self.called.insert((Kind::CycleEnd, id.0, ends), Evidence::Cycle);
            self.called.insert((Kind::Bill, id.0, ends), Evidence::None);
            self.open_until.insert(id.0, ends);
        }
        match &fact {
            MembershipEvent::MembershipEnded(_) => {
                self.open_until.remove(&id.0);
            }
            MembershipEvent::NoticeWithdrawn(_) => {
                self.called
                    .retain(|(_, subject, _), evidence| *subject != id.0 || !matches!(evidence, Evidence::Notice));
            }
            _ => {}
        }
        if let Some(next) = Membership::evolve(self.memberships.remove(&id), fact) {
            // A last day inside of the open cycle ends it before its time.
            if let (Some(last), Some(cycle), None) = (next.notice, next.cycle, next.ended)
                && last < cycle.last()
            {
                let zone = catalogue.zone_of(next.fact.home_location_id)?;
                let ends = local_time::day_start(last.tomorrow().unwrap_or(cycle.end), &zone)?;
                self.called.insert((Kind::CycleEnd, id.0, ends), Evidence::Notice);
            }
            self.memberships.insert(id, next);
        }
        Ok(())
    }

    pub fn issued(&mut self, event: &RecordedEvent, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        let InvoiceEvent::InvoiceIssued(issued) = decode(event)?;
        let zone = local_time::zone(&catalogue.legal_entity(issued.legal_entity_id)?.fact.time_zone)?;
        self.call_for_earning(&issued, &Credited::new(), &zone)?;
        // What was issued before there were seals is kept under no key, so nothing was set for it.
        if event.event_version > 1 {
            let due = local_time::day_start(issued.retain_until.saturating_add(1.day()), &zone)?;
            let subject = retention::subject(issued.legal_entity_id, issued.issue_date.year());
            self.called.insert((Kind::RetentionEnd, subject, due), Evidence::None);
        }
        if !ledger::months_to_earn(&issued).is_empty() {
            self.invoices.insert(issued.invoice_id, (issued, Credited::new()));
        }
        Ok(())
    }

    /// Of a month that is taken back whole, nothing is earned and nothing shows.
    pub fn credited(&mut self, note: &CreditNoteIssued, catalogue: &Catalogue) -> Result<(), UseCaseError> {
        let zone = local_time::zone(&catalogue.legal_entity(note.legal_entity_id)?.fact.time_zone)?;
        let due = local_time::day_start(note.retain_until.saturating_add(1.day()), &zone)?;
        let subject = retention::subject(note.legal_entity_id, note.issue_date.year());
        self.called.insert((Kind::RetentionEnd, subject, due), Evidence::None);
        if let Some((issued, mut credited)) = self.invoices.remove(&note.invoice_id) {
            for line in &note.lines {
                *credited.entry(line.charge_id).or_default() += line.net_minor;
            }
            self.call_for_earning(&issued, &credited, &zone)?;
            self.invoices.insert(note.invoice_id, (issued, credited));
        }
        Ok(())
    }

    fn call_for_earning(
        &mut self,
        issued: &InvoiceIssued,
        credited: &Credited,
        zone: &TimeZone,
    ) -> Result<(), UseCaseError> {
        for month in ledger::months_to_earn(issued) {
            let due = local_time::day_start(month.end, zone)?;
            let id = issued.invoice_id;
            if self.earned.contains(&(id, period::month_name(month.start))) {
                continue;
            }
            let evidence = match ledger::revenue_earned(JournalEntryId(Uuid::nil()), issued, credited, month) {
                Some(entry) => Evidence::Month(entry.period),
                None => Evidence::None,
            };
            self.called.insert((Kind::EarnRevenue, id.0, due), evidence);
        }
        Ok(())
    }

    pub fn posted(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let JournalEvent::JournalEntryPosted(entry) = decode(event)?;
        if entry.rule.starts_with("revenue_earned@") {
            self.earned.insert((InvoiceId(entry.source.stream_id), entry.period));
        }
        Ok(())
    }

    pub fn booking(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        let before = self.bookings.remove(&event.stream_id);
        let waits = |booking: &Booking| {
            booking.held().is_some() || booking.check_live().is_ok() && booking.fact.check_in_by.is_some()
        };
        if let Some(now) = Booking::evolve(before, decode(event)?).filter(waits) {
            self.bookings.insert(event.stream_id, now);
        }
        Ok(())
    }

    /// A pack lapses when its days are over; of one of which nothing is left then, nothing shows.
    pub fn credit(&mut self, event: &RecordedEvent) -> Result<(), UseCaseError> {
        if event.event_type == "CreditPackBought"
            && let CreditEvent::CreditPackBought(fact) = decode(event)?
        {
            self.called
                .insert((Kind::CreditEnd, fact.lot_id.0, fact.valid_until), Evidence::None);
        }
        Ok(())
    }

    /// A soft decline is tried again some days after it was heard of.
    pub fn paid(&mut self, event: &RecordedEvent, payment: Option<&Payment>) -> Result<(), UseCaseError> {
        if let (PaymentEvent::PaymentFailed(failed), Some(payment)) = (decode(event)?, payment)
            && let Some(days) = payment::retry_after_days(payment.fact.attempt, failed.kind)
        {
            let due = event
                .occurred_at
                .checked_add((days * 24).hours())
                .map_err(|error| UseCaseError::Broken(error.to_string()))?;
            self.called
                .insert((Kind::RetryPayment, payment.fact.invoice_id.0, due), Evidence::None);
        }
        Ok(())
    }

    /// Moves the time of a try that was called for to the live row's, where they are one decision apart.
    pub fn settle_retries(&mut self, live: &[(Uuid, Timestamp)]) {
        for (subject, due) in live {
            let near = self.called.keys().copied().find(|(kind, id, called)| {
                let apart = called.as_microsecond() - due.as_microsecond();
                *kind == Kind::RetryPayment && id == subject && (0..DECIDING_SECONDS * 1_000_000).contains(&apart)
            });
            if let Some(near) = near {
                self.called.remove(&near);
                self.called.insert((near.0, near.1, *due), Evidence::None);
            }
        }
    }

    pub fn rows(&self, now: Timestamp, rows: &mut Rows) {
        for (id, booking) in &self.bookings {
            let (kind, due) = match (booking.held(), booking.fact.check_in_by, &booking.checked_in) {
                (Some(held), ..) => (Kind::HoldEnd, held.expires_at),
                (None, Some(by), None) => (Kind::CheckInEnd, by),
                _ => continue,
            };
            let row = json!({ "kind": kind.name(), "subject_id": id, "due_at": due, "rank": kind.rank() });
            rows.push("alarm", &row);
        }
        for ((kind, subject, due), evidence) in &self.called {
            let waiting = match evidence {
                Evidence::Cycle => Some(self.open_until.get(subject) == Some(due)),
                Evidence::Notice => Some(self.open_until.contains_key(subject)),
                Evidence::Month(period) => Some(!self.earned.contains(&(InvoiceId(*subject), period.clone()))),
                Evidence::None => (*due > now).then_some(true),
            };
            let row = json!({ "kind": kind.name(), "subject_id": subject, "due_at": due, "rank": kind.rank() });
            match waiting {
                Some(true) => rows.push("alarm", &row),
                Some(false) => {}
                None => rows.allow("alarm", &row),
            }
        }
    }
}
