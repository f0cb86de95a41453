//! Connected accounts. Here they may charge at once; there is nobody to onboard.

use serde_json::{Value, json};

use crate::answer::{ApiError, ApiResult, nobody_knows};
use crate::books::{AccountBooks, Desk, PLATFORM, fresh_id};
use crate::form::Form;

/// Links are good for five minutes.
const LINK_SECONDS: i64 = 300;

pub(crate) fn create(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[
        "type",
        "country",
        "email",
        "business_profile",
        "business_type",
        "capabilities",
        "controller",
        "default_currency",
        "metadata",
    ])?;
    let country = form.text("country").unwrap_or("US");
    let currency = form
        .text("default_currency")
        .map_or_else(|| currency_of(country), str::to_owned);
    let id = fresh_id("acct");
    let account = json!({
        "id": id, "object": "account", "type": "standard", "country": country, "default_currency": currency,
        "created": desk.now, "email": form.text("email"), "business_type": form.text("business_type"),
        "business_profile": { "name": form.text("business_profile[name]"), "mcc": null, "product_description": null,
            "support_address": null, "support_email": null, "support_phone": null, "support_url": null, "url": null },
        "capabilities": { "card_payments": "active", "transfers": "active", "sepa_debit_payments": "active" },
        "charges_enabled": true, "payouts_enabled": true, "details_submitted": true,
        "controller": { "type": "application", "is_controller": true },
        "external_accounts": { "object": "list", "data": [], "has_more": false,
            "url": format!("/v1/accounts/{id}/external_accounts") },
        "requirements": requirements(None), "future_requirements": requirements(None),
        "metadata": form.map("metadata"), "nobody_knows": nobody_knows(),
    });
    let world = AccountBooks {
        account: account.clone(),
        authorized: true,
        ..AccountBooks::default()
    };
    desk.books.accounts.insert(id, world);
    Ok(account)
}

fn requirements(disabled_reason: Option<&str>) -> Value {
    json!({ "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": disabled_reason,
        "errors": [], "eventually_due": [], "past_due": [], "pending_verification": [] })
}

fn currency_of(country: &str) -> String {
    let currency = match country {
        "GB" => "gbp",
        "CH" | "LI" => "chf",
        "US" => "usd",
        "JP" => "jpy",
        "PL" => "pln",
        "CZ" => "czk",
        "SE" => "sek",
        "NO" => "nok",
        "DK" => "dkk",
        "HU" => "huf",
        _ => "eur",
    };
    currency.to_owned()
}

pub(crate) fn retrieve(desk: &mut Desk, id: &str) -> ApiResult {
    let found = desk
        .books
        .accounts
        .get(id)
        .filter(|world| world.authorized && id != PLATFORM);
    found.map(|world| world.account.clone()).ok_or_else(|| unknown(id))
}

/// What Stripe says of an account that is not connected, whether it exists or not.
pub(crate) fn unknown(id: &str) -> Box<ApiError> {
    let message = format!(
        "The provided key does not have access to account '{id}' (or that account does not exist). Application access \
         may have been revoked."
    );
    ApiError::with_status(403, "invalid_request_error", "account_invalid", message)
}

pub(crate) fn link(desk: &mut Desk, form: &Form) -> ApiResult {
    form.only(&[
        "account",
        "refresh_url",
        "return_url",
        "type",
        "collection_options",
        "collect",
    ])?;
    let account = form.need("account")?.to_owned();
    retrieve(desk, &account)?;
    let (back, _) = (form.need("return_url")?.to_owned(), form.need("refresh_url")?);
    form.need("type")?;
    // The page is passed at once: the link leads through our own address, as a real one leads through Stripe's.
    let query = serde_urlencoded::to_string([("to", &back)]).unwrap_or_default();
    Ok(json!({
        "object": "account_link", "created": desk.now, "expires_at": desk.now + LINK_SECONDS,
        "url": format!("{}/c/onboard/{account}?{query}", desk.public_url), "nobody_knows": nobody_knows(),
    }))
}

/// Restricts an account, or lifts the restriction; an event tells.
pub(crate) fn set_charges_enabled(desk: &mut Desk, enabled: bool) {
    let reason = (!enabled).then_some("platform_paused");
    let account = &mut desk.world().account;
    account["charges_enabled"] = json!(enabled);
    account["requirements"] = requirements(reason);
    account["capabilities"]["card_payments"] = json!(if enabled { "active" } else { "inactive" });
    let account = account.clone();
    desk.emit("account.updated", &account);
}

/// The owner cuts the connection. The event comes first: afterwards the account is out of reach.
pub(crate) fn deauthorize(desk: &mut Desk) {
    let application = json!({ "id": "ca_platform", "object": "application", "name": "platform" });
    desk.emit("account.application.deauthorized", &application);
    desk.world().authorized = false;
}

/// Refuses charges of a restricted account.
pub(crate) fn check_charges_enabled(desk: &mut Desk) -> Result<(), Box<ApiError>> {
    if desk.world().account["charges_enabled"] == true {
        return Ok(());
    }
    let message = "Your account cannot currently make charges.";
    Err(ApiError::with_status(
        400,
        "invalid_request_error",
        "account_invalid",
        message,
    ))
}
