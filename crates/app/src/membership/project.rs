//! Memberships, projected.

use super::page::MembershipState;
use crate::projections::{fact, insert_rows};
use coterie_domain::{
    Currency, LegalEntityId, LocationId, MemberId, MembershipId, PlanId, PlanVersionId, membership::MembershipEvent,
};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct MembershipView {
    tenant_id: Uuid,
    membership_id: MembershipId,
    member_id: MemberId,
    payer_kind: &'static str,
    payer_id: Uuid,
    plan_id: PlanId,
    plan_version_id: PlanVersionId,
    plan_name: String,
    legal_entity_id: LegalEntityId,
    home_location_id: LocationId,
    start_date: Date,
    cycle_start: Option<Date>,
    cycle_end: Option<Date>,
    last_day: Option<Date>,
    state: MembershipState,
    price_minor: i64,
    currency: Currency,
    length: String,
    position: i64,
    changed_position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "membership") {
        match fact(event)? {
            MembershipEvent::MembershipStarted(fact) => rows.push(MembershipView {
                tenant_id: tenant,
                membership_id: fact.membership_id,
                member_id: fact.member_id,
                payer_kind: fact.payer.kind(),
                payer_id: fact.payer.id(),
                plan_id: fact.plan_id,
                plan_version_id: fact.plan_version_id,
                plan_name: fact.plan_name,
                legal_entity_id: fact.legal_entity_id,
                home_location_id: fact.home_location_id,
                start_date: fact.start,
                cycle_start: None,
                cycle_end: None,
                last_day: None,
                state: MembershipState::Active,
                price_minor: fact.price.minor,
                currency: fact.price.currency,
                length: fact.length.to_string(),
                position: event.position,
                changed_position: event.position,
            }),
            change => changes.push((event.position, event.stream_id, change)),
        }
    }
    insert_rows!(conn, "membership_view", rows);
    for (position, membership, change) in changes {
        apply(conn, (tenant, membership, position), change).await?;
    }
    Ok(())
}

/// An update of one row, once for each event: what it sets comes after organization, membership and position.
macro_rules! set {
    ($conn:expr, $key:expr, $what:literal $(, $value:expr)*) => {
        sqlx::query(concat!(
            "update membership_view set changed_position = $3, ",
            $what,
            " where tenant_id = $1 and membership_id = $2 and changed_position < $3"
        ))
        .bind($key.0)
        .bind($key.1)
        .bind($key.2)
        $(.bind($value))*
        .execute($conn)
        .await
        .map(|_| ())
    };
}

async fn apply(conn: &mut PgConnection, key: (Uuid, Uuid, i64), change: MembershipEvent) -> Result<(), FollowError> {
    match change {
        MembershipEvent::MembershipStarted(_) => return Ok(()),
        // What was agreed on for this cycle is what counts now.
        MembershipEvent::CycleOpened(fact) => set!(
            conn,
            key,
            "cycle_start = $4, cycle_end = $5,
             plan_id = case when next_from <= $6 then next_plan_id else plan_id end,
             plan_version_id = case when next_from <= $6 then next_plan_version_id else plan_version_id end,
             plan_name = case when next_from <= $6 then next_plan_name else plan_name end,
             price_minor = case when next_from <= $6 then next_price_minor else price_minor end,
             length = case when next_from <= $6 then next_length else length end,
             next_from = case when next_from <= $6 then null else next_from end",
            fact.cycle.start.to_sqlx(),
            fact.cycle.end.to_sqlx(),
            fact.days.start.to_sqlx()
        ),
        MembershipEvent::PlanChanged(fact) => set!(
            conn,
            key,
            "plan_id = case when $4 < cycle_end then $5 else plan_id end,
             plan_version_id = case when $4 < cycle_end then $6 else plan_version_id end,
             plan_name = case when $4 < cycle_end then $7 else plan_name end,
             price_minor = case when $4 < cycle_end then $8 else price_minor end,
             length = case when $4 < cycle_end then $9 else length end,
             next_plan_id = $5, next_plan_version_id = $6, next_plan_name = $7, next_price_minor = $8, next_length = $9,
             next_from = case when $4 < cycle_end then null else $4 end",
            fact.term.from.to_sqlx(),
            fact.term.plan_id.0,
            fact.term.plan_version_id.0,
            fact.term.plan_name,
            fact.term.price.minor,
            fact.term.length.to_string()
        ),
        MembershipEvent::PlanChangeCalledOff(_) => set!(conn, key, "next_from = null"),
        MembershipEvent::PayerChanged(fact) => set!(
            conn,
            key,
            "payer_kind = $4, payer_id = $5",
            fact.payer.kind(),
            fact.payer.id()
        ),
        MembershipEvent::MembershipPaused(fact) => set!(
            conn,
            key,
            "paused_from = $4, paused_until = $5",
            fact.from.to_sqlx(),
            fact.until.map(ToSqlx::to_sqlx)
        ),
        MembershipEvent::MembershipResumed(fact) => set!(
            conn,
            key,
            "paused_until = least(paused_until, $4),
             paused_from = case when paused_from >= $4 then null else paused_from end",
            fact.on.to_sqlx()
        ),
        MembershipEvent::PriceOverridden(fact) => set!(
            conn,
            key,
            "agreed_price_minor = $4, agreed_from = $5, agreed_until = $6, agreed_tax_included = $7",
            fact.price.minor,
            fact.from.to_sqlx(),
            fact.until.map(ToSqlx::to_sqlx),
            fact.tax_included
        ),
        // What it costs is the charges' to say, and who uses it and pays for what the log itself.
        MembershipEvent::DaysSettled(_)
        | MembershipEvent::PlanChangeAnnounced(_)
        | MembershipEvent::CouponRedeemed(_)
        | MembershipEvent::AddOnAdded(_)
        | MembershipEvent::AddOnRemoved(_)
        | MembershipEvent::SeatGiven(_)
        | MembershipEvent::SeatTaken(_)
        | MembershipEvent::SplitSet(_) => Ok(()),
        MembershipEvent::NoticeGiven(fact) => set!(
            conn,
            key,
            "last_day = $4, state = $5",
            fact.last_day.to_sqlx(),
            MembershipState::Notice.name()
        ),
        MembershipEvent::NoticeWithdrawn(_) => {
            set!(conn, key, "last_day = null, state = $4", MembershipState::Active.name())
        }
        MembershipEvent::MembershipEnded(fact) => set!(
            conn,
            key,
            "last_day = $4, state = $5",
            fact.last_day.to_sqlx(),
            MembershipState::Ended.name()
        ),
    }?;
    Ok(())
}
