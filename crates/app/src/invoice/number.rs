use crate::{Operation, UseCaseError};
use coterie_domain::LegalEntityId;

/// The next number of a series. Its row is locked until the commit, so that numbers have no gaps; the first document of a series
/// makes it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn next_number(op: &mut Operation, entity: LegalEntityId, series: &str) -> Result<i64, UseCaseError> {
    let tenant = op.tenant();
    let sequence = sqlx::query_scalar(
        "insert into invoice_series (tenant_id, legal_entity_id, series, last_sequence) values ($1, $2, $3, 1)
         on conflict (tenant_id, legal_entity_id, series) do update set last_sequence = invoice_series.last_sequence + 1
         returning last_sequence",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(series)
    .fetch_one(op.conn())
    .await?;
    Ok(sequence)
}
