//! A webhook only says that something happened: its object is read again from the gateway and recorded through the same
//! use case as an answer. Unknown kinds and objects change nothing.

use super::{after, after_database, caller, field, visit_page};
use crate::{
    WorkerConfig,
    queue::{Job, JobError},
};
use coterie_app::{member, organization, payment};
use coterie_domain::{InvoiceId, LegalEntityId, Payer};
use coterie_gateway::{Gateway, GatewayError, SessionStatus, domain_outcome};
use serde_json::Value;
use uuid::Uuid;

pub(super) async fn run(config: &WorkerConfig, job: Job) -> Result<(), JobError> {
    let account: String = field(&job, "account_id")?;
    let event_id: String = field(&job, "event_id")?;
    let body: String = sqlx::query_scalar(
        "select body from installation.webhook_inbox where account_id = $1 and event_id = $2 and tenant_id = $3",
    )
    .bind(&account)
    .bind(&event_id)
    .bind(job.tenant)
    .fetch_one(&config.app.pool)
    .await
    .map_err(after_database)?;
    let event: Value =
        serde_json::from_str(&body).map_err(|error| JobError::fail(format!("the webhook's body: {error}")))?;
    let info = organization::by_id(&config.app, job.tenant)
        .await
        .map_err(after)?
        .ok_or_else(|| JobError::fail("the organization is gone"))?;
    let gateway = config
        .gateway(info.sandbox)
        .ok_or_else(|| JobError::retry("no gateway is configured"))?;
    let kind = event["type"].as_str().unwrap_or_default();
    let object = &event["data"]["object"];
    let id = object["id"].as_str().unwrap_or_default();
    if kind.starts_with("payment_intent.") {
        apply_intent(config, &job, gateway.as_ref(), &account, id).await
    } else if kind.starts_with("checkout.session.") && object["mode"] == "payment" {
        // The visit says which page is its own; another's is not ours to touch.
        let ours = object["metadata"]["organization"] == job.tenant.to_string();
        let visit = object["metadata"]["visitor_booking"]
            .as_str()
            .unwrap_or_default()
            .parse();
        match visit {
            Ok(visit) if ours => visit_page::apply(config, &job, gateway.as_ref(), visit, Some((&account, id))).await,
            _ => Ok(()),
        }
    } else if kind == "checkout.session.completed" {
        apply_session(config, &job, gateway.as_ref(), &account, id, &object["metadata"]).await
    } else {
        Ok(())
    }
}

pub(super) async fn apply_intent(
    config: &WorkerConfig,
    job: &Job,
    gateway: &dyn Gateway,
    account: &str,
    intent: &str,
) -> Result<(), JobError> {
    let found = match gateway.retrieve_payment_intent(account, intent).await {
        Ok(found) => found,
        Err(GatewayError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(JobError::retry(error)),
    };
    // The intent says which organization and invoice it is for; another's is not ours to touch.
    let ours = found
        .metadata
        .get("organization")
        .is_some_and(|organization| *organization == job.tenant.to_string());
    let invoice = found
        .metadata
        .get("invoice")
        .and_then(|invoice| invoice.parse::<InvoiceId>().ok());
    let (true, Some(invoice)) = (ours, invoice) else {
        return Ok(());
    };
    let Some(outcome) = domain_outcome::outcome(&found, None) else {
        return Ok(());
    };
    match payment::record_for_invoice(&config.app, &caller(job), invoice, &outcome).await {
        Ok(_) | Err(coterie_app::UseCaseError::NotFound) => Ok(()),
        Err(error) => Err(after(error)),
    }
}

async fn apply_session(
    config: &WorkerConfig,
    job: &Job,
    gateway: &dyn Gateway,
    account: &str,
    session: &str,
    metadata: &Value,
) -> Result<(), JobError> {
    let found = match gateway.retrieve_setup_session(account, session).await {
        Ok(found) => found,
        Err(GatewayError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(JobError::retry(error)),
    };
    let text = |key: &str| metadata[key].as_str().unwrap_or_default();
    let payer = text("payer_id")
        .parse::<Uuid>()
        .ok()
        .and_then(|id| Payer::from_parts(text("payer_kind"), id));
    let entity = text("legal_entity").parse::<LegalEntityId>().ok();
    let ours = text("organization") == job.tenant.to_string();
    let (true, Some(payer), Some(entity), Some(method)) = (
        ours && found.status == SessionStatus::Complete,
        payer,
        entity,
        found.method,
    ) else {
        return Ok(());
    };
    let saved = domain_outcome::saved_method(payer, entity, &method);
    member::save_payment_method(&config.app, &caller(job), saved)
        .await
        .map_err(after)?;
    Ok(())
}
