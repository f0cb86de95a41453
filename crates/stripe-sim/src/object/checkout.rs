//! Checkout Sessions in `setup` mode.

use serde_json::{Value, json};

use super::setup_intent;
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;

/// Sessions close themselves after a day.
const OPEN_SECONDS: i64 = 24 * 60 * 60;

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[
        "mode",
        "customer",
        "currency",
        "success_url",
        "cancel_url",
        "metadata",
        "setup_intent_data",
        "client_reference_id",
        "locale",
        "allowed_payment_method_types",
        "customer_email",
    ])?;
    if form.text("mode") != Some("setup") {
        return Err(ApiError::invalid(
            "parameter_unknown",
            "mode",
            "This simulator knows mode=setup only.",
        ));
    }
    let success_url = form.need("success_url")?.to_owned();
    form.need("currency")?;
    let customer = form.text("customer").map(str::to_owned);
    if let Some(customer) = &customer {
        desk.read("customer", customer)?;
    }
    let intent = setup_intent::open(desk, customer.as_deref(), &form.map("setup_intent_data[metadata]"));
    let id = format!("cs_test_{}", &fresh_id("x")[2..]);
    let session = json!({
        "id": id, "object": "checkout.session", "created": desk.now, "expires_at": desk.now + OPEN_SECONDS,
        "livemode": false, "mode": "setup", "status": "open", "payment_status": "no_payment_required",
        "payment_method_types": ["card", "sepa_debit"], "payment_method_options": {},
        "after_expiration": null, "allow_promotion_codes": null, "amount_subtotal": null, "amount_total": null,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "billing_address_collection": null, "cancel_url": form.text("cancel_url"),
        "client_reference_id": form.text("client_reference_id"), "client_secret": null, "consent": null,
        "consent_collection": null, "currency": form.text("currency"), "currency_conversion": null,
        "custom_fields": [], "custom_text": { "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null },
        "customer": customer, "customer_creation": null, "customer_details": null, "customer_email": null,
        "discounts": null, "invoice": null, "invoice_creation": null, "locale": form.text("locale"),
        "metadata": form.map("metadata"), "payment_intent": null, "payment_link": null,
        "payment_method_collection": "always", "payment_method_configuration_details": null,
        "phone_number_collection": { "enabled": false }, "recovered_from": null,
        "saved_payment_method_options": null, "setup_intent": intent["id"], "shipping_address_collection": null,
        "shipping_cost": null, "shipping_options": [], "submit_type": null, "subscription": null,
        "success_url": success_url, "total_details": null, "ui_mode": "hosted_page",
        "url": format!("{}/c/pay/{id}", desk.public_url),
    });
    Ok(desk.write(session))
}

/// Reads a session, closing it first when its day is over.
pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    let session = desk.read("checkout.session", id)?;
    if session["status"] == "open" && session["expires_at"].as_i64().is_some_and(|at| at <= desk.now) {
        return Ok(close(desk, session));
    }
    Ok(session)
}

pub(crate) fn expire(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&[])?;
    let session = retrieve(desk, id)?;
    if session["status"] != "open" {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
        return Err(ApiError::invalid("", "", message));
    }
    Ok(close(desk, session))
}

fn close(desk: &mut Desk, mut session: Value) -> Value {
    session["status"] = json!("expired");
    session["url"] = Value::Null;
    let session = desk.write(session);
    desk.emit("checkout.session.expired", &session);
    session
}

/// The person finished: the method is on the customer, and the session says so.
pub(crate) fn complete(desk: &mut Desk, mut session: Value, payment_method: &str) -> ApiResult {
    let intent = session["setup_intent"].as_str().unwrap_or_default().to_owned();
    setup_intent::succeed(desk, &intent, payment_method)?;
    session["status"] = json!("complete");
    session["url"] = Value::Null;
    let session = desk.write(session);
    desk.emit("checkout.session.completed", &session);
    Ok(session)
}
