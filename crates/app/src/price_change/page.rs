//! Announcements as lists and single pages show them. They read the rows that an announcement is driven by, which never lag.

use super::guard;
use crate::{
    App, UseCaseError, catalogue,
    operation::decode,
    page::{Page, PageRequest},
    read::{self, Columns},
};
use coterie_domain::{
    LegalEntityId, MemberId, MembershipId, Money, PlanId, PlanVersionId, PriceChangeId,
    catalogue::Catalogue,
    price_change::{Move, Phase, PriceChangeEvent, Reason, Why},
};
use jiff::civil::Date;
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

/// The names that memberships are filtered by.
pub const STANDINGS: [&str; 5] = ["waiting", "told", "left_out", "released", "stays"];

/// How many memberships stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub waiting: i64,
    pub told: i64,
    pub left_out: i64,
    pub released: i64,
    pub stays: i64,
}

impl Counts {
    /// Those that were to move when it was announced.
    pub fn moves(&self) -> i64 {
        self.waiting + self.told + self.left_out + self.released
    }
}

/// An announcement with what became of it so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceChangeRow {
    pub price_change_id: PriceChangeId,
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    /// Of the version that members move to.
    pub number: i32,
    pub legal_entity_id: LegalEntityId,
    pub effective_from: Date,
    pub announced_on: Date,
    pub notice_days: i64,
    pub phase: Phase,
    pub counts: Counts,
    /// Of a cycle, as that version tells it.
    pub price: Money,
    /// Of a cycle of all that wait or were told, as their versions tell it: before, and after.
    pub before: Money,
    pub after: Money,
}

/// A membership of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    pub membership_id: MembershipId,
    /// As the read models know her; none while they do not.
    pub member_id: Option<MemberId>,
    pub member_name: String,
    pub standing: &'static str,
    pub planned: Option<Move>,
    pub why: Option<Why>,
}

macro_rules! select_price_changes {
    ($rest:literal) => {
        concat!(
            "select price_change_id, plan_id, plan_version_id, legal_entity_id, effective_from, announced_on, notice_days, phase
             from price_change where tenant_id = $1 ",
            $rest
        )
    };
}

async fn row(
    conn: &mut PgConnection,
    tenant: Uuid,
    row: &PgRow,
    catalogue: &Catalogue,
) -> Result<PriceChangeRow, UseCaseError> {
    let id: PriceChangeId = row.id("price_change_id")?;
    let plan_version_id: PlanVersionId = row.id("plan_version_id")?;
    let plan = catalogue.plan_version(plan_version_id)?;
    let (mut counts, mut before, mut moving) = (Counts::default(), 0, 0);
    let sums: Vec<(String, i64, i64)> = sqlx::query_as(
        "select standing, count(*), coalesce(sum(price_minor), 0)::bigint from price_change_membership
         where tenant_id = $1 and price_change_id = $2 group by standing",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_all(conn)
    .await?;
    for (standing, count, minor) in sums {
        match standing.as_str() {
            "waiting" => counts.waiting = count,
            "told" => counts.told = count,
            "left_out" => counts.left_out = count,
            "released" => counts.released = count,
            _ => counts.stays = count,
        }
        if ["waiting", "told"].contains(&standing.as_str()) {
            before += minor;
            moving += count;
        }
    }
    let currency = plan.price.currency;
    Ok(PriceChangeRow {
        price_change_id: id,
        plan_id: row.id("plan_id")?,
        plan_version_id,
        plan_name: plan.name.clone(),
        number: plan.number,
        legal_entity_id: row.id("legal_entity_id")?,
        effective_from: row.date("effective_from")?,
        announced_on: row.date("announced_on")?,
        notice_days: row.try_get("notice_days")?,
        phase: guard::phase(row)?,
        counts,
        price: plan.price,
        before: Money::new(before, currency),
        after: Money::new(plan.price.minor.saturating_mul(moving), currency),
    })
}

/// Announcements, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, tenant: Uuid, request: &PageRequest) -> Result<Page<PriceChangeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(select_price_changes!(
        "and ($2::uuid is null or price_change_id < $2) order by price_change_id desc limit $3"
    ))
    .bind(tenant)
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for one in &rows {
        found.push(row(&mut tx, tenant, one, &catalogue).await?);
    }
    Ok(request.cut(found, |one| one.price_change_id.0))
}

/// One announcement; `None` when the organization has none under this id.
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: PriceChangeId) -> Result<Option<PriceChangeRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let found = sqlx::query(select_price_changes!("and price_change_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    match found {
        Some(found) => Ok(Some(row(&mut tx, tenant, &found, &catalogue).await?)),
        None => Ok(None),
    }
}

/// What the operator added to the letter.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn message(app: &App, tenant: Uuid, id: PriceChangeId) -> Result<Option<String>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let events = coterie_eventlog::read_stream(&mut tx, tenant, id.0, 0, 1).await?;
    let first = events.first().filter(|event| event.category == "price_change");
    let Some(first) = first else { return Ok(None) };
    Ok(match decode::<PriceChangeEvent>(first)? {
        PriceChangeEvent::PriceChangeAnnounced(fact) => fact.terms.message,
        _ => None,
    })
}

/// An announcement's memberships by their ids; of one standing where it is named.
///
/// # Errors
/// `NotFound` when the organization has no such announcement; when the database fails.
pub async fn memberships(
    app: &App,
    tenant: Uuid,
    id: PriceChangeId,
    standing: Option<&str>,
    request: &PageRequest,
) -> Result<Page<MembershipRow>, UseCaseError> {
    let found = find(app, tenant, id).await?.ok_or(UseCaseError::NotFound)?;
    let mut tx = read::begin(app, tenant).await?;
    let rows = sqlx::query(
        "select c.*, s.member_id, coalesce(m.name, '') as member_name
         from price_change_membership c
         left join membership_view s on s.tenant_id = c.tenant_id and s.membership_id = c.membership_id
         left join member_view m on m.tenant_id = c.tenant_id and m.member_id = s.member_id
         where c.tenant_id = $1 and c.price_change_id = $2 and ($3::text is null or c.standing = $3)
           and ($4::uuid is null or c.membership_id > $4)
         order by c.membership_id limit $5",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(standing)
    .bind(request.after::<Uuid>())
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let rows = rows
        .iter()
        .map(|row| {
            let name: String = row.try_get("standing")?;
            Ok(MembershipRow {
                membership_id: row.id("membership_id")?,
                member_id: row.maybe_id("member_id")?,
                member_name: row.try_get("member_name")?,
                standing: STANDINGS.into_iter().find(|known| *known == name).unwrap_or_default(),
                planned: guard::planned(row, found.price.currency)?,
                why: guard::why(row)?,
            })
        })
        .collect::<Result<Vec<_>, UseCaseError>>()?;
    Ok(request.cut(rows, |row| row.membership_id.0))
}

/// How many do not move, by why: those that stay out of it and those that were left out.
///
/// # Errors
/// When the database fails.
pub async fn reasons(app: &App, tenant: Uuid, id: PriceChangeId) -> Result<Vec<(Reason, i64)>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select why, count(*) from price_change_membership
         where tenant_id = $1 and price_change_id = $2 and why is not null group by why order by why",
    )
    .bind(tenant)
    .bind(id.0)
    .fetch_all(&mut *tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(name, count)| Some((Reason::from_name(&name)?, count)))
        .collect())
}

/// Who the memberships of a preview are, by the read models: member and name.
///
/// # Errors
/// When the database fails.
pub async fn names(
    app: &App,
    tenant: Uuid,
    ids: &[MembershipId],
) -> Result<std::collections::BTreeMap<MembershipId, (MemberId, String)>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "select s.membership_id, s.member_id, coalesce(m.name, '') as member_name
         from membership_view s left join member_view m on m.tenant_id = s.tenant_id and m.member_id = s.member_id
         where s.tenant_id = $1 and s.membership_id = any($2)",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(&mut *tx)
    .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.id("membership_id")?,
                (row.id("member_id")?, row.try_get("member_name")?),
            ))
        })
        .collect()
}
