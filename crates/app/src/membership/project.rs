//! Memberships, projected.

use super::page::MembershipState;
use crate::projections::{fact, insert_rows};
use coterie_domain::{
    Currency, LegalEntityId, LocationId, MemberId, MembershipId, PlanId, PlanVersionId, membership::MembershipEvent,
    period::Days,
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
    position: i64,
    changed_position: i64,
}

/// What an event changes; an absent field stays.
#[derive(Default)]
struct Change {
    cycle: Option<Days>,
    last_day: Option<Date>,
    state: Option<MembershipState>,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut changes) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "membership") {
        let (membership, change) = match fact(event)? {
            MembershipEvent::MembershipStarted(fact) => {
                rows.push(MembershipView {
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
                    position: event.position,
                    changed_position: event.position,
                });
                continue;
            }
            MembershipEvent::CycleOpened(fact) => (
                fact.membership_id,
                Change {
                    cycle: Some(fact.cycle),
                    ..Change::default()
                },
            ),
            MembershipEvent::NoticeGiven(fact) => (
                fact.membership_id,
                Change {
                    last_day: Some(fact.last_day),
                    state: Some(MembershipState::Notice),
                    ..Change::default()
                },
            ),
            MembershipEvent::MembershipEnded(fact) => (
                fact.membership_id,
                Change {
                    last_day: Some(fact.last_day),
                    state: Some(MembershipState::Ended),
                    ..Change::default()
                },
            ),
        };
        changes.push((event.position, membership, change));
    }
    insert_rows!(conn, "membership_view", rows);
    for (position, membership, change) in changes {
        sqlx::query(
            "update membership_view
             set cycle_start = coalesce($4, cycle_start), cycle_end = coalesce($5, cycle_end),
                 last_day = coalesce($6, last_day), state = coalesce($7, state), changed_position = $3
             where tenant_id = $1 and membership_id = $2 and changed_position < $3",
        )
        .bind(tenant)
        .bind(membership.0)
        .bind(position)
        .bind(change.cycle.map(|cycle| cycle.start.to_sqlx()))
        .bind(change.cycle.map(|cycle| cycle.end.to_sqlx()))
        .bind(change.last_day.map(ToSqlx::to_sqlx))
        .bind(change.state.map(MembershipState::name))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
