//! A plan with day passes, money and a deposit, through the API: granted, drawn on, asked for, applied and returned.

use super::client::{Client, booking, id, set_up, subscribed};
use coterie_tests::{guards::guards_agree, stack};
use serde_json::{Value, json};

/// The plan of these tests: 100.00 a month with two passes and 30.00 of money, and a deposit of 200.00.
fn plan(legal_entity: &Value, terms: &Value) -> Value {
    json!({ "name": "Purse", "legal_entity_id": legal_entity, "price": { "minor": 10_000, "currency": "EUR" },
        "tax_category": "standard", "terms": terms })
}

#[tokio::test]
async fn a_plan_grants_money_and_passes() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let mut harbour = set_up(&api).await;
    let wrong = json!({ "day_passes": -1, "money_minor": -1, "deposit_minor": -1 });
    let wrong: Value = api
        .post("/v1/plans", &plan(&harbour.legal_entity, &wrong))
        .await
        .expect(422)
        .json();
    let fields: Vec<_> = wrong["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["terms.money_minor", "terms.deposit_minor", "terms.day_passes"]);
    let terms = json!({ "day_passes": 2, "money_minor": 3000 });
    let made = api.made("/v1/plans", &plan(&harbour.legal_entity, &terms)).await;
    assert_eq!(
        (&made["terms"]["day_passes"], &made["terms"]["money_minor"]),
        (&json!(2), &json!(3000))
    );
    harbour.plan_version = made["plan_version_id"].clone();
    let ada = subscribed(&api, &harbour, "Ada").await;
    let left: Value = api
        .get(&format!("/v1/members/{}/allowances", id(&ada)))
        .await
        .expect(200)
        .json();
    let current: Vec<_> = left["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|lot| lot["current"] == true)
        .map(|lot| {
            (
                lot["holds"].as_str().unwrap().to_owned(),
                lot["left"].as_i64().unwrap(),
                lot["currency"].clone(),
            )
        })
        .collect();
    assert_eq!(current.len(), 2);
    assert!(current.contains(&("day_passes".to_owned(), 2, Value::Null)));
    assert!(current.contains(&("money".to_owned(), 3000, json!("EUR"))));
    let booked = api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 10, 12)).await;
    assert_eq!(
        (
            &booked["full_price"]["minor"],
            &booked["allowance_money"]["minor"],
            &booked["charged"]["minor"]
        ),
        (&json!(4000), &json!(3000), &json!(1000))
    );
    let told = booked["because"].as_array().unwrap().last().unwrap()["text"].clone();
    assert_eq!(told, "EUR 30.00 of it paid from the money that the plan grants");
    guards_agree(&stack.db.worker, api.chain.tenant).await;
}

#[tokio::test]
async fn a_deposit_is_listed_applied_and_returned() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let mut harbour = set_up(&api).await;
    let terms = json!({ "deposit_minor": 20_000 });
    let made = api.made("/v1/plans", &plan(&harbour.legal_entity, &terms)).await;
    harbour.plan_version = made["plan_version_id"].clone();
    let ada = subscribed(&api, &harbour, "Ada").await;
    stack.settle(api.chain.tenant).await;
    let listed: Value = api
        .get(&format!("/v1/deposits?member_id={}", id(&ada)))
        .await
        .expect(200)
        .json();
    let deposit = &listed["data"][0];
    assert_eq!(
        (
            &deposit["amount"]["minor"],
            &deposit["open"]["minor"],
            &deposit["held"]["minor"]
        ),
        (&json!(20_000), &json!(20_000), &json!(0))
    );
    let here = format!("/v1/deposits/{}", id(&deposit["deposit_id"]));
    let invoices: Value = api.get("/v1/invoices").await.expect(200).json();
    let numbers: Vec<_> = invoices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| &invoice["number"])
        .collect();
    assert_eq!(numbers, ["BER-D-000001", "BER-000001"]);
    let first = invoices["data"][1]["invoice_id"].clone();
    let apply = json!({ "invoice_id": first });
    let refused: Value = api
        .post(&format!("{here}/applications"), &apply)
        .await
        .expect(409)
        .json();
    assert_eq!(refused["code"], "nothing_held");
    let asked: Value = api
        .get(&format!("/v1/invoices/{}", id(&deposit["invoice_id"])))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&asked["tax"]["minor"], &asked["lines"][0]["description"]),
        (&json!(0), &json!("Purse, deposit"))
    );
    let (status, pdf) = api
        .bytes(&format!("/v1/invoices/{}/invoice.pdf", id(&deposit["invoice_id"])))
        .await;
    assert!(status == 200 && pdf.starts_with(b"%PDF"));
    let missing: Value = api
        .post(&format!("{here}/returns"), &json!({ "reference": " " }))
        .await
        .expect(422)
        .json();
    assert_eq!(missing["errors"][0]["field"], "reference");
    // Another chain has no such deposit.
    let other = Client::open(&stack, "pier").await;
    other.get(&here).await.expect(404);
    other
        .post(&format!("{here}/returns"), &json!({ "reference": "SEPA 7" }))
        .await
        .expect(404);
}
