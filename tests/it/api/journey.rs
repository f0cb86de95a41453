//! A chain is set up, a member subscribes, books and cancels, a month passes, and finance reads the books.

use super::client::{Client, Harbour, booking, id, member, set_up};
use coterie_tests::stack;
use serde_json::{Value, json};

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

#[tokio::test]
async fn a_month_of_a_chain_is_lived_through_the_api() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = member(&api, "Ada").await;
    quoted_and_subscribed(&api, &harbour, &ada).await;
    booked_and_cancelled(&api, &harbour, &ada).await;
    a_company_joins(&api).await;
    stack.settle(api.chain.tenant).await;

    let clock = json!({ "to": "2026-02-01T00:00:00+01:00", "wait": true });
    let mut arrived = api.post("/v1/test_clock/advance", &clock).await;
    while arrived.status == 202 {
        arrived = api.get("/v1/test_clock?wait=true").await;
    }
    let arrived: Value = arrived.expect(200).json();
    assert_eq!(
        arrived,
        json!({ "now": "2026-01-31T23:00:00Z", "target": null, "error": null })
    );
    // Where it stands already: nothing happens.
    api.post("/v1/test_clock/advance", &clock).await.expect(200);

    money_is_explained(&api, &harbour, &ada).await;
    what_was_set_up_can_be_read(&api, &harbour).await;
    stack.shutdown().await;
}

async fn quoted_and_subscribed(api: &Client, harbour: &Harbour, ada: &Value) {
    let ask = json!({ "plan_version_id": harbour.plan_version, "location_id": harbour.location });
    let quote: Value = api.post("/v1/memberships/quote", &ask).await.expect(200).json();
    assert_eq!(
        [&quote["net"], &quote["tax"], &quote["gross"]],
        [&eur(11613), &eur(2206), &eur(13819)]
    );
    let mut new = json!({ "member_id": ada, "plan_version_id": harbour.plan_version, "location_id": harbour.location,
        "agreed_gross_minor": 13820, "without_card": true });
    let changed: Value = api.post("/v1/memberships", &new).await.expect(409).json();
    assert_eq!(
        (&changed["code"], &changed["gross_minor"]),
        (&json!("price_changed"), &json!(13819))
    );
    new["agreed_gross_minor"] = json!(13819);
    let started = api.made("/v1/memberships", &new).await;
    assert!(started["invoice_id"].is_string(), "{started}");
}

async fn booked_and_cancelled(api: &Client, harbour: &Harbour, ada: &Value) {
    let two_hours = api
        .post("/v1/bookings", &booking(ada, &harbour.elbe, 10, 12))
        .await
        .expect(201);
    let position = two_hours.header("log-position").expect("a position").to_owned();
    let location = two_hours.header("location").expect("where it stands").to_owned();
    let two_hours: Value = two_hours.json();
    assert_eq!(
        (&two_hours["charged"], &two_hours["allowance_minutes"]),
        (&eur(0), &json!(120))
    );
    assert_eq!(
        (&two_hours["starts_at"], &two_hours["starts_at_instant"]),
        (&json!("2026-01-22T10:00"), &json!("2026-01-22T09:00:00Z"))
    );
    assert_eq!(api.get(&location).await.expect(200).json::<Value>(), two_hours);
    let four_hours = api.made("/v1/bookings", &booking(ada, &harbour.elbe, 13, 17)).await;
    assert_eq!(
        (&four_hours["charged"], &four_hours["allowance_minutes"]),
        (&eur(2000), &json!(180))
    );

    let list: Value = api
        .get(&format!("/v1/bookings?member_id={}&min_position={position}", id(ada)))
        .await
        .expect(200)
        .json();
    assert_eq!(list["data"][0], two_hours);
    let day: Value = api
        .get(&format!("/v1/locations/{}/days/2026-01-22", id(&harbour.location)))
        .await
        .expect(200)
        .json();
    let free = json!([
        { "from": "2026-01-22T07:00", "until": "2026-01-22T10:00" },
        { "from": "2026-01-22T12:00", "until": "2026-01-22T13:00" },
        { "from": "2026-01-22T17:00", "until": "2026-01-22T22:00" },
    ]);
    assert_eq!(day["resources"][0]["free"], free);

    // Far enough ahead to cost nothing: the lots get their minutes back.
    let extra = json!({ "member_id": ada, "resource_id": harbour.spree, "starts_at": "2026-01-27T10:00", "ends_at": "2026-01-27T11:00" });
    let extra = api.made("/v1/bookings", &extra).await;
    let cancel = format!("/v1/bookings/{}/cancel", id(&extra["booking_id"]));
    let cancelled: Value = api
        .send(reqwest::Method::POST, &cancel, &[], None)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&cancelled["state"], &cancelled["cancellation"]["percent_due"]),
        (&json!("cancelled"), &json!(0))
    );
    let left: Value = api
        .get(&format!("/v1/members/{}/allowances", id(ada)))
        .await
        .expect(200)
        .json();
    let minutes: Vec<_> = left["data"]
        .as_array()
        .expect("lots")
        .iter()
        .map(|lot| &lot["left"])
        .collect();
    assert_eq!(minutes, [&json!(0), &json!(300)], "this cycle's and the next one's");
}

async fn a_company_joins(api: &Client) {
    let company = json!({ "name": "Tide Ltd", "billing_email": "bills@tide.test" });
    let company = api.made("/v1/companies", &company).await["company_id"].clone();
    let bea = member(api, "Bea").await;
    let path = format!("/v1/companies/{}", id(&company));
    let joined = api
        .post(&format!("{path}/members"), &json!({ "member_id": bea }))
        .await
        .expect(200);
    let position = joined.header("log-position").expect("a position").to_owned();
    let company: Value = api
        .get(&format!("{path}?min_position={position}"))
        .await
        .expect(200)
        .json();
    assert_eq!(company["members"], 1);
    let found: Value = api.get("/v1/members?search=bea").await.expect(200).json();
    assert_eq!(found["data"][0]["company_id"], company["company_id"]);
    api.get("/v1/companies").await.expect(200);
    let colleague = json!({ "name": "Finn", "email": "finn@harbour.test", "role": "finance" });
    api.made("/v1/staff", &colleague).await;
    assert!(id(&api.made("/v1/api_keys", &json!({ "role": "finance" })).await["key"]).starts_with("ck_"));
}

async fn money_is_explained(api: &Client, harbour: &Harbour, ada: &Value) {
    let invoices: Value = api
        .get(&format!("/v1/invoices?member_id={}", id(ada)))
        .await
        .expect(200)
        .json();
    let gross: Vec<_> = invoices["data"]
        .as_array()
        .expect("invoices")
        .iter()
        .map(|one| &one["gross"])
        .collect();
    assert_eq!(gross, [&eur(38080), &eur(13819)], "the newest first");
    let path = format!("/v1/invoices/{}", id(&invoices["data"][0]["invoice_id"]));
    let whole: Value = api.get(&path).await.expect(200).json();
    let booked = whole["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .find(|line| line["net"] == eur(2000));
    let charge = id(&booked.expect("the hour beyond the allowance")["charge_id"]);
    let why: Value = api.get(&format!("{path}/lines/{charge}")).await.expect(200).json();
    assert_eq!(why["charge"]["kind"], "booking");
    let events = why["source_events"].as_array().expect("events");
    assert_eq!(events.last().expect("one")["event_type"], "BookingConfirmed");
    assert!(
        why["rule_events"].as_array().is_some_and(|events| !events.is_empty()),
        "{why}"
    );

    let entity = id(&harbour.legal_entity);
    let balances: Value = api
        .get(&format!("/v1/trial_balance?legal_entity_id={entity}"))
        .await
        .expect(200)
        .json();
    let balances = balances["data"].as_array().expect("balances");
    let sum: i64 = balances.iter().filter_map(|row| row["balance"]["minor"].as_i64()).sum();
    assert!(!balances.is_empty() && sum == 0, "{balances:?}");
    let entries: Value = api
        .get(&format!("/v1/journal_entries?legal_entity_id={entity}"))
        .await
        .expect(200)
        .json();
    assert!(
        entries["data"].as_array().is_some_and(|entries| entries.len() > 3),
        "{entries}"
    );
    let open: Value = api
        .get(&format!("/v1/charges?member_id={}", id(ada)))
        .await
        .expect(200)
        .json();
    assert_eq!(open, json!({ "data": [], "next": null }));
    api.get("/v1/payments").await.expect(200);
    let head: Value = api.get("/v1/log/head").await.expect(200).json();
    assert_eq!(id(&head["hash"]).len(), 64);
}

async fn what_was_set_up_can_be_read(api: &Client, harbour: &Harbour) {
    for (list, made) in [
        ("/v1/legal_entities", Some(&harbour.legal_entity)),
        ("/v1/locations", Some(&harbour.location)),
        ("/v1/resources", Some(&harbour.elbe)),
        ("/v1/resource_types", None),
        ("/v1/price_rules", None),
        ("/v1/tax_rates", None),
        ("/v1/plans", None),
        ("/v1/memberships", None),
    ] {
        let listed: Value = api.get(list).await.expect(200).json();
        assert!(
            listed["data"].as_array().is_some_and(|data| !data.is_empty()),
            "{list}: {listed}"
        );
        if let Some(made) = made {
            let one: Value = api.get(&format!("{list}/{}", id(made))).await.expect(200).json();
            assert!(
                listed["data"].as_array().is_some_and(|data| data.contains(&one)),
                "{list}"
            );
        }
    }
    let plans: Value = api.get("/v1/plans").await.json();
    let plan = id(&plans["data"][0]["plan_id"]);
    let versions: Value = api.get(&format!("/v1/plans/{plan}")).await.expect(200).json();
    assert_eq!(versions["data"], plans["data"]);
    let memberships: Value = api.get("/v1/memberships?state=active").await.json();
    let membership = format!("/v1/memberships/{}", id(&memberships["data"][0]["membership_id"]));
    assert_eq!(
        api.get(&membership).await.expect(200).json::<Value>(),
        memberships["data"][0]
    );
    let notice: Value = api
        .post(&format!("{membership}/notice"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(notice["last_day"], "2026-02-28");
    let organization: Value = api.get("/v1/organization").await.expect(200).json();
    assert_eq!(organization["test_clock"], "2026-01-31T23:00:00Z");
}
