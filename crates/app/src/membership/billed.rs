//! `billed_days`: the days that stand charged, of the plan and of each add-on. Its exclusion constraint is rule 4: no day of
//! any of them twice.

use crate::{Operation, UseCaseError};
use coterie_domain::membership::{Membership, Stretch};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

/// What is charged of a stretch, as the table keys it: the plan itself is the nil id.
pub(crate) fn key_of(stretch: &Stretch) -> Uuid {
    stretch.add_on.map_or_else(Uuid::nil, |add_on| add_on.0)
}

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
    let (mut items, mut firsts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for stretch in stretches {
        items.push(key_of(stretch));
        firsts.push(stretch.days.start.to_sqlx());
        ends.push(stretch.days.end.to_sqlx());
    }
    sqlx::query(
        "insert into billed_days (tenant_id, membership_id, add_on_id, first_day, end_day)
         select $1, $2, b.add_on_id, b.first_day, b.end_day
         from unnest($3::uuid[], $4::date[], $5::date[]) as b (add_on_id, first_day, end_day)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(items)
    .bind(firsts)
    .bind(ends)
    .execute(op.conn())
    .await?;
    Ok(())
}
