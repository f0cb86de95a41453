//! `POST /webhooks/stripe`: believes what is signed with our secret, keeps it once, answers. What it means is a job's work.

use axum::{
    Extension, Json,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use coterie_app::{App, clock, legal_entity, organization, webhook};
use coterie_gateway::{
    Event,
    webhook::{WebhookError, verify},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use crate::{
    failure::Failure,
    house::{Channel, House},
    json, problem,
    stack::RequestId,
    state::AppState,
};

const PATH: &str = "/webhooks/stripe";
const SIGNATURE: &str = "stripe-signature";

pub async fn receive(
    State(state): State<AppState>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Response {
    let headers = request.headers().clone();
    let answer = match json::body(request, &state).await {
        Ok(body) => keep(&state.house, &headers, &body).await,
        Err(failure) => Err(failure),
    };
    match answer {
        // Whether it was new, known before or not for us makes no difference to who sent it: it need not come again.
        Ok(()) => Json(json!({ "received": true })).into_response(),
        Err(failure) => problem(&failure, &request_id),
    }
}

async fn keep(house: &House, headers: &HeaderMap, body: &[u8]) -> Result<(), Failure> {
    let signature = headers
        .get(SIGNATURE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| not_believed(&WebhookError::Header))?;
    let (event, channel) = believed(house, body, signature).map_err(|error| not_believed(&error))?;
    let text =
        std::str::from_utf8(body).map_err(|_| not_believed(&WebhookError::Body("it is not UTF-8".to_owned())))?;
    if let Some((account, tenant)) = addressee(&house.app, &event, channel).await? {
        webhook::receive(&house.app, tenant, account, &event.id, text).await?;
    }
    Ok(())
}

/// The event, and the side of the gateway whose secret signed it.
fn believed<'a>(house: &'a House, body: &[u8], signature: &str) -> Result<(Event, &'a Channel), WebhookError> {
    let now = clock::wall_now().as_second();
    let mut refused = WebhookError::Signature;
    for channel in house.live.iter().chain(&house.sandbox) {
        let secrets: Vec<&str> = channel.webhook_secrets.iter().map(String::as_str).collect();
        match verify(body, signature, &secrets, now) {
            Ok(event) => return Ok((event, channel)),
            Err(WebhookError::Signature) => {}
            // Signed by this side and still not good: the other side has nothing to add.
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

/// The account and organization that an event is for; none when it is not for us.
async fn addressee<'a>(
    app: &App,
    event: &'a Event,
    channel: &Channel,
) -> Result<Option<(&'a str, uuid::Uuid)>, Failure> {
    let Some(account) = event.account.as_deref() else {
        return Ok(None);
    };
    let Some((tenant, _)) = legal_entity::by_stripe_account(app, account).await? else {
        tracing::info!(account, event = event.id, "a webhook for an account nobody here has");
        return Ok(None);
    };
    let sandbox = organization::by_id(app, tenant).await?.is_some_and(|info| info.sandbox);
    // A sandbox hears the simulator only, a live organization Stripe only, and Stripe's own test mode neither.
    if event.livemode != channel.livemode || sandbox == channel.livemode {
        tracing::warn!(
            account,
            event = event.id,
            livemode = event.livemode,
            "a webhook of the wrong mode was dropped"
        );
        return Ok(None);
    }
    Ok(Some((account, tenant)))
}

fn not_believed(error: &WebhookError) -> Failure {
    tracing::warn!(%error, "a webhook was not believed");
    let code = match error {
        WebhookError::Age { .. } => "webhook_too_old",
        WebhookError::Body(_) => "webhook_not_an_event",
        WebhookError::Header | WebhookError::Signature => "webhook_signature",
    };
    let mut sentence = error.to_string();
    sentence[..1].make_ascii_uppercase();
    sentence.push('.');
    Failure::new(StatusCode::BAD_REQUEST, code, "Not believed", sentence)
}

/// Programs only ever ask here, so the answer is never a page.
fn problem(failure: &Failure, request_id: &RequestId) -> Response {
    let (media, body) = problem::body(failure, PATH, &request_id.0);
    let mut response = (failure.status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    if let Some(seconds) = failure.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
