use super::{COLUMNS, used};
use crate::{Operation, UseCaseError, charge};
use coterie_domain::{
    ChargeId, MemberId, MeterId, UsageId,
    membership::Membership,
    usage::{self, UsageEvent, Used},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// The most pieces that one billing day charges of a membership; the others wait for the next.
const MAX_PIECES: i64 = 20_000;

/// Charges what was used of meters under a membership before a day and is not charged yet: one charge for each meter and
/// member. What
/// comes in later goes into the next one.
///
/// # Errors
/// When the database fails, or a meter's sum is beyond any amount.
pub(crate) async fn count_in_op(op: &mut Operation, membership: &Membership, today: Date) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let sql = format!(
        "select {COLUMNS} from usage_guard where tenant_id = $1 and membership_id = $2 and charge_id is null and used_on < $3
         order by event_id limit $4 for update"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(membership.fact.membership_id.0)
        .bind(today.to_sqlx())
        .bind(MAX_PIECES)
        .fetch_all(op.conn())
        .await?;
    // A charge is one member's: whoever has a seat may pay for it herself.
    let mut by_meter: BTreeMap<(MeterId, MemberId), Vec<Used>> = BTreeMap::new();
    for row in &rows {
        let used = used(row)?;
        by_meter.entry((used.meter_id, used.member_id)).or_default().push(used);
    }
    if by_meter.is_empty() {
        return Ok(());
    }
    let catalogue = op.catalogue().await?;
    for ((meter, _), pieces) in by_meter {
        let ids = (UsageId(op.new_id()), ChargeId(op.new_id()));
        let events: Vec<String> = pieces.iter().map(|used| used.event_id.clone()).collect();
        let Some(counted) = usage::count(ids, membership, meter, pieces, today, &catalogue)? else {
            continue;
        };
        sqlx::query("update usage_guard set charge_id = $3 where tenant_id = $1 and event_id = any($2)")
            .bind(tenant)
            .bind(events)
            .bind(ids.1.0)
            .execute(op.conn())
            .await?;
        op.write(ids.0.0, 0, counted.facts.into_iter().map(UsageEvent::from))?;
        charge::make_in_op(op, &counted.charge).await?;
    }
    Ok(())
}
