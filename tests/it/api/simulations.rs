//! What if, as programs ask it: a month priced by what is published gives what was charged, and a draft says what it changes.

use super::client::{Client, Harbour, booking, id, set_up, subscribed};
use coterie_tests::{TestStack, stack};
use serde_json::{Value, json};

/// Ada and Grace have Flex since 20 January. Ada booked two and four hours on the 22nd, and one that she gave up; Grace booked one.
async fn january() -> (TestStack, Client, Harbour, Value) {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    let grace = subscribed(&api, &harbour, "Grace").await;
    api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 10, 12)).await;
    let given_up = api.made("/v1/bookings", &booking(&ada, &harbour.elbe, 18, 20)).await;
    api.made("/v1/bookings", &booking(&ada, &harbour.spree, 12, 16)).await;
    api.made("/v1/bookings", &booking(&grace, &harbour.elbe, 12, 13)).await;
    let path = format!("/v1/bookings/{}/cancel", id(&given_up["booking_id"]));
    api.post(&path, &json!({})).await.expect(200);
    let to = "2026-02-02T08:00:00Z".parse().expect("an instant");
    stack.advance(&api.chain, to).await;
    (stack, api, harbour, ada)
}

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

async fn simulated(api: &Client, body: &Value) -> Value {
    api.post("/v1/simulations", body).await.expect(200).json()
}

/// Charged, published and drafted, of a total or a membership.
fn figures(of: &Value) -> [&Value; 3] {
    ["charged", "published", "draft"].map(|name| &of[name]["minor"])
}

fn of_kind<'a>(answer: &'a Value, kind: &str) -> [&'a Value; 3] {
    let kinds = answer["totals"][0]["by_kind"].as_array().expect("kinds");
    figures(kinds.iter().find(|one| one["kind"] == kind).expect("a kind"))
}

#[tokio::test]
async fn a_month_by_what_is_published_is_what_was_charged() {
    let (stack, api, harbour, ada) = january().await;
    let before = api.head_at_rest(&stack).await;
    let plain = simulated(&api, &json!({ "month": "2026-01" })).await;
    assert_eq!(
        (&plain["changes_nothing"], &plain["memberships"], &plain["bookings"]),
        (&json!(true), &json!(2), &json!(4)),
        "{plain}"
    );
    assert_eq!(
        (&plain["first_day"], &plain["last_day"]),
        (&json!("2026-01-01"), &json!("2026-01-31"))
    );
    // Twelve of 31 days of 300, twice. The booking that Ada gave up held two of her five hours when she booked the four, and
    // gave them back: of the four hours one was left, so three are charged, then and now.
    assert_eq!(of_kind(&plain, "plan"), [&json!(23_226); 3]);
    assert_eq!(of_kind(&plain, "booking"), [&json!(6_000); 3]);
    let all = &plain["totals"][0];
    assert_eq!(
        (&all["more"], &all["less"], &all["same"]),
        (&json!(0), &json!(0), &json!(2))
    );
    let notes: Vec<(&Value, &Value)> = all["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .map(|note| (&note["note"], &note["amount"]["minor"]))
        .collect();
    assert_eq!(notes, [(&json!("given_up"), &json!(0))]);

    // The published plan as a draft, field by field, is none.
    let same = json!({ "month": "2026-01", "plan": { "plan_id": plan(&api).await, "price": eur(30_000), "billing_day": 1,
        "terms": { "cycle": "month" }, "allowances": [{ "resource_type_id": harbour.room_type, "minutes": 300 }] } });
    let same = simulated(&api, &same).await;
    assert_eq!(
        (&same["changes_nothing"], &same["totals"][0]["difference"]),
        (&json!(true), &eur(0))
    );

    // Nothing of it was written.
    assert_eq!(api.head_at_rest(&stack).await, before);
    let explained = simulated(&api, &json!({ "month": "2026-01", "explain": true, "limit": 1 })).await;
    assert_eq!(explained["data"].as_array().map(Vec::len), Some(1));
    let next = json!({ "month": "2026-01", "explain": true, "limit": 1, "after": explained["next"] });
    let next = simulated(&api, &next).await;
    assert_eq!(next["next"], Value::Null);
    let mut both = [&explained["data"][0], &next["data"][0]];
    both.sort_by_key(|one| one["member_id"] != ada);
    let lines = both[0]["lines"].as_array().expect("lines");
    let four = lines
        .iter()
        .find(|line| line["published_allowance_minutes"] == 60)
        .expect("the four hours");
    assert_eq!(
        four["published_because"],
        json!(["4 h at EUR 20.00 an hour", "1 h from the allowance, 3 h charged"])
    );
    assert_eq!(lines.len(), 4);
    stack.shutdown().await;
}

async fn plan(api: &Client) -> Value {
    let plans: Value = api.get("/v1/plans").await.expect(200).json();
    plans["data"][0]["plan_id"].clone()
}

#[tokio::test]
async fn drafts_of_plans_and_of_prices_say_what_they_change() {
    let (stack, api, harbour, ada) = january().await;
    let plan = plan(&api).await;
    let dearer = json!({ "month": "2026-01", "plan": { "plan_id": plan, "price": eur(40_000) } });
    let dearer = simulated(&api, &dearer).await;
    assert_eq!(
        of_kind(&dearer, "plan"),
        [&json!(23_226), &json!(23_226), &json!(30_968)]
    );
    assert_eq!(
        (
            &dearer["on_draft"],
            &dearer["totals"][0]["more"],
            &dearer["totals"][0]["difference"]
        ),
        (&json!(2), &json!(2), &eur(7_742))
    );
    assert_eq!(dearer["totals"][0]["rises"].as_array().map(Vec::len), Some(2));
    let hours = json!({ "month": "2026-01", "plan": { "plan_id": plan,
        "allowances": [{ "resource_type_id": harbour.room_type, "minutes": 360 }] } });
    assert_eq!(of_kind(&simulated(&api, &hours).await, "booking")[2], &json!(4_000));

    let rules: Value = api.get("/v1/price_rules").await.expect(200).json();
    let rule = &rules["data"][0]["price_rule_id"];
    let by_hour = |minor: i64| json!({ "resource_type_id": harbour.room_type, "per_hour": eur(minor) });
    let doubled = json!({ "month": "2026-01", "rules": [{ "replaces": rule, "rule": by_hour(4_000) }] });
    assert_eq!(of_kind(&simulated(&api, &doubled).await, "booking")[2], &json!(12_000));
    // Both at once, and one more for Thursdays, which the 22nd is.
    let mut thursdays = by_hour(1_000);
    thursdays["conditions"] = json!({ "weekdays": [4] });
    let both = json!({ "month": "2026-01", "plan": { "plan_id": plan, "price": eur(0) },
        "rules": [{ "replaces": rule, "rule": by_hour(4_000) }, { "rule": thursdays }] });
    let both = simulated(&api, &both).await;
    assert_eq!(
        (of_kind(&both, "plan")[2], of_kind(&both, "booking")[2]),
        (&json!(0), &json!(3_000))
    );
    assert_eq!(both["totals"][0]["less"], 2);
    let none = json!({ "month": "2026-01", "withdrawn": [rule] });
    let none = simulated(&api, &none).await;
    assert_eq!(
        of_kind(&none, "booking"),
        [&json!(6_000); 3],
        "what has no price stays as it was"
    );
    let hers: Value = api
        .get(&format!("/v1/memberships?member_id={}", id(&ada)))
        .await
        .expect(200)
        .json();
    let one = json!({ "month": "2026-01", "membership_id": hers["data"][0]["membership_id"] });
    assert_eq!(simulated(&api, &one).await["memberships"], 1);

    // A price that is published since is no draft: it is told why charged and published differ.
    api.made("/v1/price_rules", &by_hour(2_500)).await;
    let since = simulated(&api, &json!({ "month": "2026-01" })).await;
    assert_eq!(
        of_kind(&since, "booking"),
        [&json!(6_000), &json!(7_500), &json!(7_500)]
    );
    let reasons = &since["totals"][0]["notes"];
    assert!(
        reasons
            .as_array()
            .expect("notes")
            .iter()
            .any(|note| note["note"] == "prices_since" && note["amount"]["minor"] == 1_500),
        "{reasons}"
    );
    stack.shutdown().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_said_at_its_field() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let plan = plan(&api).await;
    let by_hour = json!({ "resource_type_id": harbour.room_type, "per_hour": eur(-1) });
    let nobody = uuid::Uuid::nil();
    for (body, status, field) in [
        (json!({ "month": "January" }), 422, "month"),
        (json!({ "month": "2026-02" }), 422, "month"),
        (json!({ "month": "2026-01", "limit": 0 }), 422, "limit"),
        (json!({ "month": "2026-01", "after": "x" }), 422, "after"),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": nobody } }),
            404,
            "plan.plan_id",
        ),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": plan, "price": eur(-1) } }),
            422,
            "plan.price.minor",
        ),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": plan, "price": { "minor": 1, "currency": "CHF" } } }),
            422,
            "plan.price.currency",
        ),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": plan, "billing_day": 40 } }),
            422,
            "plan.billing_day",
        ),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": plan, "terms": { "cycle": "fortnight" } } }),
            422,
            "plan.terms.cycle",
        ),
        (
            json!({ "month": "2026-01", "plan": { "plan_id": plan, "terms": { "rollover_cycles": 99 } } }),
            422,
            "plan.terms.rollover_cycles",
        ),
        (
            json!({ "month": "2026-01", "rules": [{ "rule": by_hour }] }),
            422,
            "rules.0.rule.per_hour.minor",
        ),
        (
            json!({ "month": "2026-01", "rules": [{ "replaces": nobody, "rule": by_hour }] }),
            404,
            "rules.0.replaces",
        ),
        (json!({ "month": "2026-01", "withdrawn": [nobody] }), 404, "withdrawn.0"),
    ] {
        let refused: Value = api.post("/v1/simulations", &body).await.expect(status).json();
        assert_eq!(refused["errors"][0]["field"], field, "{body}: {refused}");
    }
    let somebody = json!({ "month": "2026-01", "membership_id": nobody });
    api.post("/v1/simulations", &somebody).await.expect(404);
    stack.shutdown().await;
}
