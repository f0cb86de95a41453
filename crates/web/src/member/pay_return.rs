//! `GET /invoices/{id}/pay`: where 3-D Secure leads back to. The intent is read again: what the address says of the outcome
//! could have been typed by anybody, and the webhook may be slower than she is.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{Caller, catalogue, payment};
use coterie_domain::{InvoiceId, payment::GatewayOutcome};
use coterie_gateway::{PaymentOutcome, domain_outcome};

use super::{gateway_away, id, invoice, pay};
use crate::{cookies, failure::Failure, house::House, session::MemberSession, state::AppState};

pub(super) async fn show(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(invoice): Path<String>,
) -> Result<Response, Failure> {
    let id: InvoiceId = id(&invoice)?;
    let detail = invoice::hers(&state, &house, &jar, &session, id).await?;
    let tenant = session.tenant.tenant;
    let here = format!("/invoices/{id}");
    let catalogue = catalogue::read(&house.app, tenant).await?;
    let account = catalogue
        .legal_entity(detail.row.legal_entity_id)?
        .stripe_account
        .clone();
    let intent = detail
        .payments
        .iter()
        .rev()
        .find_map(|payment| payment.intent_id.clone());
    let (Some(account), Some(intent)) = (account, intent) else {
        return Ok(Redirect::to(&here).into_response());
    };
    let found = house
        .gateway(session.tenant.sandbox)?
        .retrieve_payment_intent(&account, &intent)
        .await
        .map_err(|error| gateway_away::failure(&error))?;
    let outcome = domain_outcome::outcome(&found, None).filter(|_| is_for(&found, id));
    let Some(outcome) = outcome else {
        return Ok(Redirect::to(&here).into_response());
    };
    let caller = Caller::system(tenant, "pay_page");
    let done = payment::record_for_invoice(&house.app, &caller, id, &outcome).await?;
    let mut jar = cookies::remember_position(&state.config, jar, done.position);
    if let Some(stands) = done.outcome {
        let message = match &outcome {
            GatewayOutcome::Failed { message, .. } => message.as_str(),
            _ => "",
        };
        jar = cookies::leave_flash(&state.config, jar, &pay::told(stands, message));
    }
    Ok((jar, Redirect::to(&here)).into_response())
}

/// Whether the intent says itself that it is about this invoice.
fn is_for(found: &PaymentOutcome, id: InvoiceId) -> bool {
    found
        .metadata
        .get("invoice")
        .is_some_and(|invoice| *invoice == id.to_string())
}
