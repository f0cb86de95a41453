//! Packs of credits through the API: defined, sold, drawn on, lapsed, taken back; and the trial balance after each of it.

use super::client::{Client, Harbour, booking, id, member, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    ada: Value,
    pack: Value,
}

impl House {
    /// Ada has a plan without hours, and a pack of ten hours is on offer.
    async fn open() -> Self {
        let stack = stack().await;
        let api = Client::open(&stack, "harbour").await;
        let mut harbour = set_up(&api).await;
        let plan = json!({ "name": "Bare", "legal_entity_id": harbour.legal_entity,
            "price": { "minor": 10_000, "currency": "EUR" }, "billing_day": 1, "tax_category": "standard" });
        harbour.plan_version = api.made("/v1/plans", &plan).await["plan_version_id"].clone();
        let ada = subscribed(&api, &harbour, "Ada").await;
        let pack = api.made("/v1/credit_packs", &Self::ten_hours(&harbour)).await;
        Self {
            stack,
            api,
            harbour,
            ada,
            pack,
        }
    }

    fn ten_hours(harbour: &Harbour) -> Value {
        json!({ "legal_entity_id": harbour.legal_entity, "name": "10 hours", "resource_type_id": harbour.room_type,
            "amount": 600, "price": { "minor": 15_000, "currency": "EUR" }, "tax_category": "standard",
            "valid_for": "6 months", "self_service": true })
    }

    fn buying(&self) -> String {
        format!("/v1/credit_packs/{}/buy", id(&self.pack["credit_pack_id"]))
    }

    async fn buy(&self) -> Value {
        self.api.made(&self.buying(), &json!({ "member_id": self.ada })).await
    }

    async fn mine(&self) -> Value {
        let path = format!("/v1/members/{}/credit_packs", id(&self.ada));
        let found: Value = self.api.get(&path).await.expect(200).json();
        found["data"][0].clone()
    }

    /// What the trial balance says of prepaid credit, bookings and breakage, as credits; all of it sums to nothing.
    async fn books(&self) -> [i64; 3] {
        self.stack.settle(self.api.chain.tenant).await;
        let path = format!("/v1/trial_balance?legal_entity_id={}", id(&self.harbour.legal_entity));
        let trial: Value = self.api.get(&path).await.expect(200).json();
        let accounts = trial["data"].as_array().expect("accounts");
        let balance = |line: &Value| line["balance"]["minor"].as_i64().expect("an amount");
        assert_eq!(accounts.iter().map(balance).sum::<i64>(), 0, "{trial}");
        guards_agree(&self.stack.db.worker, self.api.chain.tenant).await;
        ["Prepaid credit", "Booking revenue", "Breakage"].map(|title| {
            let mut of = accounts.iter().filter(|line| line["account"]["title"] == title);
            of.next().map_or(0, |line| -balance(line))
        })
    }

    async fn advance(&self, to: &str) {
        self.stack
            .advance(&self.api.chain, to.parse().expect("an instant"))
            .await;
    }
}

#[tokio::test]
async fn a_pack_is_sold_used_and_lapses_and_the_books_follow() {
    let house = House::open().await;
    assert_eq!(
        (&house.pack["holds"], &house.pack["country"], &house.pack["valid_for"]),
        (&json!("minutes"), &json!("DE"), &json!("6 months"))
    );
    let body = json!({ "member_id": house.ada }).to_string();
    let first: Value = house
        .api
        .post_with_key(&house.buying(), &body, "once")
        .await
        .expect(201)
        .json();
    let again: Value = house
        .api
        .post_with_key(&house.buying(), &body, "once")
        .await
        .expect(201)
        .json();
    assert_eq!(first["pack"]["lot_id"], again["pack"]["lot_id"]);
    assert_eq!(house.mine().await["value_left"]["minor"], 15_000);
    assert_eq!(house.books().await, [15_000, 0, 0]);
    let invoice = id(&first["invoice_ids"][0]).to_owned();
    let shown: Value = house
        .api
        .get(&format!("/v1/invoices/{invoice}"))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&shown["lines"][0]["description"], &shown["tax"]["minor"]),
        (&json!("10 hours, valid until 2026-07-20"), &json!(2850))
    );
    let explained = house
        .api
        .get(&format!(
            "/v1/invoices/{invoice}/lines/{}",
            id(&first["pack"]["charge_id"])
        ))
        .await
        .expect(200);
    assert!(
        explained.body.contains("CreditPackBought") && explained.body.contains("CreditPackDefined"),
        "{}",
        explained.body
    );
    let booked = house
        .api
        .made("/v1/bookings", &booking(&house.ada, &house.harbour.elbe, 10, 13))
        .await;
    assert_eq!(booked["charged"]["minor"], 0);
    assert_eq!(
        booked["because"][1]["text"],
        "3 h from the pack \u{201c}10 hours\u{201d}, which is paid"
    );
    assert_eq!(house.books().await, [10_500, 4_500, 0]);
    let path = format!("/v1/bookings/{}/cancel", id(&booked["booking_id"]));
    house.api.post(&path, &json!({})).await.expect(200);
    assert_eq!(house.books().await, [15_000, 0, 0]);
    house
        .api
        .made("/v1/bookings", &booking(&house.ada, &house.harbour.elbe, 10, 12))
        .await;
    assert_eq!(house.books().await, [12_000, 3_000, 0]);
    house.advance("2026-07-20T21:00:00Z").await;
    assert_eq!(house.mine().await["state"], "open");
    house.advance("2026-07-20T22:30:00Z").await;
    let lapsed = house.mine().await;
    assert_eq!(
        (&lapsed["state"], &lapsed["expired"], &lapsed["last_day"]),
        (&json!("lapsed"), &json!(480), &json!("2026-07-20"))
    );
    assert_eq!(house.books().await, [0, 3_000, 12_000]);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn an_unused_pack_goes_back_with_its_line() {
    let house = House::open().await;
    let bought = house.buy().await;
    let invoice = id(&bought["invoice_ids"][0]).to_owned();
    let path = format!("/v1/invoices/{invoice}/credit_notes");
    let booked = house
        .api
        .made("/v1/bookings", &booking(&house.ada, &house.harbour.elbe, 10, 11))
        .await;
    let all = json!({ "reason": "Not wanted after all." });
    let refused: Value = house.api.post(&path, &all).await.expect(409).json();
    assert_eq!(refused["code"], "pack_used");
    let cancel = format!("/v1/bookings/{}/cancel", id(&booked["booking_id"]));
    house.api.post(&cancel, &json!({})).await.expect(200);
    house.api.made(&path, &all).await;
    assert_eq!(house.mine().await["state"], "taken_back");
    assert_eq!(house.books().await, [0, 0, 0]);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_offered_or_bought_is_told() {
    let house = House::open().await;
    let mut wrong = House::ten_hours(&house.harbour);
    wrong["amount"] = json!(0);
    wrong["tax_category"] = json!("reduced");
    wrong["price"] = json!({ "minor": 0, "currency": "EUR" });
    let refused: Value = house.api.post("/v1/credit_packs", &wrong).await.expect(422).json();
    let mut fields: Vec<&str> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["field"].as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["amount", "name", "price", "tax_category"], "{refused}");
    let mut forever = House::ten_hours(&house.harbour);
    forever["valid_for"] = json!("for ever");
    let refused: Value = house.api.post("/v1/credit_packs", &forever).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "valid_for");
    let vera = member(&house.api, "Vera").await;
    let refused: Value = house
        .api
        .post(&house.buying(), &json!({ "member_id": vera }))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "no_membership");
    let withdraw = format!("/v1/credit_packs/{}/withdraw", id(&house.pack["credit_pack_id"]));
    let withdrawn: Value = house.api.post(&withdraw, &json!({})).await.expect(200).json();
    assert_eq!(withdrawn["withdrawn"], true);
    house.api.post(&withdraw, &json!({})).await.expect(409);
    let refused: Value = house
        .api
        .post(&house.buying(), &json!({ "member_id": house.ada }))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "withdrawn");
    let listed: Value = house.api.get("/v1/credit_packs").await.expect(200).json();
    assert_eq!(listed["data"].as_array().expect("packs").len(), 1);
    // Another chain has none of it.
    let other = Client::open(&house.stack, "pier").await;
    other.post(&withdraw, &json!({})).await.expect(404);
    house.stack.shutdown().await;
}
