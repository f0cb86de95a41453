//! The rows that an announcement is driven by.

use crate::{Operation, UseCaseError, read::Columns};
use coterie_domain::{
    Currency, LegalEntityId, MembershipId, Money, PlanVersionId, PriceChangeId,
    price_change::{
        MembershipsReleased, Move, Phase, Preview, PriceChange, PriceChangeAnnounced, PriceChangeEvent, Reason, Why,
    },
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{Row as _, postgres::PgRow};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) struct PriceChangeRow {
    pub legal_entity_id: LegalEntityId,
    pub phase: Phase,
}

impl PriceChangeRow {
    /// The announcement as its decisions know it, without its memberships: there may be very many.
    pub fn price_change(&self, fact: PriceChangeAnnounced) -> PriceChange {
        PriceChange {
            fact,
            phase: self.phase,
            memberships: BTreeMap::new(),
        }
    }
}

/// A membership's row that was to move.
pub(super) struct Row {
    pub membership_id: MembershipId,
    planned: Option<Move>,
}

impl Row {
    pub fn planned(&self) -> Result<Move, UseCaseError> {
        let id = self.membership_id;
        self.planned
            .ok_or_else(|| UseCaseError::Broken(format!("membership {id} moves and nobody knows when")))
    }
}

/// Whoever tells of an announcement, or calls it off, holds its row.
pub(super) async fn lock(op: &mut Operation, id: PriceChangeId) -> Result<PriceChangeRow, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select legal_entity_id, phase from price_change where tenant_id = $1 and price_change_id = $2 for update",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?
    .ok_or(UseCaseError::NotFound)?;
    Ok(PriceChangeRow {
        legal_entity_id: row.id("legal_entity_id")?,
        phase: phase(&row)?,
    })
}

pub(super) fn phase(row: &PgRow) -> Result<Phase, UseCaseError> {
    let name: String = row.try_get("phase")?;
    Phase::from_name(&name).ok_or_else(|| UseCaseError::Broken(format!("a price change that is {name}")))
}

pub(super) fn why(row: &PgRow) -> Result<Option<Why>, UseCaseError> {
    let name: Option<String> = row.try_get("why")?;
    let Some(name) = name else { return Ok(None) };
    let reason = Reason::from_name(&name)
        .ok_or_else(|| UseCaseError::Broken(format!("a membership that is left out because of {name}")))?;
    let day = row.maybe_date("why_day")?;
    Ok(Some(Why { reason, day }))
}

pub(super) fn planned(row: &PgRow, currency: Currency) -> Result<Option<Move>, UseCaseError> {
    let Some(from) = row.maybe_date("from_day")? else {
        return Ok(None);
    };
    Ok(Some(Move {
        membership_id: row.id("membership_id")?,
        plan_version_id: row.id::<PlanVersionId>("plan_version_id")?,
        price: Money::new(row.try_get("price_minor")?, currency),
        from,
        bound_until: row.maybe_date("bound_until")?,
    }))
}

/// The announcement and everybody of its preview.
pub(super) async fn insert(op: &mut Operation, id: PriceChangeId, preview: &Preview) -> Result<(), UseCaseError> {
    let (tenant, terms) = (op.tenant(), &preview.terms);
    sqlx::query(
        "insert into price_change (tenant_id, price_change_id, plan_id, plan_version_id, legal_entity_id, effective_from,
                                   announced_on, notice_days, phase)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'telling')",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(terms.plan_id.0)
    .bind(terms.plan_version_id.0)
    .bind(terms.legal_entity_id.0)
    .bind(terms.effective_from.to_sqlx())
    .bind(terms.announced_on.to_sqlx())
    .bind(terms.notice_days)
    .execute(op.conn())
    .await?;
    let day = |day: Date| day.to_sqlx();
    let moves = &preview.moves;
    sqlx::query(
        "insert into price_change_membership (tenant_id, price_change_id, membership_id, standing, plan_version_id, price_minor,
                                              from_day, bound_until)
         select $1, $2, m.membership_id, 'waiting', m.plan_version_id, m.price_minor, m.from_day, m.bound_until
         from unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::date[], $7::date[])
             as m (membership_id, plan_version_id, price_minor, from_day, bound_until)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(moves.iter().map(|one| one.membership_id.0).collect::<Vec<Uuid>>())
    .bind(moves.iter().map(|one| one.plan_version_id.0).collect::<Vec<Uuid>>())
    .bind(moves.iter().map(|one| one.price.minor).collect::<Vec<i64>>())
    .bind(moves.iter().map(|one| day(one.from)).collect::<Vec<_>>())
    .bind(moves.iter().map(|one| one.bound_until.map(day)).collect::<Vec<_>>())
    .execute(op.conn())
    .await?;
    let stays = &preview.stays;
    sqlx::query(
        "insert into price_change_membership (tenant_id, price_change_id, membership_id, standing, why, why_day)
         select $1, $2, s.membership_id, 'stays', s.why, s.why_day
         from unnest($3::uuid[], $4::text[], $5::date[]) as s (membership_id, why, why_day)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(stays.iter().map(|one| one.membership_id.0).collect::<Vec<Uuid>>())
    .bind(stays.iter().map(|one| one.why.reason.name()).collect::<Vec<&str>>())
    .bind(stays.iter().map(|one| one.why.day.map(day)).collect::<Vec<_>>())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// The next memberships that stand like this, in the order of their ids.
pub(super) async fn of_standing(
    op: &mut Operation,
    id: PriceChangeId,
    standing: &str,
    currency: Currency,
    limit: i64,
) -> Result<Vec<Row>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select membership_id, plan_version_id, price_minor, from_day, bound_until from price_change_membership
         where tenant_id = $1 and price_change_id = $2 and standing = $3 order by membership_id limit $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(standing)
    .bind(limit)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Row {
                membership_id: row.id("membership_id")?,
                planned: planned(row, currency)?,
            })
        })
        .collect()
}

pub(super) async fn set_phase(op: &mut Operation, id: PriceChangeId, phase: Phase) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("update price_change set phase = $3 where tenant_id = $1 and price_change_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(phase.name())
        .execute(op.conn())
        .await?;
    Ok(())
}

/// How memberships stand from now on, and why where they do not move.
pub(super) async fn set_standings(
    op: &mut Operation,
    id: PriceChangeId,
    standings: &[(MembershipId, &str, Option<Why>)],
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let ids: Vec<Uuid> = standings.iter().map(|(id, _, _)| id.0).collect();
    let names: Vec<&str> = standings.iter().map(|(_, name, _)| *name).collect();
    let whys = standings.iter().map(|(_, _, why)| why.map(|why| why.reason.name()));
    let days = standings
        .iter()
        .map(|(_, _, why)| why.and_then(|why| why.day).map(ToSqlx::to_sqlx));
    sqlx::query(
        "update price_change_membership m set standing = s.standing, why = s.why, why_day = s.why_day
         from unnest($3::uuid[], $4::text[], $5::text[], $6::date[]) as s (membership_id, standing, why, why_day)
         where m.tenant_id = $1 and m.price_change_id = $2 and m.membership_id = s.membership_id",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(ids)
    .bind(names)
    .bind(whys.collect::<Vec<_>>())
    .bind(days.collect::<Vec<_>>())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// Who was not told before it was called off never is.
pub(super) async fn leave_waiting_out(op: &mut Operation, id: PriceChangeId) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update price_change_membership set standing = 'left_out', why = $3, why_day = null
         where tenant_id = $1 and price_change_id = $2 and standing = 'waiting'",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(Reason::CalledOff.name())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// One membership was released by itself: the announcement says so in the same append.
///
/// # Errors
/// When the database fails.
pub(crate) async fn release_one_in_op(
    op: &mut Operation,
    id: PriceChangeId,
    membership: MembershipId,
) -> Result<(), UseCaseError> {
    lock(op, id).await?;
    set_standings(op, id, &[(membership, "released", None)]).await?;
    let fact = MembershipsReleased {
        price_change_id: id,
        released: vec![membership],
        left_out: Vec::new(),
    };
    let version = op.version_of(id.0).await?;
    op.write(id.0, version, [PriceChangeEvent::from(fact)])
}
