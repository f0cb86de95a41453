//! Payment intents: what the merchant may do to them.

use serde_json::{Value, json};

use super::intent_attempt::{Attempt, attempt};
use super::{account, list};
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;
use crate::minor_units;

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[
        "amount",
        "currency",
        "customer",
        "payment_method",
        "metadata",
        "confirm",
        "off_session",
        "return_url",
        "description",
        "receipt_email",
        "statement_descriptor_suffix",
        "setup_future_usage",
        "allowed_payment_method_types",
        "automatic_payment_methods",
        "error_on_requires_action",
    ])?;
    form.need("amount")?;
    let amount = form.integer("amount")?.unwrap_or_default();
    let currency = form.need("currency")?.to_owned();
    minor_units::check(amount, &currency)?;
    account::check_charges_enabled(desk)?;
    let customer = form.text("customer").map(str::to_owned);
    if let Some(customer) = &customer {
        desk.read("customer", customer)?;
    }
    let confirm = form.flag("confirm")?;
    if !confirm && form.text("off_session").is_some() {
        let message = "The parameter `off_session` cannot be passed when creating a PaymentIntent unless `confirm` is \
                       set to true.";
        return Err(ApiError::invalid("", "off_session", message));
    }
    let method = match form.text("payment_method") {
        Some(method) => Some(usable_method(desk, method, customer.as_deref())?),
        None if confirm => return Err(no_method()),
        None => None,
    };
    let intent = open(desk, form, amount, &currency, customer.as_deref());
    let Some(method) = method else { return Ok(intent) };
    if !confirm {
        let mut intent = intent;
        intent["payment_method"] = method["id"].clone();
        intent["status"] = json!("requires_confirmation");
        return Ok(desk.write(intent));
    }
    attempt(desk, intent, &method, &attempt_of(form)?)
}

/// The intent of a hosted page, with what the page was told to put on it.
pub(super) fn open_with(desk: &mut Desk, amount: i64, currency: &str, carried: &Value) -> Value {
    let mut intent = open(desk, &Form::default(), amount, currency, None);
    intent["payment_method_types"] = json!(["card"]);
    for name in ["description", "metadata"] {
        intent[name] = carried[name].clone();
    }
    desk.write(intent)
}

fn open(desk: &mut Desk, form: &Form, amount: i64, currency: &str, customer: Option<&str>) -> Value {
    let id = fresh_id("pi");
    let intent = json!({
        "id": id, "object": "payment_intent", "created": desk.now, "livemode": false, "amount": amount,
        "amount_capturable": 0, "amount_details": { "tip": {} }, "amount_received": 0, "application": null,
        "application_fee_amount": null, "automatic_payment_methods": { "enabled": true, "allow_redirects": "always" },
        "canceled_at": null, "cancellation_reason": null, "capture_method": "automatic_async",
        "client_secret": format!("{id}_secret_{}", fresh_id("s")), "confirmation_method": "automatic",
        "currency": currency, "customer": customer, "description": form.text("description"),
        "last_payment_error": null, "latest_charge": null, "metadata": form.map("metadata"), "next_action": null,
        "on_behalf_of": null, "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {}, "payment_method_types": ["card", "sepa_debit"], "processing": null,
        "receipt_email": form.text("receipt_email"), "review": null,
        "setup_future_usage": form.text("setup_future_usage"), "shipping": null, "source": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null, "status": "requires_payment_method",
        "transfer_data": null, "transfer_group": null,
    });
    let intent = desk.write(intent);
    desk.emit("payment_intent.created", &intent);
    intent
}

pub(crate) fn confirm(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&[
        "payment_method",
        "off_session",
        "return_url",
        "receipt_email",
        "error_on_requires_action",
    ])?;
    let intent = desk.read("payment_intent", id)?;
    let status = intent["status"].as_str().unwrap_or_default();
    if !matches!(
        status,
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    ) {
        return Err(unexpected(&intent, "confirm"));
    }
    account::check_charges_enabled(desk)?;
    // A refused attempt took the method off the intent, so a retry has to name it again.
    let method = form
        .text("payment_method")
        .or(intent["payment_method"].as_str())
        .ok_or_else(no_method)?;
    let method = usable_method(desk, method, intent["customer"].as_str())?;
    attempt(desk, intent, &method, &attempt_of(form)?)
}

fn attempt_of(form: &Form) -> Result<Attempt, Box<ApiError>> {
    let off_session = match form.text("off_session") {
        Some("one_off" | "recurring") => true,
        _ => form.flag("off_session")?,
    };
    Ok(Attempt {
        off_session,
        return_url: form.text("return_url").map(str::to_owned),
        authenticated: false,
    })
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("payment_intent", id)
}

pub(crate) fn cancel(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&["cancellation_reason"])?;
    let mut intent = desk.read("payment_intent", id)?;
    if !matches!(
        intent["status"].as_str(),
        Some("requires_payment_method" | "requires_confirmation" | "requires_action" | "requires_capture")
    ) {
        return Err(unexpected(&intent, "cancel"));
    }
    intent["status"] = json!("canceled");
    intent["canceled_at"] = json!(desk.now);
    intent["cancellation_reason"] = json!(form.text("cancellation_reason"));
    intent["next_action"] = Value::Null;
    let intent = desk.write(intent);
    desk.emit("payment_intent.canceled", &intent);
    Ok(intent)
}

pub(crate) fn list(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["customer", "customer_account"]].concat())?;
    let mut all = desk.all("payment_intent");
    all.retain(|intent| {
        form.text("customer")
            .is_none_or(|customer| intent["customer"] == customer)
    });
    list::page(&all, form, "/v1/payment_intents")
}

/// The search language is not spoken beyond `metadata['name']:'value'`, joined by AND.
pub(crate) fn search(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&["query", "limit", "page"])?;
    let query = form.need("query")?;
    let mut wanted = Vec::new();
    for part in query.split(" AND ") {
        let clause = part
            .trim()
            .strip_prefix("metadata['")
            .and_then(|rest| rest.split_once("']:'"));
        let clause = clause.and_then(|(name, value)| Some((name.to_owned(), value.strip_suffix('\'')?.to_owned())));
        wanted.push(
            clause
                .ok_or_else(|| ApiError::invalid("", "query", format!("This simulator cannot search for: {part}")))?,
        );
    }
    let mut all = desk.all("payment_intent");
    all.retain(|intent| {
        wanted
            .iter()
            .all(|(name, value)| intent["metadata"][name] == value.as_str())
    });
    let limit = usize::try_from(form.integer("limit")?.unwrap_or(10)).unwrap_or(10);
    let has_more = all.len() > limit;
    all.truncate(limit);
    Ok(
        json!({ "object": "search_result", "url": "/v1/payment_intents/search", "has_more": has_more, "data": all,
        "next_page": null }),
    )
}

fn usable_method(desk: &mut Desk, id: &str, customer: Option<&str>) -> ApiResult {
    let method = desk.read("payment_method", id).map_err(|_| {
        ApiError::invalid(
            "resource_missing",
            "payment_method",
            format!("No such PaymentMethod: '{id}'"),
        )
    })?;
    if method["customer"].as_str() != customer {
        let message = "The provided PaymentMethod does not belong to this Customer, or was detached from it.";
        return Err(ApiError::invalid(
            "payment_method_customer_mismatch",
            "payment_method",
            message,
        ));
    }
    Ok(method)
}

fn no_method() -> Box<ApiError> {
    let message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    ApiError::invalid("payment_intent_unexpected_state", "payment_method", message)
}

fn unexpected(intent: &Value, wish: &str) -> Box<ApiError> {
    let status = intent["status"].as_str().unwrap_or_default();
    let message = format!("You cannot {wish} this PaymentIntent because it has a status of {status}.");
    let mut error = ApiError::invalid("payment_intent_unexpected_state", "", message);
    error.payment_intent = Some(intent.clone());
    error
}
