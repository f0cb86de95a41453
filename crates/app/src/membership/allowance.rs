//! The lots of a membership: granted, lapsed, and brought to what another plan grants.

use crate::{Operation, UseCaseError, credit::holds};
use coterie_domain::{
    CreditPackId, Currency, LotId, MembershipId, Money,
    catalogue::Catalogue,
    credit::{CreditEvent, CreditExpired, CreditGranted, CreditLot, Holds},
    local_time,
    membership::{self, Membership, Next},
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use std::collections::BTreeMap;

pub(super) async fn grant_in_op(op: &mut Operation, lot: &CreditGranted) -> Result<(), UseCaseError> {
    add_row_in_op(op, lot, Of::Plan).await?;
    op.write(lot.lot_id.0, 0, [CreditEvent::from(lot.clone())])
}

/// Where a lot comes from: what no plan grants, no change of a plan touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Plan,
    Courtesy,
    /// What was bought, with what it was sold for.
    Pack(CreditPackId, Money),
}

/// The guard row of a lot.
pub(crate) async fn add_row_in_op(op: &mut Operation, lot: &CreditGranted, of: Of) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let (pack, value) = match of {
        Of::Pack(id, price) => (Some(id.0), Some(price.minor)),
        Of::Plan | Of::Courtesy => (None, None),
    };
    sqlx::query(
        "insert into credit_lot (tenant_id, lot_id, member_id, membership_id, holds, resource_type_id, currency, amount_granted, amount_left, valid_from, valid_until, version, courtesy, credit_pack_id, value_left)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, 1, $11, $12, $13)",
    )
    .bind(tenant)
    .bind(lot.lot_id.0)
    .bind(lot.member_id.0)
    .bind(lot.membership_id.0)
    .bind(lot.holds.name())
    .bind(lot.holds.resource_type().map(|id| id.0))
    .bind(lot.holds.currency().map(Currency::code))
    .bind(lot.amount)
    .bind(lot.valid_from.to_sqlx())
    .bind(lot.valid_until.to_sqlx())
    .bind(of == Of::Courtesy)
    .bind(pack)
    .bind(value)
    .execute(op.conn())
    .await?;
    Ok(())
}

/// A lot with its guard row locked.
struct Locked {
    lot_id: LotId,
    holds: Holds,
    granted: i64,
    left: i64,
    version: i64,
}

fn locked(row: &PgRow) -> Result<Locked, UseCaseError> {
    Ok(Locked {
        lot_id: LotId(row.try_get("lot_id")?),
        holds: holds(row)?,
        granted: row.try_get("amount_granted")?,
        left: row.try_get("amount_left")?,
        version: row.try_get("version")?,
    })
}

async fn lapse(op: &mut Operation, lot: &Locked, amount: i64) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update credit_lot set amount_left = amount_left - $3, version = version + 1 where tenant_id = $1 and lot_id = $2",
    )
    .bind(tenant)
    .bind(lot.lot_id.0)
    .bind(amount)
    .execute(op.conn())
    .await?;
    let lot_id = lot.lot_id;
    op.write(
        lot_id.0,
        lot.version,
        [CreditEvent::from(CreditExpired {
            lot_id,
            amount,
            earned: None,
        })],
    )
}

/// Lots that are over lapse; with the end of the membership those of the cycle ahead do too, for no booking can use them. What was bought
/// has days of its own (`credit::lapse_pack_in_op`) and outlives the membership.
pub(super) async fn expire_in_op(op: &mut Operation, membership: MembershipId, ends: bool) -> Result<(), UseCaseError> {
    let (tenant, now) = (op.tenant(), op.now);
    let rows = sqlx::query(
        "select lot_id, holds, resource_type_id, currency, amount_granted, amount_left, version from credit_lot
         where tenant_id = $1 and membership_id = $2 and (valid_until <= $3 or $4) and amount_left > 0
           and credit_pack_id is null order by lot_id for update",
    )
    .bind(tenant)
    .bind(membership.0)
    .bind(now.to_sqlx())
    .bind(ends)
    .fetch_all(op.conn())
    .await?;
    for row in rows {
        let lot = locked(&row)?;
        lapse(op, &lot, lot.left).await?;
    }
    Ok(())
}

/// The plan's lots whose validity begins in `[from, until)`, locked.
async fn lots_of(
    op: &mut Operation,
    id: MembershipId,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Locked>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select lot_id, holds, resource_type_id, currency, amount_granted, amount_left, version from credit_lot
         where tenant_id = $1 and membership_id = $2 and valid_from >= $3 and valid_from < $4 and not courtesy
           and credit_pack_id is null order by lot_id for update",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(from.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_all(op.conn())
    .await?;
    rows.iter().map(locked).collect()
}

/// What bookings drew of a lot; what lapsed of it was used by nobody.
async fn used_of(op: &mut Operation, lot: &Locked) -> Result<i64, UseCaseError> {
    let known = op
        .load::<CreditEvent, CreditLot>(lot.lot_id.0, CreditLot::evolve)
        .await?;
    let lapsed = known.map_or(0, |(known, _)| known.expired);
    Ok(lot.granted - lot.left - lapsed)
}

/// Brings the lots of the open cycle and of the one ahead, where they exist, to what the plans of then grant: what more is
/// granted is a new lot, what less lapses as far as it was not used.
///
/// # Errors
/// A plan's version that is gone; whatever the database says.
pub(crate) async fn follow_plan_in_op(
    op: &mut Operation,
    before: &Membership,
    after: &Membership,
    from: Date,
    catalogue: &Catalogue,
) -> Result<(), UseCaseError> {
    let Some(open) = after.cycle else { return Ok(()) };
    let days = after.opened.last().map_or(open, |(_, days)| *days);
    let mut pairs = vec![(Next { cycle: open, days }, Next { cycle: open, days })];
    pairs.push((
        membership::cycle_after(before, open),
        membership::cycle_after(after, open),
    ));
    let zone = catalogue.zone_of(after.fact.home_location_id)?;
    for (old, new) in pairs {
        // The terms of a cycle that began before are changed from a day on, not from its start.
        let day = from.max(new.days.start);
        if day >= new.days.end {
            continue;
        }
        let wanted = membership::grants(after, day, new, catalogue)?;
        let had: BTreeMap<Holds, i64> = membership::grants(before, day, old, catalogue)?
            .into_iter()
            .map(|lot| (lot.holds, lot.amount))
            .collect();
        let (starts, ends) = (
            local_time::day_start(old.days.start, &zone)?,
            local_time::day_start(old.days.end, &zone)?,
        );
        let lots = lots_of(op, after.fact.membership_id, starts, ends).await?;
        let kinds: Vec<Holds> = had
            .keys()
            .copied()
            .chain(wanted.iter().map(|lot| lot.holds))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        for kind in kinds {
            let lot = wanted.iter().find(|lot| lot.holds == kind);
            let mine = || lots.iter().filter(|lot| lot.holds == kind);
            let (mut too_much, more) = if (old.days, old.cycle) == (new.days, new.cycle) {
                let difference = lot.map_or(0, |lot| lot.amount) - had.get(&kind).copied().unwrap_or(0);
                (-difference, difference)
            } else {
                // Another cycle: what was granted for the old one goes, and what was used of it counts against the new one.
                let mut used = 0;
                for lot in mine() {
                    used += used_of(op, lot).await?;
                }
                (i64::MAX, lot.map_or(0, |lot| lot.amount) - used)
            };
            for old in mine() {
                let amount = old.left.min(too_much);
                if amount > 0 {
                    lapse(op, old, amount).await?;
                    too_much -= amount;
                }
            }
            if let Some(lot) = lot
                && more > 0
            {
                let id = LotId(op.new_id());
                grant_in_op(
                    op,
                    &CreditGranted {
                        lot_id: id,
                        amount: more,
                        ..lot.clone()
                    },
                )
                .await?;
            }
        }
    }
    Ok(())
}
