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
    document_type: &'a str,
    position: i64,
}

pub(crate) async fn project_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    batch: &[RecordedEvent],
) -> Result<(), FollowError> {
    let (mut rows, mut corrected) = (Vec::new(), Vec::new());
    for event in batch.iter().filter(|event| event.category == "company") {
        let (company_id, name) = match fact(event)? {
            CompanyEvent::CompanyRegistered(fact) => (fact.company_id, fact.name),
            CompanyEvent::CompanyCorrected(fact) => {
                corrected.push((fact.company_id, fact.name, event));
                continue;
            }
            _ => continue,
        };
        rows.push(CompanyView {
            tenant_id: tenant,
            company_id,
            name,
            document: payload(event)?,
            document_version: event.event_version,
            document_type: &event.event_type,
            position: event.position,
        });
    }
    insert_rows!(conn, "company_view", rows);
    for (company, name, event) in corrected {
        sqlx::query(
            "update company_view set name = $3, document = $4::json, document_version = $5, document_type = $6
             where tenant_id = $1 and company_id = $2",
        )
        .bind(tenant)
        .bind(company.0)
        .bind(name)
        .bind(payload(event)?.get())
        .bind(event.event_version)
        .bind(&event.event_type)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
