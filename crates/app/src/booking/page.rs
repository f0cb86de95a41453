//! Bookings as lists and single pages show them.

use crate::{
    App, UseCaseError, catalogue,
    page::{Page, PageRequest},
    read::{self, Columns, states},
};
use coterie_domain::{
    BookingId, ChargeId, LocationId, MemberId, Money, Payer, ResourceId,
    booking::{Booking, BookingCancelled, BookingConfirmed, Standing, WaitsFor},
    catalogue::Catalogue,
    charge::Because,
    credit::CreditUse,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

pub use super::day::{BookingDay, Busy, BusyWith, ResourceDay, day};

states!(BookingState {
    /// Kept for its member, who has not booked it yet.
    Held = "held",
    /// Asked for; staff have not answered yet.
    Requested = "requested",
    Confirmed = "confirmed",
    /// Held or asked for, and nobody said the word in time.
    Expired = "expired",
    Declined = "declined",
    Cancelled = "cancelled",
    /// Nobody checked in, so that it was given to others.
    NoShow = "no_show",
});

impl BookingState {
    /// Those that hold their time.
    pub const LIVE: [Self; 3] = [Self::Held, Self::Requested, Self::Confirmed];

    pub(super) fn of(waits_for: WaitsFor) -> Self {
        match waits_for {
            WaitsFor::Member | WaitsFor::Payment => Self::Held,
            WaitsFor::Staff => Self::Requested,
        }
    }
}

impl From<&Booking> for BookingState {
    fn from(booking: &Booking) -> Self {
        match &booking.standing {
            Standing::Held(held) => Self::of(held.waits_for),
            Standing::Confirmed => Self::Confirmed,
            Standing::Expired => Self::Expired,
            Standing::Declined { .. } => Self::Declined,
            Standing::Cancelled(_) => Self::Cancelled,
            Standing::NoShow(_) => Self::NoShow,
        }
    }
}

/// A booking as people see it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingRow {
    pub booking_id: BookingId,
    pub resource_id: ResourceId,
    pub resource_name: String,
    pub location_id: LocationId,
    pub location_name: String,
    pub member_id: MemberId,
    pub member_name: String,
    /// Whether she has no account and paid up front.
    pub visitor: bool,
    pub payer: Payer,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// IANA zone of the location; times are shown in it.
    pub time_zone: String,
    /// How many come, where somebody said.
    pub people: Option<i32>,
    pub state: BookingState,
    /// Of a hold or a request: it is free again from then on.
    pub expires_at: Option<Timestamp>,
    /// Whoever has not checked in by then loses the rest.
    pub check_in_by: Option<Timestamp>,
    pub no_show_fee: Option<Money>,
    pub checked_in_at: Option<Timestamp>,
    /// Net price of the whole time before allowances.
    pub full_price: Money,
    /// Net price of what the allowances did not cover, as booked.
    pub charged: Money,
    /// Minutes that allowances covered.
    pub allowance_minutes: i64,
    pub credit_uses: Vec<CreditUse>,
    /// Net, of the money that a plan grants.
    pub allowance_money: Money,
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    /// What cancelling it led to.
    pub cancelled: Option<BookingCancelled>,
    /// By the organization's clock.
    pub booked_at: Timestamp,
    pub position: i64,
    /// The catalogue that it was decided by: its terms count.
    pub catalogue_position: i64,
}

/// Which bookings: an absent field asks for all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BookingFilter {
    pub member: Option<MemberId>,
    pub location: Option<LocationId>,
    /// Those that end after this.
    pub from: Option<Timestamp>,
    /// Those that start before this.
    pub until: Option<Timestamp>,
    /// Those in one of these states; none asks for all.
    pub states: Vec<BookingState>,
    /// The latest start first, as a history is read; else the earliest, as a calendar is.
    pub latest_first: bool,
}

macro_rules! select_bookings {
    ($rest:literal) => {
        concat!(
            "select b.document, b.cancellation, b.state, b.expires_at, b.checked_in_at, b.booked_at, b.position, coalesce(m.name, '') as member_name, coalesce(m.visitor, false) as visitor
             from booking_view b left join member_view m on m.tenant_id = b.tenant_id and m.member_id = b.member_id
             where b.tenant_id = $1 ",
            $rest
        )
    };
}

/// Bookings by start.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    tenant: Uuid,
    filter: BookingFilter,
    request: &PageRequest,
) -> Result<Page<BookingRow>, UseCaseError> {
    let after = request.after::<(Timestamp, Uuid)>();
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let statement = if filter.latest_first {
        select_bookings!(
            "and ($2::uuid is null or b.member_id = $2) and ($3::uuid is null or b.location_id = $3)
               and ($4::timestamptz is null or b.ends_at > $4) and ($5::timestamptz is null or b.starts_at < $5)
               and (cardinality($6::text[]) = 0 or b.state = any($6))
               and ($7::timestamptz is null or (b.starts_at, b.booking_id) < ($7, $8))
             order by b.starts_at desc, b.booking_id desc limit $9"
        )
    } else {
        select_bookings!(
            "and ($2::uuid is null or b.member_id = $2) and ($3::uuid is null or b.location_id = $3)
               and ($4::timestamptz is null or b.ends_at > $4) and ($5::timestamptz is null or b.starts_at < $5)
               and (cardinality($6::text[]) = 0 or b.state = any($6))
               and ($7::timestamptz is null or (b.starts_at, b.booking_id) > ($7, $8))
             order by b.starts_at, b.booking_id limit $9"
        )
    };
    let rows = sqlx::query(statement)
        .bind(tenant)
        .bind(filter.member.map(|id| id.0))
        .bind(filter.location.map(|id| id.0))
        .bind(filter.from.map(ToSqlx::to_sqlx))
        .bind(filter.until.map(ToSqlx::to_sqlx))
        .bind(filter.states.iter().map(|state| state.name()).collect::<Vec<_>>())
        .bind(after.map(|(start, _)| start.to_sqlx()))
        .bind(after.map(|(_, id)| id))
        .bind(request.limit() + 1)
        .fetch_all(&mut *tx)
        .await?;
    let items = rows
        .iter()
        .map(|row| booking(row, &catalogue))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(request.cut(items, |booking| (booking.starts_at, booking.booking_id)))
}

/// One booking; `None` when the organization has none under this id (or the model has not seen it yet).
///
/// # Errors
/// When the database fails.
pub async fn find(app: &App, tenant: Uuid, id: BookingId) -> Result<Option<BookingRow>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let row = sqlx::query(select_bookings!("and b.booking_id = $2"))
        .bind(tenant)
        .bind(id.0)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| booking(&row, &catalogue)).transpose()
}

fn booking(row: &PgRow, catalogue: &Catalogue) -> Result<BookingRow, UseCaseError> {
    let fact: BookingConfirmed = row.document("document")?;
    let cancelled: Option<sqlx::types::Json<BookingCancelled>> = row.try_get("cancellation")?;
    let name_of_resource = catalogue.resources.get(&fact.resource_id).map(|found| &found.name);
    let name_of_location = catalogue.locations.get(&fact.location_id).map(|found| &found.name);
    let allowance_money = fact.paid_from_allowance();
    Ok(BookingRow {
        booking_id: fact.booking_id,
        resource_id: fact.resource_id,
        resource_name: name_of_resource.cloned().unwrap_or_default(),
        location_id: fact.location_id,
        location_name: name_of_location.cloned().unwrap_or_default(),
        member_id: fact.member_id,
        member_name: row.try_get("member_name")?,
        visitor: row.try_get("visitor")?,
        payer: fact.payer,
        starts_at: fact.starts_at,
        ends_at: fact.ends_at,
        time_zone: fact.time_zone,
        people: fact.people,
        state: row.word("state")?,
        expires_at: row.maybe_time("expires_at")?,
        check_in_by: fact.check_in_by,
        no_show_fee: fact.no_show_fee,
        checked_in_at: row.maybe_time("checked_in_at")?,
        full_price: fact.full_price,
        charged: fact.charged,
        allowance_minutes: fact.credit_uses.iter().map(|part| part.minutes).sum(),
        allowance_money,
        credit_uses: fact.credit_uses,
        charge_id: fact.charge_id,
        because: fact.because,
        cancelled: cancelled.map(|found| found.0),
        booked_at: row.time("booked_at")?,
        position: row.try_get("position")?,
        catalogue_position: fact.catalogue_position,
    })
}
