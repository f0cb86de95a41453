//! Setup intents: made by Checkout, read by us.

use serde_json::{Value, json};

use crate::answer::ApiResult;
use crate::books::{Desk, fresh_id};

pub(crate) fn open(desk: &mut Desk, customer: Option<&str>, metadata: &Value) -> Value {
    let id = fresh_id("seti");
    let secret = format!("{id}_secret_{}", fresh_id("s"));
    let intent = json!({
        "id": id, "object": "setup_intent", "created": desk.now, "livemode": false, "application": null,
        "automatic_payment_methods": null, "cancellation_reason": null, "client_secret": secret,
        "customer": customer, "description": null, "flow_directions": null, "last_setup_error": null,
        "latest_attempt": null, "mandate": null, "metadata": metadata, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null, "payment_method_options": null,
        "payment_method_types": ["card", "sepa_debit"], "single_use_mandate": null,
        "status": "requires_payment_method", "usage": "off_session",
    });
    let intent = desk.write(intent);
    desk.emit("setup_intent.created", &intent);
    intent
}

/// The method was saved.
pub(crate) fn succeed(desk: &mut Desk, id: &str, payment_method: &str) -> Result<(), Box<crate::answer::ApiError>> {
    let mut intent = desk.read("setup_intent", id)?;
    intent["status"] = json!("succeeded");
    intent["payment_method"] = json!(payment_method);
    intent["last_setup_error"] = Value::Null;
    let intent = desk.write(intent);
    desk.emit("setup_intent.succeeded", &intent);
    Ok(())
}

/// The issuer refused; the page stays open for another try.
pub(crate) fn refuse(desk: &mut Desk, id: &str, code: &str, message: &str) -> Result<(), Box<crate::answer::ApiError>> {
    let mut intent = desk.read("setup_intent", id)?;
    intent["last_setup_error"] = json!({ "type": "card_error", "code": code, "message": message });
    let intent = desk.write(intent);
    desk.emit("setup_intent.setup_failed", &intent);
    Ok(())
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("setup_intent", id)
}
