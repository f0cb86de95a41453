//! An announced price change by a program: preview, announce, read on, call off, and what is refused.

use super::client::{Client, id, set_up, subscribed};
use coterie_domain::organization::Role;
use coterie_tests::stack;
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_announces_a_price_change() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let ada = subscribed(&api, &harbour, "Ada").await;
    subscribed(&api, &harbour, "Bob").await;
    let plans: Value = api.get("/v1/plans").await.expect(200).json();
    let ask =
        |version: &Value| json!({ "plan_version_id": version, "effective_from": "2026-03-01", "notice_days": 30 });
    let first: Value = api
        .post("/v1/price_changes/preview", &ask(&harbour.plan_version))
        .await
        .expect(409)
        .json();
    assert_eq!(first["code"], json!("first_version"));
    let dearer = json!({ "plan_id": plans["data"][0]["plan_id"], "name": "Flex", "legal_entity_id": harbour.legal_entity,
        "price": { "minor": 33300, "currency": "EUR" }, "billing_day": 1, "tax_category": "standard" });
    let newer = api.made("/v1/plans", &dearer).await["plan_version_id"].clone();
    let old: Value = api
        .post("/v1/price_changes/preview", &ask(&harbour.plan_version))
        .await
        .expect(409)
        .json();
    assert_eq!(old["code"], json!("first_version"));

    // Fields by name, all at once.
    let faulty = json!({ "plan_version_id": newer, "effective_from": "2026-01-20", "notice_days": 366, "message": "x".repeat(2_001) });
    let refused: Value = api.post("/v1/price_changes/preview", &faulty).await.expect(422).json();
    let fields: Vec<&Value> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["field"])
        .collect();
    assert_eq!(fields, ["effective_from", "notice_days", "message"]);

    let head = api.head_at_rest(&stack).await;
    let shown: Value = api
        .post("/v1/price_changes/preview", &ask(&newer))
        .await
        .expect(200)
        .json();
    assert_eq!(api.head_at_rest(&stack).await, head, "nothing is decided");
    assert_eq!(shown["memberships"], json!(2));
    assert_eq!(shown["before"]["minor"], json!(60_000));
    assert_eq!(shown["after"]["minor"], json!(66_600));
    let group = &shown["groups"][0];
    assert_eq!(
        (&group["from"], &group["memberships"], &group["bound"]),
        (&json!("2026-03-01"), &json!(2), &json!(false))
    );
    assert_eq!(
        group["differences"],
        json!(["Meeting room: nothing in each cycle instead of 5 h."])
    );

    let mut announce = ask(&newer);
    announce["preview_sha256"] = json!("something else");
    let changed: Value = api.post("/v1/price_changes", &announce).await.expect(409).json();
    assert_eq!(
        (&changed["code"], &changed["preview_sha256"]),
        (&json!("preview_changed"), &shown["preview_sha256"])
    );
    announce["preview_sha256"] = shown["preview_sha256"].clone();
    let first = api
        .post_with_key("/v1/price_changes", &announce.to_string(), "once")
        .await
        .expect(201);
    let made: Value = first.json();
    let here = format!("/v1/price_changes/{}", id(&made["price_change_id"]));
    // The same command again is the same announcement.
    let again: Value = api
        .post_with_key("/v1/price_changes", &announce.to_string(), "once")
        .await
        .expect(201)
        .json();
    assert_eq!(again["price_change_id"], made["price_change_id"]);
    stack.settle(api.chain.tenant).await;
    let told: Value = api.get(&here).await.expect(200).json();
    assert_eq!(
        (&told["phase"], &told["memberships"]["told"]),
        (&json!("told"), &json!(2))
    );
    let list: Value = api.get("/v1/price_changes").await.expect(200).json();
    assert_eq!(list["data"], json!([told]));
    let rows: Value = api
        .get(&format!("{here}/memberships?standing=told"))
        .await
        .expect(200)
        .json();
    let all = rows["data"].as_array().unwrap();
    let adas = all.iter().find(|row| row["member_id"] == ada).expect("Ada is told");
    assert_eq!(
        (&adas["from"], &adas["price"]["minor"]),
        (&json!("2026-03-01"), &json!(30_000))
    );
    api.get(&format!("{here}/memberships?standing=nobody"))
        .await
        .expect(422);
    let membership: Value = api
        .get(&format!("/v1/memberships/{}", id(&adas["membership_id"])))
        .await
        .expect(200)
        .json();
    assert_eq!(membership["next_plan"]["price"]["minor"], json!(33_300));

    // For one of them alone, then for all.
    let one = format!("/v1/memberships/{}/plan/call_off", id(&adas["membership_id"]));
    api.post(&one, &json!({})).await.expect(200);
    let now: Value = api.get(&here).await.expect(200).json();
    assert_eq!(
        (&now["memberships"]["told"], &now["memberships"]["released"]),
        (&json!(1), &json!(1))
    );
    let off: Value = api
        .post(&format!("{here}/call_off"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(off["phase"], json!("calling_off"));
    stack.settle(api.chain.tenant).await;
    let off: Value = api.get(&here).await.expect(200).json();
    assert_eq!(
        (&off["phase"], &off["memberships"]["released"]),
        (&json!("called_off"), &json!(2))
    );
    let twice: Value = api
        .post(&format!("{here}/call_off"), &json!({}))
        .await
        .expect(409)
        .json();
    assert_eq!(twice["code"], json!("already_called_off"));

    // Finance reads it and announces nothing.
    let finance = Client::with_role(&stack, api.chain.clone(), Role::Finance).await;
    finance.get(&here).await.expect(200);
    finance
        .post("/v1/price_changes/preview", &ask(&newer))
        .await
        .expect(403);
    finance.post("/v1/price_changes", &announce).await.expect(403);
    finance.post(&format!("{here}/call_off"), &json!({})).await.expect(403);
    stack.shutdown().await;
}
