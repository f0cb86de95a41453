//! Memberships and what is left of their allowances.

use crate::{
    App, UseCaseError, catalogue,
    credit::holds,
    page::{Page, PageRequest},
    read::{self, Columns, states},
};
use coterie_domain::{
    CreditPackId, LegalEntityId, LocationId, LotId, MemberId, MembershipId, Money, Payer, PlanId, PlanVersionId,
    catalogue::Catalogue, credit::Holds, local_time, period::Days,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

/// The most lots of one member that are shown: a cycle makes a handful, and only those not yet lapsed count.
const MAX_LOTS: i64 = 200;

states!(MembershipState {
    Active = "active",
    /// It runs on to its last day.
    Notice = "notice",
    Ended = "ended",
});

#[derive(Debug, Clone, PartialEq)]
pub struct MembershipRow {
    pub membership_id: MembershipId,
    pub member_id: MemberId,
    pub member_name: String,
    pub payer: Payer,
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    pub legal_entity_id: LegalEntityId,
    pub home_location_id: LocationId,
    pub home_location_name: String,
    pub start: Date,
    /// The last cycle opened.
    pub cycle: Option<Days>,
    /// Its last day, once notice is given.
    pub last_day: Option<Date>,
    pub state: MembershipState,
    /// The plan's price of a whole cycle.
    pub price: Money,
    /// Whether it is told with the tax in it.
    pub tax_included: bool,
    /// What a cycle is called: `month`, `10 days`.
    pub length: String,
    pub next: Option<NextPlan>,
    /// The last pause, from when until when; open where nobody said its end.
    pub pause: Option<(Date, Option<Date>)>,
    pub agreed: Option<AgreedPrice>,
    pub position: i64,
}

/// What is agreed on for later.
#[derive(Debug, Clone, PartialEq)]
pub struct NextPlan {
    pub plan_id: PlanId,
    pub plan_version_id: PlanVersionId,
    pub plan_name: String,
    pub price: Money,
    pub tax_included: bool,
    pub length: String,
    pub from: Date,
}

/// The last price that was agreed on instead of the plan's.
#[derive(Debug, Clone, PartialEq)]
pub struct AgreedPrice {
    pub price: Money,
    pub tax_included: bool,
    pub from: Date,
    pub until: Option<Date>,
}

impl MembershipRow {
    /// Whether it rests on a day.
    pub fn paused_on(&self, day: Date) -> bool {
        self.pause
            .is_some_and(|(from, until)| from <= day && until.is_none_or(|until| day < until))
    }
    /// The price that counts on a day, and whether it is told with the tax in it.
    pub fn price_on(&self, day: Date) -> (Money, bool) {
        let agreed = self.agreed.as_ref();
        let agreed = agreed.filter(|price| price.from <= day && price.until.is_none_or(|until| day < until));
        agreed.map_or((self.price, self.tax_included), |agreed| {
            (agreed.price, agreed.tax_included)
        })
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct MembershipFilter {
    pub member: Option<MemberId>,
    pub state: Option<MembershipState>,
}

/// A lot that a plan or staff granted.
#[derive(Debug, Clone, PartialEq)]
pub struct AllowanceRow {
    pub lot_id: LotId,
    pub membership_id: MembershipId,
    pub holds: Holds,
    /// Of hours; empty of anything else.
    pub type_name: String,
    pub granted: i64,
    pub left: i64,
    /// Bookings that start in `[valid_from, valid_until)` draw on it.
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    /// Whether a booking that started now, by the organization's clock, could draw on it.
    pub current: bool,
    /// What was bought is of a pack, and no plan grants it.
    pub pack_name: Option<String>,
}

macro_rules! select_memberships {
    ($rest:literal) => {
        concat!(
            "select s.*, coalesce(m.name, '') as member_name
             from membership_view s left join member_view m on m.tenant_id = s.tenant_id and m.member_id = s.member_id
             where s.tenant_id = $1 ",
            $rest
        )
    };
}

/// Memberships, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: MembershipFilter,
    request: &PageRequest,
) -> Result<Page<MembershipRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(select_memberships!(
        "and ($2::uuid is null or s.member_id = $2) and ($3::text is null or s.state = $3) and s.position < $4
         order by s.position desc limit $5"
    ))
    .bind(tenant)
    .bind(filter.member.map(|id| id.0))
    .bind(filter.state.map(MembershipState::name))
    .bind(request.after::<i64>().unwrap_or(i64::MAX))
    .bind(request.limit() + 1)
    .fetch_all(&mut *tx)
    .await?;
    let items = rows
        .iter()
        .map(|row| membership(row, &catalogue))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(items, |membership| membership.position))
}

/// One membership; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: MembershipId) -> Result<Option<MembershipRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let row = sqlx::query(select_memberships!("and s.membership_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| membership(&row, &catalogue)).transpose()
}

/// What a member may still draw on, by her own memberships and those that she has a seat of, now and in the cycles granted ahead, by expiry. It reads the lots themselves, so
/// that minutes never lag; only notice is heard of through the model.
///
/// # Errors
/// `NotFound` for an unknown organization; when the database fails.
pub async fn allowances(app: &App, tenant: Uuid, member: MemberId) -> Result<Vec<AllowanceRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let now = read::now(&mut tx, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let rows = sqlx::query(
        "select l.lot_id, l.membership_id, l.holds, l.resource_type_id, l.currency, l.amount_granted, l.amount_left, l.valid_from, l.valid_until,
                l.credit_pack_id, s.last_day, s.home_location_id
         from credit_lot l
         left join membership_view s on s.tenant_id = l.tenant_id and s.membership_id = l.membership_id
         where l.tenant_id = $1 and l.valid_until > $3
           and (l.member_id = $2 or l.credit_pack_id is null and l.membership_id in (
               select t.membership_id from membership_seat t
               where t.tenant_id = $1 and t.member_id = $2 and t.first_day <= $5 and (t.end_day is null or t.end_day > $5)))
         order by l.valid_until, l.lot_id limit $4",
    )
    .bind(tenant)
    .bind(member.0)
    .bind(now.to_sqlx())
    .bind(MAX_LOTS)
    .bind(local_time::day_at(now, &TimeZone::UTC).to_sqlx())
    .fetch_all(&mut *tx)
    .await?;
    let mut lots = Vec::with_capacity(rows.len());
    for row in &rows {
        let lot = allowance(row, now, &catalogue)?;
        // A lot granted ahead of a cycle that notice has called off is nobody's.
        let called_off = match row.maybe_date("last_day")? {
            // What was bought outlives the membership.
            Some(_) if lot.pack_name.is_some() => false,
            Some(last_day) => {
                let zone = catalogue.zone_of(row.id("home_location_id")?)?;
                lot.valid_from >= local_time::day_start(last_day.tomorrow().unwrap_or(last_day), &zone)?
            }
            None => false,
        };
        lots.extend((!called_off).then_some(lot));
    }
    Ok(lots)
}

fn allowance(row: &PgRow, now: Timestamp, catalogue: &Catalogue) -> Result<AllowanceRow, UseCaseError> {
    let holds = holds(row)?;
    let kind = holds.resource_type().and_then(|id| catalogue.resource_types.get(&id));
    let pack: Option<Uuid> = row.try_get("credit_pack_id")?;
    let pack = pack.and_then(|id| catalogue.credit_packs.get(&CreditPackId(id)));
    let (valid_from, valid_until) = (row.time("valid_from")?, row.time("valid_until")?);
    Ok(AllowanceRow {
        lot_id: row.id("lot_id")?,
        membership_id: row.id("membership_id")?,
        holds,
        type_name: kind.map(|kind| kind.name.clone()).unwrap_or_default(),
        granted: row.try_get("amount_granted")?,
        left: row.try_get("amount_left")?,
        valid_from,
        valid_until,
        current: valid_from <= now && now < valid_until,
        pack_name: pack.map(|pack| pack.fact.name.clone()),
    })
}

fn membership(row: &PgRow, catalogue: &Catalogue) -> Result<MembershipRow, UseCaseError> {
    let home_location_id: LocationId = row.id("home_location_id")?;
    let home = catalogue.locations.get(&home_location_id);
    let plan_version_id: PlanVersionId = row.id("plan_version_id")?;
    let cycle = row.maybe_date("cycle_start")?.zip(row.maybe_date("cycle_end")?);
    Ok(MembershipRow {
        membership_id: row.id("membership_id")?,
        member_id: row.id("member_id")?,
        member_name: row.try_get("member_name")?,
        payer: row.payer()?,
        plan_id: row.id("plan_id")?,
        plan_version_id,
        plan_name: row.try_get("plan_name")?,
        legal_entity_id: row.id("legal_entity_id")?,
        home_location_id,
        home_location_name: home.map(|home| home.name.clone()).unwrap_or_default(),
        start: row.date("start_date")?,
        cycle: cycle.map(|(start, end)| Days { start, end }),
        last_day: row.maybe_date("last_day")?,
        state: row.word("state")?,
        price: row.money("price_minor")?,
        tax_included: told_with_tax(plan_version_id, catalogue),
        length: row.try_get("length")?,
        next: next_plan(row, catalogue)?,
        pause: row
            .maybe_date("paused_from")?
            .map(|from| Ok::<_, UseCaseError>((from, row.maybe_date("paused_until")?)))
            .transpose()?,
        agreed: agreed_price(row)?,
        position: row.try_get("position")?,
    })
}

fn told_with_tax(version: PlanVersionId, catalogue: &Catalogue) -> bool {
    let plan = catalogue.plan_versions.get(&version);
    plan.is_some_and(|plan| plan.tax_included)
}

fn next_plan(row: &PgRow, catalogue: &Catalogue) -> Result<Option<NextPlan>, UseCaseError> {
    let Some(from) = row.maybe_date("next_from")? else {
        return Ok(None);
    };
    let plan_version_id: PlanVersionId = row.id("next_plan_version_id")?;
    Ok(Some(NextPlan {
        plan_id: row.id("next_plan_id")?,
        plan_version_id,
        plan_name: row.try_get("next_plan_name")?,
        price: row.money("next_price_minor")?,
        tax_included: told_with_tax(plan_version_id, catalogue),
        length: row.try_get("next_length")?,
        from,
    }))
}

fn agreed_price(row: &PgRow) -> Result<Option<AgreedPrice>, UseCaseError> {
    let Some(from) = row.maybe_date("agreed_from")? else {
        return Ok(None);
    };
    Ok(Some(AgreedPrice {
        price: row.money("agreed_price_minor")?,
        tax_included: row
            .try_get::<Option<bool>, _>("agreed_tax_included")?
            .unwrap_or_default(),
        from,
        until: row.maybe_date("agreed_until")?,
    }))
}
