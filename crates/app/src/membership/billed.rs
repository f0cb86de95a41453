//! `billed_days`: the days that stand charged. Its exclusion constraint is rule 4: no day of a membership twice.

use crate::{Operation, UseCaseError};
use coterie_domain::membership::Membership;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;

/// Writes anew what stands charged from a day on, and what ends where that begins: it may have been cut there.
///
/// # Errors
/// When a day would be charged twice; whatever the database says.
pub(super) async fn write_in_op(op: &mut Operation, membership: &Membership, from: Date) -> Result<(), UseCaseError> {
    let (tenant, id) = (op.tenant(), membership.fact.membership_id);
    sqlx::query("delete from billed_days where tenant_id = $1 and membership_id = $2 and end_day >= $3")
        .bind(tenant)
        .bind(id.0)
        .bind(from.to_sqlx())
        .execute(op.conn())
        .await?;
    let stretches = membership.billed.iter().filter(|stretch| stretch.days.end >= from);
    let (firsts, ends): (Vec<_>, Vec<_>) = stretches
        .map(|stretch| (stretch.days.start.to_sqlx(), stretch.days.end.to_sqlx()))
        .unzip();
    sqlx::query(
        "insert into billed_days (tenant_id, membership_id, first_day, end_day)
         select $1, $2, b.first_day, b.end_day from unnest($3::date[], $4::date[]) as b (first_day, end_day)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(firsts)
    .bind(ends)
    .execute(op.conn())
    .await?;
    Ok(())
}
