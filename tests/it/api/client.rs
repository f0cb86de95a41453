//! A program that holds a chain's key, and the chain that the tests set up with it.

use coterie_app::{log, session};
use coterie_domain::organization::Role;
use coterie_tests::{Answer, OpenedChain, Person, TestStack};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// 20 January 2026, 10:00 in Berlin.
const CLOCK: &str = "2026-01-20T09:00:00Z";

/// A client of one chain. Every request of it carries the same request id, so that problems can be compared whole.
pub struct Client {
    pub chain: OpenedChain,
    pub key: String,
    person: Person,
}

impl Client {
    /// Opens a sandbox chain and takes a key of its owner's.
    pub async fn open(stack: &TestStack, slug: &str) -> Self {
        let clock: Timestamp = CLOCK.parse().expect("an instant");
        let chain = stack.open_chain(slug, clock).await;
        // Reactions begin at the head of organizations that are older than the worker's first look at the log: let it
        // look before anything that is to be reacted to happens.
        stack.settle(chain.tenant).await;
        Self::with_role(stack, chain, Role::Owner).await
    }

    pub async fn with_role(stack: &TestStack, chain: OpenedChain, role: Role) -> Self {
        let (_, key) = session::create_api_key(stack.app(), &chain.owner(), role)
            .await
            .expect("an owner makes keys");
        // The installation's own host: the key alone says which chain is meant.
        Self {
            chain,
            key,
            person: stack.person(),
        }
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        let mut request = self
            .person
            .request(method, path)
            .bearer_auth(&self.key)
            .header("x-request-id", "test-request");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        self.person.send(request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// A file: status and content.
    pub async fn bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let request = self.person.request(Method::GET, path).bearer_auth(&self.key);
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.bytes().await.expect("bytes").to_vec())
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body.to_string())).await
    }

    pub async fn post_with_key(&self, path: &str, body: &str, key: &str) -> Answer {
        let headers = [("idempotency-key", key)];
        self.send(Method::POST, path, &headers, Some(body.to_owned())).await
    }

    /// Makes something and answers it.
    #[track_caller]
    pub fn made(&self, path: &str, body: &Value) -> impl Future<Output = Value> {
        let (path, body) = (path.to_owned(), body.clone());
        async move { self.post(&path, &body).await.expect(201).json() }
    }

    /// How many events the chain has once nothing of it is on its way: reactions write events of their own, so only this
    /// may be compared with what a later look finds.
    pub async fn head_at_rest(&self, stack: &TestStack) -> i64 {
        stack.settle(self.chain.tenant).await;
        self.head(stack).await
    }

    /// How many events the chain has.
    pub async fn head(&self, stack: &TestStack) -> i64 {
        let head = log::page::head(stack.app(), self.chain.tenant).await;
        head.expect("the log can be read").map_or(0, |head| head.position)
    }
}

/// "Harbour": EUR in Berlin with 19 %, a room type at EUR 20 an hour, two rooms, and a plan of EUR 300 with 5 room hours.
pub struct Harbour {
    pub legal_entity: Value,
    pub location: Value,
    pub room_type: Value,
    pub elbe: Value,
    pub spree: Value,
    pub plan_version: Value,
}

/// Sets the chain up as an operator's program would.
pub async fn set_up(api: &Client) -> Harbour {
    let address = json!({ "street": "Hafenstrasse 1", "postcode": "10115", "city": "Berlin", "country": "DE" });
    let entity = json!({ "name": "Harbour Berlin GmbH", "address": address, "tax_id": "DE123456788", "currency": "EUR",
        "time_zone": "Europe/Berlin", "invoice_series": "BER" });
    let legal_entity = api.made("/v1/legal_entities", &entity).await["legal_entity_id"].clone();
    let rate = json!({ "country": "DE", "category": "standard", "rate_percent": "19", "effective_from": "2021-01-01" });
    api.made("/v1/tax_rates", &rate).await;
    let location = json!({ "legal_entity_id": legal_entity, "name": "Speicher", "address": address,
        "time_zone": "Europe/Berlin", "opening_hours": "Mon-Sun 07:00-22:00" });
    let location = api.made("/v1/locations", &location).await["location_id"].clone();
    let kind = json!({ "name": "Meeting room", "tax_category": "standard" });
    let room_type = api.made("/v1/resource_types", &kind).await["resource_type_id"].clone();
    let price = json!({ "resource_type_id": room_type, "per_hour": { "minor": 2000, "currency": "EUR" } });
    api.made("/v1/price_rules", &price).await;
    let room = |name: &str, capacity: i32| json!({ "resource_type_id": room_type, "location_id": location, "name": name, "capacity": capacity });
    let elbe = api.made("/v1/resources", &room("Elbe", 8)).await["resource_id"].clone();
    let spree = api.made("/v1/resources", &room("Spree", 4)).await["resource_id"].clone();
    let plan = json!({ "name": "Flex", "legal_entity_id": legal_entity, "price": { "minor": 30000, "currency": "EUR" },
        "billing_day": 1, "tax_category": "standard",
        "allowances": [{ "resource_type_id": room_type, "minutes": 300 }] });
    let plan_version = api.made("/v1/plans", &plan).await["plan_version_id"].clone();
    Harbour {
        legal_entity,
        location,
        room_type,
        elbe,
        spree,
        plan_version,
    }
}

/// A member without a membership.
pub async fn member(api: &Client, name: &str) -> Value {
    let email = format!("{}@example.test", name.to_lowercase());
    let new = json!({ "external_id": name, "name": name, "email": email });
    api.made("/v1/members", &new).await["member_id"].clone()
}

/// A member who pays by bank transfer.
pub async fn subscribed(api: &Client, harbour: &Harbour, name: &str) -> Value {
    let member = member(api, name).await;
    let new = json!({ "member_id": member, "plan_version_id": harbour.plan_version, "location_id": harbour.location,
        "without_card": true });
    api.made("/v1/memberships", &new).await;
    member
}

/// Wall times of 22 January 2026, by the hour.
pub fn booking(member: &Value, resource: &Value, from: u8, until: u8) -> Value {
    json!({ "member_id": member, "resource_id": resource, "starts_at": format!("2026-01-22T{from:02}:00"),
        "ends_at": format!("2026-01-22T{until:02}:00") })
}

/// An id as text, for a path.
pub fn id(value: &Value) -> &str {
    value.as_str().expect("an id")
}
