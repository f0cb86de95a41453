//! Closing a location on days, one by one or by a calendar of holidays.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access};
use coterie_domain::{
    ClosureId, LocationId, Refusal,
    catalogue::Catalogue,
    local_time,
    location::{self, LocationClosed, LocationEvent},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most closures that one calendar brings.
const MAX_IMPORTED: usize = 500;

/// Days and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClosure {
    pub first_day: Date,
    pub last_day: Date,
    pub reason: String,
    /// The calendar's own name for it.
    pub external_id: Option<String>,
}

/// What closing came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    pub closures: Vec<ClosureId>,
    /// Entries that were known already, or lie in the past.
    pub passed_over: usize,
    /// Bookings that stand on the days that are closed now; cancelling them costs their members nothing.
    pub bookings: i64,
}

/// Closes a location on whole days. Bookings that stand are not touched: each member is owed a word first.
///
/// # Errors
/// An unknown location, faulty fields; operators only.
pub async fn close(app: &App, caller: &Caller, id: LocationId, new: NewClosure) -> Outcome<Closed> {
    carry_out(app, caller, id, vec![new], false).await
}

/// Closes a location on the days of a calendar (iCalendar, RFC 5545): each entry once, those that are over not at all.
///
/// # Errors
/// A text that is no calendar or has no day in it, an unknown location; operators only.
pub async fn import_closures(app: &App, caller: &Caller, id: LocationId, calendar: &str) -> Outcome<Closed> {
    let entries =
        super::calendar::days(calendar).map_err(|sentence| Refusal::field("no_calendar", "calendar", sentence))?;
    if entries.len() > MAX_IMPORTED {
        let sentence = format!(
            "The calendar has {} entries; {MAX_IMPORTED} at most come in at once.",
            entries.len()
        );
        return Err(Refusal::field("too_many", "calendar", sentence).into());
    }
    carry_out(app, caller, id, entries, true).await
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    id: LocationId,
    entries: Vec<NewClosure>,
    only_new: bool,
) -> Outcome<Closed> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let catalogue = op.catalogue_to_change().await?;
    let today = local_time::day_at(op.now, &catalogue.zone_of(id)?);
    let many = entries.len();
    let wanted = if only_new {
        not_yet_known(entries, id, today, &catalogue)
    } else {
        entries
    };
    let passed_over = many - wanted.len();
    let mut facts = Vec::new();
    for new in wanted {
        let days = (new.first_day, new.last_day);
        let closure = ClosureId(op.new_id());
        facts.push(location::close(
            closure,
            id,
            days,
            &new.reason,
            new.external_id.as_deref(),
            &catalogue,
        )?);
    }
    let mut bookings = 0;
    for fact in &facts {
        bookings += standing(&mut op, fact, &catalogue).await?;
    }
    let closed = Closed {
        closures: facts.iter().map(|fact| fact.closure_id).collect(),
        passed_over,
        bookings,
    };
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, facts.into_iter().map(LocationEvent::from))?;
    op.commit(closed).await
}

fn not_yet_known(entries: Vec<NewClosure>, id: LocationId, today: Date, catalogue: &Catalogue) -> Vec<NewClosure> {
    let mut known: BTreeSet<_> = catalogue
        .closures_of(id)
        .map(|closure| (closure.external_id.clone(), closure.first_day, closure.last_day))
        .collect();
    let mut new: Vec<_> = entries
        .into_iter()
        .filter(|entry| entry.last_day >= today)
        .filter(|entry| known.insert((entry.external_id.clone(), entry.first_day, entry.last_day)))
        .collect();
    new.sort_by_key(|entry| entry.first_day);
    new
}

/// How many bookings of the location lie on those days.
async fn standing(op: &mut Operation, fact: &LocationClosed, catalogue: &Catalogue) -> Result<i64, UseCaseError> {
    let tenant = op.tenant();
    let zone = catalogue.zone_of(fact.location_id)?;
    let from = local_time::day_start(fact.first_day, &zone)?;
    let until = local_time::day_start(fact.last_day.tomorrow().unwrap_or(fact.last_day), &zone)?;
    let here: Vec<uuid::Uuid> = catalogue
        .resources
        .values()
        .filter(|resource| resource.location_id == fact.location_id)
        .map(|resource| resource.resource_id.0)
        .collect();
    Ok(sqlx::query_scalar(
        "select count(distinct r.booking_id) from reserved($1, $2, $3, $4) r
         where not exists (select from blocker b where b.tenant_id = $1 and b.blocker_id = r.booking_id)
           and not exists (select from assignment a where a.tenant_id = $1 and a.assignment_id = r.booking_id)",
    )
    .bind(tenant)
    .bind(here)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_one(op.conn())
    .await?)
}
