//! `/visits/{token}`: a visitor's booking by its secret link, from the first minute to the last. The hosted page leads back here;
//! what it says is read from the gateway, never from the address.

use axum::{
    extract::{Path, State},
    response::Response,
};
use coterie_app::{catalogue, visitor_booking};
use coterie_domain::visitor_booking::VisitorStanding;

use super::{payment_page, stranger, visit_page};
use crate::{
    context::PageContext, failure::Failure, house::House, identity::TenantInfo, session::Tenant, state::AppState,
};

pub(super) async fn show(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    Tenant(tenant): Tenant,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    again(&ctx, &state, &house, &tenant, &token, None).await
}

/// The page as it stands, with what was refused on it.
pub(super) async fn again(
    ctx: &PageContext,
    state: &AppState,
    house: &House,
    tenant: &TenantInfo,
    token: &str,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let caller = stranger(tenant.tenant);
    let mut found = visitor_booking::page::by_link(&house.app, &caller, token).await?;
    if payment_page::heard(state, &caller, tenant, &found).await? {
        found = visitor_booking::page::by_link(&house.app, &caller, token).await?;
    }
    // The page could not be had when the time was held: it is asked for again while that makes sense.
    let pay = match &found.visit.standing {
        VisitorStanding::Open if found.now < found.visit.fact.pay_by => {
            Some(payment_page::of_visit(state, &caller, tenant, &found).await?)
        }
        _ => None,
    };
    let give_up = match &found.visit.standing {
        VisitorStanding::Paid(_) => visitor_booking::quote_cancel(&house.app, &caller, token)
            .await
            .ok()
            .map(|quoted| (quoted, format!("/visits/{token}/cancel"))),
        _ => None,
    };
    let catalogue = catalogue::read(&house.app, tenant.tenant).await?;
    let offer = visit_page::Offer { pay, give_up };
    visit_page::show(ctx, &catalogue, &found, offer, refused)
}
