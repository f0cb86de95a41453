//! "Harbour" as an operator's program sets it up: one entity in Berlin with its account at the simulator, a room for each
//! client of the load, a plan, and members with cards and memberships.

use coterie_app::organization::{self, CreateOrganization};
use coterie_app::{Actor, Caller, member, session};
use coterie_domain::{LegalEntityId, MemberId, Payer, member::PaymentMethodSaved, organization::Role};
use coterie_gateway::{Gateway, NewCustomer};
use coterie_tests::processes::House;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// 20 January 2026, 10:00 in Berlin.
const CLOCK: &str = "2026-01-20T09:00:00Z";
/// Nothing that is asked for may hang longer.
pub const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// What clients of the load need to know.
#[derive(Debug, Clone)]
pub struct Harbour {
    pub tenant: Uuid,
    pub owner: Caller,
    /// As events name whoever holds the key.
    pub actor: String,
    pub key: String,
    pub location: Value,
    pub rooms: Vec<Value>,
    pub plan_version: Value,
    pub members: Vec<MemberId>,
}

/// Sets it up through the API, with so many rooms and members.
pub async fn set_up(house: &House, rooms: usize, members: usize) -> Harbour {
    let opened = organization::create(
        &house.app,
        CreateOrganization {
            name: "Harbour Coworking".to_owned(),
            slug: "harbour".to_owned(),
            sandbox: true,
            clock_starts_at: Some(CLOCK.parse().expect("an instant")),
            host: "harbour.localhost".to_owned(),
            owner_name: "Olive Owner".to_owned(),
            owner_email: "owner@harbour.example".to_owned(),
            owner_password: "correct horse battery".to_owned(),
        },
    )
    .await
    .expect("an organization opens")
    .outcome;
    let (tenant, id) = (opened.organization_id.0, opened.owner_id);
    let owner = Caller::new(tenant, Actor::Staff { id, role: Role::Owner });
    // Reactions begin at the head of organizations that the worker has not seen yet.
    house.followed(tenant).await;
    let made = session::create_api_key(&house.app, &owner, Role::Owner).await;
    let (key_id, key) = made.expect("an owner makes keys");
    let api = Api {
        house,
        key: key.clone(),
    };
    let address = json!({ "street": "Hafenstrasse 1", "postcode": "10115", "city": "Berlin", "country": "DE" });
    let entity = json!({ "name": "Harbour Berlin GmbH", "address": address, "tax_id": "DE123456788", "currency": "EUR",
        "time_zone": "Europe/Berlin", "invoice_series": "BER" });
    let entity = api.made("/v1/legal_entities", &entity).await["legal_entity_id"].clone();
    let rate = json!({ "country": "DE", "category": "standard", "rate_percent": "19", "effective_from": "2021-01-01" });
    api.made("/v1/tax_rates", &rate).await;
    let location = json!({ "legal_entity_id": entity, "name": "Speicher", "address": address,
        "time_zone": "Europe/Berlin", "opening_hours": "Mon-Sun 07:00-22:00" });
    let location = api.made("/v1/locations", &location).await["location_id"].clone();
    let kind = json!({ "name": "Meeting room", "tax_category": "standard" });
    let kind = api.made("/v1/resource_types", &kind).await["resource_type_id"].clone();
    let price = json!({ "resource_type_id": kind, "per_hour": { "minor": 2000, "currency": "EUR" } });
    api.made("/v1/price_rules", &price).await;
    let mut known = Vec::new();
    for number in 0..rooms {
        let room = json!({ "resource_type_id": kind, "location_id": location, "name": format!("Room {number}"), "capacity": 4 });
        known.push(api.made("/v1/resources", &room).await["resource_id"].clone());
    }
    let plan = json!({ "name": "Flex", "legal_entity_id": entity, "price": { "minor": 30000, "currency": "EUR" },
        "billing_day": 1, "tax_category": "standard", "allowances": [{ "resource_type_id": kind, "minutes": 300 }] });
    let plan_version = api.made("/v1/plans", &plan).await["plan_version_id"].clone();
    house.settle(tenant).await;
    let entity: LegalEntityId = serde_json::from_value(entity).expect("an id");
    let mut people = Vec::new();
    for number in 0..members {
        people.push(member_with_card(&api, &owner, entity, number).await);
    }
    for member in &people {
        let new = json!({ "member_id": member, "plan_version_id": plan_version, "location_id": location });
        api.made("/v1/memberships", &new).await;
    }
    house.settle(tenant).await;
    Harbour {
        tenant,
        owner,
        actor: format!("key:{key_id}"),
        key,
        location,
        rooms: known,
        plan_version,
        members: people,
    }
}

/// The card is saved as the hosted page would have it saved.
async fn member_with_card(api: &Api<'_>, owner: &Caller, entity: LegalEntityId, number: usize) -> MemberId {
    let (house, email) = (api.house, format!("payer-{number}@example.test"));
    let new = json!({ "external_id": format!("payer-{number}"), "name": format!("Payer {number}"), "email": email });
    let id = api.made("/v1/members", &new).await["member_id"].clone();
    let id: MemberId = serde_json::from_value(id).expect("an id");
    let account: String =
        sqlx::query_scalar("select account_id from installation.stripe_account where legal_entity_id = $1")
            .bind(entity.0)
            .fetch_one(&house.owner)
            .await
            .expect("the sandbox has its account");
    let customer = NewCustomer {
        email,
        name: format!("Payer {number}"),
        metadata: std::collections::BTreeMap::new(),
    };
    let gateway = house.gateway();
    let customer = gateway
        .create_customer(&account, &format!("customer-{id}"), &customer)
        .await
        .expect("a customer");
    let card = gateway
        .attach_payment_method(&account, &format!("card-{id}"), "pm_card_visa", &customer)
        .await
        .expect("a card");
    let payer = Payer::Member(id);
    member::register_customer(&house.app, owner, payer, entity, &customer)
        .await
        .expect("a customer is known");
    let saved = PaymentMethodSaved {
        payer,
        legal_entity_id: entity,
        payment_method_id: card.id,
        brand: "visa".to_owned(),
        last4: "4242".to_owned(),
        expires: "12/2030".to_owned(),
    };
    member::save_payment_method(&house.app, owner, saved)
        .await
        .expect("a card is known");
    id
}

struct Api<'a> {
    house: &'a House,
    key: String,
}

impl Api<'_> {
    async fn made(&self, path: &str, body: &Value) -> Value {
        let client = self.house.client(LONGEST_ANSWER);
        let request = client
            .post(format!("{}{path}", self.house.url()))
            .bearer_auth(&self.key)
            .json(body);
        let answer = request.send().await.expect("the house answers");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert_eq!(status.as_u16(), 201, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }
}
