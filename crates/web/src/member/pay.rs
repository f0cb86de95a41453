//! `POST /invoices/{id}/pay`: she is here, so her bank may ask for her. The same intent is confirmed that the worker would
//! confirm; two live intents for one debt are how double charges happen.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::{
    Caller,
    payment::{self, Attempt, Heard},
};
use coterie_domain::{
    InvoiceId,
    payment::{DeclineKind, GatewayOutcome, PaymentAttempted, PaymentState},
};
use coterie_gateway::domain_outcome;

use super::{id, invoice};
use crate::{context::Flash, cookies, failure::Failure, house::House, session::MemberSession, state::AppState};

/// The first attempt on an intent is made as if nobody were there; when her bank then asks for her, the second is made with
/// her. More would be pressing a card that says no.
const ATTEMPTS: usize = 2;

/// How an attempt ended, as far as her page is concerned.
enum Ended {
    Recorded {
        state: PaymentState,
        position: i64,
        message: String,
    },
    NothingToPay,
    UnderWay,
    NoCard,
}

pub(super) async fn submit(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    session: MemberSession,
    Path(invoice): Path<String>,
) -> Result<Response, Failure> {
    let id: InvoiceId = id(&invoice)?;
    invoice::hers(&state, &house, &jar, &session, id).await?;
    let ended = collect(&state, &house, &session, id).await?;
    let mut jar = jar;
    let here = format!("/invoices/{id}");
    let flash = match ended {
        Ended::NothingToPay => Flash::notice("This invoice is paid already."),
        Ended::UnderWay => Flash::notice("A payment of this invoice is under way. We tell you by email how it ends."),
        Ended::NoCard => {
            let jar = cookies::leave_flash(&state.config, jar, &Flash::notice("Please save a card first."));
            let back = serde_urlencoded::to_string([("next", here.as_str())]).unwrap_or_default();
            return Ok((jar, Redirect::to(&format!("/card?{back}"))).into_response());
        }
        Ended::Recorded {
            state: ended,
            position,
            message,
        } => {
            jar = cookies::remember_position(&state.config, jar, position);
            told(ended, &message)
        }
    };
    let jar = cookies::leave_flash(&state.config, jar, &flash);
    Ok((jar, Redirect::to(&here)).into_response())
}

/// The sentence for where a payment stands.
pub(super) fn told(state: PaymentState, message: &str) -> Flash {
    match state {
        PaymentState::Settled => Flash::success("Paid. The receipt comes by email."),
        PaymentState::ActionRequired => Flash::notice("Your bank asks for you: please continue on its page."),
        PaymentState::Failed | PaymentState::Canceled if message.is_empty() => {
            Flash::error("The payment failed. You can use another card.")
        }
        PaymentState::Failed | PaymentState::Canceled => Flash::error(format!("The payment failed. {message}")),
        PaymentState::Submitted | PaymentState::Processing | PaymentState::Unknown => {
            Flash::notice("The payment is under way. We tell you by email how it ends.")
        }
    }
}

async fn collect(state: &AppState, house: &House, session: &MemberSession, id: InvoiceId) -> Result<Ended, Failure> {
    let caller = Caller::from(session);
    let mut ended = Ended::UnderWay;
    for _ in 0..ATTEMPTS {
        let attempt = match payment::attempt(&house.app, &caller, id, true).await? {
            Attempt::Submit(attempt) => attempt,
            Attempt::NothingToPay => return Ok(Ended::NothingToPay),
            Attempt::Live(_) | Attempt::Answered(_) => return Ok(Ended::UnderWay),
            Attempt::CannotCharge(why) => {
                tracing::info!(tenant = %session.tenant.tenant, invoice = %id, why, "an invoice cannot be paid yet");
                return Ok(Ended::NoCard);
            }
        };
        let Some(outcome) = ask(state, house, session, &attempt).await? else {
            return Ok(Ended::UnderWay);
        };
        // The outcome is the gateway's word, not hers.
        let mut heard_by = Caller::system(session.tenant.tenant, "pay_page");
        heard_by.correlation = caller.correlation;
        let done = payment::record(&house.app, &heard_by, attempt.payment_id, &outcome, Heard::Answer).await?;
        let (asks_for_her, message) = match &outcome {
            GatewayOutcome::Failed { kind, message, .. } => {
                (*kind == DeclineKind::AuthenticationRequired, message.clone())
            }
            _ => (false, String::new()),
        };
        ended = Ended::Recorded {
            state: done.outcome,
            position: done.position,
            message,
        };
        if !asks_for_her {
            break;
        }
    }
    Ok(ended)
}

/// Sends the attempt. `None`: the answer was lost, and the sweep asks again under the same key.
async fn ask(
    state: &AppState,
    house: &House,
    session: &MemberSession,
    attempt: &PaymentAttempted,
) -> Result<Option<GatewayOutcome>, Failure> {
    let gateway = house.gateway(session.tenant.sandbox)?;
    let origin = state.config.public_url.of_chain(&session.tenant.slug);
    let back = format!("{origin}/invoices/{}/pay", attempt.invoice_id);
    let organization = session.tenant.tenant.to_string();
    let answer = domain_outcome::submit(gateway.as_ref(), attempt, &organization, Some(back)).await;
    Ok(match answer {
        Ok(found) => Some(
            domain_outcome::outcome(&found, Some(attempt)).unwrap_or_else(|| GatewayOutcome::Unknown {
                reason: "the intent is still open".to_owned(),
            }),
        ),
        Err(error) => {
            tracing::warn!(payment = %attempt.payment_id, %error, "a payment at the page did not go through as asked");
            domain_outcome::error_outcome(&error, false)
        }
    })
}
