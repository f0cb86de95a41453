//! hledger's journal format (hledger manual, "Journal").

use super::{Book, Prepared, accounts, amount, currencies, entry_notes, one_line, posting_notes, prepare};
use coterie_domain::{Money, ledger::JournalEntryPosted};
use std::fmt::Write as _;

/// The books as one journal. `hledger check --strict` accepts it if every entry balances: accounts and commodities are
/// declared. Ids, rule and source are tags.
pub fn write(books: &[Book<'_>]) -> String {
    let books = prepare(books);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = render(&mut out, &books);
    out
}

fn render(out: &mut String, books: &[Prepared<'_>]) -> std::fmt::Result {
    for book in books {
        writeln!(out, "; {}", one_line(book.book.entity))?;
    }
    // Without it 1.000 may be read as a thousand.
    writeln!(out, "\ndecimal-mark .\n")?;
    for currency in currencies(books) {
        let sample = Money::new(1000 * 10_i64.pow(currency.digits()), currency).amount();
        // A commodity directive wants a decimal mark even where there are no decimals.
        let mark = if sample.contains('.') { "" } else { "." };
        writeln!(out, "commodity {sample}{mark} {currency}")?;
    }
    writeln!(out)?;
    for (name, account) in accounts(books) {
        let kind = name.chars().next().map_or("", |root| match root {
            'A' => "A",
            'L' => "L",
            _ => "R",
        });
        writeln!(out, "account {name}  ; type:{kind}, {}", account.title)?;
    }
    for book in books {
        for entry in &book.entries {
            write_entry(out, book, entry)?;
        }
    }
    Ok(())
}

fn write_entry(out: &mut String, book: &Prepared<'_>, entry: &JournalEntryPosted) -> std::fmt::Result {
    writeln!(out, "\n{} * {}", entry.effective_date, description(&entry.memo))?;
    for (key, value) in entry_notes(entry) {
        writeln!(out, "    ; {key}:{}", tag_value(&value))?;
    }
    for posting in &entry.postings {
        let account = book.account(posting.account);
        write!(
            out,
            "    {account}  {} {}",
            amount(posting, entry.currency),
            entry.currency
        )?;
        let notes: Vec<String> = posting_notes(posting)
            .into_iter()
            .map(|(key, value)| format!("{key}:{}", tag_value(&value)))
            .collect();
        if !notes.is_empty() {
            write!(out, "  ; {}", notes.join(", "))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A semicolon begins a comment, and a status mark or a code may stand where the description begins.
fn description(memo: &str) -> String {
    let line = one_line(memo).replace(';', ",");
    if line.starts_with(['*', '!', '(']) {
        format!("- {line}")
    } else {
        line
    }
}

/// A tag's value ends at a comma.
fn tag_value(text: &str) -> String {
    one_line(text).replace(',', " ")
}
