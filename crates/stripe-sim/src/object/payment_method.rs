//! Payment methods. Only test ids exist; a card number has no way in.

use serde_json::{Value, json};

use super::list;
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;
use crate::test_card::{Behaviour, TestCard, find};

/// Cards run out far beyond any test clock.
const EXPIRY_YEAR: i64 = 2099;

/// Attaches a test id, or a detached method, to a customer. A test id becomes a method of its own each time.
pub(crate) fn attach(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&["customer", "customer_account"])?;
    let customer = form.need("customer")?.to_owned();
    desk.read("customer", &customer)?;
    if let Some(card) = find(id) {
        return save(desk, card, Some(&customer));
    }
    let mut method = desk.read("payment_method", id)?;
    if !method["customer"].is_null() && method["customer"] != customer.as_str() {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(ApiError::invalid("payment_method_unexpected_state", "", message));
    }
    method["customer"] = json!(customer);
    let method = desk.write(method);
    desk.emit("payment_method.attached", &method);
    Ok(method)
}

/// Makes a payment method of a test card and attaches it; somebody who only pays once has no customer.
pub(crate) fn save(desk: &mut Desk, card: &TestCard, customer: Option<&str>) -> ApiResult {
    if card.behaviour == Behaviour::CannotAttach {
        return Err(Box::new(ApiError {
            status: 402,
            kind: "card_error",
            code: Some("card_declined".into()),
            decline_code: Some("generic_decline".into()),
            message: "Your card was declined.".into(),
            ..ApiError::default()
        }));
    }
    let id = fresh_id("pm");
    let mut method = json!({
        "id": id, "object": "payment_method", "created": desk.now, "livemode": false, "allow_redisplay": "unspecified",
        "billing_details": { "address": { "city": null, "country": null, "line1": null, "line2": null,
            "postal_code": null, "state": null }, "email": null, "name": null, "phone": null, "tax_id": null },
        "customer": customer, "metadata": {},
    });
    let (kind, details) = details(card);
    method["type"] = json!(kind);
    method[kind] = details;
    let method = desk.write(method);
    desk.world().cards.insert(id, card.id.to_owned());
    if customer.is_some() {
        desk.emit("payment_method.attached", &method);
    }
    Ok(method)
}

fn details(card: &TestCard) -> (&'static str, Value) {
    if !card.is_card() {
        let details = json!({ "bank_code": "37040044", "branch_code": "", "country": "DE", "last4": card.last4,
            "fingerprint": format!("sepa{}", card.last4), "generated_from": null });
        return ("sepa_debit", details);
    }
    let details = json!({
        "brand": card.brand, "last4": card.last4, "exp_month": 12, "exp_year": EXPIRY_YEAR, "country": "DE",
        "funding": "credit", "fingerprint": format!("card{}", card.last4), "display_brand": card.brand,
        "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
        "generated_from": null, "networks": { "available": [card.brand], "preferred": null },
        "three_d_secure_usage": { "supported": true }, "wallet": null,
    });
    ("card", details)
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("payment_method", id)
}

pub(crate) fn detach(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&[])?;
    let mut method = desk.read("payment_method", id)?;
    method["customer"] = Value::Null;
    let method = desk.write(method);
    desk.emit("payment_method.detached", &method);
    Ok(method)
}

/// A customer's methods, newest first; optionally of one type.
pub(crate) fn list(desk: &mut Desk, customer: Option<&str>, form: &Form, url: &str) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["customer", "type", "allow_redisplay"]].concat())?;
    let customer = customer.or_else(|| form.text("customer"));
    let mut all = desk.all("payment_method");
    all.retain(|method| {
        customer.is_none_or(|customer| method["customer"] == customer)
            && form.text("type").is_none_or(|kind| method["type"] == kind)
    });
    list::page(&all, form, url)
}
