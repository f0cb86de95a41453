//! Our commands as Stripe's form bodies. Where async-stripe has a builder it is used: it knows the parameter names of
//! the pinned API version.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionSetupIntentData, ProductData,
};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::customer::{CreateCustomer, DeleteCustomer};
use stripe_core::payment_intent::{
    ConfirmPaymentIntent, ConfirmPaymentIntentOffSession, CreatePaymentIntent, CreatePaymentIntentOffSession,
};
use stripe_core::refund::CreateRefund;
use stripe_shared::CheckoutSessionMode;

use crate::error::GatewayError;
use crate::gateway::{
    ChargeCommand, ConfirmCommand, NewAccount, NewAccountLink, NewCustomer, NewPaymentSession, NewRefund,
    NewSetupSession,
};
use crate::stripe::checked;

/// An argument that cannot go into a request at all; found before anything is sent.
pub(crate) fn invalid(what: &str) -> GatewayError {
    GatewayError::Invalid {
        action: "prepare a request".into(),
        status: 400,
        code: None,
        param: Some(what.to_owned()),
        message: format!("the {what} is empty, too long or holds characters that no {what} has"),
        body: String::new(),
    }
}

fn map(metadata: &BTreeMap<String, String>) -> HashMap<String, String> {
    metadata
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn currency(code: &str) -> stripe_types::Currency {
    // Unknown codes pass through as they are; Stripe decides.
    let lower = code.to_ascii_lowercase();
    lower.parse().unwrap_or(stripe_types::Currency::Unknown(lower))
}

pub(crate) fn customer(customer: &NewCustomer) -> CreateCustomer {
    CreateCustomer::new()
        .email(customer.email.clone())
        .name(customer.name.clone())
        .metadata(map(&customer.metadata))
}

pub(crate) fn delete_customer(customer: &str) -> Result<DeleteCustomer, GatewayError> {
    Ok(DeleteCustomer::new(checked(customer, "customer")?))
}

pub(crate) fn setup_session(session: &NewSetupSession) -> CreateCheckoutSession {
    let mut setup = CreateCheckoutSessionSetupIntentData::new();
    setup.metadata = Some(map(&session.metadata));
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Setup)
        .customer(session.customer.clone())
        .currency(currency(&session.currency))
        .success_url(session.success_url.clone())
        .cancel_url(session.cancel_url.clone())
        .metadata(map(&session.metadata))
        .setup_intent_data(setup)
}

/// Cards alone: what takes days (debits, transfers) would outlast the time that is held meanwhile.
pub(crate) fn payment_session(session: &NewPaymentSession) -> CreateCheckoutSession {
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency(&session.currency));
    price.unit_amount = Some(session.amount_minor);
    price.product_data = Some(ProductData::new(session.description.clone()));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    intent.description = Some(session.description.clone());
    intent.metadata = Some(map(&session.metadata));
    CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .allowed_payment_method_types(vec![CreateCheckoutSessionAllowedPaymentMethodTypes::Card])
        .customer_email(session.email.clone())
        .line_items(vec![line])
        .payment_intent_data(intent)
        .success_url(session.success_url.clone())
        .cancel_url(session.cancel_url.clone())
        .expires_at(session.expires_at)
        .metadata(map(&session.metadata))
}

pub(crate) fn charge(charge: &ChargeCommand) -> CreatePaymentIntent {
    CreatePaymentIntent::new(charge.amount_minor, currency(&charge.currency))
        .customer(charge.customer.clone())
        .payment_method(charge.payment_method.clone())
        .confirm(true)
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .metadata(map(&charge.metadata))
}

pub(crate) fn confirm(confirm: &ConfirmCommand) -> ConfirmPaymentIntent {
    let mut request = ConfirmPaymentIntent::new(confirm.intent.as_str());
    if let Some(method) = &confirm.payment_method {
        request = request.payment_method(method.clone());
    }
    if confirm.off_session {
        request = request.off_session(ConfirmPaymentIntentOffSession::Bool(true));
    }
    if let Some(url) = &confirm.return_url {
        request = request.return_url(url.clone());
    }
    request
}

pub(crate) fn refund(refund: &NewRefund) -> CreateRefund {
    let request = CreateRefund::new()
        .payment_intent(refund.intent.clone())
        .metadata(map(&refund.metadata));
    match refund.amount_minor {
        Some(amount) => request.amount(amount),
        None => request,
    }
}

// async-stripe's connect crate is large and these three requests are small, so they are written out.

#[derive(Serialize)]
struct AccountForm<'a> {
    country: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    business_profile: ProfileForm<'a>,
    controller: ControllerForm,
    capabilities: CapabilitiesForm,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct ProfileForm<'a> {
    name: &'a str,
}

/// The chain is a merchant of its own: it pays Stripe's fees, carries its losses and has Stripe's full dashboard.
#[derive(Serialize)]
struct ControllerForm {
    fees: Payer,
    losses: Payments,
    stripe_dashboard: Dashboard,
}

#[derive(Serialize)]
struct Payer {
    payer: &'static str,
}

#[derive(Serialize)]
struct Payments {
    payments: &'static str,
}

#[derive(Serialize)]
struct Dashboard {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct CapabilitiesForm {
    card_payments: Requested,
}

#[derive(Serialize)]
struct Requested {
    requested: bool,
}

pub(crate) fn account(account: &NewAccount) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, "/accounts").form(&AccountForm {
        country: &account.country,
        email: account.email.as_deref(),
        business_profile: ProfileForm {
            name: &account.business_name,
        },
        controller: ControllerForm {
            fees: Payer { payer: "account" },
            losses: Payments { payments: "stripe" },
            stripe_dashboard: Dashboard { kind: "full" },
        },
        capabilities: CapabilitiesForm {
            card_payments: Requested { requested: true },
        },
        metadata: &account.metadata,
    })
}

pub(crate) fn retrieve_account(account: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, format!("/accounts/{account}"))
}

#[derive(Serialize)]
struct AccountLinkForm<'a> {
    account: &'a str,
    refresh_url: &'a str,
    return_url: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

pub(crate) fn account_link(link: &NewAccountLink) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, "/account_links").form(&AccountLinkForm {
        account: &link.account,
        refresh_url: &link.refresh_url,
        return_url: &link.return_url,
        kind: "account_onboarding",
    })
}
