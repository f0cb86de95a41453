//! A simulator, a gateway that speaks to it, and a person who clicks on its hosted pages.

#![expect(clippy::missing_panics_doc, reason = "a harness panics whenever a test must fail")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use coterie_gateway::{
    ChargeCommand, ConfirmCommand, Gateway, NewAccount, NewCustomer, NewSetupSession, StripeConfig, StripeGateway,
};
use coterie_stripe_sim::{Fault, RunningSim, Sim, SimConfig, WebhookEndpoint};
use serde_json::Value;

/// Long enough for a slow machine; nothing waits this long when all is well.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// One connected account at a simulator of its own, with a payer.
pub struct Shop {
    pub sim: RunningSim,
    pub gateway: StripeGateway,
    pub account: String,
    pub customer: String,
}

/// Opens a shop with a recording simulator in memory.
pub async fn shop() -> Shop {
    shop_with(SimConfig {
        record: true,
        ..SimConfig::default()
    })
    .await
}

pub async fn shop_with(config: SimConfig) -> Shop {
    let sim = Sim::start(config).await.expect("the simulator starts");
    let gateway = gateway(&sim, PATIENCE);
    let account = account(&gateway, "a").await;
    let customer = customer(&gateway, &account, "a").await;
    Shop {
        sim,
        gateway,
        account,
        customer,
    }
}

/// A gateway whose attempts time out after `timeout`; pauses are short.
pub fn gateway(sim: &RunningSim, timeout: Duration) -> StripeGateway {
    let config = StripeConfig::new("sk_test_coterie", &sim.url);
    let backoff = Duration::from_millis(10);
    StripeGateway::new(StripeConfig {
        timeout,
        backoff,
        ..config
    })
    .expect("the gateway starts")
}

pub async fn account(gateway: &StripeGateway, name: &str) -> String {
    let account = NewAccount {
        country: "DE".into(),
        email: Some(format!("{name}@chain.example")),
        business_name: format!("Chain {name}"),
        metadata: BTreeMap::new(),
    };
    gateway
        .create_account(&format!("account-{name}"), &account)
        .await
        .expect("an account")
        .id
}

pub async fn customer(gateway: &StripeGateway, account: &str, name: &str) -> String {
    let customer = NewCustomer {
        email: format!("{name}@member.example"),
        name: format!("Member {name}"),
        metadata: BTreeMap::from([("member".to_owned(), name.to_owned())]),
    };
    gateway
        .create_customer(account, &format!("customer-{name}"), &customer)
        .await
        .expect("a customer")
}

impl Shop {
    /// Puts one of Stripe's test cards on the payer.
    pub async fn card(&self, test_id: &str) -> String {
        let key = format!("attach-{test_id}");
        let saved = self
            .gateway
            .attach_payment_method(&self.account, &key, test_id, &self.customer)
            .await;
        saved.expect("a card").id
    }

    /// The charge of an invoice over EUR 380.80.
    pub fn charge(&self, payment_method: &str, invoice: &str) -> ChargeCommand {
        ChargeCommand {
            amount_minor: 38_080,
            currency: "EUR".into(),
            customer: self.customer.clone(),
            payment_method: payment_method.to_owned(),
            metadata: ["organization", "invoice", "attempt"]
                .map(|name| (name.to_owned(), format!("{name}-{invoice}")))
                .into(),
        }
    }

    pub fn session(&self) -> NewSetupSession {
        NewSetupSession {
            customer: self.customer.clone(),
            currency: "EUR".into(),
            success_url: "https://chain.example/cards?session={CHECKOUT_SESSION_ID}".into(),
            cancel_url: "https://chain.example/cards?canceled=1".into(),
            metadata: BTreeMap::from([("member".to_owned(), "a".to_owned())]),
        }
    }

    /// What Stripe's books say of this account.
    pub fn state(&self) -> Value {
        self.sim.state(&self.account).expect("the account is known")
    }

    /// Queues a fault, written as JSON.
    pub fn fault(&self, fault: Value) {
        self.sim.fault(serde_json::from_value::<Fault>(fault).expect("a fault"));
    }
}

/// Confirms an intent with a person present, who comes back to `https://chain.example/back`.
pub fn on_session(intent: &str, payment_method: &str) -> ConfirmCommand {
    ConfirmCommand {
        intent: intent.to_owned(),
        payment_method: Some(payment_method.to_owned()),
        off_session: false,
        return_url: Some("https://chain.example/back?invoice=1".into()),
    }
}

/// A browser without scripts that does not follow redirects.
pub fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}

/// Opens a page, checks that the button is on it, presses it; returns status, `Location` and text of the answer.
pub async fn press(page: &str, name: &str, value: &str) -> (u16, Option<String>, String) {
    let browser = browser();
    let html = browser
        .get(page)
        .send()
        .await
        .expect("a page")
        .text()
        .await
        .expect("text");
    assert!(
        html.contains(&format!(r#"name="{name}" value="{value}""#)),
        "no button {name}={value} on\n{html}"
    );
    let answer = browser
        .post(page)
        .form(&[(name, value)])
        .send()
        .await
        .expect("an answer");
    let location = answer
        .headers()
        .get("location")
        .and_then(|to| to.to_str().ok())
        .map(str::to_owned);
    (answer.status().as_u16(), location, answer.text().await.expect("text"))
}

/// Saves a card on a hosted page, as a member does; returns where the page leads back to.
pub async fn save_card(page: &str, choice: &str) -> String {
    let (status, location, text) = press(page, "choice", choice).await;
    assert_eq!(status, 303, "{text}");
    location.expect("the page leads back")
}

/// A webhook as it came.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub signature: String,
    pub body: Vec<u8>,
}

impl Delivery {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// An endpoint that takes webhooks and keeps them; the first `refusals` are answered 503.
#[derive(Debug, Clone)]
pub struct Inbox {
    pub url: String,
    taken: Arc<Mutex<Vec<Delivery>>>,
    refusals: Arc<Mutex<u32>>,
}

pub const SECRET: &str = "whsec_of_the_inbox";

impl Inbox {
    /// Listens, and has the simulator send its events here under [`SECRET`].
    pub async fn open(sim: &RunningSim, refusals: u32) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/webhook", listener.local_addr().expect("an address"));
        let inbox = Self {
            url,
            taken: Arc::default(),
            refusals: Arc::new(Mutex::new(refusals)),
        };
        let keeper = inbox.clone();
        let take = move |headers: HeaderMap, body: axum::body::Bytes| async move { keeper.take(&headers, &body) };
        let app = axum::Router::new().route("/webhook", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, app).await });
        sim.add_endpoint(&WebhookEndpoint::new(&inbox.url, SECRET));
        inbox
    }

    fn take(&self, headers: &HeaderMap, body: &[u8]) -> axum::http::StatusCode {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if *refusals > 0 {
            *refusals -= 1;
            return axum::http::StatusCode::SERVICE_UNAVAILABLE;
        }
        let signature = headers
            .get("stripe-signature")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let delivery = Delivery {
            signature: signature.to_owned(),
            body: body.to_vec(),
        };
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
        axum::http::StatusCode::OK
    }

    pub fn taken(&self) -> Vec<Delivery> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The types of the events taken, in the order they came.
    pub fn kinds(&self) -> Vec<String> {
        let kind = |delivery: &Delivery| delivery.json()["type"].as_str().unwrap_or_default().to_owned();
        self.taken().iter().map(kind).collect()
    }
}
