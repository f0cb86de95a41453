//! Everything the simulator knows, in one value that can be written to a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{ApiError, nobody_knows};
use crate::idempotency::Remembered;

/// The platform's own account: what a call without `Stripe-Account` acts for.
pub(crate) const PLATFORM: &str = "acct_platform";
/// Events kept per account; the oldest go first.
const EVENTS: usize = 20_000;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    pub accounts: BTreeMap<String, AccountBooks>,
    /// Answers by account and idempotency key.
    pub keys: BTreeMap<String, Remembered>,
    pub endpoints: Vec<Endpoint>,
    /// Deliveries not yet done, oldest first; they survive a restart.
    pub pending: Vec<Pending>,
    /// Events emitted and not yet handed to the courier.
    #[serde(skip)]
    pub outbox: Vec<(String, String)>,
}

/// One account's world.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct AccountBooks {
    /// The account object itself.
    pub account: Value,
    /// False after the owner cut the connection.
    pub authorized: bool,
    /// Stands still at this second until it is moved; wall time when `None`.
    pub clock: Option<i64>,
    pub objects: BTreeMap<String, Value>,
    /// Ids in order of creation.
    pub order: Vec<String>,
    pub events: Vec<Value>,
    /// Payment method id to test card id.
    pub cards: BTreeMap<String, String>,
    /// Debits under way, to be decided at a time.
    pub due: Vec<Due>,
    /// When each open Checkout Session closes itself.
    #[serde(default)]
    pub closing: BTreeSet<(i64, String)>,
    /// What the intent of a payment session will carry, by session.
    #[serde(default)]
    pub carried: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Due {
    pub at: i64,
    pub intent: String,
    pub fails: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub id: String,
    pub url: String,
    pub secret: String,
    pub previous_secret: Option<String>,
    pub enabled_events: Vec<String>,
    /// Given at start, so not kept from an earlier start.
    pub configured: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub endpoint: String,
    pub account: String,
    pub event: String,
}

impl Books {
    pub fn new() -> Self {
        let mut books = Self::default();
        let platform = json!({ "id": PLATFORM, "object": "account", "charges_enabled": true });
        let world = AccountBooks {
            account: platform,
            authorized: true,
            ..AccountBooks::default()
        };
        books.accounts.insert(PLATFORM.to_owned(), world);
        books
    }

    /// The account's second: its own clock, or wall time.
    pub fn now(&self, account: &str, wall_seconds: i64) -> i64 {
        self.accounts
            .get(account)
            .and_then(|world| world.clock)
            .unwrap_or(wall_seconds)
    }

    pub fn event(&self, account: &str, event: &str) -> Option<&Value> {
        // Looked for from the end: deliveries concern the newest.
        self.accounts
            .get(account)?
            .events
            .iter()
            .rev()
            .find(|found| found["id"] == event)
    }
}

/// An id that looks like Stripe's.
pub(crate) fn fresh_id(prefix: &str) -> String {
    format!("{prefix}_{}", &uuid::Uuid::new_v4().simple().to_string()[..24])
}

/// One account's books opened for one request.
pub(crate) struct Desk<'a> {
    pub books: &'a mut Books,
    pub account: String,
    pub now: i64,
    pub public_url: &'a str,
    pub request_id: String,
    pub key: Option<String>,
}

impl Desk<'_> {
    pub fn world(&mut self) -> &mut AccountBooks {
        self.books.accounts.entry(self.account.clone()).or_default()
    }

    /// Reads an object of this account. Another account's id is as unknown as none.
    pub fn read(&mut self, kind: &str, id: &str) -> Result<Value, Box<ApiError>> {
        let found = self
            .world()
            .objects
            .get(id)
            .filter(|object| object["object"] == kind)
            .cloned();
        found.ok_or_else(|| ApiError::missing(&kind.replace('_', " "), id))
    }

    /// Writes an object, new or changed, with the field nobody knows.
    pub fn write(&mut self, mut object: Value) -> Value {
        object["nobody_knows"] = nobody_knows();
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        let world = self.world();
        if world.objects.insert(id.clone(), object.clone()).is_none() {
            world.order.push(id);
        }
        object
    }

    /// Notes that something happened to an object, as it is now.
    pub fn emit(&mut self, kind: &str, object: &Value) {
        let (id, account) = (fresh_id("evt"), self.account.clone());
        let mut event = json!({
            "id": id, "object": "event", "type": kind, "api_version": crate::API_VERSION, "created": self.now,
            "livemode": false, "pending_webhooks": self.books.endpoints.len(), "data": { "object": object },
            "request": { "id": self.request_id, "idempotency_key": self.key }, "nobody_knows": nobody_knows(),
        });
        if account != PLATFORM {
            event["account"] = json!(account);
        }
        let world = self.world();
        world.events.push(event);
        if world.events.len() > EVENTS {
            world.events.remove(0);
        }
        self.books.outbox.push((account, id));
    }

    /// Objects of a kind, newest first.
    pub fn all(&mut self, kind: &str) -> Vec<Value> {
        let world = self.world();
        let newest_first = world.order.iter().rev().filter_map(|id| world.objects.get(id));
        newest_first
            .filter(|object| object["object"] == kind)
            .cloned()
            .collect()
    }
}
