//! Passes, projected.

use super::page::PassState;
use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{LocationId, MemberId, PassId, pass::PassEvent};
use coterie_eventlog::{FollowError, RecordedEvent};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct PassView<'a> {
    tenant_id: Uuid,
    pass_id: PassId,
    location_id: LocationId,
    member_id: MemberId,
    day: Date,
    state: PassState,
    document: &'a RawValue,
    giving_back: Option<&'a RawValue>,
    bought_at: Timestamp,
    position: i64,
    changed_position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut given_back) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "pass") {
        match fact(event)? {
            PassEvent::PassBought(fact) => rows.push(PassView {
                tenant_id: tenant,
                pass_id: fact.pass_id,
                location_id: fact.location_id,
                member_id: fact.member_id,
                day: fact.day,
                state: PassState::Bought,
                document: payload(event)?,
                giving_back: None,
                bought_at: event.occurred_at,
                position: event.position,
                changed_position: event.position,
            }),
            PassEvent::PassGivenBack(fact) => given_back.push((event, fact.pass_id)),
        }
    }
    insert_rows!(conn, "pass_view", rows);
    for (event, pass) in given_back {
        sqlx::query(
            "update pass_view set state = 'given_back', giving_back = $4::json, changed_position = $3
             where tenant_id = $1 and pass_id = $2 and changed_position < $3",
        )
        .bind(tenant)
        .bind(pass.0)
        .bind(event.position)
        .bind(&event.payload)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
