//! An invoice run by a program: the same steps as finance's pages, under keys and with the log's position.

use super::client::Client;
use coterie_tests::stack;
use jiff::civil::date;
use serde_json::{Value, json};

#[tokio::test]
async fn a_program_runs_the_invoices_of_a_legal_entity() {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = super::client::set_up(&api).await;
    let ada = super::client::member(&api, "Ada").await;
    let entity = api.get("/v1/legal_entities").await.expect(200).json::<Value>()["data"][0]["legal_entity_id"].clone();
    let subscription = json!({ "member_id": ada, "plan_version_id": harbour.plan_version, "location_id": harbour.location,
        "agreed_gross_minor": 13819, "without_card": true });
    api.made("/v1/memberships", &subscription).await;

    let address = format!("/v1/legal_entities/{}/invoicing", entity.as_str().unwrap());
    let set: Value = api.post(&address, &json!({ "by_run": true })).await.expect(200).json();
    assert_eq!(set["by_run"], json!(true));
    stack.settle(api.chain.tenant).await;
    let clock = json!({ "to": "2026-02-01T08:00:00+01:00", "wait": true });
    let mut arrived = api.post("/v1/test_clock/advance", &clock).await;
    while arrived.status == 202 {
        arrived = api.get("/v1/test_clock?wait=true").await;
    }

    let open = json!({ "legal_entity_id": entity, "cut_off": "2026-02-01" });
    let early = json!({ "legal_entity_id": entity, "cut_off": date(2026, 2, 2) });
    let refused: Value = api.post("/v1/invoice_runs", &early).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], json!("cut_off"));
    let run = api.made("/v1/invoice_runs", &open).await;
    assert_eq!(
        (&run["phase"], &run["ready"]["gross"]["minor"]),
        (&json!("drafted"), &json!(35_700))
    );
    let another: Value = api.post("/v1/invoice_runs", &open).await.expect(409).json();
    assert_eq!(another["code"], json!("run_open"));

    let here = format!("/v1/invoice_runs/{}", run["invoice_run_id"].as_str().unwrap());
    let drafts: Value = api
        .get(&format!("{here}/drafts?standing=ready"))
        .await
        .expect(200)
        .json();
    let draft = &drafts["data"][0];
    assert_eq!((&draft["jumps"], &draft["standing"]), (&json!(true), &json!("ready")));
    let one = format!("{here}/drafts/{}", ada.as_str().unwrap());
    let whole: Value = api.get(&one).await.expect(200).json();
    assert_eq!(whole["inputs_sha256"], draft["inputs_sha256"]);
    assert_eq!(whole["lines"][0]["net"]["minor"], json!(30_000));
    assert_eq!(whole["beside_last"][0]["before"]["minor"], json!(11_613));
    let out: Value = api.post(&one, &json!({ "included": false })).await.expect(200).json();
    assert_eq!(out["excluded"]["count"], json!(1));
    let nothing: Value = api
        .post(&format!("{here}/approve"), &json!({}))
        .await
        .expect(409)
        .json();
    assert_eq!(nothing["code"], json!("nothing_to_issue"));
    api.post(&one, &json!({ "included": true })).await.expect(200);
    api.post(&format!("{here}/approve"), &json!({})).await.expect(200);
    let issuing: Value = api.post(&format!("{here}/issue"), &json!({})).await.expect(200).json();
    assert_eq!(issuing["phase"], json!("issuing"));
    stack.settle(api.chain.tenant).await;
    let done: Value = api.get(&here).await.expect(200).json();
    assert_eq!(
        (&done["phase"], &done["issued"]["count"]),
        (&json!("completed"), &json!(1))
    );

    let now = json!({ "legal_entity_id": entity, "member_id": ada });
    let owed: Value = api.post("/v1/invoices", &now).await.expect(409).json();
    assert_eq!(owed["code"], json!("nothing_to_invoice"));
    let nobody = json!({ "legal_entity_id": entity });
    api.post("/v1/invoices", &nobody).await.expect(422);
    stack.shutdown().await;
}
