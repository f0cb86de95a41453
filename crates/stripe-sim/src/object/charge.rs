//! Charges and what they leave on the balance.

use serde_json::{Value, json};

use super::list;
use crate::answer::ApiResult;
use crate::books::{Desk, fresh_id};
use crate::form::Form;

/// Days until money is available.
const AVAILABLE_SECONDS: i64 = 2 * 24 * 60 * 60;

/// Why a charge failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure<'a> {
    pub code: &'a str,
    pub decline_code: Option<&'a str>,
    pub message: &'a str,
}

/// Books a charge for an intent: `succeeded`, `pending` (debits) or, with a reason, `failed`.
pub(crate) fn open(
    desk: &mut Desk,
    intent: &Value,
    method: &Value,
    status: &str,
    failure: Option<Failure<'_>>,
) -> Value {
    let id = fresh_id("ch");
    let kind = method["type"].as_str().unwrap_or("card").to_owned();
    let amount = intent["amount"].as_i64().unwrap_or_default();
    let captured = status != "failed";
    let mut charge = json!({
        "id": id, "object": "charge", "created": desk.now, "livemode": false, "amount": amount,
        "amount_captured": if captured { amount } else { 0 }, "amount_refunded": 0, "application": null,
        "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": method["billing_details"], "calculated_statement_descriptor": "COTERIE",
        "captured": captured, "currency": intent["currency"], "customer": intent["customer"], "description": null,
        "disputed": false, "failure_balance_transaction": null, "failure_code": failure.map(|why| why.code),
        "failure_message": failure.map(|why| why.message), "fraud_details": {}, "metadata": intent["metadata"],
        "on_behalf_of": null, "outcome": outcome(failure), "paid": status == "succeeded",
        "payment_intent": intent["id"], "payment_method": method["id"],
        "payment_method_details": { "type": kind }, "receipt_email": null, "receipt_number": null,
        "receipt_url": null, "refunded": false, "review": null, "shipping": null, "source": null,
        "source_transfer": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
        "status": status, "transfer_data": null, "transfer_group": null,
    });
    charge["payment_method_details"][kind.as_str()] = details(method, &kind);
    if status == "succeeded" {
        charge["balance_transaction"] = json!(enter(desk, amount, &charge, "charge"));
    }
    let charge = desk.write(charge);
    let event = match status {
        "succeeded" => "charge.succeeded",
        "pending" => "charge.pending",
        _ => "charge.failed",
    };
    desk.emit(event, &charge);
    charge
}

fn outcome(failure: Option<Failure<'_>>) -> Value {
    match failure {
        None => json!({ "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
            "seller_message": "Payment complete.", "type": "authorized" }),
        Some(why) => json!({ "network_status": "declined_by_network", "reason": why.decline_code.unwrap_or(why.code),
            "risk_level": "normal", "seller_message": why.message, "type": "issuer_declined" }),
    }
}

fn details(method: &Value, kind: &str) -> Value {
    let from = &method[kind];
    if kind == "card" {
        return json!({ "brand": from["brand"], "last4": from["last4"], "exp_month": from["exp_month"],
            "exp_year": from["exp_year"], "country": from["country"], "funding": from["funding"],
            "fingerprint": from["fingerprint"], "checks": from["checks"], "installments": null, "mandate": null,
            "network": from["brand"], "three_d_secure": null, "wallet": null });
    }
    json!({ "bank_code": from["bank_code"], "branch_code": from["branch_code"], "country": from["country"],
        "fingerprint": from["fingerprint"], "last4": from["last4"], "mandate": null })
}

/// A debit that was pending turns out one way or the other.
pub(crate) fn settle(
    desk: &mut Desk,
    id: &str,
    failure: Option<Failure<'_>>,
) -> Result<(), Box<crate::answer::ApiError>> {
    let mut charge = desk.read("charge", id)?;
    let amount = charge["amount"].as_i64().unwrap_or_default();
    charge["outcome"] = outcome(failure);
    if let Some(why) = failure {
        charge["status"] = json!("failed");
        charge["captured"] = json!(false);
        charge["amount_captured"] = json!(0);
        charge["failure_code"] = json!(why.code);
        charge["failure_message"] = json!(why.message);
    } else {
        charge["status"] = json!("succeeded");
        charge["paid"] = json!(true);
        charge["balance_transaction"] = json!(enter(desk, amount, &charge, "charge"));
    }
    let charge = desk.write(charge);
    desk.emit(
        if failure.is_some() {
            "charge.failed"
        } else {
            "charge.succeeded"
        },
        &charge,
    );
    Ok(())
}

/// Enters a movement on the account's balance and returns its id. Stripe's fee here is 1.5 % (down) plus 25.
pub(crate) fn enter(desk: &mut Desk, amount: i64, source: &Value, kind: &str) -> String {
    let id = fresh_id("txn");
    let fee = if kind == "charge" { amount * 15 / 1000 + 25 } else { 0 };
    let fee_details = if fee > 0 {
        json!([{ "amount": fee, "application": null, "currency": source["currency"],
            "description": "Stripe processing fees", "type": "stripe_fee" }])
    } else {
        json!([])
    };
    desk.write(json!({
        "id": id, "object": "balance_transaction", "created": desk.now, "amount": amount,
        "available_on": desk.now + AVAILABLE_SECONDS, "balance_type": "payments", "currency": source["currency"],
        "description": null, "exchange_rate": null, "fee": fee, "fee_details": fee_details, "net": amount - fee,
        "reporting_category": kind, "source": source["id"], "status": "pending", "type": kind,
    }));
    id
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    desk.read("charge", id)
}

pub(crate) fn list(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["customer", "payment_intent"]].concat())?;
    let mut all = desk.all("charge");
    all.retain(|charge| {
        ["customer", "payment_intent"]
            .iter()
            .all(|name| form.text(name).is_none_or(|wanted| charge[*name] == wanted))
    });
    list::page(&all, form, "/v1/charges")
}

pub(crate) fn list_balance(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[&list::CURSORS[..], &["currency", "payout", "source", "type"]].concat())?;
    let mut all = desk.all("balance_transaction");
    // There are no payouts here, so none of them has entries.
    all.retain(|entry| {
        form.text("payout").is_none()
            && ["currency", "source", "type"]
                .iter()
                .all(|name| form.text(name).is_none_or(|word| entry[*name] == word))
    });
    list::page(&all, form, "/v1/balance_transactions")
}
