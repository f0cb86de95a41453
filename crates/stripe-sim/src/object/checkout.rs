//! Checkout Sessions: `setup` saves a card, `payment` takes the money of one page.

use serde_json::{Value, json};

use super::intent_attempt::{self, Attempt};
use super::{account, intent, setup_intent};
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;
use crate::minor_units;

/// Sessions close themselves after a day.
const OPEN_SECONDS: i64 = 24 * 60 * 60;
/// No session closes earlier.
const SHORTEST_SECONDS: i64 = 30 * 60;

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
        "line_items",
        "payment_intent_data",
        "expires_at",
    ])?;
    let success_url = form.need("success_url")?.to_owned();
    let priced = match form.text("mode") {
        Some("setup") => None,
        Some("payment") => Some(price(desk, form)?),
        _ => {
            let message = "This simulator knows mode=setup and mode=payment.";
            return Err(ApiError::invalid("parameter_unknown", "mode", message));
        }
    };
    let expires_at = expiry(desk, form)?;
    let customer = form.text("customer").map(str::to_owned);
    if let Some(customer) = &customer {
        desk.read("customer", customer)?;
    }
    let setup = if priced.is_some() {
        Value::Null
    } else {
        form.need("currency")?;
        setup_intent::open(desk, customer.as_deref(), &form.map("setup_intent_data[metadata]"))["id"].clone()
    };
    let id = format!("cs_test_{}", &fresh_id("x")[2..]);
    let mut session = json!({
        "id": id, "object": "checkout.session", "created": desk.now, "expires_at": expires_at,
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
        "saved_payment_method_options": null, "setup_intent": setup, "shipping_address_collection": null,
        "shipping_cost": null, "shipping_options": [], "submit_type": null, "subscription": null,
        "success_url": success_url, "total_details": null, "ui_mode": "hosted_page",
        "url": format!("{}/c/pay/{id}", desk.public_url),
    });
    if let Some((currency, amount)) = priced {
        session["mode"] = json!("payment");
        session["payment_status"] = json!("unpaid");
        session["payment_method_types"] = json!(["card"]);
        session["payment_method_collection"] = json!("if_required");
        session["customer_creation"] = json!("if_required");
        session["customer_email"] = json!(form.text("customer_email"));
        session["currency"] = json!(currency);
        session["amount_subtotal"] = json!(amount);
        session["amount_total"] = json!(amount);
        session["total_details"] = json!({ "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 });
        // Stripe makes the intent when somebody pays; until then nobody sees what it will carry.
        let carried = json!({ "description": form.text("payment_intent_data[description]"),
            "metadata": form.map("payment_intent_data[metadata]") });
        desk.world().carried.insert(id.clone(), carried);
    }
    desk.world().closing.insert((expires_at, id));
    Ok(desk.write(session))
}

/// Currency and sum of the lines; each has its price written out.
fn price(desk: &mut Desk, form: &Form) -> Result<(String, i64), Box<ApiError>> {
    account::check_charges_enabled(desk)?;
    let currency = form.need("line_items[0][price_data][currency]")?.to_owned();
    form.need("line_items[0][price_data][product_data][name]")?;
    let mut sum = 0;
    for line in 0.. {
        let name = |field: &str| format!("line_items[{line}][{field}");
        let Some(amount) = form.integer(&name("price_data][unit_amount]"))? else {
            break;
        };
        sum += amount * form.integer(&name("quantity]"))?.unwrap_or(1);
    }
    minor_units::check(sum, &currency)?;
    Ok((currency, sum))
}

fn expiry(desk: &Desk, form: &Form) -> Result<i64, Box<ApiError>> {
    let Some(at) = form.integer("expires_at")? else {
        return Ok(desk.now + OPEN_SECONDS);
    };
    if (SHORTEST_SECONDS..=OPEN_SECONDS).contains(&(at - desk.now)) {
        return Ok(at);
    }
    let message =
        "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.";
    Err(ApiError::invalid("", "expires_at", message))
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

/// Its time is over.
pub(crate) fn run_out(desk: &mut Desk, id: &str) {
    if let Ok(session) = desk.read("checkout.session", id)
        && session["status"] == "open"
    {
        close(desk, session);
    }
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

/// The person pays with a card. What is refused leaves the page open; a card that asks for 3-D Secure is answered with the
/// intent that waits for it.
pub(crate) fn pay(desk: &mut Desk, mut session: Value, method: &Value, authenticated: bool) -> ApiResult {
    let id = session["id"].as_str().unwrap_or_default().to_owned();
    let intent = if let Some(known) = session["payment_intent"].as_str() {
        desk.read("payment_intent", known)?
    } else {
        let carried = desk.world().carried.get(&id).cloned().unwrap_or_default();
        let amount = session["amount_total"].as_i64().unwrap_or_default();
        let currency = session["currency"].as_str().unwrap_or_default().to_owned();
        let opened = intent::open_with(desk, amount, &currency, &carried);
        session["payment_intent"] = opened["id"].clone();
        session = desk.write(session);
        opened
    };
    let how = Attempt {
        off_session: false,
        return_url: None,
        authenticated,
    };
    let tried = intent_attempt::attempt(desk, intent, method, &how)?;
    if tried["status"] != "succeeded" {
        return Ok(tried);
    }
    session["status"] = json!("complete");
    session["payment_status"] = json!("paid");
    session["url"] = Value::Null;
    session["customer_details"] = json!({ "address": null, "business_name": null, "email": session["customer_email"],
        "individual_name": null, "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null });
    let session = desk.write(session);
    desk.emit("checkout.session.completed", &session);
    Ok(tried)
}
