//! The row of a day, and who has a pass of it, at the moment of writing.

use crate::{Operation, UseCaseError};
use coterie_domain::{
    MemberId, Refusal,
    catalogue::Catalogue,
    pass::{self, Admission, PassBought, Taken},
};
use jiff::{ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeMap;

/// Queues everybody who wants a pass of one day on its row.
pub(super) async fn lock_day(op: &mut Operation, admission: &Admission) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into pass_day (tenant_id, location_id, day, sold) values ($1, $2, $3, 0) on conflict do nothing",
    )
    .bind(tenant)
    .bind(admission.terms.location_id.0)
    .bind(admission.day.to_sqlx())
    .execute(op.conn())
    .await?;
    sqlx::query("select from pass_day where tenant_id = $1 and location_id = $2 and day = $3 for update")
        .bind(tenant)
        .bind(admission.terms.location_id.0)
        .bind(admission.day.to_sqlx())
        .execute(op.conn())
        .await?;
    Ok(())
}

/// How the day stands.
///
/// # Errors
/// A refusal of a day that is sold out, with the next one that is not; she who has a pass of it is told by the decision.
pub(super) async fn check_left(
    op: &mut Operation,
    admission: &Admission,
    member: MemberId,
    catalogue: &Catalogue,
) -> Result<Taken, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select coalesce((select sold from pass_day where tenant_id = $1 and location_id = $2 and day = $3 limit 1), 0)::bigint as sold,
                exists (select from pass_guard where tenant_id = $1 and location_id = $2 and day = $3 and member_id = $4) as by_her",
    )
    .bind(tenant)
    .bind(admission.terms.location_id.0)
    .bind(admission.day.to_sqlx())
    .bind(member.0)
    .fetch_one(op.conn())
    .await?;
    let taken = Taken {
        sold: row.try_get("sold")?,
        by_her: row.try_get("by_her")?,
    };
    if taken.sold < i64::from(admission.terms.capacity) || taken.by_her {
        return Ok(taken);
    }
    let next = next_day_left(op, admission, catalogue).await?;
    Err(pass::sold_out(admission, next, catalogue)?.into())
}

/// The first later day, as far ahead as passes are sold, on which the house is open and a pass is left.
async fn next_day_left(
    op: &mut Operation,
    admission: &Admission,
    catalogue: &Catalogue,
) -> Result<Option<Date>, UseCaseError> {
    let terms = &admission.terms;
    let today = coterie_domain::local_time::day_at(op.now, &catalogue.zone_of(terms.location_id)?);
    let last = today.saturating_add(terms.horizon_days.days());
    let tenant = op.tenant();
    let rows: Vec<(jiff_sqlx::Date, i32)> = sqlx::query_as(
        "select day, sold from pass_day where tenant_id = $1 and location_id = $2 and day > $3 and day <= $4",
    )
    .bind(tenant)
    .bind(terms.location_id.0)
    .bind(admission.day.to_sqlx())
    .bind(last.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    let sold: BTreeMap<Date, i32> = rows.into_iter().map(|(day, sold)| (day.to_jiff(), sold)).collect();
    let mut day = admission.day;
    while let Some(next) = catalogue
        .next_open_day(terms.location_id, day)
        .filter(|next| *next <= last)
    {
        if sold.get(&next).is_none_or(|sold| *sold < terms.capacity) {
            return Ok(Some(next));
        }
        day = next;
    }
    Ok(None)
}

/// Takes a pass of a day that is locked.
pub(super) async fn take(op: &mut Operation, fact: &PassBought) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("insert into pass_guard (tenant_id, pass_id, location_id, day, member_id) values ($1, $2, $3, $4, $5)")
        .bind(tenant)
        .bind(fact.pass_id.0)
        .bind(fact.location_id.0)
        .bind(fact.day.to_sqlx())
        .bind(fact.member_id.0)
        .execute(op.conn())
        .await?;
    count(op, fact, 1).await
}

/// Gives a place of the day back; holds the day's row.
pub(super) async fn release(op: &mut Operation, fact: &PassBought) -> Result<(), UseCaseError> {
    count(op, fact, -1).await?;
    let tenant = op.tenant();
    sqlx::query("delete from pass_guard where tenant_id = $1 and pass_id = $2")
        .bind(tenant)
        .bind(fact.pass_id.0)
        .execute(op.conn())
        .await?;
    Ok(())
}

async fn count(op: &mut Operation, fact: &PassBought, by: i32) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("update pass_day set sold = sold + $4 where tenant_id = $1 and location_id = $2 and day = $3")
        .bind(tenant)
        .bind(fact.location_id.0)
        .bind(fact.day.to_sqlx())
        .bind(by)
        .execute(op.conn())
        .await?;
    Ok(())
}

/// What the constraint says where a lock was not enough.
pub(super) fn at_the_same_moment(error: UseCaseError) -> UseCaseError {
    if error.is_constraint("one_pass_a_day") {
        Refusal::conflict("already_bought", "There is a pass for this day already.").into()
    } else {
        error
    }
}
