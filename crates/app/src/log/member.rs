//! What happened with one member: to herself, and to whatever is hers.

use super::page::{EventRow, rows_in_op};
use crate::{
    App, UseCaseError, catalogue,
    page::{Page, PageRequest},
    read,
};
use coterie_domain::{DomainEvent, MemberId, Payer, member::MemberEvent};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most things of one kind whose events are gathered, the newest first.
pub const MOST_OF_A_KIND: i64 = 200;

/// One of her things, by the name that people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    pub stream_id: Uuid,
    pub name: String,
}

/// Her history, a page of it.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberLog {
    pub memberships: Vec<Thing>,
    pub invoices: Vec<Thing>,
    pub bookings: usize,
    /// Whether she has more of some kind than is gathered.
    pub cut: bool,
    /// The newest first.
    pub events: Page<EventRow>,
}

/// What happened to a member and to her memberships, bookings, passes, credit, invoices, payments and saved cards, the newest first.
/// `None` when the organization has no such member.
///
/// # Errors
/// When the database fails.
pub async fn member(
    app: &App,
    tenant: Uuid,
    id: MemberId,
    request: &PageRequest,
) -> Result<Option<MemberLog>, UseCaseError> {
    let mut tx = read::begin(app, tenant).await?;
    let first = coterie_eventlog::read_stream(&mut tx, tenant, id.0, 0, 1).await?;
    if first
        .first()
        .is_none_or(|event| event.category != MemberEvent::CATEGORY)
    {
        return Ok(None);
    }
    let conn = &mut *tx;
    let memberships = things(
        conn,
        "select membership_id, plan_name from membership_view
         where tenant_id = $1 and member_id = $2 order by position desc limit $3",
        tenant,
        id,
    )
    .await?;
    let invoices = things(
        conn,
        "select invoice_id, number from invoice_view
         where tenant_id = $1 and payer_id = $2 and payer_kind = 'member' order by position desc limit $3",
        tenant,
        id,
    )
    .await?;
    let bookings = things(
        conn,
        "select booking_id, '' from booking_view
         where tenant_id = $1 and member_id = $2 order by starts_at desc limit $3",
        tenant,
        id,
    )
    .await?;
    let lots = things(
        conn,
        "select lot_id, '' from credit_lot where tenant_id = $1 and member_id = $2 order by valid_until desc limit $3",
        tenant,
        id,
    )
    .await?;
    let passes = things(
        conn,
        "select pass_id, '' from pass_view where tenant_id = $1 and member_id = $2 order by day desc limit $3",
        tenant,
        id,
    )
    .await?;
    let payments = payments(conn, tenant, &invoices).await?;
    let offer = catalogue::read_in_op(conn, &app.catalogues, tenant).await?;
    let payer = Payer::Member(id);
    let accounts = offer.legal_entities.keys().map(|entity| payer.account_stream(*entity));
    let of = |things: &[Thing]| things.iter().map(|thing| thing.stream_id).collect::<Vec<_>>();
    let mut streams = vec![id.0];
    streams.extend(accounts);
    streams.extend(payments);
    for kind in [&memberships, &invoices, &bookings, &passes, &lots] {
        streams.extend(of(kind));
    }
    let before = request.after::<i64>().unwrap_or(i64::MAX);
    let events = coterie_eventlog::read_streams(conn, tenant, &streams, before, request.limit() + 1).await?;
    let events = rows_in_op(app, conn, tenant, events).await?;
    let most = usize::try_from(MOST_OF_A_KIND).unwrap_or(usize::MAX);
    Ok(Some(MemberLog {
        cut: [&memberships, &invoices, &bookings, &passes, &lots]
            .iter()
            .any(|kind| kind.len() >= most),
        bookings: bookings.len(),
        memberships,
        invoices,
        events: request.cut(events, |event| event.position),
    }))
}

async fn things(
    conn: &mut PgConnection,
    sql: &'static str,
    tenant: Uuid,
    id: MemberId,
) -> Result<Vec<Thing>, UseCaseError> {
    let found: Vec<(Uuid, String)> = sqlx::query_as(sql)
        .bind(tenant)
        .bind(id.0)
        .bind(MOST_OF_A_KIND)
        .fetch_all(conn)
        .await?;
    Ok(found
        .into_iter()
        .map(|(stream_id, name)| Thing { stream_id, name })
        .collect())
}

/// The attempts to collect these invoices.
async fn payments(conn: &mut PgConnection, tenant: Uuid, invoices: &[Thing]) -> Result<Vec<Uuid>, UseCaseError> {
    let ids: Vec<Uuid> = invoices.iter().map(|invoice| invoice.stream_id).collect();
    Ok(sqlx::query_scalar(
        "select payment_id from payment_view where tenant_id = $1 and invoice_id = any($2) order by position desc limit $3",
    )
    .bind(tenant)
    .bind(ids)
    .bind(MOST_OF_A_KIND * 2)
    .fetch_all(conn)
    .await?)
}

/// The names of members by their ids, as the read model has them; whoever is not there is left out.
///
/// # Errors
/// When the database fails.
pub async fn names(app: &App, tenant: Uuid, ids: &[Uuid]) -> Result<BTreeMap<Uuid, String>, UseCaseError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut tx = read::begin(app, tenant).await?;
    let found: Vec<(Uuid, String)> =
        sqlx::query_as("select member_id, name from member_view where tenant_id = $1 and member_id = any($2)")
            .bind(tenant)
            .bind(ids)
            .fetch_all(&mut *tx)
            .await?;
    Ok(found.into_iter().collect())
}
