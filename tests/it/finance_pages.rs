//! Finance at a browser: from an invoice down to the events behind a line, up to books that balance and that other
//! people's tools accept.

mod crediting;
mod depositing;
mod runs;

use coterie_app::{
    organization::{self, AddStaff},
    session,
};
use coterie_domain::{StaffId, organization::Role};
use coterie_tests::{
    Answer, Person, TestStack,
    chain::{self, Chain},
    skip, stack,
};
use std::path::PathBuf;
use std::process::Command;

/// The first days of Ada's membership: 12 of 31 days of EUR 300.00, and 19 % VAT.
const GROSS: &str = "EUR\u{a0}138.19";

/// "Harbour" on 20 January 2026, where Ada has just subscribed and booked more than her plan includes.
struct Books {
    house: TestStack,
    chain: Chain,
    invoice: String,
}

async fn books() -> Books {
    books_of(0).await
}

/// The same with a plan that asks for a deposit.
async fn books_of(deposit_minor: i64) -> Books {
    let house = stack().await;
    let mut chain = chain::open_chain(house.app(), "harbour").await;
    if deposit_minor > 0 {
        chain.plan_version = chain::with_deposit(house.app(), &chain, deposit_minor).await;
    }
    let subscribed = chain::subscribe(house.app(), &chain).await;
    chain::book(house.app(), &chain, chain.elbe, "2026-01-22T10:00", "2026-01-22T12:00").await;
    chain::book(house.app(), &chain, chain.spree, "2026-01-23T09:00", "2026-01-23T13:00").await;
    house.settle(chain.tenant).await;
    let invoice = subscribed
        .invoice_id
        .expect("the first days cost something")
        .to_string();
    Books { house, chain, invoice }
}

impl Books {
    /// A browser in which a colleague with this role is signed in.
    async fn colleague(&self, role: Role) -> Person {
        let colleague = AddStaff {
            name: format!("Fritz {}", role.name()),
            email: format!("{}@harbour.test", role.name()),
            role,
            password: None,
        };
        let added = organization::add_staff(self.house.app(), &self.chain.owner, colleague).await;
        let StaffId(id) = added.expect("a colleague is added").outcome;
        let token = session::open_session(self.house.app(), self.chain.tenant, "staff", id)
            .await
            .expect("a session opens");
        self.house.settle(self.chain.tenant).await;
        let person = self.house.person_at("harbour");
        person.set_cookie("session", &token);
        person
    }
}

/// Addresses on a page that begin like this, in order.
fn links(page: &Answer, beginning: &str) -> Vec<String> {
    let found = page
        .body
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    found
        .filter(|href| href.starts_with(beginning))
        .map(|href| href.replace("&#38;", "&"))
        .collect()
}

fn assert_shows(page: &Answer, expected: &[&str]) {
    for text in expected {
        assert!(
            page.body.contains(text),
            "{} does not show {text}: {}",
            page.url,
            page.body
        );
    }
}

#[tokio::test]
async fn an_invoice_line_is_followed_to_the_events_that_made_it() {
    let books = books().await;
    let finance = books.colleague(Role::Finance).await;

    let list = finance.get("/finance/invoices").await.expect(200);
    assert_shows(&list, &["BER-000001", "Ada Lovelace", GROSS, "Total of 1 invoice"]);
    let address = links(&list, "/finance/invoices/").remove(0);
    assert_eq!(address, format!("/finance/invoices/{}", books.invoice));

    let invoice = finance.get(&address).await.expect(200);
    assert_shows(
        &invoice,
        &[
            "Harbour Berlin GmbH",
            "VAT ID DE123456788",
            "EUR\u{a0}116.13",
            "EUR\u{a0}22.06",
            GROSS,
            "Balanced",
            "20 Jan 2026",
        ],
    );
    let paper = finance.get(&format!("{address}?view=paper")).await.expect(200);
    assert!(!paper.body.contains("site-nav") && paper.body.contains(GROSS));

    let why = links(&invoice, &format!("{address}/lines/")).remove(0);
    let line = finance.get(&why).await.expect(200);
    assert_shows(
        &line,
        &[
            "Why",
            "EUR\u{a0}116.13",
            "Membership started",
            "Plan version published",
            "Ada Lovelace (member)",
            "CET",
            "Position ",
        ],
    );
    let stream = links(&line, "/log/streams/").remove(0);
    assert_shows(
        &finance.get(&stream).await.expect(200),
        &["Request", "Who", "What was recorded"],
    );
    let request = links(&line, "/log/correlations/").remove(0);
    assert_shows(
        &finance.get(&request).await.expect(200),
        &["Invoice issued", "Journal entry posted", "Charge made"],
    );
    books.house.shutdown().await;
}

#[tokio::test]
async fn the_books_balance_and_agree_with_the_invoices() {
    let books = books().await;
    let finance = books.colleague(Role::Finance).await;

    let journal = finance.get("/finance/journal").await.expect(200);
    assert_shows(&journal, &["Invoice BER-000001", "1400 Accounts receivable", GROSS]);
    assert!(journal.body.contains("Balanced") && !journal.body.contains("Does not balance"));

    let balance = finance.get("/finance/trial-balance").await.expect(200);
    assert_shows(&balance, &["Debits equal credits", "They agree", "Open invoices (1)"]);
    // The day before there were no books; a day that is none is told so.
    let before = finance.get("/finance/trial-balance?as_of=2026-01-19").await.expect(200);
    assert_shows(&before, &["Nothing posted"]);
    finance.get("/finance/trial-balance?as_of=tomorrow").await.expect(422);

    let overview = finance.get("/finance").await.expect(200);
    assert_shows(
        &overview,
        &["Invoiced in January 2026", GROSS, "Open receivable", "Show as a table"],
    );
    let payments = finance.get("/finance/payments").await.expect(200);
    assert_shows(&payments, &["BER-000001"]);

    let log = finance.get("/log?category=invoice").await.expect(200);
    assert_shows(&log, &["Invoice issued"]);
    assert!(!log.body.contains(">Charge made</a>"), "{}", log.body);
    books.house.shutdown().await;
}

#[tokio::test]
async fn only_finance_of_the_same_chain_sees_the_books() {
    let books = books().await;
    let other = chain::open_chain(books.house.app(), "tower").await;
    let theirs = chain::subscribe(books.house.app(), &other).await.invoice_id;
    books.house.settle(other.tenant).await;
    let theirs = theirs.expect("the first days cost something");
    let finance = books.colleague(Role::Finance).await;
    let operator = books.colleague(Role::Operator).await;
    let stranger = books.house.person_at("harbour");

    let mine = format!("/finance/invoices/{}", books.invoice);
    for path in [
        "/finance",
        "/finance/invoices",
        "/finance/journal",
        "/finance/export?format=hledger",
        "/log",
        &mine,
    ] {
        finance.get(path).await.expect(200);
        operator.get(path).await.expect(403);
        assert!(stranger.get(path).await.status.is_redirection(), "{path}");
    }
    for path in [
        format!("/finance/invoices/{theirs}"),
        format!("/finance/invoices/{theirs}/lines/{theirs}"),
        format!("{mine}/lines/{theirs}"),
        format!("/finance/journal?legal_entity={}", other.legal_entity),
        format!("/finance/export?format=hledger&legal_entity={}", other.legal_entity),
        format!("/log/streams/{theirs}"),
        "/finance/invoices/no-id".to_owned(),
    ] {
        finance.get(&path).await.expect(404);
    }
    books.house.shutdown().await;
}

#[tokio::test]
async fn what_is_exported_is_accepted_by_other_peoples_tools() {
    let books = books().await;
    let finance = books.colleague(Role::Finance).await;
    finance.get("/finance/export?format=pdf").await.expect(422);
    for (format, extension, judge, words) in [
        ("hledger", "journal", "hledger", &["check", "--strict", "-f"][..]),
        ("beancount", "beancount", "bean-check", &[]),
    ] {
        let path = format!(
            "/finance/export?legal_entity={}&format={format}",
            books.chain.legal_entity
        );
        let file = finance.get(&path).await.expect(200);
        let named = format!("attachment; filename=\"harbour-berlin-gmbh.{extension}\"");
        assert_eq!(file.header("content-disposition"), Some(named.as_str()));
        assert!(file.body.contains("138.19"), "{}", file.body);
        let Some(program) = program(judge) else {
            skip(
                &format!("finance export for {format}"),
                &format!("{judge} is not installed"),
            );
            continue;
        };
        let (accepted, said) = judged(&program, words, &file.body, &books.house.db.name, extension);
        assert!(accepted, "{judge}: {said}");
        // Control: a cent is missing.
        let wrong = file.body.replacen("138.19", "138.18", 1);
        assert!(
            !judged(&program, words, &wrong, &books.house.db.name, extension).0,
            "{judge} accepts everything"
        );
    }
    books.house.shutdown().await;
}

/// On the PATH, or among the Python packages that the test set-up installs.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = coterie_tests::skip::root().join(".local/python/bin");
    let directories = std::env::split_paths(&path).chain([installed]);
    directories
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}

fn judged(program: &PathBuf, words: &[&str], text: &str, name: &str, extension: &str) -> (bool, String) {
    let file = std::env::temp_dir().join(format!("{name}_finance.{extension}"));
    std::fs::write(&file, text).expect("a file can be written");
    let ended = Command::new(program)
        .args(words)
        .arg(&file)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the judge can be started");
    std::fs::remove_file(&file).expect("the file can be removed");
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    (ended.status.success(), said)
}
