use super::{allowance, change::Changing, write_opened};
use crate::{Caller, Operation, UseCaseError, alarm, assignment};
use coterie_domain::{MembershipId, local_time, membership};

/// A cycle ended, or the membership did before it: unused allowances lapse, and the next cycle opens with its charges and the
/// lots of the one after it, or the membership ends. Deciding twice adds nothing.
///
/// # Errors
/// When the database fails.
pub async fn end_cycle_in_op(op: &mut Operation, id: MembershipId) -> Result<(), UseCaseError> {
    let caller = Caller::system(op.tenant(), "alarm");
    let mut changing = Changing::load_in_op(op, &caller, id).await?;
    let Some(cycle) = changing.membership.cycle else {
        return Ok(());
    };
    if changing.membership.ended.is_some() {
        return Ok(());
    }
    if changing.membership.notice.is_some_and(|last| last < changing.today) {
        return end_in_op(op, &mut changing).await;
    }
    if changing.today < cycle.end {
        return Ok(());
    }
    let Some(next) = membership::next_cycle(&changing.membership) else {
        return Ok(());
    };
    allowance::expire_in_op(op, id, false).await?;
    let following = membership::cycle_after(&changing.membership, next.cycle);
    let mut ids = std::iter::repeat_with(uuid::Uuid::now_v7);
    let opened = membership::open_cycle(
        &changing.membership,
        changing.version + 1,
        next,
        &[following],
        || ids.next().unwrap_or_default(),
        &changing.catalogue,
    )?;
    changing.happens(op, opened.fact.clone())?;
    write_opened(op, &changing.membership, &opened).await?;
    let zone = changing.catalogue.zone_of(changing.membership.fact.home_location_id)?;
    let ends = local_time::day_start(next.cycle.end, &zone)?;
    op.set_alarm(alarm::Kind::CycleEnd, id.0, ends).await?;
    op.set_alarm(alarm::Kind::Bill, id.0, ends).await?;
    // Notice to a day of the cycle that opens now, where it was given before.
    if let Some(last) = changing.membership.notice.filter(|last| *last < next.cycle.last()) {
        let early = local_time::day_start(last.tomorrow().unwrap_or(next.cycle.end), &zone)?;
        op.set_alarm(alarm::Kind::CycleEnd, id.0, early).await?;
    }
    Ok(())
}

/// Ends a membership whose last day is over, with whatever it had.
///
/// # Errors
/// When the database fails.
pub(super) async fn end_in_op(op: &mut Operation, changing: &mut Changing) -> Result<(), UseCaseError> {
    let id = changing.membership.fact.membership_id;
    let tenant = op.tenant();
    // Before its lots are read: whoever is giving one holds this row, and it lapses with the others.
    sqlx::query("update membership_guard set ended = true where tenant_id = $1 and membership_id = $2")
        .bind(tenant)
        .bind(id.0)
        .execute(op.conn())
        .await?;
    allowance::expire_in_op(op, id, true).await?;
    let ended = membership::end(&changing.membership)?;
    let last_day = ended.last_day;
    changing.happens(op, ended)?;
    // Its cycle has nothing to end any more; what was used in it is still billed on its billing day.
    if let Some(cycle) = changing.membership.cycle {
        let zone = changing.catalogue.zone_of(changing.membership.fact.home_location_id)?;
        let ends = local_time::day_start(cycle.end, &zone)?;
        op.clear_alarm(alarm::Kind::CycleEnd, id.0, ends).await?;
    }
    assignment::end_with_membership_in_op(op, id, last_day).await
}
