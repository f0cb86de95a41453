//! Companies, projected. Who belongs to one stands with the member.

use crate::projections::{fact, insert_rows, payload};
use coterie_domain::{CompanyId, company::CompanyEvent};
use coterie_eventlog::{FollowError, RecordedEvent};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Serialize)]
struct CompanyView<'a> {
    tenant_id: Uuid,
    company_id: CompanyId,
    name: String,
    document: &'a RawValue,
    document_version: i16,
    position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let mut rows = Vec::new();
    for event in batch.iter().filter(|event| event.category == "company") {
        if let CompanyEvent::CompanyRegistered(fact) = fact(event)? {
            rows.push(CompanyView {
                tenant_id: tenant,
                company_id: fact.company_id,
                name: fact.name,
                document: payload(event)?,
                document_version: event.event_version,
                position: event.position,
            });
        }
    }
    insert_rows!(conn, "company_view", rows);
    Ok(())
}
