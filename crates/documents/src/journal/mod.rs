//! The books of legal entities as plain-text journals, for accountants and for the judges `hledger` and `bean-check`.
//!
//! What is written is what was recorded: an entry that does not balance is written as it is, and the judge refuses it.

pub mod beancount;
pub mod hledger;
mod names;
#[cfg(test)]
mod tests;

use coterie_domain::{
    Currency, Money,
    ledger::{JournalEntryPosted, LedgerAccount, Posting},
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The books of one legal entity.
#[derive(Debug, Clone, Copy)]
pub struct Book<'a> {
    /// The entity's name, for the title and, when there are several books, for the accounts.
    pub entity: &'a str,
    /// Its functional currency.
    pub currency: Currency,
    /// Every entry of the entity, in any order.
    pub entries: &'a [JournalEntryPosted],
}

/// A plain-text accounting format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// <https://hledger.org>, journal format.
    Hledger,
    /// <https://beancount.github.io>.
    Beancount,
}

impl Format {
    /// How files of the format are named, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Hledger => "journal",
            Self::Beancount => "beancount",
        }
    }

    /// The books as one file. With several books, each entity's name stands after the root of its accounts
    /// (`Assets:Harbour-Berlin-GmbH:Receivable`), so that both tools can tell and total them.
    pub fn write(self, books: &[Book<'_>]) -> String {
        match self {
            Self::Hledger => hledger::write(books),
            Self::Beancount => beancount::write(books),
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "hledger" => Ok(Self::Hledger),
            "beancount" => Ok(Self::Beancount),
            _ => Err(format!(
                "\u{201c}{text}\u{201d} is not a journal format: hledger or beancount"
            )),
        }
    }
}

/// An account as it is written, with what has to be declared about it.
struct Account {
    first_used: Date,
    currencies: BTreeSet<Currency>,
    title: &'static str,
}

/// A book ready to be written: its account names settled, its entries by date.
struct Prepared<'a> {
    book: Book<'a>,
    /// What stands after the root of every account; none for a single book.
    component: Option<String>,
    entries: Vec<&'a JournalEntryPosted>,
}

impl Prepared<'_> {
    fn account(&self, account: LedgerAccount) -> String {
        match (&self.component, account.path().split_once(':')) {
            (Some(component), Some((root, rest))) => format!("{root}:{component}:{rest}"),
            _ => account.path().to_owned(),
        }
    }
}

fn prepare<'a>(books: &[Book<'a>]) -> Vec<Prepared<'a>> {
    let components = names::components(books.iter().map(|book| book.entity));
    let one = books.len() == 1;
    books
        .iter()
        .zip(components)
        .map(|(book, component)| {
            let mut entries: Vec<_> = book.entries.iter().collect();
            // Stable: entries of one day stay in the order of the log.
            entries.sort_by_key(|entry| entry.effective_date);
            Prepared {
                book: *book,
                component: (!one).then_some(component),
                entries,
            }
        })
        .collect()
}

/// Every account that is posted to, by its written name.
fn accounts(books: &[Prepared<'_>]) -> BTreeMap<String, Account> {
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    for book in books {
        for entry in &book.entries {
            for posting in &entry.postings {
                let account = accounts
                    .entry(book.account(posting.account))
                    .or_insert_with(|| Account {
                        first_used: entry.effective_date,
                        currencies: BTreeSet::new(),
                        title: posting.account.title(),
                    });
                account.first_used = account.first_used.min(entry.effective_date);
                account.currencies.insert(entry.currency);
            }
        }
    }
    accounts
}

/// Every currency that must be declared: the books' own, and whatever their entries are in.
fn currencies(books: &[Prepared<'_>]) -> BTreeSet<Currency> {
    let used = |book: &Prepared<'_>| book.entries.iter().map(|entry| entry.currency).collect::<Vec<_>>();
    books
        .iter()
        .flat_map(|book| used(book).into_iter().chain([book.book.currency]))
        .collect()
}

/// `116.13`, with the digits of the currency; debits are positive.
fn amount(posting: &Posting, currency: Currency) -> String {
    Money::new(posting.amount_minor, currency).amount()
}

/// Where the fact behind an entry stands in the log: `invoice/<stream>@<version>`.
fn log_reference(entry: &JournalEntryPosted) -> String {
    let source = &entry.source;
    format!("{}/{}@{}", source.category, source.stream_id, source.version)
}

/// What is told of one posting beside its amount, by key.
fn posting_notes(posting: &Posting) -> Vec<(&'static str, String)> {
    let payer = posting
        .payer
        .map(|payer| ("payer", format!("{}/{}", payer.kind(), payer.id())));
    let invoice = posting.invoice_id.map(|invoice| ("invoice", invoice.to_string()));
    payer.into_iter().chain(invoice).collect()
}

/// What is told of one entry, by key.
fn entry_notes(entry: &JournalEntryPosted) -> [(&'static str, String); 5] {
    [
        ("entry", entry.entry_id.to_string()),
        ("rule", entry.rule.clone()),
        ("source", entry.source.event_type.clone()),
        ("log", log_reference(entry)),
        ("period", entry.period.clone()),
    ]
}

/// One line of text: whatever would break the line becomes a space, and spaces are single.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}
