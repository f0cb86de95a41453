//! The rows that a run is driven by.

use super::ahead::Next;
use crate::{Operation, UseCaseError, read::Columns};
use coterie_domain::{
    InvoiceId, InvoiceRunId, LegalEntityId, Payer,
    invoice_run::{Draft, InvoiceRun, InvoiceRunOpened, Phase},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::Row;
use std::collections::BTreeMap;
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

impl RunRow {
    /// The run as its decisions know it, without its drafts: there may be very many.
    pub fn run(&self, id: InvoiceRunId) -> InvoiceRun {
        InvoiceRun {
            fact: InvoiceRunOpened {
                invoice_run_id: id,
                legal_entity_id: self.legal_entity_id,
                cut_off: self.cut_off,
            },
            phase: self.phase,
            stopped: self.stopped.clone(),
            drafts: BTreeMap::new(),
        }
    }

    /// The step after one whose last payer is this.
    pub fn next(&self, id: InvoiceRunId, after: Payer, limit: i64) -> Next {
        Next {
            run: id,
            phase: self.phase,
            legal_entity: self.legal_entity_id,
            cut_off: self.cut_off,
            after,
            limit,
        }
    }
}

macro_rules! select_run {
    ($rest:literal) => {
        concat!(
            "select legal_entity_id, cut_off, phase, stopped from invoice_run where tenant_id = $1 and invoice_run_id = $2",
            $rest
        )
    };
}

/// Whoever changes a run holds its row.
pub(super) async fn lock(op: &mut Operation, id: InvoiceRunId) -> Result<RunRow, UseCaseError> {
    read(op, select_run!(" for update"), id).await
}

/// The same for whoever only looks.
pub(super) async fn find(op: &mut Operation, id: InvoiceRunId) -> Result<RunRow, UseCaseError> {
    read(op, select_run!(""), id).await
}

async fn read(op: &mut Operation, query: &'static str, id: InvoiceRunId) -> Result<RunRow, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(query)
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

pub(super) async fn insert_drafts(op: &mut Operation, id: InvoiceRunId, drafts: &[Draft]) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    sqlx::query(
        "insert into invoice_run_draft (tenant_id, invoice_run_id, payer_id, payer_kind, standing, lines, net_minor, tax_minor,
                                        gross_minor, inputs_sha256, waits, without_address)
         select $1, $2, d.payer_id, d.payer_kind, case when d.waits is null then 'ready' else 'waits' end, d.lines, d.net_minor,
                d.tax_minor, d.gross_minor, d.inputs_sha256, d.waits, d.without_address
         from unnest($3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[],
                     $11::boolean[])
             as d (payer_id, payer_kind, lines, net_minor, tax_minor, gross_minor, inputs_sha256, waits, without_address)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(each(drafts, |draft| draft.payer.id()))
    .bind(each(drafts, |draft| draft.payer.kind()))
    .bind(each(drafts, |draft| i64::try_from(draft.lines.len()).unwrap_or(i64::MAX)))
    .bind(each(drafts, |draft| draft.net_minor))
    .bind(each(drafts, |draft| draft.tax_minor))
    .bind(each(drafts, |draft| draft.gross_minor))
    .bind(each(drafts, |draft| draft.inputs_sha256.as_str()))
    .bind(each(drafts, |draft| draft.waits.as_ref().map(|waits| waits.why.name())))
    .bind(each(drafts, |draft| draft.without_address))
    .execute(op.conn())
    .await?;
    Ok(())
}

/// A column of drafts.
fn each<'a, T>(drafts: &'a [Draft], column: impl Fn(&'a Draft) -> T) -> Vec<T> {
    drafts.iter().map(column).collect()
}

/// How drafts stand from now on, and the invoice that became of each. No others are read than those between them: the drafts of a
/// step follow each other.
pub(super) async fn set_standings(
    op: &mut Operation,
    id: InvoiceRunId,
    standings: &[(Payer, &str, Option<InvoiceId>)],
) -> Result<(), UseCaseError> {
    let tenant = op.tenant();
    let payers: Vec<Uuid> = standings.iter().map(|(payer, _, _)| payer.id()).collect();
    let names: Vec<&str> = standings.iter().map(|(_, name, _)| *name).collect();
    let invoices: Vec<Option<Uuid>> = standings.iter().map(|(_, _, id)| id.map(|id| id.0)).collect();
    sqlx::query(
        "update invoice_run_draft d set standing = s.standing, invoice_id = s.invoice_id
         from unnest($3::uuid[], $4::text[], $5::uuid[]) as s (payer_id, standing, invoice_id)
         where d.tenant_id = $1 and d.invoice_run_id = $2 and d.payer_id = s.payer_id
           and d.payer_id between $6 and $7",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(&payers)
    .bind(names)
    .bind(invoices)
    .bind(payers.iter().min())
    .bind(payers.iter().max())
    .execute(op.conn())
    .await?;
    Ok(())
}

/// How many drafts are ready to be issued, and what they come to. Whoever decides by it holds the run's row.
pub(super) async fn ready_sums(op: &mut Operation, id: InvoiceRunId) -> Result<(i64, i64), UseCaseError> {
    let tenant = op.tenant();
    let sums = sqlx::query_as(
        "select count(*), coalesce(sum(gross_minor), 0)::bigint from invoice_run_draft
         where tenant_id = $1 and invoice_run_id = $2 and standing = 'ready'",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_one(op.conn())
    .await?;
    Ok(sums)
}

/// The payer of this id, where the run has a draft for one.
pub(super) async fn payer(op: &mut Operation, id: InvoiceRunId, payer_id: Uuid) -> Result<Option<Payer>, UseCaseError> {
    let tenant = op.tenant();
    let row = sqlx::query(
        "select payer_kind, payer_id from invoice_run_draft where tenant_id = $1 and invoice_run_id = $2 and payer_id = $3",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(payer_id)
    .fetch_optional(op.conn())
    .await?;
    row.as_ref().map(Columns::payer).transpose()
}

/// The next drafts that are to be issued, of payers after one, with the hash that was approved.
pub(super) async fn ready(
    op: &mut Operation,
    id: InvoiceRunId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Payer, String)>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "select payer_kind, payer_id, inputs_sha256 from invoice_run_draft
         where tenant_id = $1 and invoice_run_id = $2 and standing = 'ready' and payer_id > $3 order by payer_id limit $4",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(after.unwrap_or_default())
    .bind(limit)
    .fetch_all(op.conn())
    .await?;
    rows.iter()
        .map(|row| Ok((row.payer()?, row.try_get("inputs_sha256")?)))
        .collect()
}

/// The last payer who has a draft.
pub(super) async fn last_drafted(op: &mut Operation, id: InvoiceRunId) -> Result<Option<Uuid>, UseCaseError> {
    let tenant = op.tenant();
    Ok(sqlx::query_scalar(
        "select payer_id from invoice_run_draft where tenant_id = $1 and invoice_run_id = $2 order by payer_id desc limit 1",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(op.conn())
    .await?)
}

/// The next payers with something to bill after one, in the order of their ids. Each is found by one look into the index from the one
/// before: what all of them owe is not read to know who they are.
pub(super) async fn owing_after(
    op: &mut Operation,
    entity: LegalEntityId,
    cut_off: Date,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Payer>, UseCaseError> {
    let tenant = op.tenant();
    let rows = sqlx::query(
        "with recursive owing (payer_id, payer_kind, number) as (
            (select payer_id, payer_kind, 1::bigint from charge_guard
             where tenant_id = $1 and legal_entity_id = $2 and billable_on <= $3 and invoice_id is null and not voided
               and payer_id > $4
             order by payer_id limit 1)
            union all
            select next.payer_id, next.payer_kind, owing.number + 1
            from owing cross join lateral (
                select payer_id, payer_kind from charge_guard
                where tenant_id = $1 and legal_entity_id = $2 and billable_on <= $3 and invoice_id is null and not voided
                  and payer_id > owing.payer_id
                order by payer_id limit 1) next
            where owing.number < $5)
         select payer_id, payer_kind from owing order by number",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(cut_off.to_sqlx())
    .bind(after.unwrap_or_default())
    .bind(limit)
    .fetch_all(op.conn())
    .await?;
    rows.iter().map(Columns::payer).collect()
}
