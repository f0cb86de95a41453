//! The first journey, through HTTP only: a chain opens, a member books and pays, finance sees balanced books. What a
//! person would read off a page is read off the page here; nothing reaches behind it, save the superuser at the end who
//! tampers with the log.

mod finance;
pub(crate) mod member;
pub(crate) mod operator;

use crate::cli::{coterie, environment};
use coterie_tests::{Answer, Person, TestStack, stack};
use sqlx::AssertSqlSafe;

/// Somebody's password throughout.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What stands between two texts of a page.
pub(crate) fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page
        .split_once(before)
        .unwrap_or_else(|| panic!("{before:?} is not on the page:\n{page}"))
        .1;
    rest.split_once(after)
        .unwrap_or_else(|| panic!("{after:?} does not follow {before:?}"))
        .0
}

/// The value of a select's choice, by how its label begins.
fn choice(page: &str, label: &str) -> String {
    let starts = [format!("\">{label}"), format!("\" selected>{label}")];
    let at = starts
        .iter()
        .find_map(|start| {
            page.match_indices(start.as_str()).map(|(at, _)| at).find(|at| {
                page[..*at]
                    .rsplit('<')
                    .next()
                    .is_some_and(|tag| tag.starts_with("option "))
            })
        })
        .unwrap_or_else(|| panic!("no choice begins with {label:?}:\n{page}"));
    page[..at].rsplit('"').next().expect("a value").to_owned()
}

/// Text as it is read, without tags and with single spaces.
pub(crate) fn text(page: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for character in page.chars() {
        match character {
            '<' => inside = true,
            '>' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(character),
            _ => {}
        }
    }
    let plain = out
        .replace("&nbsp;", " ")
        .replace('\u{a0}', " ")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A page must say this.
#[track_caller]
pub(crate) fn says(answer: &Answer, words: &str) {
    let read = text(&answer.body);
    assert!(answer.status.is_success(), "{}: {}\n{read}", answer.url, answer.status);
    assert!(read.contains(words), "{} does not say {words:?}:\n{read}", answer.url);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_opens_a_member_books_and_pays_and_finance_sees_balanced_books() {
    let house = stack().await;
    // 1. An operator opens a chain and sets it up.
    let chain = operator::opens_a_chain(&house).await;
    // 2. A member signs up, confirms, saves a card, subscribes on 20 January.
    let member = member::subscribes(&house, &chain).await;
    // 3. She books 2 h and 4 h; somebody else asks for the same slot at the same moment.
    let other = member::second_member(&house, &chain).await;
    member::books(&house, &chain, &member, &other).await;
    // 4. The clock moves to 1 February: the next invoice is issued, charged and receipted.
    finance::first_of_february(&house, &chain).await;
    // 5. Finance follows a line back to its events and exports the journal.
    finance::reads_the_books(&house, &chain).await;
    // 6. The chain of events verifies, until one byte is changed.
    the_log_is_proven(&house).await;
    house.shutdown().await;
}

/// A chain that was opened, and who runs it.
pub(crate) struct Chain {
    pub(crate) slug: &'static str,
    pub(crate) owner: Person,
    /// An API key of the owner's role, as the page showed it once.
    pub(crate) key: String,
}

async fn the_log_is_proven(house: &TestStack) {
    let variables = environment(&house.db, &[]);
    let intact = coterie(&["log", "verify", "--all"], &variables).await;
    assert_eq!(intact.code, 0, "{intact:?}");
    assert!(intact.out.contains("events"), "{intact:?}");

    let (position, event_type): (i64, String) = sqlx::query_as(
        "select position, event_type from event where event_type = 'InvoiceIssued' order by position limit 1",
    )
    .fetch_one(&house.db.owner)
    .await
    .expect("an invoice was issued");
    let tamper = format!(
        "begin; set local session_replication_role = replica;
         update event set payload = replace(payload::text, '138', '139')::json where position = {position}; commit"
    );
    sqlx::raw_sql(AssertSqlSafe(tamper))
        .execute(&house.db.owner)
        .await
        .expect("a superuser can change a byte");
    let broken = coterie(&["log", "verify", "--all"], &variables).await;
    assert_eq!(broken.code, 1, "{broken:?}");
    let said = format!("{}{}", broken.out, broken.err);
    assert!(
        said.contains(&event_type) && said.contains(&position.to_string()),
        "{said}"
    );
}
