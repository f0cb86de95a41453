//! Metered use: told in batches, counted once under its id, charged together on the billing day, explained.

use super::client::{Client, Harbour, id, set_up, subscribed};
use coterie_tests::{TestStack, guards::guards_agree, stack};
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct House {
    stack: TestStack,
    api: Client,
    harbour: Harbour,
    pages: Value,
}

impl House {
    /// A page is three and a half cents.
    async fn printing() -> Self {
        let stack = stack().await;
        let api = Client::open(&stack, "harbour").await;
        let harbour = set_up(&api).await;
        let meter = json!({ "legal_entity_id": harbour.legal_entity, "name": "Pages printed", "unit": "page",
            "price": "0.035", "tax_category": "standard" });
        let pages = api.made("/v1/meters", &meter).await["meter_id"].clone();
        Self {
            stack,
            api,
            harbour,
            pages,
        }
    }

    fn printed(&self, member: &Value, event: &str, quantity: &str, day: &str) -> Value {
        json!({ "event_id": event, "meter_id": self.pages, "member_id": member, "quantity": quantity, "used_on": day })
    }

    /// What became of each.
    async fn told(&self, events: Vec<Value>) -> Vec<String> {
        let answer = self.api.post("/v1/usage", &json!({ "events": events })).await;
        let answer: Value = answer.expect(200).json();
        let pieces = answer["events"].as_array().expect("outcomes").iter();
        pieces
            .map(|piece| piece["became"].as_str().expect("a word").to_owned())
            .collect()
    }

    async fn waiting(&self, member: &Value) -> usize {
        let path = format!("/v1/usage?member_id={}&waiting=true", id(member));
        let listed: Value = self.api.get(&path).await.expect(200).json();
        listed["data"].as_array().expect("usage").len()
    }

    async fn until(&self, instant: &str) {
        let instant = instant.parse().expect("an instant");
        self.stack.advance(&self.api.chain, instant).await;
    }

    /// The metered lines of the invoice of a day, each with the invoice's id.
    async fn lines(&self, member: &Value, day: &str) -> Vec<(String, Value)> {
        let path = format!("/v1/invoices?member_id={}", id(member));
        let listed: Value = self.api.get(&path).await.expect(200).json();
        let invoices = listed["data"].as_array().expect("invoices").iter();
        let of_day: Vec<String> = invoices
            .filter(|invoice| invoice["issue_date"] == day)
            .map(|invoice| id(&invoice["invoice_id"]).to_owned())
            .collect();
        let mut found = Vec::new();
        for invoice in of_day {
            let shown: Value = self
                .api
                .get(&format!("/v1/invoices/{invoice}"))
                .await
                .expect(200)
                .json();
            let lines = shown["lines"].as_array().expect("lines").iter();
            let metered = lines.filter(|line| {
                line["description"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("Pages"))
            });
            found.extend(metered.map(|line| (invoice.clone(), line.clone())));
        }
        found
    }
}

#[tokio::test]
async fn pages_are_counted_once_charged_together_and_explained() {
    let house = House::printing().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let page = |event: &str, quantity: &str| house.printed(&ada, event, quantity, "2026-01-20");
    let batch = vec![
        page("a", "100"),
        page("b", "37"),
        page("b", "37.0"),
        page("b", "38"),
        page("c", "1,5"),
    ];
    let became = house.told(batch).await;
    assert_eq!(became, ["counted", "counted", "known_before", "refused", "refused"]);
    assert_eq!(house.told(vec![page("a", "100")]).await, ["known_before"]);
    let changed = json!({ "events": [page("a", "101")] });
    let refused: Value = house.api.post("/v1/usage", &changed).await.expect(422).json();
    assert_eq!(
        (&refused["code"], &refused["errors"][0]["field"]),
        (&json!("nothing_counted"), &json!("events.0.event_id"))
    );
    assert_eq!(house.waiting(&ada).await, 2);
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;

    house.until("2026-02-02T09:00:00Z").await;
    let lines = house.lines(&ada, "2026-02-01").await;
    let [(invoice, line)] = &lines[..] else {
        panic!("{lines:?}");
    };
    // 137 x 3.5 cents = 479.5, rounded once.
    assert_eq!(
        (&line["net"]["minor"], &line["quantity"], &line["unit"]),
        (&json!(480), &json!("13.7"), &json!("10 page"))
    );
    let path = format!("/v1/invoices/{invoice}/lines/{}", id(&line["charge_id"]));
    let explained = house.api.get(&path).await.expect(200);
    for said in [
        "137 page in 2 pieces",
        "UsageCounted",
        "MeterDefined",
        "\"event_id\":\"a\"",
    ] {
        assert!(explained.body.contains(said), "{said}: {}", explained.body);
    }
    assert_eq!(house.waiting(&ada).await, 0);

    // Late usage of January stands on the invoice of March, and what was charged is not charged again.
    assert_eq!(
        house.told(vec![page("late", "10"), page("a", "100")]).await,
        ["counted", "known_before"]
    );
    house.until("2026-03-02T09:00:00Z").await;
    let lines = house.lines(&ada, "2026-03-01").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].1["net"]["minor"], 35);
    assert_eq!(lines[0].1["service_from"], "2026-01-20");
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

/// Eight programs tell of the same forty pieces again and again, each in its own order and cut into batches of its own.
#[tokio::test]
async fn whatever_is_repeated_and_however_at_once_counts_once() {
    let house = House::printing().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let pieces: Vec<Value> = (0..40)
        .map(|number| {
            house.printed(
                &ada,
                &format!("p-{number}"),
                &format!("{}.25", number + 1),
                "2026-01-20",
            )
        })
        .collect();
    let tellers = (0..8_usize).map(|teller| {
        let (house, pieces) = (&house, &pieces);
        async move {
            let mut counted: BTreeMap<String, usize> = BTreeMap::new();
            for round in 0..3 {
                let mut mine = pieces.clone();
                mine.rotate_left((teller * 7 + round * 11) % pieces.len());
                if (teller + round) % 2 == 1 {
                    mine.reverse();
                }
                for batch in mine.chunks(5 + teller) {
                    let became = house.told(batch.to_vec()).await;
                    for (piece, became) in batch.iter().zip(became) {
                        let times = counted.entry(id(&piece["event_id"]).to_owned()).or_default();
                        *times += usize::from(became == "counted");
                        assert_ne!(became, "refused");
                    }
                }
            }
            counted
        }
    });
    let told = futures::future::join_all(tellers).await;
    for piece in &pieces {
        let event = id(&piece["event_id"]);
        let times: usize = told.iter().filter_map(|counted| counted.get(event)).sum();
        assert_eq!(times, 1, "{event}");
    }
    assert_eq!(house.waiting(&ada).await, 40);
    house.until("2026-02-02T09:00:00Z").await;
    let lines = house.lines(&ada, "2026-02-01").await;
    // 1.25 + ... + 40.25 = 830 pages.
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].1["net"]["minor"], 2905);
    guards_agree(&house.stack.db.worker, house.api.chain.tenant).await;
    house.stack.shutdown().await;
}

/// Control: once the row of a piece is gone, nothing else keeps it from counting again, and the guards say so.
#[tokio::test]
async fn without_its_row_a_piece_would_count_twice() {
    let house = House::printing().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let batch = vec![house.printed(&ada, "a", "100", "2026-01-20")];
    assert_eq!(house.told(batch.clone()).await, ["counted"]);
    sqlx::query("delete from usage_guard")
        .execute(&house.stack.db.owner)
        .await
        .expect("it is deleted");
    assert_eq!(house.told(batch.clone()).await, ["counted"]);
    assert_eq!(house.told(batch).await, ["known_before"]);
    house.stack.shutdown().await;
}

#[tokio::test]
async fn batches_are_bounded_and_meters_told_by_field() {
    let house = House::printing().await;
    let ada = subscribed(&house.api, &house.harbour, "Ada").await;
    let many: Vec<Value> = (0..501)
        .map(|number| house.printed(&ada, &number.to_string(), "1", "2026-01-20"))
        .collect();
    for events in [json!([]), json!(many)] {
        let refused: Value = house
            .api
            .post("/v1/usage", &json!({ "events": events }))
            .await
            .expect(422)
            .json();
        assert_eq!(refused["code"], "batch_out_of_bounds");
    }
    assert_eq!(house.told(many[..500].to_vec()).await.len(), 500);
    let twice = json!({ "legal_entity_id": house.harbour.legal_entity, "name": "pages PRINTED", "unit": "",
        "price": "free", "tax_category": "standard" });
    let refused: Value = house.api.post("/v1/meters", &twice).await.expect(422).json();
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(3), "{refused}");
    let listed: Value = house.api.get("/v1/meters").await.expect(200).json();
    assert_eq!(listed["data"][0]["price"], "0.035");
    house.stack.shutdown().await;
}
