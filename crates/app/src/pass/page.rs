//! Passes as lists and single pages show them, and how many of each day are left.

use crate::{
    App, UseCaseError, catalogue,
    page::{Page, PageRequest},
    read::{self, Columns, states},
};
use coterie_domain::{
    ChargeId, LocationId, MemberId, Money, PassId, Payer,
    catalogue::Catalogue,
    charge::Because,
    local_time,
    pass::{PassBought, PassGivenBack},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use jiff_sqlx::ToSqlx;
use sqlx::{PgConnection, Row, postgres::PgRow};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most days that are looked at.
const MOST_DAYS: i32 = 62;

states!(PassState {
    Bought = "bought",
    GivenBack = "given_back",
});

/// A pass as people see it.
#[derive(Debug, Clone, PartialEq)]
pub struct PassRow {
    pub pass_id: PassId,
    pub location_id: LocationId,
    pub location_name: String,
    pub member_id: MemberId,
    pub member_name: String,
    pub payer: Payer,
    pub day: Date,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    /// IANA zone of the location.
    pub time_zone: String,
    pub state: PassState,
    /// Net.
    pub price: Money,
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    pub given_back: Option<PassGivenBack>,
    /// By the organization's clock.
    pub bought_at: Timestamp,
    pub position: i64,
    /// The catalogue that it was decided by: its terms count.
    pub catalogue_position: i64,
}

/// Which passes: an absent field asks for all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PassFilter {
    pub member: Option<MemberId>,
    pub location: Option<LocationId>,
    /// Of this day or a later one.
    pub from: Option<Date>,
    /// Of this day or an earlier one.
    pub until: Option<Date>,
    pub state: Option<PassState>,
    /// The latest day first, as a history is read; else the earliest.
    pub latest_first: bool,
}

/// A day at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassDay {
    pub day: Date,
    /// Whether the location opens.
    pub open: bool,
    pub sold: i32,
    pub capacity: i32,
}

impl PassDay {
    /// How many can still be bought.
    pub fn left(&self) -> i32 {
        if self.open {
            (self.capacity - self.sold).max(0)
        } else {
            0
        }
    }
}

macro_rules! select_passes {
    ($rest:literal) => {
        concat!(
            "select p.document, p.giving_back, p.state, p.bought_at, p.position, coalesce(m.name, '') as member_name
             from pass_view p left join member_view m on m.tenant_id = p.tenant_id and m.member_id = p.member_id
             where p.tenant_id = $1 ",
            $rest
        )
    };
}

/// Passes by day.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: PassFilter,
    request: &PageRequest,
) -> Result<Page<PassRow>, UseCaseError> {
    let after = request.after::<(Date, Uuid)>();
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let statement = if filter.latest_first {
        select_passes!(
            "and ($2::uuid is null or p.member_id = $2) and ($3::uuid is null or p.location_id = $3)
               and ($4::date is null or p.day >= $4) and ($5::date is null or p.day <= $5)
               and ($6::text is null or p.state = $6) and ($7::date is null or (p.day, p.pass_id) < ($7, $8))
             order by p.day desc, p.pass_id desc limit $9"
        )
    } else {
        select_passes!(
            "and ($2::uuid is null or p.member_id = $2) and ($3::uuid is null or p.location_id = $3)
               and ($4::date is null or p.day >= $4) and ($5::date is null or p.day <= $5)
               and ($6::text is null or p.state = $6) and ($7::date is null or (p.day, p.pass_id) > ($7, $8))
             order by p.day, p.pass_id limit $9"
        )
    };
    let rows = sqlx::query(statement)
        .bind(tenant)
        .bind(filter.member.map(|id| id.0))
        .bind(filter.location.map(|id| id.0))
        .bind(filter.from.map(ToSqlx::to_sqlx))
        .bind(filter.until.map(ToSqlx::to_sqlx))
        .bind(filter.state.map(PassState::name))
        .bind(after.map(|(day, _)| day.to_sqlx()))
        .bind(after.map(|(_, id)| id))
        .bind(request.limit() + 1)
        .fetch_all(&mut *tx)
        .await?;
    let items = rows
        .iter()
        .map(|row| pass(row, &catalogue))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(items, |pass| (pass.day, pass.pass_id)))
}

/// One pass; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: PassId) -> Result<Option<PassRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let row = sqlx::query(select_passes!("and p.pass_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| pass(&row, &catalogue)).transpose()
}

fn pass(row: &PgRow, catalogue: &Catalogue) -> Result<PassRow, UseCaseError> {
    let fact: PassBought = row.document("document")?;
    let given_back: Option<sqlx::types::Json<PassGivenBack>> = row.try_get("giving_back")?;
    let place = catalogue.locations.get(&fact.location_id).map(|found| &found.name);
    Ok(PassRow {
        pass_id: fact.pass_id,
        location_id: fact.location_id,
        location_name: place.cloned().unwrap_or_default(),
        member_id: fact.member_id,
        member_name: row.try_get("member_name")?,
        payer: fact.payer,
        day: fact.day,
        opens_at: fact.opens_at,
        closes_at: fact.closes_at,
        time_zone: fact.time_zone,
        state: row.word("state")?,
        price: fact.price,
        charge_id: fact.charge_id,
        because: fact.because,
        given_back: given_back.map(|found| found.0),
        bought_at: row.time("bought_at")?,
        position: row.try_get("position")?,
        catalogue_position: fact.catalogue_position,
    })
}

/// The days of a location from one on, as far ahead as passes are sold and as many as are asked for; none where no passes
/// are sold. What is sold is read from the guard, so it never lags.
///
/// # Errors
/// A refusal for an unknown location; when the database fails.
pub async fn days(
    app: &App,
    tenant: Uuid,
    location: LocationId,
    from: Option<Date>,
    count: i32,
) -> Result<Vec<PassDay>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let zone = catalogue.zone_of(location)?;
    let Some(terms) = catalogue.day_passes.get(&location).filter(|terms| terms.capacity > 0) else {
        return Ok(Vec::new());
    };
    let today = local_time::day_at(read::now(&mut tx, tenant).await?, &zone);
    let first = from.map_or(today, |from| from.max(today));
    let last = today
        .saturating_add(terms.horizon_days.days())
        .min(first.saturating_add((count.clamp(1, MOST_DAYS) - 1).days()));
    let sold = sold(&mut tx, tenant, location, (first, last)).await?;
    let mut days = Vec::new();
    let mut day = first;
    while day <= last {
        days.push(PassDay {
            day,
            open: catalogue.hours_on(location, day)?.is_some(),
            sold: sold.get(&day).copied().unwrap_or(0),
            capacity: terms.capacity,
        });
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    Ok(days)
}

/// Passes sold and not given back, by day.
pub(crate) async fn sold(
    conn: &mut PgConnection,
    tenant: Uuid,
    location: LocationId,
    (first, last): (Date, Date),
) -> Result<BTreeMap<Date, i32>, UseCaseError> {
    let rows: Vec<(jiff_sqlx::Date, i32)> = sqlx::query_as(
        "select day, sold from pass_day where tenant_id = $1 and location_id = $2 and day >= $3 and day <= $4",
    )
    .bind(tenant)
    .bind(location.0)
    .bind(first.to_sqlx())
    .bind(last.to_sqlx())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(day, sold)| (day.to_jiff(), sold)).collect())
}
