use super::{load, write_opened};
use crate::{Operation, UseCaseError, alarm, assignment};
use coterie_domain::{
    LotId, MembershipId,
    credit::{CreditEvent, CreditExpired},
    local_time,
    membership::{self, MembershipEvent},
    period,
};
use jiff_sqlx::ToSqlx;
use sqlx::Row;

/// A cycle ended: unused allowances lapse, and the next cycle opens with its charge and the lots of the one after it, or
/// the membership ends. Deciding twice adds nothing.
///
/// # Errors
/// When the database fails.
pub async fn end_cycle_in_op(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let (membership, version) = load(op, id).await?;
    let catalogue = op.catalogue().await?;
    let zone = catalogue.zone_of(membership.fact.home_location_id)?;
    let Some(cycle) = membership.cycle else { return Ok(()) };
    if membership.ended.is_some() || op.now < local_time::day_start(cycle.end, &zone)? {
        return Ok(());
    }
    let next = membership::next_cycle(&membership);
    expire_lots(op, id, next.is_none()).await?;
    let Some(next) = next else {
        let ended = membership::end(&membership)?;
        let tenant = op.tenant();
        sqlx::query("update membership_guard set ended = true where tenant_id = $1 and membership_id = $2")
            .bind(tenant)
            .bind(id.0)
            .execute(op.conn())
            .await?;
        let last_day = ended.last_day;
        op.write(id.0, version, [MembershipEvent::from(ended)])?;
        return assignment::end_with_membership_in_op(op, id, last_day).await;
    };
    let following = period::monthly_cycle(next.end, membership.fact.billing_day);
    let mut ids = std::iter::repeat_with(uuid::Uuid::now_v7);
    let opened = membership::open_cycle(
        &membership.fact,
        version + 1,
        next,
        next,
        &[following],
        || ids.next().unwrap_or_default(),
        &catalogue,
    )?;
    op.write(id.0, version, [MembershipEvent::from(opened.fact.clone())])?;
    write_opened(op, &opened).await?;
    let ends = local_time::day_start(next.end, &zone)?;
    op.set_alarm(alarm::Kind::CycleEnd, id.0, ends).await?;
    op.set_alarm(alarm::Kind::Bill, id.0, ends).await
}

/// Lots that are over lapse; with the end of the membership those of the cycle ahead do too, for no booking can use them.
async fn expire_lots(op: &mut Operation, membership: MembershipId, ends: bool) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let rows = sqlx::query(
        "select lot_id, minutes_left, version from credit_lot
         where tenant_id = $1 and membership_id = $2 and (valid_until <= $3 or $4) and minutes_left > 0 order by lot_id for update",
    )
    .bind(tenant)
    .bind(membership.0)
    .bind(now.to_sqlx())
    .bind(ends)
    .fetch_all(op.conn())
    .await?;
    for row in rows {
        let lot_id = LotId(row.try_get("lot_id")?);
        let minutes: i64 = row.try_get("minutes_left")?;
        let version: i64 = row.try_get("version")?;
        sqlx::query(
            "update credit_lot set minutes_left = 0, version = version + 1 where tenant_id = $1 and lot_id = $2",
        )
        .bind(tenant)
        .bind(lot_id.0)
        .execute(op.conn())
        .await?;
        op.write(
            lot_id.0,
            version,
            [CreditEvent::from(CreditExpired { lot_id, minutes })],
        )?;
    }
    Ok(())
}
