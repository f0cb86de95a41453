//! Deposits as lists and single pages show them: read from the guards themselves, so that what is held never lags.

use crate::{
    App, UseCaseError,
    page::{Page, PageRequest},
    read::{self, Columns},
};
use coterie_domain::{DepositId, InvoiceId, LegalEntityId, MemberId, MembershipId, Money, Payer};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq)]
pub struct DepositRow {
    pub deposit_id: DepositId,
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    /// Empty until the model has seen her, and once she is forgotten.
    pub member_name: String,
    pub payer: Payer,
    pub legal_entity_id: LegalEntityId,
    /// What it was asked for by.
    pub invoice_id: InvoiceId,
    pub amount: Money,
    /// What its document still waits for.
    pub open: Money,
    /// Asked for no longer.
    pub credited: Money,
    pub applied: Money,
    pub returned: Money,
    pub held: Money,
    /// Whether the membership is over, and what is held should go back.
    pub ended: bool,
}

/// Which deposits: an absent field asks for all.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DepositFilter {
    pub member: Option<MemberId>,
    pub membership: Option<MembershipId>,
    pub deposit: Option<DepositId>,
}

/// Deposits, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: DepositFilter,
    request: &PageRequest,
) -> Result<Page<DepositRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    // Ids are ordered by time.
    let rows = sqlx::query(
        "select d.*, i.open_minor, coalesce(c.net_minor, 0)::bigint as credited_minor, g.ended, coalesce(m.name, '') as member_name
         from deposit_guard d
         join invoice_guard i on i.tenant_id = d.tenant_id and i.invoice_id = d.invoice_id
         join membership_guard g on g.tenant_id = d.tenant_id and g.membership_id = d.membership_id
         left join (select tenant_id, invoice_id, sum(net_minor) as net_minor from credited_line group by 1, 2) c
             on c.tenant_id = d.tenant_id and c.invoice_id = d.invoice_id
         left join member_view m on m.tenant_id = d.tenant_id and m.member_id = d.member_id
         where d.tenant_id = $1 and ($2::uuid is null or d.member_id = $2) and ($3::uuid is null or d.membership_id = $3)
           and ($4::uuid is null or d.deposit_id = $4) and ($5::uuid is null or d.deposit_id < $5)
         order by d.deposit_id desc limit $6",
    )
    .bind(tenant)
    .bind(filter.member.map(|id| id.0))
    .bind(filter.membership.map(|id| id.0))
    .bind(filter.deposit.map(|id| id.0))
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(items, |deposit| deposit.deposit_id.0))
}

/// The deposits of one membership: one at most, as plans ask for one.
///
/// # Errors
/// When the database fails.
pub async fn of_membership(app: &App, tenant: Uuid, id: MembershipId) -> Result<Vec<DepositRow>, UseCaseError> {
    let filter = DepositFilter {
        membership: Some(id),
        ..DepositFilter::default()
    };
    Ok(list(app, tenant, filter, &PageRequest::default()).await?.items)
}

impl DepositRow {
    /// How it stands, for people: `EUR 600.00, held`.
    pub fn told(&self) -> String {
        let amount = self.amount;
        match (self.open.minor, self.held.minor) {
            (0, 0) => format!("{amount}, settled"),
            (0, held) if held == amount.minor => format!("{amount}, held"),
            (0, _) => format!("{amount}, of which {} are held", self.held),
            _ => format!("{amount}, of which {} are not paid yet", self.open),
        }
    }
}

/// One of them; `None` when the organization has none under this id.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: DepositId) -> Result<Option<DepositRow>, UseCaseError> {
    let filter = DepositFilter {
        deposit: Some(id),
        ..DepositFilter::default()
    };
    Ok(list(app, tenant, filter, &PageRequest::default()).await?.items.pop())
}

fn row(row: &PgRow) -> Result<DepositRow, UseCaseError> {
    let kind: String = row.try_get("payer_kind")?;
    let payer = Payer::from_parts(&kind, row.try_get("payer_id")?)
        .ok_or_else(|| UseCaseError::Broken(format!("payer kind {kind}")))?;
    let amount = row.money("amount_minor")?;
    let (open, credited) = (row.money("open_minor")?, row.money("credited_minor")?);
    let (applied, returned) = (row.money("applied_minor")?, row.money("returned_minor")?);
    let gone = open.minor + credited.minor + applied.minor + returned.minor;
    Ok(DepositRow {
        deposit_id: row.id("deposit_id")?,
        membership_id: row.id("membership_id")?,
        member_id: row.id("member_id")?,
        member_name: row.try_get("member_name")?,
        payer,
        legal_entity_id: row.id("legal_entity_id")?,
        invoice_id: row.id("invoice_id")?,
        held: Money::new(amount.minor - gone, amount.currency),
        amount,
        open,
        credited,
        applied,
        returned,
        ended: row.try_get("ended")?,
    })
}
