use crate::{Operation, UseCaseError};
use coterie_domain::LegalEntityId;

/// The next number of a series.
///
/// # Errors
/// When the database fails.
pub(crate) async fn next_number(op: &mut Operation, entity: LegalEntityId, series: &str) -> Result<i64, UseCaseError> {
    take_numbers(op, entity, series, 1).await
}

/// The first of so many numbers of a series that follow each other. Its row is locked until the commit, so that numbers have no
/// gaps; the first document of a series makes it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn take_numbers(
    op: &mut Operation,
    entity: LegalEntityId,
    series: &str,
    count: i64,
) -> Result<i64, UseCaseError> {
    let tenant = op.tenant();
    let last: i64 = sqlx::query_scalar(
        "insert into invoice_series (tenant_id, legal_entity_id, series, last_sequence) values ($1, $2, $3, $4)
         on conflict (tenant_id, legal_entity_id, series) do update
         set last_sequence = invoice_series.last_sequence + excluded.last_sequence
         returning last_sequence",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(series)
    .bind(count)
    .fetch_one(op.conn())
    .await?;
    Ok(last - count + 1)
}
