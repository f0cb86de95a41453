use crate::{App, Caller, Operation, Outcome, Start, UseCaseError, access, booking::guard, waitlist};
use coterie_domain::{
    AssignmentId, MembershipId, ResourceId,
    assignment::{self, Assignment, AssignmentEnded, AssignmentEvent},
    local_time,
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// Ends an assignment after a day, or after today; `of` is the resource that it is said to be of. The answer is its last day.
///
/// # Errors
/// `NotFound` for an unknown one or another resource's; a day that has passed; one that ends by then; operators only.
pub async fn end(
    app: &App,
    caller: &Caller,
    id: AssignmentId,
    of: Option<ResourceId>,
    last_day: Option<Date>,
) -> Outcome<Date> {
    access::operates(caller)?;
    let mut op = match Operation::begin(app, caller).await? {
        Start::Fresh(op) => op,
        Start::Replay(done) => return Ok(done),
    };
    let (assignment, version) = load(&mut op, id)
        .await?
        .filter(|(assignment, _)| of.is_none_or(|resource| resource == assignment.fact.resource_id))
        .ok_or(UseCaseError::NotFound)?;
    let today = local_time::day_at(op.now, &local_time::zone(&assignment.fact.time_zone)?);
    let ended = assignment::end(&assignment, last_day.unwrap_or(today), op.now)?;
    let last_day = ended.last_day;
    write(&mut op, assignment, version, ended).await?;
    op.commit(last_day).await
}

/// Ends what was assigned to a membership that is over.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_with_membership_in_op(
    op: &mut Operation,
    membership: MembershipId,
    last_day: Date,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select assignment_id from assignment
         where tenant_id = $1 and membership_id = $2 and (last_day is null or last_day > $3) order by assignment_id for update",
    )
    .bind(tenant)
    .bind(membership.0)
    .bind(last_day.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    for id in ids {
        let found = load(op, AssignmentId(id)).await?;
        let (assignment, version) =
            found.ok_or_else(|| UseCaseError::Broken(format!("assignment {id} is not in the log")))?;
        if let Some(ended) = assignment::end_with_membership(&assignment, last_day)? {
            write(op, assignment, version, ended).await?;
        }
    }
    Ok(())
}

async fn load(op: &mut Operation, id: AssignmentId) -> Result<Option<(Assignment, i64)>, UseCaseError> {
    op.load::<AssignmentEvent, Assignment>(id.0, Assignment::evolve).await
}

/// What it held from then on is free; an end only ever makes it shorter.
async fn write(
    op: &mut Operation,
    assignment: Assignment,
    version: i64,
    ended: AssignmentEnded,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let id = ended.assignment_id;
    let catalogue = op.catalogue().await?;
    let resources = catalogue.occupied_by(assignment.fact.resource_id);
    let before = assignment.fact.held();
    sqlx::query("update assignment set last_day = $3 where tenant_id = $1 and assignment_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(ended.last_day.to_sqlx())
        .execute(op.conn())
        .await?;
    let after = Assignment::evolve(Some(assignment), ended.clone().into());
    let after = after.and_then(|after| after.fact.held());
    let line = match (before, after) {
        (Some((_, until)), Some((_, ends))) => Some((ends, until)),
        (before, _) => before,
    };
    let line = match line.filter(|(from, until)| from < until) {
        Some(freed) => Some(waitlist::line_in_op(op, &resources, freed, &catalogue).await?),
        None => None,
    };
    match after {
        Some((from, until)) => {
            sqlx::query("update reservation set blocked = tstzrange($3, $4) where tenant_id = $1 and booking_id = $2")
                .bind(tenant)
                .bind(id.0)
                .bind(from.to_sqlx())
                .bind(until.to_sqlx())
                .execute(op.conn())
                .await?;
        }
        None => guard::release(op, id.0).await?,
    }
    op.write(id.0, version, [AssignmentEvent::from(ended)])?;
    match line {
        Some(line) => line.offer_in_op(op).await,
        None => Ok(()),
    }
}
