//! The rows that a run is driven by.

use crate::{Operation, UseCaseError, read::Columns};
use coterie_domain::{
    InvoiceId, InvoiceRunId, LegalEntityId, Payer,
    invoice_run::{Draft, InvoiceRunOpened, Phase},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use uuid::Uuid;

pub(super) struct RunRow {
    pub legal_entity_id: LegalEntityId,
    pub cut_off: Date,
    pub phase: Phase,
    pub stopped: Option<String>,
}

pub(super) async fn insert(op: &mut Operation, opened: &InvoiceRunOpened) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into invoice_run (tenant_id, invoice_run_id, legal_entity_id, cut_off, phase) values ($1, $2, $3, $4, 'drafting')",
    )
    .bind(tenant)
    .bind(opened.invoice_run_id.0)
    .bind(opened.legal_entity_id.0)
    .bind(opened.cut_off.to_sqlx())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// Whoever changes a run holds its row.
pub(super) async fn lock(op: &mut Operation, id: InvoiceRunId) -> Result<RunRow, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select legal_entity_id, cut_off, phase, stopped from invoice_run where tenant_id = $1 and invoice_run_id = $2 for update",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?
    .ok_or(UseCaseError::NotFound)?;
    let phase: String = row.try_get("phase")?;
    Ok(RunRow {
        legal_entity_id: row.id("legal_entity_id")?,
        cut_off: row.date("cut_off")?,
        phase: Phase::from_name(&phase).ok_or_else(|| UseCaseError::Broken(format!("a run that is {phase}")))?,
        stopped: row.try_get("stopped")?,
    })
}

pub(super) async fn set_phase(op: &mut Operation, id: InvoiceRunId, phase: Phase) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update invoice_run set phase = $3, stopped = case when $3 = 'cancelled' then null else stopped end
         where tenant_id = $1 and invoice_run_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(phase.name())
    .execute(op.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_stopped(op: &mut Operation, id: InvoiceRunId, why: Option<&str>) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query("update invoice_run set stopped = $3 where tenant_id = $1 and invoice_run_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(why)
        .execute(op.conn())
        .await?;
    Ok(())
}

pub(super) async fn insert_draft(op: &mut Operation, id: InvoiceRunId, draft: &Draft) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into invoice_run_draft (tenant_id, invoice_run_id, payer_id, payer_kind, standing, lines, net_minor, tax_minor,
                                        gross_minor, inputs_sha256, waits, without_address)
         values ($1, $2, $3, $4, case when $11::text is null then 'ready' else 'waits' end, $5, $6, $7, $8, $9, $11, $10)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(draft.payer.id())
    .bind(draft.payer.kind())
    .bind(i64::try_from(draft.lines.len()).unwrap_or(i64::MAX))
    .bind(draft.net_minor)
    .bind(draft.tax_minor)
    .bind(draft.gross_minor)
    .bind(&draft.inputs_sha256)
    .bind(draft.without_address)
    .bind(draft.waits.as_ref().map(|waits| waits.why.name()))
    .execute(op.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_standing(
    op: &mut Operation,
    id: InvoiceRunId,
    payer: Payer,
    standing: &str,
    invoice: Option<InvoiceId>,
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "update invoice_run_draft set standing = $4, invoice_id = $5 where tenant_id = $1 and invoice_run_id = $2 and payer_id = $3",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(payer.id())
    .bind(standing)
    .bind(invoice.map(|id| id.0))
    .execute(op.conn())
    .await?;
    Ok(())
}

/// The next drafts that are to be issued, with the hash that was approved.
pub(super) async fn ready(
    op: &mut Operation,
    id: InvoiceRunId,
    limit: i64,
) -> Result<Vec<(Payer, String)>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select payer_kind, payer_id, inputs_sha256 from invoice_run_draft
         where tenant_id = $1 and invoice_run_id = $2 and standing = 'ready' order by payer_id limit $3",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(limit)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| Ok((row.payer()?, row.try_get("inputs_sha256")?)))
        .collect()
}

/// The next payers with something to bill who have no draft yet, in the order of their ids.
pub(super) async fn undrafted(
    op: &mut Operation,
    id: InvoiceRunId,
    entity: LegalEntityId,
    cut_off: Date,
    limit: i64,
) -> Result<Vec<Payer>, UseCaseError> {
    let tenant = op.tenant();
    let last: Option<Uuid> = sqlx::query_scalar(
        "select payer_id from invoice_run_draft where tenant_id = $1 and invoice_run_id = $2 order by payer_id desc limit 1",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?;
    let rows = sqlx::query(
        "select distinct payer_id, payer_kind from charge_guard
         where tenant_id = $1 and legal_entity_id = $2 and billable_on <= $3 and invoice_id is null and not voided
           and ($4::uuid is null or payer_id > $4)
         order by payer_id limit $5",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(cut_off.to_sqlx())
    .bind(last)
    .bind(limit)
    .fetch_all(op.conn())
    .await?;
    rows.iter().map(Columns::payer).collect()
}
