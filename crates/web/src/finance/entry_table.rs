//! A journal entry as an accountant reads it: postings with debits left and credits right, and sums that agree.

use askama::Template;
use coterie_app::ledger::page::JournalRow;
use coterie_domain::ledger::{JournalEntryPosted, Posting};
use jiff::tz::TimeZone;

use super::words;
use crate::{
    audit::links,
    components::{Badge, Cell, Column, Link, Table, Tone, prints_html},
};

/// One entry with what it came from.
#[derive(Debug, Clone, Template)]
#[template(path = "finance/entry_table.html")]
pub(super) struct EntryTable {
    id: String,
    entity: Option<String>,
    day: String,
    memo: String,
    rule: String,
    posted: String,
    table: Table,
    balanced: Badge,
    source: Link,
    entry: Link,
}

prints_html!(EntryTable);

impl EntryTable {
    /// `zone` is the legal entity's; its name is told where entries of several stand together.
    pub(super) fn new(row: &JournalRow, zone: &TimeZone, entity: Option<&str>) -> Self {
        let entry = &row.entry;
        let source = &entry.source;
        Self {
            id: format!("entry-{}", row.position),
            entity: entity.map(str::to_owned),
            day: words::day(entry.effective_date),
            memo: entry.memo.clone(),
            rule: entry.rule.clone(),
            posted: words::moment(row.occurred_at, zone),
            table: table(entry),
            balanced: balanced(entry),
            source: Link::new(
                links::humanized(&source.event_type),
                links::event(source.stream_id, source.version),
            ),
            entry: Link::new(
                format!("Position {} of the log", row.position),
                links::event(entry.entry_id.0, 1),
            ),
        }
    }
}

/// Debits and credits of an entry, as positive minor units.
fn sides(entry: &JournalEntryPosted) -> (i64, i64) {
    let amounts = || entry.postings.iter().map(|posting| posting.amount_minor);
    let debits = amounts().filter(|minor| *minor > 0).sum();
    let credits: i64 = amounts().filter(|minor| *minor < 0).sum();
    (debits, -credits)
}

fn balanced(entry: &JournalEntryPosted) -> Badge {
    let (debits, credits) = sides(entry);
    if debits == credits {
        Badge::new(Tone::Good, "Balanced")
    } else {
        Badge::new(Tone::Bad, "Does not balance")
    }
}

fn table(entry: &JournalEntryPosted) -> Table {
    let columns = [
        Column::text("Account"),
        Column::text("About"),
        Column::number("Debit"),
        Column::number("Credit"),
    ];
    let mut table = Table::new("Postings", columns);
    for posting in &entry.postings {
        let [debit, credit] = columns_of(posting.amount_minor, entry);
        table.push([account(posting).into(), about(posting), debit, credit]);
    }
    let (debits, credits) = sides(entry);
    table.footer([
        "Total".into(),
        "".into(),
        words::money(debits, entry.currency).into(),
        words::money(credits, entry.currency).into(),
    ])
}

fn columns_of(minor: i64, entry: &JournalEntryPosted) -> [Cell; 2] {
    let money = || Cell::from(words::money(minor.abs(), entry.currency));
    if minor >= 0 {
        [money(), "".into()]
    } else {
        ["".into(), money()]
    }
}

fn account(posting: &Posting) -> String {
    format!("{} {}", posting.account.number(), posting.account.title())
}

fn about(posting: &Posting) -> Cell {
    match posting.invoice_id {
        Some(id) => Link::new("Invoice", format!("/finance/invoices/{id}")).into(),
        None => "".into(),
    }
}
