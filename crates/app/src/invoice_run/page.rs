//! Runs as lists and single pages show them. They read the rows that a run is driven by, which never lag.

use super::{command::waits_for, draft::Desk, drafts_of, guard};
use crate::{
    App, Caller, Operation, UseCaseError, charge, invoice,
    page::{Page, PageRequest},
    read::{self, Columns},
};
use coterie_domain::{
    Currency, InvoiceId, InvoiceRunId, LegalEntityId, Payer,
    invoice::InvoiceIssued,
    invoice_run::{self, Difference, Draft, LineChange, Phase, Standing, WaitsFor},
};
use jiff::civil::Date;
use sqlx::{PgConnection, Row, postgres::PgRow};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Sums over drafts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    pub count: i64,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
}

/// A run with what its drafts add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub invoice_run_id: InvoiceRunId,
    pub legal_entity_id: LegalEntityId,
    pub cut_off: Date,
    pub phase: Phase,
    pub stopped: Option<String>,
    pub ready: Sums,
    pub issued: Sums,
    pub waits: Sums,
    pub excluded: Sums,
    pub set_aside: Sums,
}

/// What finance should look at before approving.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exceptions {
    /// Drafts that wait, by why.
    pub waits: Vec<(WaitsFor, i64)>,
    pub without_address: i64,
    /// More than half more or less than the payer's last invoice.
    pub jumps: i64,
}

/// One payer's draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRow {
    pub payer: Payer,
    /// As the read models know her; empty while they do not.
    pub payer_name: String,
    pub standing: &'static str,
    pub lines: i64,
    pub net_minor: i64,
    pub tax_minor: i64,
    pub gross_minor: i64,
    pub inputs_sha256: String,
    pub waits: Option<WaitsFor>,
    pub without_address: bool,
    pub invoice_id: Option<InvoiceId>,
    /// Gross of her last invoice before this run.
    pub last_gross_minor: Option<i64>,
}

impl DraftRow {
    /// See [`Exceptions::jumps`].
    pub fn jumps(&self) -> bool {
        self.last_gross_minor
            .is_some_and(|last| invoice_run::jumps(last, self.gross_minor))
    }
}

/// A draft with its lines, beside the payer's last invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftDetail {
    pub draft: Draft,
    pub standing: Standing,
    pub currency: Currency,
    /// As it would be printed, without a number; why it cannot be otherwise.
    pub document: Result<InvoiceIssued, String>,
    /// Number and gross of the payer's last invoice, and what is different.
    pub last: Option<(InvoiceId, String, i64)>,
    pub changes: Vec<LineChange>,
    /// What changed since it was drafted: it would be set aside.
    pub changed: Option<Difference>,
    /// The hash of what it would be made of now, where that is not what it was.
    pub now_sha256: Option<String>,
}

const SUMS: &str = "select d.standing, count(*) as count, coalesce(sum(net_minor), 0)::bigint as net_minor,
        coalesce(sum(tax_minor), 0)::bigint as tax_minor, coalesce(sum(gross_minor), 0)::bigint as gross_minor
     from invoice_run_draft d where d.tenant_id = $1 and d.invoice_run_id = $2 group by d.standing";

async fn row(conn: &mut PgConnection, tenant: Uuid, row: &PgRow) -> Result<RunRow, UseCaseError> {
    let phase: String = row.try_get("phase")?;
    let id: InvoiceRunId = row.id("invoice_run_id")?;
    let mut run = RunRow {
        invoice_run_id: id,
        legal_entity_id: row.id("legal_entity_id")?,
        cut_off: row.date("cut_off")?,
        phase: Phase::from_name(&phase).ok_or_else(|| UseCaseError::Broken(format!("a run that is {phase}")))?,
        stopped: row.try_get("stopped")?,
        ready: Sums::default(),
        issued: Sums::default(),
        waits: Sums::default(),
        excluded: Sums::default(),
        set_aside: Sums::default(),
    };
    for sums in sqlx::query(SUMS).bind(tenant).bind(id.0).fetch_all(conn).await? {
        let of = Sums {
            count: sums.try_get("count")?,
            net_minor: sums.try_get("net_minor")?,
            tax_minor: sums.try_get("tax_minor")?,
            gross_minor: sums.try_get("gross_minor")?,
        };
        match sums.try_get("standing")? {
            "ready" => run.ready = of,
            "issued" => run.issued = of,
            "waits" => run.waits = of,
            "excluded" => run.excluded = of,
            _ => run.set_aside = of,
        }
    }
    Ok(run)
}

/// Runs, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, tenant: Uuid, request: &PageRequest) -> Result<Page<RunRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select invoice_run_id, legal_entity_id, cut_off, phase, stopped from invoice_run
         where tenant_id = $1 and ($2::uuid is null or invoice_run_id < $2) order by invoice_run_id desc limit $3",
    )
    .bind(tenant)
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let mut runs = Vec::with_capacity(rows.len());
    for found in &rows {
        runs.push(row(&mut tx, tenant, found).await?);
    }
    Ok(request.cut(runs, |run| run.invoice_run_id.0))
}

/// One run; `None` when the organization has none under this id.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: InvoiceRunId) -> Result<Option<RunRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let found = sqlx::query(
        "select invoice_run_id, legal_entity_id, cut_off, phase, stopped from invoice_run where tenant_id = $1 and invoice_run_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_optional(&mut *tx)
    .await?;
    match found {
        Some(found) => Ok(Some(row(&mut tx, tenant, &found).await?)),
        None => Ok(None),
    }
}

/// A payer's last invoice of the run's legal entity that the run did not issue itself.
macro_rules! select_drafts {
    ($rest:literal) => {
        concat!(
            "select d.*, l.gross_minor as last_gross_minor, coalesce(m.name, c.name, '') as payer_name
             from invoice_run_draft d
             join invoice_run r using (tenant_id, invoice_run_id)
             left join member_view m on m.tenant_id = d.tenant_id and m.member_id = d.payer_id
             left join company_view c on c.tenant_id = d.tenant_id and c.company_id = d.payer_id
             left join lateral (
                 select v.gross_minor from invoice_view v
                 where v.tenant_id = d.tenant_id and v.payer_id = d.payer_id and v.legal_entity_id = r.legal_entity_id
                   and v.invoice_id is distinct from d.invoice_id
                 order by v.position desc limit 1) l on true
             where d.tenant_id = $1 and d.invoice_run_id = $2 ",
            $rest
        )
    };
}

/// A run's drafts by payer; of one standing where it is named.
///
/// # Errors
/// When the database fails.
pub async fn drafts(
    app: &App,
    tenant: Uuid,
    id: InvoiceRunId,
    standing: Option<&str>,
    request: &PageRequest,
) -> Result<Page<DraftRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(select_drafts!(
        "and ($3::text is null or d.standing = $3) and ($4::uuid is null or d.payer_id > $4) order by d.payer_id limit $5"
    ))
    .bind(tenant)
    .bind(id.0)
    .bind(standing)
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let drafts = rows.iter().map(draft_row).collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(drafts, |draft| draft.payer.id()))
}

/// The names that drafts are filtered by.
pub const STANDINGS: [&str; 5] = ["ready", "waits", "excluded", "issued", "set_aside"];

fn standing_named(name: &str) -> &'static str {
    STANDINGS.into_iter().find(|known| *known == name).unwrap_or_default()
}

fn draft_row(row: &PgRow) -> Result<DraftRow, UseCaseError> {
    let waits: Option<String> = row.try_get("waits")?;
    Ok(DraftRow {
        payer: row.payer()?,
        payer_name: row.try_get("payer_name")?,
        standing: standing_named(row.try_get("standing")?),
        lines: row.try_get("lines")?,
        net_minor: row.try_get("net_minor")?,
        tax_minor: row.try_get("tax_minor")?,
        gross_minor: row.try_get("gross_minor")?,
        inputs_sha256: row.try_get("inputs_sha256")?,
        waits: waits.as_deref().and_then(waits_for),
        without_address: row.try_get("without_address")?,
        invoice_id: row.maybe_id("invoice_id")?,
        last_gross_minor: row.try_get("last_gross_minor")?,
    })
}

/// What is out of the ordinary in a run.
///
/// # Errors
/// When the database fails.
pub async fn exceptions(app: &App, tenant: Uuid, id: InvoiceRunId) -> Result<Exceptions, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let mut found = Exceptions::default();
    let waiting = sqlx::query(
        "select waits, count(*) as count from invoice_run_draft
         where tenant_id = $1 and invoice_run_id = $2 and waits is not null group by waits order by waits",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_all(&mut *tx)
    .await?;
    for row in &waiting {
        if let Some(why) = waits_for(row.try_get("waits")?) {
            found.waits.push((why, row.try_get("count")?));
        }
    }
    // The rule of `invoice_run::jumps`, counted where the rows are.
    let row = sqlx::query(
        "select count(*) filter (where d.without_address) as without_address,
                count(*) filter (where abs(d.gross_minor::numeric - l.gross_minor) * 2 > abs(l.gross_minor::numeric)) as jumps
         from invoice_run_draft d
         join invoice_run r using (tenant_id, invoice_run_id)
         left join lateral (
             select v.gross_minor from invoice_view v
             where v.tenant_id = d.tenant_id and v.payer_id = d.payer_id and v.legal_entity_id = r.legal_entity_id
               and v.invoice_id is distinct from d.invoice_id
             order by v.position desc limit 1) l on true
         where d.tenant_id = $1 and d.invoice_run_id = $2",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_one(&mut *tx)
    .await?;
    found.without_address = row.try_get("without_address")?;
    found.jumps = row.try_get("jumps")?;
    Ok(found)
}

/// A draft with its lines. Its charges are read from the log, so what is shown is what was drafted, and what changed since is told.
///
/// # Errors
/// `NotFound` for an unknown run or a payer without a draft; whatever the database says.
pub async fn draft(app: &App, tenant: Uuid, id: InvoiceRunId, payer_id: Uuid) -> Result<DraftDetail, UseCaseError> {
    let mut op = Operation::open(app, &Caller::system(tenant, "reading")).await?;
    let run = guard::find(&mut op, id).await?;
    let payer = guard::payer(&mut op, id, payer_id)
        .await?
        .ok_or(UseCaseError::NotFound)?;
    let mut drafts = drafts_of(&mut op, id, &BTreeSet::from([payer])).await?;
    let (draft, standing) = drafts.remove(&payer).ok_or(UseCaseError::NotFound)?;
    let entity_id = run.legal_entity_id;
    let catalogue = op.catalogue().await?;
    let entity = &catalogue.legal_entity(entity_id)?.fact;
    let ids: Vec<_> = draft.lines.iter().map(|line| line.charge_id).collect();
    let charges = charge::made_of(&mut op, &ids).await?;
    let buyer = invoice::buyer(&mut op, payer, entity_id, &charges).await?;
    let document = invoice_run::print(payer, buyer, Uuid::nil(), &charges, entity, &catalogue);
    let undecided = matches!(standing, Standing::Ready | Standing::Waits(_) | Standing::Excluded);
    let now = if undecided && !run.phase.over() {
        let owed = charge::billable_of(&mut op, &[payer.id()], entity_id, run.cut_off).await?;
        let charges = owed.decoded()?.remove(&payer.id()).unwrap_or_default();
        let buyer = invoice::buyer(&mut op, payer, entity_id, &charges).await?;
        let now = Desk::open(&mut op, entity_id).await?.draft(payer, &buyer, &charges)??;
        (now.inputs_sha256 != draft.inputs_sha256).then_some(now)
    } else {
        None
    };
    let own = match &standing {
        Standing::Issued(id) => Some(id.0),
        _ => None,
    };
    let last: Option<Uuid> = sqlx::query_scalar(
        "select invoice_id from invoice_view where tenant_id = $1 and payer_id = $2 and legal_entity_id = $3
           and invoice_id is distinct from $4 order by position desc limit 1",
    )
    .bind(tenant)
    .bind(payer.id())
    .bind(entity_id.0)
    .bind(own)
    .fetch_optional(op.conn())
    .await?;
    // One of several invoices is nothing to compare all of them with.
    let last = match last.filter(|_| !draft.per_location) {
        Some(last) => invoice::load(&mut op, InvoiceId(last)).await?,
        None => None,
    };
    let differs = match (&last, &document) {
        (Some(last), Ok(document)) => invoice_run::compare(&last.lines, &document.lines),
        _ => Vec::new(),
    };
    Ok(DraftDetail {
        standing,
        currency: entity.currency,
        document: document.map_err(|refusal| refusal.sentence),
        last: last.map(|last| (last.invoice_id, last.number, last.gross_minor)),
        changes: differs,
        changed: now.as_ref().map(|now| invoice_run::difference(&draft, now)),
        now_sha256: now.map(|now| now.inputs_sha256),
        draft,
    })
}

/// Somebody who owes something that is on no invoice.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingRow {
    pub payer: Payer,
    pub payer_name: String,
    pub charges: i64,
    pub net_minor: i64,
    /// Whether some of it gives back days that were charged.
    pub gives_back: bool,
}

/// Whose charges of a legal entity could be invoiced up to a day, by payer.
///
/// # Errors
/// When the database fails.
pub async fn waiting(
    app: &App,
    tenant: Uuid,
    entity: LegalEntityId,
    up_to: Date,
    request: &PageRequest,
) -> Result<Page<WaitingRow>, UseCaseError> {
    use jiff_sqlx::ToSqlx;
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select v.payer_id, v.payer_kind, count(*) as charges, sum((v.document->'net'->>'minor')::bigint)::bigint as net_minor,
                bool_or(v.document->>'gives_back' is not null) as gives_back,
                coalesce(max(m.name), max(c.name), '') as payer_name
         from charge_view v
         left join member_view m on m.tenant_id = v.tenant_id and m.member_id = v.payer_id
         left join company_view c on c.tenant_id = v.tenant_id and c.company_id = v.payer_id
         where v.tenant_id = $1 and v.legal_entity_id = $2 and v.billable_on <= $3 and v.invoice_id is null and not v.voided
           and ($4::uuid is null or v.payer_id > $4)
         group by v.payer_id, v.payer_kind order by v.payer_id limit $5",
    )
    .bind(tenant)
    .bind(entity.0)
    .bind(up_to.to_sqlx())
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let waiting = rows
        .iter()
        .map(|row| {
            Ok(WaitingRow {
                payer: row.payer()?,
                payer_name: row.try_get("payer_name")?,
                charges: row.try_get("charges")?,
                net_minor: row.try_get("net_minor")?,
                gives_back: row.try_get("gives_back")?,
            })
        })
        .collect::<Result<Vec<_>, UseCaseError>>()?;
    Ok(request.cut(waiting, |row| row.payer.id()))
}
