//! Customers.

use serde_json::{Value, json};

use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;

const FIELDS: [&str; 9] = [
    "email",
    "name",
    "metadata",
    "description",
    "phone",
    "address",
    "invoice_settings",
    "preferred_locales",
    "payment_method",
];

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&FIELDS)?;
    let customer = json!({
        "id": fresh_id("cus"), "object": "customer", "created": desk.now, "livemode": false, "address": null,
        "balance": 0, "currency": null, "default_source": null, "delinquent": false,
        "description": form.text("description"), "email": form.text("email"),
        "invoice_prefix": null, "invoice_settings": { "custom_fields": null, "default_payment_method": null,
            "footer": null, "rendering_options": null },
        "metadata": form.map("metadata"), "name": form.text("name"), "next_invoice_sequence": 1,
        "phone": form.text("phone"), "preferred_locales": [], "shipping": null, "tax_exempt": "none",
        "test_clock": null,
    });
    let customer = desk.write(customer);
    desk.emit("customer.created", &customer);
    Ok(customer)
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("customer", id)
}

pub(crate) fn update(desk: &mut Desk, id: &str, form: &Form) -> ApiResult {
    form.only(&FIELDS)?;
    let mut customer = desk.read("customer", id)?;
    for name in ["email", "name", "description", "phone"] {
        if let Some(text) = form.text(name) {
            customer[name] = json!(text);
        }
    }
    if let Value::Object(changes) = form.map("metadata") {
        for (name, value) in changes {
            // An empty value unsets.
            if value == "" {
                if let Some(metadata) = customer["metadata"].as_object_mut() {
                    metadata.remove(&name);
                }
            } else {
                customer["metadata"][name] = value;
            }
        }
    }
    let customer = desk.write(customer);
    desk.emit("customer.updated", &customer);
    Ok(customer)
}

/// Nothing stays but that there was one, and she cannot be charged again. The event tells who it was, as Stripe's does.
pub(crate) fn delete(desk: &mut Desk, id: &str) -> ApiResult {
    let customer = desk.read("customer", id)?;
    if customer["deleted"] == true {
        return Err(ApiError::missing("customer", id));
    }
    let mut methods = desk.all("payment_method");
    methods.retain(|method| method["customer"] == id);
    for mut method in methods {
        method["customer"] = Value::Null;
        method["billing_details"] = json!({ "address": null, "email": null, "name": null, "phone": null });
        desk.write(method);
    }
    desk.emit("customer.deleted", &customer);
    Ok(desk.write(json!({ "id": id, "object": "customer", "deleted": true })))
}
