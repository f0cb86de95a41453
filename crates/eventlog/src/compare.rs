//! Does a read model say what the log says? It is folded anew into twins, up to where each organization's live
//! checkpoint stands, and compared row by row; the twins are thrown away.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::course::Course;
use crate::follow::{FollowError, Follower, step_in_op};
use crate::rebuild::{RebuildError, alone, clean_up, drain, leave, parked, refuse_reaction, tenants_of};
use crate::shadow::{Difference, Shadow};
use crate::tenant::set_tenant_in_op;

const BATCH: i64 = 2_000;

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Organizations compared.
    pub tenants: u64,
    /// Live rows compared.
    pub rows: i64,
    /// What differs, by organization; at most as many rows as asked for in each table of each organization.
    pub differences: Vec<(Uuid, Difference)>,
}

/// Folds a read model whose tables are `tables` anew and compares it with what is live. Followers and pages go on
/// meanwhile; an organization's follower waits while its own last events are folded and its rows are compared.
///
/// `owner` owns the tables, `worker` connects as the worker role. `limit` rows at most are named for each table of each
/// organization.
///
/// # Errors
/// [`RebuildError`]; nothing is left behind.
pub async fn compare(
    owner: &PgPool,
    worker: &PgPool,
    follower: &dyn Follower,
    tables: &[&str],
    limit: i64,
) -> Result<Comparison, RebuildError> {
    let name = follower.name();
    refuse_reaction(follower)?;
    let mut runner = owner.acquire().await?.detach();
    let course_name = format!("{name}@compare");
    alone(&mut runner, &course_name).await?;
    let shadow = Shadow::new(format!("compare_{name}"), tables);
    let course = Course::shadow(follower, &course_name, shadow.schema(), BATCH).never_past(name);
    // What an earlier one that was killed has left.
    clean_up(&mut runner, worker, &course_name, &shadow).await?;
    let compared = run(&mut runner, worker, &course, name, &shadow, limit).await;
    clean_up(&mut runner, worker, &course_name, &shadow).await?;
    leave(&mut runner, &course_name).await?;
    compared
}

async fn run(
    owner: &mut PgConnection,
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
    limit: i64,
) -> Result<Comparison, RebuildError> {
    shadow.create(owner).await?;
    drain(worker, course).await?;
    if let Some(parked) = parked(worker, course.name).await?.into_iter().next() {
        return Err(parked.into());
    }
    shadow.analyze(owner).await?;
    let mut comparison = Comparison::default();
    for tenant in tenants_of(worker, &[name]).await? {
        one(worker, course, name, shadow, tenant, limit, &mut comparison).await?;
    }
    Ok(comparison)
}

async fn one(
    worker: &PgPool,
    course: &Course<'_>,
    name: &str,
    shadow: &Shadow,
    tenant: Uuid,
    limit: i64,
    comparison: &mut Comparison,
) -> Result<(), RebuildError> {
    let Some(mut tx) = course.begin(worker).await? else {
        return Err(RebuildError::Busy(name.to_owned()));
    };
    set_tenant_in_op(&mut tx, tenant).await?;
    // Waits for a follower that is at it, and keeps it where it is until the rows are compared.
    let live: Option<i64> = sqlx::query_scalar(
        "select position from public.checkpoint where tenant_id = $1 and projection = $2 for update",
    )
    .bind(tenant)
    .bind(name)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(live) = live else { return Ok(()) };
    loop {
        match step_in_op(&mut tx, course, tenant, live).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(FollowError::Database(error)) => return Err(error.into()),
            Err(FollowError::Poison { position, reason }) => {
                return Err(RebuildError::Poison {
                    tenant,
                    position,
                    reason,
                });
            }
        }
    }
    let found = shadow.compare_in_op(&mut tx, tenant, limit).await?;
    comparison.rows += shadow.count_live_in_op(&mut tx, tenant).await?;
    tx.commit().await?;
    comparison.tenants += 1;
    comparison
        .differences
        .extend(found.into_iter().map(|difference| (tenant, difference)));
    Ok(())
}
