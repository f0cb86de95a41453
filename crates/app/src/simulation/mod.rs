//! What if: a month that is over, priced by what is published and by a draft. Nothing is written, and nothing is decided by it.
//!
//! The month is led through in steps of so many memberships and bookings, each in a transaction of its own, so that memory does not
//! grow with it; what is kept of each membership is a row without its lines.

mod facts;

use crate::{App, Caller, Operation, UseCaseError, access, resource};
use coterie_domain::{
    MembershipId, Refusal,
    simulation::{self, Draft, Outcome, Row, Summary, Terms},
};
use facts::{Batch, Found};
use std::sync::Arc;
use tokio::task::JoinSet;

/// The most memberships and bookings of a month that are priced at once; rather none than wrong figures.
pub const MOST_MEMBERSHIPS: usize = 5_000;
pub const MOST_BOOKINGS: usize = 50_000;
/// The most of each in one step.
const STEP_MEMBERSHIPS: usize = 100;
const STEP_BOOKINGS: usize = 2_000;
/// Steps that are under way at a time: the database answers one while another is priced.
const STEPS_AT_ONCE: usize = 3;

/// A month, priced.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    pub terms: Arc<Terms>,
    pub summary: Summary,
    /// One for each membership of the month, in the order of their ids.
    pub rows: Vec<Row>,
}

/// Prices a month by what is published and by a draft, for all memberships or for some.
///
/// # Errors
/// What cannot be published, a month of which no day has passed or that has more in it than is priced at once; operators only.
pub async fn simulate(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    only: Option<&[MembershipId]>,
) -> Result<Simulation, UseCaseError> {
    let terms = terms(app, caller, draft).await?;
    let found = facts::find(app, caller, &terms, only).await?;
    let batches = batches(found)?;
    let (mut summary, mut rows) = (Summary::default(), Vec::new());
    let mut waiting = batches.into_iter().enumerate();
    let mut under_way = JoinSet::new();
    let mut done: Vec<(usize, Vec<Outcome>)> = Vec::new();
    let mut next = 0;
    loop {
        while under_way.len() < STEPS_AT_ONCE
            && let Some((index, batch)) = waiting.next()
        {
            let (app, caller, terms) = (app.clone(), caller.clone(), Arc::clone(&terms));
            under_way.spawn(async move { Ok::<_, UseCaseError>((index, step(&app, &caller, terms, batch).await?)) });
        }
        let Some(finished) = under_way.join_next().await else {
            break;
        };
        done.push(finished.map_err(|error| UseCaseError::Broken(format!("a step of a simulation: {error}")))??);
        // Counted in the order of the ids, whichever was first.
        while let Some(place) = done.iter().position(|(index, _)| *index == next) {
            let (_, outcomes) = done.swap_remove(place);
            rows.extend(outcomes.iter().map(|outcome| summary.add(outcome)));
            next += 1;
        }
    }
    Ok(Simulation { terms, summary, rows })
}

/// Prices the month of some memberships and tells every line of it, in the order of their ids; one that has none is left out.
///
/// # Errors
/// As [`simulate`]; `NotFound` where none of them ran in that month.
pub async fn explain(
    app: &App,
    caller: &Caller,
    draft: &Draft,
    memberships: &[MembershipId],
) -> Result<(Arc<Terms>, Vec<Outcome>), UseCaseError> {
    let terms = terms(app, caller, draft).await?;
    let found = facts::find(app, caller, &terms, Some(memberships)).await?;
    if found.is_empty() {
        return Err(UseCaseError::NotFound);
    }
    let mut outcomes = Vec::new();
    for batch in batches(found)? {
        outcomes.extend(step(app, caller, Arc::clone(&terms), batch).await?);
    }
    Ok((terms, outcomes))
}

/// Checks a draft.
async fn terms(app: &App, caller: &Caller, draft: &Draft) -> Result<Arc<Terms>, UseCaseError> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    for (index, rule) in draft.rules.iter().enumerate() {
        resource::check_company_in_op(&mut op, &rule.rule)
            .await
            .map_err(|error| match error {
                UseCaseError::Refused(mut refusal) => {
                    for fault in &mut refusal.fields {
                        fault.field = format!("rules.{index}.{}", fault.field);
                    }
                    UseCaseError::Refused(refusal)
                }
                other => other,
            })?;
    }
    let catalogue = op.catalogue().await?;
    let now = op.now;
    drop(op);
    Ok(Arc::new(simulation::draft(draft, now, catalogue)?))
}

/// Cuts what was found into steps.
fn batches(found: Vec<Found>) -> Result<Vec<Batch>, UseCaseError> {
    let bookings: usize = found.iter().map(Found::uses).sum();
    if found.len() > MOST_MEMBERSHIPS || bookings > MOST_BOOKINGS {
        let sentence = format!(
            "That month has more in it than is priced at once: at most {MOST_MEMBERSHIPS} memberships, and {MOST_BOOKINGS} bookings and passes."
        );
        return Err(Refusal::field("too_much_to_price", "month", sentence).into());
    }
    let mut batches: Vec<Batch> = Vec::new();
    for one in found {
        let fits = batches
            .last()
            .is_some_and(|last| last.found.len() < STEP_MEMBERSHIPS && last.uses() + one.uses() <= STEP_BOOKINGS);
        if !fits {
            batches.push(Batch::default());
        }
        if let Some(last) = batches.last_mut() {
            last.found.push(one);
        }
    }
    Ok(batches)
}

/// One step: reads what happened and prices it, off the threads that serve.
async fn step(app: &App, caller: &Caller, terms: Arc<Terms>, batch: Batch) -> Result<Vec<Outcome>, UseCaseError> {
    let all = facts::read(app, caller, &terms, batch).await?;
    let work = move || {
        let priced = all.iter().map(|facts| simulation::simulate(facts, &terms));
        priced.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
    };
    let priced = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| UseCaseError::Broken(format!("a step of a simulation: {error}")))?;
    Ok(priced?)
}
