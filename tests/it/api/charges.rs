//! What staff charge beside plans: priced, taken back, invoiced and explained.

use super::client::{Client, Harbour, id, member, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

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

    fn key(&self, member: &Value) -> Value {
        json!({ "member_id": member, "location_id": self.harbour.location, "description": "Lost key", "quantity": "1.5",
            "unit": "piece", "unit_price": { "minor": 1333, "currency": "EUR" }, "tax_category": "standard",
            "first_day": "2026-01-20" })
    }

    async fn open_charges(&self, member: &Value) -> Vec<Value> {
        self.stack.settle(self.api.chain.tenant).await;
        let path = format!("/v1/charges?member_id={}", id(member));
        let listed: Value = self.api.get(&path).await.expect(200).json();
        listed["data"].as_array().expect("charges").clone()
    }
}

#[tokio::test]
async fn what_staff_charge_is_invoiced_once_and_explained() {
    let house = House::open().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let made = house.api.made("/v1/charges", &house.key(&ada)).await;
    // 1.5 x 13.33 = 19.995
    assert_eq!(
        (&made["kind"], &made["net"]["minor"]),
        (&json!("one_off"), &json!(2000))
    );
    assert_eq!(
        made["because"][0]["text"],
        "Staff charged 1.5 piece at EUR 13.33 net each, which makes EUR 20.00"
    );
    let mistake = house.api.made("/v1/charges", &house.key(&ada)).await;
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    assert_eq!(house.open_charges(&ada).await.len(), 2);
    let void = format!("/v1/charges/{}/void", id(&mistake["charge_id"]));
    let reason = json!({ "reason": "It was found" });
    let voided: Value = house.api.post(&void, &reason).await.expect(200).json();
    assert_eq!(voided["voided"], "It was found");
    let again: Value = house.api.post(&void, &reason).await.expect(409).json();
    assert_eq!(again["code"], "already_voided");
    assert_eq!(house.open_charges(&ada).await.len(), 1);

    let february = "2026-02-02T09:00:00Z".parse().expect("an instant");
    house.stack.advance(&house.api.chain, february).await;
    let path = format!("/v1/invoices?member_id={}", id(&ada));
    let listed: Value = house.api.get(&path).await.expect(200).json();
    let mut invoices = listed["data"].as_array().expect("invoices").iter();
    let invoice = invoices.find(|invoice| invoice["issue_date"] == "2026-02-01");
    let invoice = id(&invoice.unwrap_or_else(|| panic!("{listed}"))["invoice_id"]).to_owned();
    let charge = id(&made["charge_id"]);
    let shown: Value = house
        .api
        .get(&format!("/v1/invoices/{invoice}"))
        .await
        .expect(200)
        .json();
    let lines = shown["lines"].as_array().expect("lines");
    assert_eq!(
        lines.iter().filter(|line| line["charge_id"] == charge).count(),
        1,
        "{shown}"
    );
    assert!(
        lines.iter().all(|line| line["charge_id"] != mistake["charge_id"]),
        "{shown}"
    );
    let path = format!("/v1/invoices/{invoice}/lines/{charge}");
    let explained = house.api.get(&path).await.expect(200);
    assert!(explained.body.contains("Staff charged 1.5 piece"), "{}", explained.body);
    let late: Value = house
        .api
        .post(&format!("/v1/charges/{charge}/void"), &reason)
        .await
        .expect(409)
        .json();
    assert_eq!(late["code"], "already_invoiced");
    let path = format!("/v1/trial_balance?legal_entity_id={}", id(&house.harbour.legal_entity));
    let trial: Value = house.api.get(&path).await.expect(200).json();
    let mut accounts = trial["data"].as_array().expect("accounts").iter();
    let services = accounts.find(|line| line["account"]["title"] == "Service revenue");
    // What was taken back is debited again.
    let services = services.unwrap_or_else(|| panic!("{trial}"));
    assert_eq!(
        (&services["credit"]["minor"], &services["balance"]["minor"]),
        (&json!(4000), &json!(-2000))
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_charged_is_told_by_field() {
    let house = House::open().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let mut wrong = house.key(&ada);
    wrong["quantity"] = json!("-1");
    wrong["description"] = json!(" ");
    let refused: Value = house.api.post("/v1/charges", &wrong).await.expect(422).json();
    let mut fields: Vec<&str> = refused["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["field"].as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["description", "quantity"], "{refused}");
    let visitor = member(&house.api, "Vera").await;
    let refused: Value = house
        .api
        .post("/v1/charges", &house.key(&visitor))
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "no_membership");
    let mut nobody = house.key(&ada);
    nobody["member_id"] = json!("0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11");
    house.api.post("/v1/charges", &nobody).await.expect(404);
    let unknown = "/v1/charges/0198f0a2-4c1e-7e5f-9c53-0d6f1f5f2a11/void";
    house.api.post(unknown, &json!({ "reason": "x" })).await.expect(404);
    house.stack.shutdown().await;
}
