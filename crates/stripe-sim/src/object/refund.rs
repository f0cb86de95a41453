//! Refunds, which may fail after they succeeded.

use serde_json::{Value, json};

use super::{charge, list};
use crate::answer::{ApiError, ApiResult};
use crate::books::{Desk, fresh_id};
use crate::form::Form;

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&["payment_intent", "charge", "amount", "metadata", "reason"])?;
    let charge_id = match (form.text("charge"), form.text("payment_intent")) {
        (Some(charge), _) => charge.to_owned(),
        (None, Some(intent)) => {
            let intent = desk.read("payment_intent", intent)?;
            intent["latest_charge"].as_str().unwrap_or_default().to_owned()
        }
        (None, None) => {
            let message = "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(ApiError::invalid("parameter_missing", "payment_intent", message));
        }
    };
    let mut paid = desk.read("charge", &charge_id)?;
    if paid["status"] != "succeeded" {
        let message = format!("Charge {charge_id} has not been successfully captured and cannot be refunded.");
        return Err(ApiError::invalid("charge_not_captured", "charge", message));
    }
    let number = |name: &str| paid[name].as_i64().unwrap_or_default();
    let left = number("amount") - number("amount_refunded");
    if left <= 0 {
        let message = format!("Charge {charge_id} has already been refunded.");
        return Err(ApiError::invalid("charge_already_refunded", "", message));
    }
    let amount = form.integer("amount")?.unwrap_or(left);
    if amount < 1 || amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).");
        return Err(ApiError::invalid("amount_too_large", "amount", message));
    }
    paid["amount_refunded"] = json!(number("amount_refunded") + amount);
    paid["refunded"] = json!(amount == left);
    let mut refund = json!({
        "id": fresh_id("re"), "object": "refund", "created": desk.now, "amount": amount,
        "balance_transaction": null, "charge": charge_id, "currency": paid["currency"],
        "destination_details": { "type": "card", "card": { "type": "refund" } }, "metadata": form.map("metadata"),
        "payment_intent": paid["payment_intent"], "reason": form.text("reason"), "receipt_number": null,
        "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null,
    });
    refund["balance_transaction"] = json!(charge::enter(desk, -amount, &refund, "refund"));
    let (refund, paid) = (desk.write(refund), desk.write(paid));
    desk.emit("refund.created", &refund);
    desk.emit("charge.refunded", &paid);
    Ok(refund)
}

/// Turns a refund to `pending`, `succeeded` or `failed` behind the merchant's back. What failed is owed again.
pub(crate) fn turn(desk: &mut Desk, id: &str, status: &str) -> ApiResult {
    let mut refund = desk.read("refund", id)?;
    let amount = refund["amount"].as_i64().unwrap_or_default();
    if status == "failed" && refund["status"] != "failed" {
        let charge_id = refund["charge"].as_str().unwrap_or_default().to_owned();
        let mut paid = desk.read("charge", &charge_id)?;
        paid["amount_refunded"] = json!(paid["amount_refunded"].as_i64().unwrap_or_default() - amount);
        paid["refunded"] = json!(false);
        desk.write(paid);
        refund["failure_reason"] = json!("lost_or_stolen_card");
        refund["failure_balance_transaction"] = json!(charge::enter(desk, amount, &refund, "refund_failure"));
    }
    refund["status"] = json!(status);
    let refund: Value = desk.write(refund);
    desk.emit(
        if status == "failed" {
            "refund.failed"
        } else {
            "refund.updated"
        },
        &refund,
    );
    Ok(refund)
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("refund", id)
}

pub(crate) fn list(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["charge", "payment_intent"]].concat())?;
    let mut all = desk.all("refund");
    all.retain(|refund| {
        ["charge", "payment_intent"]
            .iter()
            .all(|name| form.text(name).is_none_or(|wanted| refund[*name] == wanted))
    });
    list::page(&all, form, "/v1/refunds")
}
