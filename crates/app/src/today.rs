//! What an operator wants to know when she opens the door.

use crate::{
    App, UseCaseError,
    booking::page::{self as booking, BookingFilter, BookingRow, BookingState},
    catalogue,
    page::{MAX_PAGE, PageRequest},
    pass::page::{self as pass, PassDay},
    payment::page::{PaymentRow, recent_failures},
    projections,
    read::{self, Columns},
};
use coterie_domain::{LocationId, Money, catalogue::Catalogue, local_time, location::LocationOpened};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Failed payments that are shown.
const FAILURES: i64 = 10;

#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    /// The organization's clock.
    pub now: Timestamp,
    /// By name.
    pub locations: Vec<LocationToday>,
    /// Bookings that members ask for, by start.
    pub requests: Vec<BookingRow>,
    pub members: i64,
    /// Those that run, under notice or not.
    pub active_memberships: i64,
    /// What is owed on issued invoices, by currency.
    pub open_invoices: Vec<OpenInvoices>,
    /// Attempts that failed last, of invoices that are not paid since.
    pub failed_payments: Vec<PaymentRow>,
    /// Projections that are behind the log, with the number of events they have not seen.
    pub lagging: Vec<(String, i64)>,
    pub parked: Vec<Parked>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LocationToday {
    pub location: LocationOpened,
    pub zone: TimeZone,
    pub now_local: DateTime,
    pub date: Date,
    /// Confirmed ones that touch the day, by start; at most a page of them.
    pub bookings: Vec<BookingRow>,
    /// Whether there are more of them than are shown.
    pub more_bookings: bool,
    /// Resources that nothing blocks at this moment.
    pub free_now: usize,
    pub resources: usize,
    /// Day passes sold of those there are; `None` where none are sold or the house is closed.
    pub passes: Option<PassDay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInvoices {
    pub count: i64,
    pub open: Money,
}

/// A projection that met an event it cannot handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    pub projection: String,
    pub position: i64,
    pub reason: String,
}

/// The day at every location, or at one.
///
/// # Errors
/// A refusal for an unknown location; when the database fails.
pub async fn today(app: &App, tenant: Uuid, location: Option<LocationId>) -> Result<Today, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let now = read::now(&mut tx, tenant).await?;
    let catalogue = catalogue::read_in_op(&mut tx, &app.catalogues, tenant).await?;
    let mut shown: Vec<&LocationOpened> = match location {
        Some(id) => vec![catalogue.location(id)?],
        None => catalogue.locations.values().collect(),
    };
    shown.sort_by(|a, b| a.name.cmp(&b.name));
    let blocked = blocked_at(&mut tx, tenant, &catalogue, now).await?;
    let members = sqlx::query_scalar("select count(*) from member_view where tenant_id = $1")
        .bind(tenant)
        .fetch_one(&mut *tx)
        .await?;
    let active_memberships =
        sqlx::query_scalar("select count(*) from membership_view where tenant_id = $1 and state <> 'ended'")
            .bind(tenant)
            .fetch_one(&mut *tx)
            .await?;
    let open_invoices = open_invoices(&mut tx, tenant).await?;
    let failed_payments = recent_failures(&app.config.keys, &mut tx, tenant, FAILURES).await?;
    let (lagging, parked) = health(&mut tx, tenant).await?;
    // The lists below take connections of their own; holding this one meanwhile could starve the pool.
    drop(tx);
    let mut locations = Vec::with_capacity(shown.len());
    for place in shown {
        locations.push(at_location(app, tenant, place, now, &blocked, &catalogue).await?);
    }
    let asked = BookingFilter {
        location,
        states: vec![BookingState::Requested],
        ..BookingFilter::default()
    };
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let requests = booking::list(app, tenant, asked, &request).await?.items;
    Ok(Today {
        now,
        locations,
        requests,
        members,
        active_memberships,
        open_invoices,
        failed_payments,
        lagging,
        parked,
    })
}

async fn at_location(
    app: &App,
    tenant: Uuid,
    place: &LocationOpened,
    now: Timestamp,
    blocked: &BTreeSet<Uuid>,
    catalogue: &Catalogue,
) -> Result<LocationToday, UseCaseError> {
    let zone = local_time::zone(&place.time_zone)?;
    let now_local = zone.to_datetime(now);
    let date = now_local.date();
    let filter = BookingFilter {
        location: Some(place.location_id),
        from: Some(local_time::day_start(date, &zone)?),
        until: Some(local_time::day_start(date.tomorrow().unwrap_or(date), &zone)?),
        states: vec![BookingState::Confirmed],
        ..BookingFilter::default()
    };
    let request = PageRequest {
        limit: Some(MAX_PAGE),
        after: None,
    };
    let bookings = booking::list(app, tenant, filter, &request).await?;
    let passes = pass::days(app, tenant, place.location_id, Some(date), 1).await?;
    let here = || {
        catalogue
            .resources
            .values()
            .filter(|resource| resource.location_id == place.location_id)
    };
    Ok(LocationToday {
        location: place.clone(),
        zone,
        now_local,
        date,
        more_bookings: bookings.next.is_some(),
        bookings: bookings.items,
        free_now: here()
            .filter(|resource| {
                let occupied = catalogue.occupied_by(resource.resource_id);
                occupied.iter().all(|id| !blocked.contains(&id.0))
            })
            .count(),
        resources: here().count(),
        passes: passes.into_iter().next().filter(|day| day.open),
    })
}

async fn blocked_at(
    conn: &mut PgConnection,
    tenant: Uuid,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<BTreeSet<Uuid>, UseCaseError> {
    use jiff_sqlx::ToSqlx;
    let resources: Vec<Uuid> =
        sqlx::query_scalar("select resource_id from reserved($1, $2, $3, $3 + interval '1 microsecond')")
            .bind(tenant)
            .bind(catalogue.resources.keys().map(|id| id.0).collect::<Vec<_>>())
            .bind(now.to_sqlx())
            .fetch_all(conn)
            .await?;
    Ok(resources.into_iter().collect())
}

async fn open_invoices(conn: &mut PgConnection, tenant: Uuid) -> Result<Vec<OpenInvoices>, UseCaseError> {
    let rows = sqlx::query(
        "select currency, count(*) as count, sum(gross_minor - paid_minor)::bigint as open_minor
         from invoice_view where tenant_id = $1 and state <> 'paid' group by currency order by currency",
    )
    .bind(tenant)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenInvoices {
                count: row.try_get("count")?,
                open: row.money("open_minor")?,
            })
        })
        .collect()
}

/// How far the read models are behind the log, and which stand still.
async fn health(conn: &mut PgConnection, tenant: Uuid) -> Result<(Vec<(String, i64)>, Vec<Parked>), UseCaseError> {
    let head = coterie_eventlog::head(&mut *conn, tenant)
        .await?
        .map_or(0, |head| head.position);
    let (mut lagging, mut parked) = (Vec::new(), Vec::new());
    for projection in projections::ALL {
        let checkpoint = coterie_eventlog::checkpoint(&mut *conn, tenant, projection).await?;
        let seen = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.position);
        if seen < head {
            lagging.push((projection.to_owned(), head - seen));
        }
        if let Some((position, reason)) = checkpoint.and_then(|checkpoint| checkpoint.parked) {
            parked.push(Parked {
                projection: projection.to_owned(),
                position,
                reason,
            });
        }
    }
    Ok((lagging, parked))
}
