//! A key may what its role may.

use super::client::Client;
use coterie_domain::organization::Role;
use coterie_tests::stack;
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_may_what_its_role_may() {
    let stack = stack().await;
    let owner = Client::open(&stack, "harbour").await;
    let operator = Client::with_role(&stack, owner.chain.clone(), Role::Operator).await;
    let finance = Client::with_role(&stack, owner.chain.clone(), Role::Finance).await;
    let kind = json!({ "name": "Desk", "tax_category": "standard" });
    finance.post("/v1/resource_types", &kind).await.expect(403);
    operator.post("/v1/resource_types", &kind).await.expect(201);
    for path in ["/v1/invoices", "/v1/payments", "/v1/journal_entries"] {
        let refused = operator.get(path).await.expect(403);
        assert_eq!(refused.json::<Value>()["code"], "forbidden", "{path}");
        finance.get(path).await.expect(200);
    }
    for client in [&operator, &finance] {
        client.get("/v1/members").await.expect(200);
        client.get("/v1/test_clock").await.expect(200);
        client
            .post("/v1/api_keys", &json!({ "role": "owner" }))
            .await
            .expect(403);
        let colleague = json!({ "name": "Finn", "email": "finn@harbour.test", "role": "owner" });
        client.post("/v1/staff", &colleague).await.expect(403);
    }
    finance
        .post("/v1/test_clock/advance", &json!({ "to": "2026-02-01T00:00:00Z" }))
        .await
        .expect(403);
    let stranger = stack.person().get("/v1/organization").await.expect(401);
    assert_eq!(stranger.json::<Value>()["code"], "unauthenticated");
    stack.shutdown().await;
}
