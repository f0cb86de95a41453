//! Steps 4 and 5: the first of February, and what finance reads in the books.

use super::{Chain, between, says, text};
use coterie_tests::{Answer, TestStack, skip};
use reqwest::Method;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

async fn api(house: &TestStack, chain: &Chain, method: Method, path: &str, body: Option<serde_json::Value>) -> Answer {
    let program = house.person_at(chain.slug);
    let mut request = program.request(method, path).bearer_auth(&chain.key);
    if let Some(body) = body {
        request = request.json(&body);
    }
    program.send(request).await
}

pub(super) async fn first_of_february(house: &TestStack, chain: &Chain) {
    let to = serde_json::json!({ "to": "2026-02-01T08:00:00Z", "wait": true });
    let moved = api(house, chain, Method::POST, "/v1/test_clock/advance", Some(to)).await;
    assert!(moved.status.is_success(), "{}", moved.body);
    let started = Instant::now();
    loop {
        let clock = api(house, chain, Method::GET, "/v1/test_clock?wait=true", None).await;
        let state: serde_json::Value = serde_json::from_str(&clock.body).expect("JSON");
        assert!(state["error"].is_null(), "{state}");
        if state["target"].is_null() {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{state}");
    }

    let invoices = chain.owner.get("/finance/invoices").await;
    for words in ["BER-000001", "138.19", "BER-000003", "380.80"] {
        says(&invoices, words);
    }
    // One receipt per payment, in a real SMTP server's mailbox: 2 invoices of January, 2 of February.
    let mails = house.house.inbox.messages();
    let receipts: Vec<_> = mails
        .iter()
        .filter(|mail| mail.subject().starts_with("Payment received"))
        .collect();
    let mut subjects: Vec<String> = receipts.iter().map(|mail| mail.subject()).collect();
    subjects.sort();
    subjects.dedup();
    assert_eq!((receipts.len(), subjects.len()), (4, 4), "{subjects:?}");
    assert!(
        receipts.iter().any(|mail| mail.text().contains("380.80")),
        "the receipt names the amount"
    );
    let entity: serde_json::Value =
        serde_json::from_str(&api(house, chain, Method::GET, "/v1/legal_entities", None).await.body).expect("JSON");
    let account = entity["data"][0]["stripe_account"]
        .as_str()
        .or(entity["data"][0]["stripe_account_id"].as_str())
        .unwrap_or_else(|| panic!("{entity}"));
    let state = house
        .house
        .sim
        .state(account)
        .expect("the account is known to the simulator");
    assert_eq!(
        state["payment_intents"]["succeeded"]
            .as_i64()
            .or(state["intents"]["succeeded"].as_i64()),
        Some(4),
        "{state}"
    );
}

pub(super) async fn reads_the_books(house: &TestStack, chain: &Chain) {
    let finance = &chain.owner;
    let list = finance.get("/finance/invoices").await;
    // The invoice over 380.80, whoever's it is: its row links to the document.
    let row = list
        .body
        .split("<tr")
        .find(|row| row.contains("380.80"))
        .expect("a row of 380.80");
    let invoice = finance
        .get(&format!(
            "/finance/invoices/{}",
            between(row, "href=\"/finance/invoices/", "\"")
        ))
        .await;
    for words in ["320.00", "60.80", "380.80", "19", "Harbour Works GmbH", "DE123456788"] {
        says(&invoice, words);
    }
    // A usage line leads back to the booking that made it.
    let line = invoice
        .body
        .split("<tr")
        .find(|row| row.contains("/lines/") && row.contains("20.00"))
        .expect("a line of 20.00");
    let explained = finance
        .get(&format!(
            "/finance/invoices/{}",
            between(line, "href=\"/finance/invoices/", "\"")
        ))
        .await;
    for words in [
        "Booking confirmed",
        "Charge made",
        "3 h from the allowance, 1 h charged",
    ] {
        says(&explained, words);
    }
    let journal = finance.get("/finance/journal").await;
    for words in ["Accounts receivable", "Stripe balance", "Deferred revenue"] {
        says(&journal, words);
    }
    says(&finance.get("/finance/trial-balance").await, "Accounts receivable");
    says(&finance.get("/finance/payments").await, "380.80");

    for (format, name, judge) in [
        ("hledger", "hledger", "hledger"),
        ("beancount", "bean-check", "bean-check"),
    ] {
        let legal_entity: serde_json::Value =
            serde_json::from_str(&api(house, chain, Method::GET, "/v1/legal_entities", None).await.body).expect("JSON");
        let id = legal_entity["data"][0]["id"]
            .as_str()
            .or(legal_entity["data"][0]["legal_entity_id"].as_str())
            .expect("an id")
            .to_owned();
        let export = finance
            .get(&format!("/finance/export?legal_entity={id}&format={format}"))
            .await;
        assert!(export.status.is_success(), "{}", export.body);
        assert!(export.body.contains("380.80"), "{}", export.body);
        accepted(name, judge, &export.body);
        // The judge is one: a book with one posting changed is refused.
        let unbalanced = export.body.replacen("380.80", "380.81", 1);
        assert!(
            !judged(judge, &unbalanced).unwrap_or(false),
            "{judge} accepts a book that does not balance"
        );
    }
    let stranger = house.person_at(chain.slug).get("/finance/journal").await;
    assert!(
        stranger.status.is_redirection() && !text(&stranger.body).contains("Deferred"),
        "{}",
        stranger.body
    );
}

fn accepted(name: &str, judge: &str, book: &str) {
    match judged(judge, book) {
        Some(accepted) => assert!(accepted, "{judge} refuses:\n{book}"),
        None => skip(name, "the judge of exports is not installed"),
    }
}

/// What a judge says of a book; `None` when there is no such judge here.
fn judged(judge: &str, book: &str) -> Option<bool> {
    let file = std::env::temp_dir().join(format!("coterie-{}-{:x}.book", std::process::id(), book.len()));
    let mut command = if judge == "hledger" {
        let mut command = Command::new("hledger");
        command.args(["-f", "-", "check"]);
        command
    } else {
        std::fs::write(&file, book).expect("a file can be written");
        let mut command = Command::new(coterie_tests::skip::root().join(".local/python/bin/bean-check"));
        command.arg(&file);
        command
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // A judge that reads a file closes its input at once, which is fine.
    let _ = child.stdin.take().expect("a pipe").write_all(book.as_bytes());
    let ended = child.wait().expect("the judge ends");
    let _ = std::fs::remove_file(&file);
    Some(ended.success())
}
