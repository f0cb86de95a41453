//! The gateway's page for a visit: asked for once, under the visit's own key, and read again whenever she comes back.

use std::collections::BTreeMap;

use coterie_app::{App, Caller, visitor_booking, visitor_booking::page::VisitDetail};
use coterie_domain::visitor_booking::VisitorStanding;
use coterie_gateway::{GatewayError, NewPaymentSession, domain_outcome};
use http::StatusCode;
use uuid::Uuid;

use crate::{failure::Failure, identity::TenantInfo, member::gateway_away, state::AppState};

/// The path of a visit's own page, with the secret in it.
pub(super) fn address(app: &App, tenant: Uuid, found: &VisitDetail) -> String {
    format!("/visits/{}", visitor_booking::visit_token(app, tenant, &found.visit))
}

/// Where she pays. A visit that has no page yet gets one; asking again gives the same.
pub(crate) async fn of_visit(
    state: &AppState,
    caller: &Caller,
    tenant: &TenantInfo,
    found: &VisitDetail,
) -> Result<String, Failure> {
    let (house, fact) = (&state.house, &found.visit.fact);
    if let Some(page) = &found.visit.page {
        return Ok(page.url.clone());
    }
    let origin = state.config.public_url.of_chain(&tenant.slug);
    let back = format!("{origin}{}", address(&house.app, tenant.tenant, found));
    let session = NewPaymentSession {
        email: found.visitor.email.clone(),
        description: fact.charge.description.clone(),
        amount_minor: fact.amount.minor,
        currency: fact.amount.currency.code().to_owned(),
        success_url: back.clone(),
        cancel_url: back,
        expires_at: fact.pay_by.as_second(),
        metadata: BTreeMap::from([
            ("organization".to_owned(), tenant.tenant.to_string()),
            ("visitor_booking".to_owned(), fact.visitor_booking_id.to_string()),
            ("invoice".to_owned(), fact.invoice_id.to_string()),
            ("attempt".to_owned(), fact.payment_id.to_string()),
        ]),
    };
    let key = fact.visitor_booking_id.to_string();
    let made = house
        .gateway(tenant.sandbox)?
        .create_payment_session(&fact.account_id, &key, &session)
        .await;
    match made {
        Ok(page) => {
            let id = fact.visitor_booking_id;
            let done = visitor_booking::page_made(&house.app, caller, id, &page.id, &page.url).await?;
            Ok(done.outcome)
        }
        // What the gateway will never take holds nobody's time.
        Err(
            error @ (GatewayError::Invalid { .. } | GatewayError::NotFound { .. } | GatewayError::Unauthorized { .. }),
        ) => {
            tracing::error!(tenant = %tenant.tenant, visit = %fact.visitor_booking_id, %error, "a visitor cannot pay");
            visitor_booking::no_page(&house.app, caller, fact.visitor_booking_id).await?;
            Err(Failure::new(
                StatusCode::CONFLICT,
                "cannot_be_paid",
                "Cannot be paid online",
                "The payment service does not take this payment now. Nothing is held and nothing was charged. Please ask the house.",
            ))
        }
        Err(error) => Err(gateway_away::failure(&error)),
    }
}

/// Asks the gateway what became of a page that she may have paid on, and records it.
pub(super) async fn heard(
    state: &AppState,
    caller: &Caller,
    tenant: &TenantInfo,
    found: &VisitDetail,
) -> Result<bool, Failure> {
    let (VisitorStanding::Open, Some(page)) = (&found.visit.standing, &found.visit.page) else {
        return Ok(false);
    };
    let house = &state.house;
    let read = house
        .gateway(tenant.sandbox)?
        .retrieve_payment_session(&found.visit.fact.account_id, &page.session_id)
        .await;
    let outcome = match read {
        Ok(read) => domain_outcome::page_outcome(&read),
        // The webhook and the sweep will say it; the page shows what is known.
        Err(error) => {
            tracing::warn!(%error, "the payment service did not answer about a visit");
            None
        }
    };
    let Some(outcome) = outcome else { return Ok(false) };
    visitor_booking::settle(&house.app, caller, found.visit.fact.visitor_booking_id, &outcome).await?;
    Ok(true)
}
