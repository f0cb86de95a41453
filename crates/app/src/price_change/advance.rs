//! One bounded step: some memberships told, or some told that it is off. A job does one after the other; a page may do one, too.

use super::{
    guard::{self, Row},
    memberships,
};
use crate::{
    App, Caller, Operation, Outcome, UseCaseError, access, membership::follow_plan_in_op, operation::STREAM_LIMIT,
    trouble,
};
use coterie_domain::{
    MembershipId, PriceChangeId,
    catalogue::Catalogue,
    local_time,
    membership::{Membership, MembershipEvent},
    price_change::{
        self, LeftOut, MembershipsReleased, MembershipsTold, Phase, PriceChangeCompleted, PriceChangeEvent, Reason, Why,
    },
};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

/// Memberships of one transaction: each has events, lots and a letter that follow from it, and a change of any of them meanwhile
/// means that the step is decided anew.
pub const BATCH: i64 = 200;

/// Takes an announcement one step on. The outcome is whether there is more to do now. Whoever does it twice, or after a crash, does
/// only what is missing: the announcement's row is locked, and who was told does not wait any more.
///
/// # Errors
/// `NotFound` for an unknown one; operators only; whatever the database says.
pub async fn advance(app: &App, caller: &Caller, id: PriceChangeId, limit: i64) -> Outcome<bool> {
    trouble::carry_out(app, caller, || async {
        let (op, more) = step(app, caller, id, limit).await?;
        op.commit(more).await
    })
    .await
}

/// The same step, decided and not committed: dropping it is what a crash before the commit is.
///
/// # Errors
/// As [`advance`].
pub async fn step(
    app: &App,
    caller: &Caller,
    id: PriceChangeId,
    limit: i64,
) -> Result<(Operation, bool), UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let row = guard::lock(&mut op, id).await?;
    let limit = limit.clamp(1, STREAM_LIMIT);
    let more = match row.phase {
        Phase::Telling => tell_in_op(&mut op, id, limit).await?,
        Phase::CallingOff => release_in_op(&mut op, id, limit).await?,
        Phase::Told | Phase::CalledOff => false,
    };
    Ok((op, more))
}

async fn tell_in_op(op: &mut Operation, id: PriceChangeId, limit: i64) -> Result<bool, UseCaseError> {
    let terms = super::announced(op, id).await?.terms;
    let waiting = guard::of_standing(op, id, "waiting", terms.price.currency, limit).await?;
    let mut batch = Batch::default();
    let found = memberships(op, &ids(&waiting)).await?;
    let catalogue = op.catalogue().await?;
    for row in &waiting {
        let (id_of, planned) = (row.membership_id, row.planned()?);
        let Some((membership, version)) = found.get(&id_of.0) else {
            batch.leave_out(id_of, Reason::Changed.into());
            continue;
        };
        let today = today_at_home(op.now, membership, &catalogue)?;
        match price_change::tell(id, &terms, &planned, membership, today, &catalogue)? {
            Ok(events) => {
                happens_in_op(op, (membership, *version), planned.from, events, &catalogue).await?;
                batch.done.push(id_of);
            }
            Err(why) => batch.leave_out(id_of, why),
        }
    }
    let fact = (!waiting.is_empty()).then(|| MembershipsTold {
        price_change_id: id,
        told: batch.done.clone(),
        left_out: batch.left_out.clone(),
    });
    let full = full(&waiting, limit);
    finish(
        op,
        id,
        batch.standings("told"),
        fact.map(PriceChangeEvent::from),
        !full,
        Phase::Told,
    )
    .await?;
    Ok(full)
}

async fn release_in_op(op: &mut Operation, id: PriceChangeId, limit: i64) -> Result<bool, UseCaseError> {
    let terms = super::announced(op, id).await?.terms;
    let told = guard::of_standing(op, id, "told", terms.price.currency, limit).await?;
    let mut batch = Batch::default();
    let found = memberships(op, &ids(&told)).await?;
    let catalogue = op.catalogue().await?;
    for row in &told {
        let (id_of, planned) = (row.membership_id, row.planned()?);
        let Some((membership, version)) = found.get(&id_of.0) else {
            batch.leave_out(id_of, Reason::Changed.into());
            continue;
        };
        let today = today_at_home(op.now, membership, &catalogue)?;
        match price_change::release(id, membership, today) {
            Ok(events) => {
                happens_in_op(op, (membership, *version), planned.from, events, &catalogue).await?;
                batch.done.push(id_of);
            }
            Err(why) => batch.leave_out(id_of, why),
        }
    }
    let fact = (!told.is_empty()).then(|| MembershipsReleased {
        price_change_id: id,
        released: batch.done.clone(),
        left_out: batch.left_out.clone(),
    });
    let full = full(&told, limit);
    let fact = fact.map(PriceChangeEvent::from);
    finish(op, id, batch.standings("released"), fact, !full, Phase::CalledOff).await?;
    Ok(full)
}

fn ids(rows: &[Row]) -> Vec<Uuid> {
    rows.iter().map(|row| row.membership_id.0).collect()
}

fn full(rows: &[Row], limit: i64) -> bool {
    i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit
}

fn today_at_home(now: Timestamp, membership: &Membership, catalogue: &Catalogue) -> Result<Date, UseCaseError> {
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    Ok(local_time::day_at(now, &zone))
}

/// Writes a membership's events; the lots of a cycle that is granted ahead follow. The day lies beyond every open cycle, so there is
/// nothing to give back and nothing to charge.
async fn happens_in_op(
    op: &mut Operation,
    (before, version): (&Membership, i64),
    from: Date,
    events: Vec<MembershipEvent>,
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    let mut after = before.clone();
    for event in &events {
        after = after.after(event.clone());
    }
    op.write(before.fact.membership_id.0, version, events)?;
    follow_plan_in_op(op, before, &after, from, catalogue).await
}

/// What becomes of a step's memberships.
#[derive(Default)]
struct Batch {
    done: Vec<MembershipId>,
    left_out: Vec<LeftOut>,
}

impl Batch {
    fn leave_out(&mut self, membership_id: MembershipId, why: Why) {
        self.left_out.push(LeftOut { membership_id, why });
    }
    fn standings(&self, done: &'static str) -> Vec<(MembershipId, &'static str, Option<Why>)> {
        let done = self.done.iter().map(|id| (*id, done, None));
        let left_out = self.left_out.iter();
        let left_out = left_out.map(|one| (one.membership_id, "left_out", Some(one.why)));
        done.chain(left_out).collect()
    }
}

async fn finish(
    op: &mut Operation,
    id: PriceChangeId,
    standings: Vec<(MembershipId, &'static str, Option<Why>)>,
    fact: Option<PriceChangeEvent>,
    completed: bool,
    phase: Phase,
) -> Result<(), UseCaseError> {
    guard::set_standings(op, id, &standings).await?;
    let mut events: Vec<PriceChangeEvent> = fact.into_iter().collect();
    if completed {
        guard::set_phase(op, id, phase).await?;
        events.push(PriceChangeCompleted { price_change_id: id }.into());
    }
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, events)
}
