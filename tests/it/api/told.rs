//! Prices told with the VAT in them, as a chain that sells to consumers tells them: published, quoted, booked, and met by invoices.

use super::client::{Client, Harbour, id, member, set_up};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
}

impl House {
    async fn open() -> Self {
        let stack = stack().await;
        let api = Client::open(&stack, "harbour").await;
        let harbour = set_up(&api).await;
        Self { stack, api, harbour }
    }

    fn plan(&self) -> Value {
        json!({ "name": "Home", "legal_entity_id": self.harbour.legal_entity, "price": eur(29_900), "tax_included": true,
            "tax_category": "standard", "billing_day": 1, "allowances": [] })
    }

    /// EUR 23.80 an hour with VAT, and no day more than EUR 100.00.
    fn rule(&self) -> Value {
        json!({ "resource_type_id": self.harbour.room_type, "location_id": self.harbour.location, "per_hour": eur(2_380),
            "day_cap": eur(10_000), "tax_included": true })
    }

    async fn invoices(&self, member: &Value) -> Vec<Value> {
        let path = format!("/v1/invoices?member_id={}", id(member));
        let listed: Value = self.api.get(&path).await.expect(200).json();
        listed["data"].as_array().expect("invoices").clone()
    }

    async fn invoice_of(&self, member: &Value, day: &str) -> Value {
        let all = self.invoices(member).await;
        let found = all.iter().find(|invoice| invoice["issue_date"] == day);
        let invoice = found.unwrap_or_else(|| panic!("{all:?}"));
        let path = format!("/v1/invoices/{}", id(&invoice["invoice_id"]));
        self.api.get(&path).await.expect(200).json()
    }

    async fn until(&self, at: &str) {
        self.stack
            .advance(&self.api.chain, at.parse().expect("an instant"))
            .await;
    }
}

fn texts(because: &Value) -> Vec<&str> {
    let steps = because.as_array().expect("reasons").iter();
    steps.filter_map(|step| step["text"].as_str()).collect()
}

#[tokio::test]
async fn what_is_told_is_what_is_invoiced() {
    let house = House::open().await;
    let plan = house.api.made("/v1/plans", &house.plan()).await;
    assert_eq!(
        (&plan["price"], &plan["tax_included"]),
        (&eur(29_900), &json!(true)),
        "{plan}"
    );
    let rule = house.api.made("/v1/price_rules", &house.rule()).await;
    assert_eq!(rule["tax_included"], json!(true), "{rule}");
    let ada = member(&house.api, "Ada").await;

    // The rest of January is 299.00 x 12/31 = 115.74.
    let ask = json!({ "plan_version_id": plan["plan_version_id"], "location_id": house.harbour.location });
    let quote: Value = house.api.post("/v1/memberships/quote", &ask).await.expect(200).json();
    assert_eq!(
        (&quote["gross"], &quote["net"], &quote["tax_included"]),
        (&eur(11_574), &eur(9_726), &json!(true)),
        "{quote}"
    );
    let new = json!({ "member_id": ada, "plan_version_id": plan["plan_version_id"], "location_id": house.harbour.location,
        "without_card": true, "agreed_gross_minor": 11_574 });
    let membership = house.api.made("/v1/memberships", &new).await;
    house.stack.settle(house.api.chain.tenant).await;
    assert_eq!(house.invoice_of(&ada, "2026-01-20").await["gross"], eur(11_574));
    let path = format!("/v1/memberships/{}", id(&membership["membership_id"]));
    let shown: Value = house.api.get(&path).await.expect(200).json();
    assert_eq!((&shown["price"], &shown["tax_included"]), (&eur(29_900), &json!(true)));

    // Two hours are 47.60, and a whole day 100.00 at most.
    let day: Value = house
        .api
        .get(&format!(
            "/v1/locations/{}/days/2026-01-22",
            id(&house.harbour.location)
        ))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&day["resources"][0]["per_hour"], &day["resources"][0]["tax_included"]),
        (&eur(2_380), &json!(true)),
        "{day}"
    );
    let book = |from: &str, until: &str| json!({ "member_id": ada, "resource_id": house.harbour.elbe, "starts_at": from, "ends_at": until });
    let booked = house
        .api
        .made("/v1/bookings", &book("2026-01-22T10:00", "2026-01-22T12:00"))
        .await;
    assert_eq!(booked["charged"], eur(4_000), "{booked}");
    assert_eq!(
        texts(&booked["because"]),
        [
            "2 h at EUR 23.80 an hour including VAT",
            "EUR 47.60 including 19 % VAT is EUR 40.00 net"
        ]
    );
    house
        .api
        .made("/v1/bookings", &book("2026-01-23T09:00", "2026-01-23T17:00"))
        .await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;

    house.until("2026-02-02T09:00:00Z").await;
    let invoice = house.invoice_of(&ada, "2026-02-01").await;
    assert_eq!(invoice["gross"], eur(29_900 + 4_760 + 10_000), "{invoice}");
    let nets: Vec<&Value> = invoice["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| &line["net"]["minor"])
        .collect();
    assert_eq!(nets, [25_126, 4_000, 8_403], "{invoice}");
    // The control: the books are net, and balance.
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn another_rate_leaves_what_is_told_and_what_was_charged() {
    let house = House::open().await;
    let plan = house.api.made("/v1/plans", &house.plan()).await;
    let ada = member(&house.api, "Ada").await;
    let new = json!({ "member_id": ada, "plan_version_id": plan["plan_version_id"], "location_id": house.harbour.location,
        "without_card": true });
    let membership = house.api.made("/v1/memberships", &new).await;
    let rate = json!({ "country": "DE", "category": "standard", "rate_percent": "16", "effective_from": "2026-02-15" });
    house.api.made("/v1/tax_rates", &rate).await;
    house.until("2026-03-10T09:00:00Z").await;
    for (day, net) in [("2026-02-01", 25_126), ("2026-03-01", 25_776)] {
        let invoice = house.invoice_of(&ada, day).await;
        assert_eq!(
            (&invoice["gross"], &invoice["net"]),
            (&eur(29_900), &eur(net)),
            "{invoice}"
        );
    }
    // Agreed on another price, told as the plan's is, for the days from today on: 22 of 31 days are given back and charged anew.
    let path = format!("/v1/memberships/{}", id(&membership["membership_id"]));
    let agreed = json!({ "price": eur(39_900), "from": "2026-03-10", "reason": "A bigger desk" });
    let changed: Value = house
        .api
        .post(&format!("{path}/price"), &agreed)
        .await
        .expect(200)
        .json();
    house.stack.settle(house.api.chain.tenant).await;
    // 100.00 x 22/31 = 70.97 more with 16 % VAT.
    assert_eq!(changed["net"], eur(6_118), "{changed}");
    let shown: Value = house.api.get(&path).await.expect(200).json();
    assert_eq!(
        (&shown["agreed_price"]["price"], &shown["agreed_price"]["tax_included"]),
        (&eur(39_900), &json!(true)),
        "{shown}"
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn passes_add_ons_and_single_charges_are_told_alike() {
    let house = House::open().await;
    let api = &house.api;
    let plan = api.made("/v1/plans", &house.plan()).await;
    let ada = member(api, "Ada").await;
    let new = json!({ "member_id": ada, "plan_version_id": plan["plan_version_id"], "location_id": house.harbour.location,
        "without_card": true });
    let membership = api.made("/v1/memberships", &new).await;

    let passes = format!("/v1/locations/{}/day_passes", id(&house.harbour.location));
    let terms = json!({ "price": eur(2_500), "tax_included": true, "capacity": 3, "tax_category": "standard", "horizon_days": 60 });
    let sold: Value = api.post(&passes, &terms).await.expect(200).json();
    assert_eq!(sold["terms"]["tax_included"], json!(true), "{sold}");
    let wish = json!({ "member_id": ada, "location_id": house.harbour.location, "day": "2026-01-23" });
    let pass = api.made("/v1/passes", &wish).await;
    assert_eq!(pass["price"], eur(2_101), "{pass}");

    let locker = json!({ "legal_entity_id": house.harbour.legal_entity, "name": "Locker", "price": eur(1_499),
        "tax_included": true, "tax_category": "standard" });
    let locker = api.made("/v1/add_ons", &locker).await;
    assert_eq!(locker["tax_included"], json!(true), "{locker}");
    let add_ons = format!("/v1/memberships/{}/add_ons", id(&membership["membership_id"]));
    let wish = json!({ "add_on_id": locker["add_on_id"], "from": "2026-01-20" });
    // 14.99 x 12/31 = 5.80.
    let added: Value = api.post(&add_ons, &wish).await.expect(200).json();
    assert_eq!(added["net"], eur(487), "{added}");

    let key = json!({ "member_id": ada, "location_id": house.harbour.location, "description": "Lost key", "quantity": "3",
        "unit": "piece", "unit_price": eur(999), "tax_included": true, "tax_category": "standard", "first_day": "2026-01-20" });
    let made = api.made("/v1/charges", &key).await;
    assert_eq!(
        (&made["net"], &made["quantity"], &made["description"]),
        (&eur(2_518), &json!("1"), &json!("Lost key (3 piece)")),
        "{made}"
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;

    // What is no yes or no is named.
    let odd = json!({ "price": eur(2_500), "tax_included": "gross", "capacity": 3, "tax_category": "standard", "horizon_days": 60 });
    let refused: Value = api.post(&passes, &odd).await.expect(422).json();
    assert!(refused.to_string().contains("tax_included"), "{refused}");
    // A rate that nobody knows is not guessed.
    let books = json!({ "name": "Books", "legal_entity_id": house.harbour.legal_entity, "price": eur(1_000), "tax_included": true,
        "tax_category": "books", "billing_day": 1, "allowances": [] });
    let books = api.made("/v1/plans", &books).await;
    let ask = json!({ "plan_version_id": books["plan_version_id"], "location_id": house.harbour.location });
    let refused: Value = api.post("/v1/memberships/quote", &ask).await.expect(409).json();
    assert_eq!(refused["code"], "no_tax_rate");
    house.stack.shutdown().await;
}
