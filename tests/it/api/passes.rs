//! Day passes as programs sell them: so many a day, one to a member, given back by the house's terms.

use super::client::{Client, Harbour, id, member, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
}

impl House {
    /// Speicher sells this many passes a day.
    async fn selling(capacity: i32) -> Self {
        let stack = stack().await;
        let api = Client::open(&stack, "harbour").await;
        let harbour = set_up(&api).await;
        let house = Self { stack, api, harbour };
        house.terms(capacity).await;
        house
    }

    fn of_location(&self) -> String {
        format!("/v1/locations/{}/day_passes", id(&self.harbour.location))
    }

    async fn terms(&self, capacity: i32) -> Value {
        let terms = json!({ "price": { "minor": 2500, "currency": "EUR" }, "capacity": capacity,
            "tax_category": "standard", "horizon_days": 60 });
        self.api.post(&self.of_location(), &terms).await.expect(200).json()
    }

    fn wish(&self, member: &Value, day: &str) -> Value {
        json!({ "member_id": member, "location_id": self.harbour.location, "day": day })
    }

    async fn buy(&self, member: &Value, day: &str) -> Value {
        self.api.made("/v1/passes", &self.wish(member, day)).await
    }

    async fn refused(&self, member: &Value, day: &str, status: u16) -> Value {
        let answer = self.api.post("/v1/passes", &self.wish(member, day)).await;
        answer.expect(status).json()
    }

    async fn sold(&self, day: &str) -> Value {
        let path = format!("{}?from={day}&days=1", self.of_location());
        let answer: Value = self.api.get(&path).await.expect(200).json();
        answer["days"][0].clone()
    }
}

#[tokio::test]
async fn a_pass_is_bought_charged_and_given_back() {
    let house = House::selling(2).await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let pass = house.buy(&ada, "2026-01-23").await;
    assert_eq!(
        (&pass["state"], &pass["price"]["minor"], &pass["opens_at"]),
        (&json!("bought"), &json!(2500), &json!("2026-01-23T06:00:00Z"))
    );
    assert_eq!(
        house.sold("2026-01-23").await,
        json!({ "day": "2026-01-23", "open": true, "capacity": 2, "sold": 1, "left": 1 })
    );
    house.stack.settle(house.api.chain.tenant).await;
    let charges = format!("/v1/charges?member_id={}", id(&ada));
    let open: Value = house.api.get(&charges).await.expect(200).json();
    let charge = open["data"].as_array().expect("charges").iter();
    let charge = charge
        .into_iter()
        .find(|charge| charge["kind"] == "pass")
        .expect("a charge");
    assert_eq!(
        (&charge["net"]["minor"], &charge["description"], &charge["billable_on"]),
        (
            &json!(2500),
            &json!("Day pass, Speicher, 2026-01-23"),
            &json!("2026-01-24")
        )
    );
    assert_eq!(
        charge["because"][0]["text"],
        "A day pass for Speicher costs EUR 25.00 net, as set when it was bought"
    );
    let twice = house.refused(&ada, "2026-01-23", 409).await;
    assert_eq!(
        (&twice["code"], &twice["detail"]),
        (
            &json!("already_bought"),
            &json!("There is a pass for Speicher on 23 January 2026 already.")
        )
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;

    // It is more than a day until the house opens.
    let path = format!("/v1/passes/{}", id(&pass["pass_id"]));
    let back: Value = house
        .api
        .post(&format!("{path}/give_back"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &back["state"],
            &back["giving_back"]["percent_due"],
            &back["giving_back"]["voided_charge_id"]
        ),
        (&json!("given_back"), &json!(0), &pass["charge_id"])
    );
    let again: Value = house
        .api
        .post(&format!("{path}/give_back"), &json!({}))
        .await
        .expect(409)
        .json();
    assert_eq!(again["code"], "already_given_back");
    assert_eq!(house.sold("2026-01-23").await["sold"], 0);
    house.stack.settle(house.api.chain.tenant).await;
    let open: Value = house.api.get(&charges).await.expect(200).json();
    assert!(
        open["data"]
            .as_array()
            .expect("charges")
            .iter()
            .all(|charge| charge["kind"] != "pass")
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;

    // Less than a day ahead the whole price stays due, and the place is free all the same.
    let late = house.buy(&ada, "2026-01-20").await;
    let late = house
        .api
        .post(&format!("/v1/passes/{}/give_back", id(&late["pass_id"])), &json!({}))
        .await
        .expect(409);
    assert!(late.body.contains("already_begun"), "{}", late.body);
    let late = house.buy(&ada, "2026-01-21").await;
    let late: Value = house
        .api
        .post(&format!("/v1/passes/{}/give_back", id(&late["pass_id"])), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &late["giving_back"]["percent_due"],
            &late["giving_back"]["voided_charge_id"]
        ),
        (&json!(100), &Value::Null)
    );
    house.buy(&ada, "2026-01-21").await;

    house.stack.settle(house.api.chain.tenant).await;
    let listed: Value = house
        .api
        .get(&format!("/v1/passes?member_id={}&state=bought&limit=1", id(&ada)))
        .await
        .expect(200)
        .json();
    assert_eq!(listed["data"][0]["day"], "2026-01-20");
    let next = listed["next"].as_str().expect("a second page");
    let second: Value = house
        .api
        .get(&format!(
            "/v1/passes?member_id={}&state=bought&limit=1&after={next}",
            id(&ada)
        ))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&second["data"][0]["day"], &second["next"]),
        (&json!("2026-01-21"), &Value::Null)
    );
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

#[tokio::test]
async fn sold_out_and_closed_days_name_the_next() {
    let house = House::selling(1).await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let bea = subscribed(&house.api, &house.harbour, "Bea").await;
    house.buy(&ada, "2026-01-23").await;
    house.buy(&ada, "2026-01-24").await;
    let closures = format!("/v1/locations/{}/closures", id(&house.harbour.location));
    let closed = json!({ "first_day": "2026-01-25", "last_day": "2026-01-26", "reason": "New carpets" });
    house.api.made(&closures, &closed).await;
    let refused = house.refused(&bea, "2026-01-23", 409).await;
    assert_eq!(
        (&refused["code"], &refused["next_day"], &refused["detail"]),
        (
            &json!("sold_out"),
            &json!("2026-01-27"),
            &json!(
                "The only pass for Speicher on 23 January 2026 is sold. The next day with one left is 27 January 2026."
            )
        )
    );
    let refused = house.refused(&bea, "2026-01-25", 422).await;
    assert_eq!(
        (
            &refused["code"],
            &refused["next_open_day"],
            &refused["errors"][0]["field"]
        ),
        (&json!("location_closed"), &json!("2026-01-27"), &json!("day"))
    );
    assert_eq!(
        refused["detail"],
        "Speicher is closed then: New carpets. It opens again on 27 January 2026."
    );
    assert_eq!(house.refused(&bea, "2026-03-22", 422).await["code"], "beyond_horizon");
    assert_eq!(house.refused(&bea, "2026-01-19", 422).await["code"], "day_is_over");
    let visitor = member(&house.api, "Vera").await;
    assert_eq!(
        house.refused(&visitor, "2026-01-27", 409).await["code"],
        "no_membership"
    );
    // Two more are sold from now on; what was sold before counts.
    assert_eq!(house.terms(3).await["days"][3]["left"], 2);
    house.buy(&bea, "2026-01-23").await;
    let faulty = json!({ "price": { "minor": 2500, "currency": "USD" }, "capacity": 1, "tax_category": "standard", "horizon_days": 9 });
    let refused: Value = house.api.post(&house.of_location(), &faulty).await.expect(422).json();
    assert_eq!(refused["code"], "currency_not_the_entitys");
    house.terms(0).await;
    assert_eq!(house.refused(&bea, "2026-01-27", 409).await["code"], "no_passes_sold");
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

/// A pass of January stands on the invoice of February, at its price and rate.
#[tokio::test]
async fn a_pass_is_invoiced_with_the_usage_of_its_month() {
    let house = House::selling(2).await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    house.buy(&ada, "2026-01-23").await;
    let february = "2026-02-02T09:00:00Z".parse().expect("an instant");
    house.stack.advance(&house.api.chain, february).await;
    let listed: Value = house
        .api
        .get(&format!("/v1/invoices?member_id={}", id(&ada)))
        .await
        .expect(200)
        .json();
    let mut invoices = listed["data"].as_array().expect("invoices").iter();
    let february = invoices.find(|invoice| invoice["issue_date"] == "2026-02-01");
    let february = february.unwrap_or_else(|| panic!("{listed}"));
    let invoice: Value = house
        .api
        .get(&format!("/v1/invoices/{}", id(&february["invoice_id"])))
        .await
        .expect(200)
        .json();
    let lines = invoice["lines"].as_array().expect("lines").iter();
    let line = lines
        .into_iter()
        .find(|line| line["description"] == "Day pass, Speicher, 2026-01-23");
    let line = line.unwrap_or_else(|| panic!("{invoice}"));
    assert_eq!(line["net"]["minor"], 2500, "{line}");
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}
