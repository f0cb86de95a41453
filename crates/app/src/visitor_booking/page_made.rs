use super::{lapse::lapse_in_op, lock};
use crate::{App, Caller, Operation, Outcome, access, trouble};
use coterie_domain::{
    VisitorBookingId,
    visitor_booking::{self, VisitorBookingEvent},
};

/// Records the page that the gateway has for a visit; the answer is where she pays. The first one stands.
///
/// # Errors
/// `NotFound` for an unknown visit; when the database fails.
pub async fn page_made(
    app: &App,
    caller: &Caller,
    id: VisitorBookingId,
    session_id: &str,
    url: &str,
) -> Outcome<String> {
    trouble::again(|| page_made_once(app, caller, id, session_id, url)).await
}

async fn page_made_once(
    app: &App,
    caller: &Caller,
    id: VisitorBookingId,
    session_id: &str,
    url: &str,
) -> Outcome<String> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let (visit, version) = lock(&mut op, id).await?;
    let Some(made) = visitor_booking::page_made(&visit, session_id, url) else {
        let known = visit.page.map_or_else(|| url.to_owned(), |page| page.url);
        return op.commit(known).await;
    };
    let tenant = op.tenant();
    sqlx::query("update visitor_booking set session_id = $3 where tenant_id = $1 and visitor_booking_id = $2")
        .bind(tenant)
        .bind(id.0)
        .bind(session_id)
        .execute(op.conn())
        .await?;
    op.write(id.0, version, [VisitorBookingEvent::from(made)])?;
    op.commit(url.to_owned()).await
}

/// The gateway refuses to make a page: there is nothing that she could pay, so nothing is held. A visit that has a page stays
/// as it is.
///
/// # Errors
/// `NotFound` for an unknown visit; when the database fails.
pub async fn no_page(app: &App, caller: &Caller, id: VisitorBookingId) -> Outcome<()> {
    trouble::again(|| no_page_once(app, caller, id)).await
}

async fn no_page_once(app: &App, caller: &Caller, id: VisitorBookingId) -> Outcome<()> {
    access::operates(caller)?;
    let mut op = Operation::open(app, caller).await?;
    let (visit, version) = lock(&mut op, id).await?;
    if visit.page.is_none() {
        lapse_in_op(&mut op, &visit, version).await?;
    }
    op.commit(()).await
}
