use super::{Book, Format};
use coterie_domain::{
    Currency, InvoiceId, JournalEntryId, LegalEntityId, MemberId, Payer,
    charge::SourceRef,
    ledger::{JournalEntryPosted, LedgerAccount, Posting},
};
use uuid::Uuid;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn entry(number: u128, day: &str, code: &str, memo: &str, postings: &[(LedgerAccount, i64)]) -> JournalEntryPosted {
    JournalEntryPosted {
        entry_id: JournalEntryId(Uuid::from_u128(number)),
        legal_entity_id: LegalEntityId(Uuid::from_u128(0xe)),
        effective_date: day.parse().unwrap(),
        period: day[..7].to_owned(),
        currency: currency(code),
        rule: "invoice_issued@1".to_owned(),
        memo: memo.to_owned(),
        source: SourceRef {
            category: "invoice".to_owned(),
            stream_id: Uuid::from_u128(0xabc),
            version: 1,
            event_type: "InvoiceIssued".to_owned(),
        },
        postings: postings
            .iter()
            .map(|(account, amount_minor)| Posting {
                account: *account,
                amount_minor: *amount_minor,
                payer: (*account == LedgerAccount::AccountsReceivable)
                    .then_some(Payer::Member(MemberId(Uuid::from_u128(0x111)))),
                invoice_id: (*account == LedgerAccount::AccountsReceivable)
                    .then_some(InvoiceId(Uuid::from_u128(0xabc))),
            })
            .collect(),
    }
}

fn berlin() -> Vec<JournalEntryPosted> {
    use LedgerAccount::{AccountsReceivable, DeferredRevenue, MembershipRevenue, VatPayable};
    vec![
        entry(
            2,
            "2026-01-31",
            "EUR",
            "Earned in January",
            &[(DeferredRevenue, 11613), (MembershipRevenue, -11613)],
        ),
        entry(
            1,
            "2026-01-20",
            "EUR",
            "(Invoice) \"HB-1\" to C:\\Ada; Lovelace\nof London",
            &[
                (AccountsReceivable, 13819),
                (DeferredRevenue, -11613),
                (VatPayable, -2206),
            ],
        ),
    ]
}

fn tokyo() -> Vec<JournalEntryPosted> {
    use LedgerAccount::{BookingRevenue, UnbilledReceivable};
    vec![entry(
        3,
        "2026-02-01",
        "JPY",
        "Room 1",
        &[(UnbilledReceivable, 2000), (BookingRevenue, -2000)],
    )]
}

#[test]
fn one_entity_in_hledgers_format() {
    let entries = berlin();
    let book = Book {
        entity: "Harbour Berlin GmbH",
        currency: currency("EUR"),
        entries: &entries,
    };
    insta::assert_snapshot!(Format::Hledger.write(&[book]), @r##"
    ; Harbour Berlin GmbH

    decimal-mark .

    commodity 1000.00 EUR

    account Assets:Receivable  ; type:A, Accounts receivable
    account Income:Memberships  ; type:R, Membership revenue
    account Liabilities:DeferredRevenue  ; type:L, Deferred revenue
    account Liabilities:VAT  ; type:L, VAT payable

    2026-01-20 * - (Invoice) "HB-1" to C:\Ada, Lovelace of London
        ; entry:00000000-0000-0000-0000-000000000001
        ; rule:invoice_issued@1
        ; source:InvoiceIssued
        ; log:invoice/00000000-0000-0000-0000-000000000abc@1
        ; period:2026-01
        Assets:Receivable  138.19 EUR  ; payer:member/00000000-0000-0000-0000-000000000111, invoice:00000000-0000-0000-0000-000000000abc
        Liabilities:DeferredRevenue  -116.13 EUR
        Liabilities:VAT  -22.06 EUR

    2026-01-31 * Earned in January
        ; entry:00000000-0000-0000-0000-000000000002
        ; rule:invoice_issued@1
        ; source:InvoiceIssued
        ; log:invoice/00000000-0000-0000-0000-000000000abc@1
        ; period:2026-01
        Liabilities:DeferredRevenue  116.13 EUR
        Income:Memberships  -116.13 EUR
    "##);
}

#[test]
fn one_entity_in_beancounts_format() {
    let entries = berlin();
    let book = Book {
        entity: "Harbour Berlin GmbH",
        currency: currency("EUR"),
        entries: &entries,
    };
    insta::assert_snapshot!(Format::Beancount.write(&[book]), @r##"
    option "title" "Harbour Berlin GmbH"
    option "operating_currency" "EUR"

    2026-01-20 open Assets:Receivable EUR
      title: "Accounts receivable"
    2026-01-31 open Income:Memberships EUR
      title: "Membership revenue"
    2026-01-20 open Liabilities:DeferredRevenue EUR
      title: "Deferred revenue"
    2026-01-20 open Liabilities:VAT EUR
      title: "VAT payable"

    2026-01-20 * "(Invoice) \"HB-1\" to C:\\Ada; Lovelace of London"
      entry: "00000000-0000-0000-0000-000000000001"
      rule: "invoice_issued@1"
      source: "InvoiceIssued"
      log: "invoice/00000000-0000-0000-0000-000000000abc@1"
      period: "2026-01"
      Assets:Receivable  138.19 EUR
        payer: "member/00000000-0000-0000-0000-000000000111"
        invoice: "00000000-0000-0000-0000-000000000abc"
      Liabilities:DeferredRevenue  -116.13 EUR
      Liabilities:VAT  -22.06 EUR

    2026-01-31 * "Earned in January"
      entry: "00000000-0000-0000-0000-000000000002"
      rule: "invoice_issued@1"
      source: "InvoiceIssued"
      log: "invoice/00000000-0000-0000-0000-000000000abc@1"
      period: "2026-01"
      Liabilities:DeferredRevenue  116.13 EUR
      Income:Memberships  -116.13 EUR
    "##);
}

#[test]
fn several_entities_stand_after_the_root_of_their_accounts() {
    let (entries, other) = (berlin(), tokyo());
    let books = [
        Book {
            entity: "Harbour Berlin GmbH",
            currency: currency("EUR"),
            entries: &entries[..1],
        },
        Book {
            entity: "Harbour Tokyo KK",
            currency: currency("JPY"),
            entries: &other,
        },
    ];
    insta::assert_snapshot!(Format::Hledger.write(&books), @r##"
    ; Harbour Berlin GmbH
    ; Harbour Tokyo KK

    decimal-mark .

    commodity 1000.00 EUR
    commodity 1000. JPY

    account Assets:Harbour-Tokyo-KK:Unbilled  ; type:A, Unbilled receivable
    account Income:Harbour-Berlin-GmbH:Memberships  ; type:R, Membership revenue
    account Income:Harbour-Tokyo-KK:Bookings  ; type:R, Booking revenue
    account Liabilities:Harbour-Berlin-GmbH:DeferredRevenue  ; type:L, Deferred revenue

    2026-01-31 * Earned in January
        ; entry:00000000-0000-0000-0000-000000000002
        ; rule:invoice_issued@1
        ; source:InvoiceIssued
        ; log:invoice/00000000-0000-0000-0000-000000000abc@1
        ; period:2026-01
        Liabilities:Harbour-Berlin-GmbH:DeferredRevenue  116.13 EUR
        Income:Harbour-Berlin-GmbH:Memberships  -116.13 EUR

    2026-02-01 * Room 1
        ; entry:00000000-0000-0000-0000-000000000003
        ; rule:invoice_issued@1
        ; source:InvoiceIssued
        ; log:invoice/00000000-0000-0000-0000-000000000abc@1
        ; period:2026-02
        Assets:Harbour-Tokyo-KK:Unbilled  2000 JPY
        Income:Harbour-Tokyo-KK:Bookings  -2000 JPY
    "##);
    insta::assert_snapshot!(Format::Beancount.write(&books), @r##"
    option "title" "Harbour Berlin GmbH, Harbour Tokyo KK"
    option "operating_currency" "EUR"
    option "operating_currency" "JPY"

    2026-02-01 open Assets:Harbour-Tokyo-KK:Unbilled JPY
      title: "Unbilled receivable"
    2026-01-31 open Income:Harbour-Berlin-GmbH:Memberships EUR
      title: "Membership revenue"
    2026-02-01 open Income:Harbour-Tokyo-KK:Bookings JPY
      title: "Booking revenue"
    2026-01-31 open Liabilities:Harbour-Berlin-GmbH:DeferredRevenue EUR
      title: "Deferred revenue"

    2026-01-31 * "Earned in January"
      entry: "00000000-0000-0000-0000-000000000002"
      rule: "invoice_issued@1"
      source: "InvoiceIssued"
      log: "invoice/00000000-0000-0000-0000-000000000abc@1"
      period: "2026-01"
      Liabilities:Harbour-Berlin-GmbH:DeferredRevenue  116.13 EUR
      Income:Harbour-Berlin-GmbH:Memberships  -116.13 EUR

    2026-02-01 * "Room 1"
      entry: "00000000-0000-0000-0000-000000000003"
      rule: "invoice_issued@1"
      source: "InvoiceIssued"
      log: "invoice/00000000-0000-0000-0000-000000000abc@1"
      period: "2026-02"
      Assets:Harbour-Tokyo-KK:Unbilled  2000 JPY
      Income:Harbour-Tokyo-KK:Bookings  -2000 JPY
    "##);
}

#[test]
fn a_currency_keeps_its_digits() {
    use LedgerAccount::{BookingRevenue, UnbilledReceivable};
    let entries = [entry(
        4,
        "2026-02-01",
        "KWD",
        "Room",
        &[(UnbilledReceivable, 1005), (BookingRevenue, -1005)],
    )];
    let written = Format::Hledger.write(&[Book {
        entity: "K",
        currency: currency("KWD"),
        entries: &entries,
    }]);
    assert!(written.contains("commodity 1000.000 KWD\n"), "{written}");
    assert!(written.contains("Income:Bookings  -1.005 KWD\n"), "{written}");
}

#[test]
fn a_format_is_named_as_its_tool_is() {
    assert_eq!("hledger".parse(), Ok(Format::Hledger));
    assert_eq!("beancount".parse(), Ok(Format::Beancount));
    assert!("xls".parse::<Format>().is_err());
    assert_eq!(Format::Beancount.extension(), "beancount");
}
