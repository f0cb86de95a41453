//! Beancount's format ("Beancount Language Syntax").

use super::{Book, Prepared, accounts, amount, currencies, entry_notes, one_line, posting_notes, prepare};
use coterie_domain::ledger::JournalEntryPosted;
use std::fmt::Write as _;

/// The books as one file. `bean-check` accepts it if every entry balances: every account is opened on the day of its
/// first entry, for the currencies that it is posted in. Ids, rule and source are metadata.
pub fn write(books: &[Book<'_>]) -> String {
    let books = prepare(books);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = render(&mut out, &books);
    out
}

fn render(out: &mut String, books: &[Prepared<'_>]) -> std::fmt::Result {
    let names: Vec<&str> = books.iter().map(|book| book.book.entity).collect();
    writeln!(out, "option \"title\" {}", quoted(&names.join(", ")))?;
    for currency in currencies(books) {
        writeln!(out, "option \"operating_currency\" \"{currency}\"")?;
    }
    writeln!(out)?;
    for (name, account) in accounts(books) {
        let currencies: Vec<&str> = account.currencies.iter().map(|currency| currency.code()).collect();
        writeln!(out, "{} open {name} {}", account.first_used, currencies.join(","))?;
        writeln!(out, "  title: {}", quoted(account.title))?;
    }
    for book in books {
        for entry in &book.entries {
            write_entry(out, book, entry)?;
        }
    }
    Ok(())
}

fn write_entry(out: &mut String, book: &Prepared<'_>, entry: &JournalEntryPosted) -> std::fmt::Result {
    writeln!(out, "\n{} * {}", entry.effective_date, quoted(&entry.memo))?;
    for (key, value) in entry_notes(entry) {
        writeln!(out, "  {key}: {}", quoted(&value))?;
    }
    for posting in &entry.postings {
        let account = book.account(posting.account);
        writeln!(
            out,
            "  {account}  {} {}",
            amount(posting, entry.currency),
            entry.currency
        )?;
        for (key, value) in posting_notes(posting) {
            writeln!(out, "    {key}: {}", quoted(&value))?;
        }
    }
    Ok(())
}

/// A string literal on one line.
fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('\\', "\\\\").replace('"', "\\\""))
}
