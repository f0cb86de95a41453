//! Lots of credit at the moment of writing: locked, drawn on, given back to.

mod pack;

pub(crate) use pack::{lapse_pack_in_op, take_back_in_op};

use crate::{Operation, UseCaseError};
use coterie_domain::{
    CreditPackId, LotId, MemberId, Money, ResourceTypeId,
    credit::{self as lots, CreditEvent, CreditRestored, Holds, Lot, OfPack, UsedBy},
    membership::Membership,
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};

/// What may pay for something, beside what it drew on before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum For {
    /// Minutes of its type, and money.
    Booking(ResourceTypeId),
    /// Day passes, and money.
    Pass,
}

/// Locks the lots of a membership that could pay for what starts then, whoever of its people has it, those that the member bought, and
/// those that it drew on before. `take_time` (`migrations/0191_take_time.sql`) locks those of a new booking, by the same conditions and in the same order.
pub(crate) async fn lock_lots(
    op: &mut Operation,
    (membership, member): (Option<&Membership>, MemberId),
    what: For,
    start: Timestamp,
    drawn: &[(LotId, i64)],
) -> Result<Vec<Lot>, UseCaseError> {
    let drawn: Vec<_> = drawn.iter().map(|(lot, _)| lot.0).collect();
    let kind = match what {
        For::Booking(kind) => Some(kind.0),
        For::Pass => None,
    };
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select lot_id, member_id, membership_id, holds, resource_type_id, currency, amount_left, valid_from, valid_until, credit_pack_id
         from credit_lot
         where tenant_id = $1 and (lot_id = any($5)
             or (membership_id = $2 and credit_pack_id is null or member_id = $6 and credit_pack_id is not null)
                and valid_from <= $4 and valid_until > $4 and amount_left > 0
                and (holds = 'money' or resource_type_id = $3 or holds = 'day_passes' and $3 is null))
         order by lot_id for update",
    )
    .bind(tenant)
    .bind(membership.map(|membership| membership.fact.membership_id.0))
    .bind(kind)
    .bind(start.to_sqlx())
    .bind(drawn)
    .bind(member.0)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            let from: jiff_sqlx::Timestamp = row.try_get("valid_from")?;
            let until: jiff_sqlx::Timestamp = row.try_get("valid_until")?;
            Ok(Lot {
                lot_id: LotId(row.try_get("lot_id")?),
                membership_id: coterie_domain::MembershipId(row.try_get("membership_id")?),
                holds: holds(row)?,
                left: row.try_get("amount_left")?,
                valid_from: from.to_jiff(),
                valid_until: until.to_jiff(),
                pack: row
                    .try_get::<Option<uuid::Uuid>, _>("credit_pack_id")?
                    .map(|id| {
                        Ok::<_, UseCaseError>(OfPack {
                            credit_pack_id: CreditPackId(id),
                            member_id: MemberId(row.try_get("member_id")?),
                        })
                    })
                    .transpose()?,
            })
        })
        .collect()
}

/// What a row of `credit_lot` is a lot of.
pub(crate) fn holds(row: &PgRow) -> Result<Holds, UseCaseError> {
    let (name, kind): (String, Option<uuid::Uuid>) = (row.try_get("holds")?, row.try_get("resource_type_id")?);
    let currency: Option<String> = row.try_get("currency")?;
    held(&name, kind, currency.as_deref())
}

/// As [`holds`], by the columns' values.
pub(crate) fn held(name: &str, kind: Option<uuid::Uuid>, currency: Option<&str>) -> Result<Holds, UseCaseError> {
    let currency = currency.and_then(|code| code.parse().ok());
    Holds::from_parts(name, kind, currency).ok_or_else(|| UseCaseError::Broken(format!("a lot holds {name}")))
}

/// Takes amounts out of lots that are locked, for something of a day: on it is earned what a pack was sold for.
pub(crate) async fn draw_in_op(
    op: &mut Operation,
    used_by: UsedBy,
    parts: &[(LotId, i64)],
    on: Date,
) -> Result<(), UseCaseError> {
    for (lot_id, amount) in parts.iter().copied() {
        let moved = move_amount(op, lot_id, -amount).await?;
        let value = moved.value(op).await?;
        let used = lots::use_of(lot_id, (moved.left + amount, value), used_by, amount, on);
        pack::earn_in_op(op, &moved, &CreditEvent::from(used.clone())).await?;
        op.write(lot_id.0, moved.version, [CreditEvent::from(used)])?;
    }
    Ok(())
}

/// Puts amounts back into the lots they came from; a lot that has lapsed meanwhile keeps its expiry.
pub(crate) async fn restore_in_op(
    op: &mut Operation,
    used_by: UsedBy,
    parts: &[(LotId, i64)],
) -> Result<(), UseCaseError> {
    let mut ordered = parts.to_vec();
    ordered.sort_unstable();
    for (lot_id, amount) in ordered {
        let moved = move_amount(op, lot_id, amount).await?;
        let restored = if moved.pack.is_some() {
            let known = pack::load(op, lot_id).await?;
            pack::wake_again_in_op(op, &known).await?;
            lots::restoration(&known, used_by, amount)
        } else {
            CreditRestored {
                lot_id,
                used_by,
                amount,
                earned: None,
            }
        };
        pack::earn_in_op(op, &moved, &CreditEvent::from(restored.clone())).await?;
        op.write(lot_id.0, moved.version, [CreditEvent::from(restored)])?;
    }
    Ok(())
}

/// A lot whose balance was moved, and is locked.
struct MovedLot {
    lot_id: LotId,
    /// Of its stream, before.
    version: i64,
    left: i64,
    pack: Option<CreditPackId>,
    /// Of what was bought, what is not earned.
    value_left: Option<i64>,
}

impl MovedLot {
    async fn value(&self, op: &mut Operation) -> Result<Option<Money>, UseCaseError> {
        let Some((pack, minor)) = self.pack.zip(self.value_left) else {
            return Ok(None);
        };
        let catalogue = op.catalogue().await?;
        let currency = catalogue.credit_pack(pack)?.fact.price.currency;
        Ok(Some(Money::new(minor, currency)))
    }
}

async fn move_amount(op: &mut Operation, lot: LotId, amount: i64) -> Result<MovedLot, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "update credit_lot set amount_left = amount_left + $3, version = version + 1 where tenant_id = $1 and lot_id = $2
         returning version - 1 as version, amount_left, credit_pack_id, value_left",
    )
    .bind(tenant)
    .bind(lot.0)
    .bind(amount)
    .fetch_one(op.conn())
    .await?;
    moved(lot, &row)
}

fn moved(lot_id: LotId, row: &PgRow) -> Result<MovedLot, UseCaseError> {
    Ok(MovedLot {
        lot_id,
        version: row.try_get("version")?,
        left: row.try_get("amount_left")?,
        pack: row
            .try_get::<Option<uuid::Uuid>, _>("credit_pack_id")?
            .map(CreditPackId),
        value_left: row.try_get("value_left")?,
    })
}
