//! What the books look like outside: `hledger` and `bean-check` themselves judge the export. Each judge is shown a book
//! that does not balance too, so that one which accepts everything would be noticed.

use crate::cli::{app, coterie, environment, open};
use coterie_app::{Caller, legal_entity};
use coterie_domain::charge::SourceRef;
use coterie_domain::event::DomainEvent;
use coterie_domain::ledger::{JournalEntryPosted, JournalEvent, LedgerAccount, Posting};
use coterie_domain::legal_entity::NewLegalEntity;
use coterie_domain::{Currency, InvoiceId, JournalEntryId, LegalEntityId, MemberId, Payer};
use coterie_eventlog::{Append, NewEvent, StreamWrite, append_in_op, set_tenant_in_op};
use coterie_tests::{Database, database, skip};
use jiff::Timestamp;
use std::path::PathBuf;
use std::process::Command;
use uuid::Uuid;

/// An entry of an invoice and its first month earned.
pub(crate) fn balanced(entity: LegalEntityId, currency: Currency) -> Vec<JournalEntryPosted> {
    use LedgerAccount::{
        AccountsReceivable, BookingRevenue, CustomerCredit, DeferredRevenue, MembershipRevenue, StripeBalance,
        UnbilledReceivable, VatPayable,
    };
    let entry = |day: &str, memo: &str, postings: &[(LedgerAccount, i64)]| JournalEntryPosted {
        entry_id: JournalEntryId(Uuid::now_v7()),
        legal_entity_id: entity,
        effective_date: day.parse().expect("a date"),
        period: day[..7].to_owned(),
        currency,
        rule: "invoice_issued@1".to_owned(),
        memo: memo.to_owned(),
        source: SourceRef {
            category: "invoice".to_owned(),
            stream_id: Uuid::now_v7(),
            version: 1,
            event_type: "InvoiceIssued".to_owned(),
        },
        postings: postings
            .iter()
            .map(|(account, amount_minor)| Posting {
                account: *account,
                amount_minor: *amount_minor,
                payer: Some(Payer::Member(MemberId(Uuid::now_v7()))),
                invoice_id: Some(InvoiceId(Uuid::now_v7())),
            })
            .collect(),
    };
    vec![
        entry(
            "2026-01-31",
            "Earned in January",
            &[(DeferredRevenue, 11613), (MembershipRevenue, -11613)],
        ),
        entry(
            "2026-01-20",
            "(Invoice) \"HB-1\" to C:\\Ada; Lovelace, | of\nLondon ; rule:none",
            &[
                (AccountsReceivable, 13819),
                (DeferredRevenue, -11613),
                (VatPayable, -2206),
            ],
        ),
        entry(
            "2026-02-01",
            "* Room \u{2116} 1 \u{1f5dd}",
            &[(UnbilledReceivable, 2000), (BookingRevenue, -2000)],
        ),
        entry(
            "2026-02-02",
            "",
            &[
                (StripeBalance, 14000),
                (AccountsReceivable, -13819),
                (CustomerCredit, -181),
            ],
        ),
    ]
}

/// The same, one cent out.
fn unbalanced(entity: LegalEntityId, currency: Currency) -> Vec<JournalEntryPosted> {
    let mut entries = balanced(entity, currency);
    entries[1].postings[0].amount_minor += 1;
    entries
}

/// An organization with an entity in Berlin and one in Tokyo, and what `entries` puts into the books of each.
pub(crate) async fn books(
    db: &Database,
    slug: &str,
    entries: fn(LegalEntityId, Currency) -> Vec<JournalEntryPosted>,
) -> [LegalEntityId; 2] {
    let owner = open(db, slug, true).await;
    let berlin = entity(db, &owner, "Harbour Berlin GmbH", "EUR", "Europe/Berlin", "DE", "HB").await;
    let tokyo = entity(db, &owner, "Harbour Tokyo KK", "JPY", "Asia/Tokyo", "JP", "HT").await;
    for (entity, code) in [(berlin, "EUR"), (tokyo, "JPY")] {
        for entry in entries(entity, code.parse().expect("a currency")) {
            post(db, owner.tenant, entry).await;
        }
    }
    [berlin, tokyo]
}

async fn entity(
    db: &Database,
    owner: &Caller,
    name: &str,
    currency: &str,
    zone: &str,
    country: &str,
    series: &str,
) -> LegalEntityId {
    let new = NewLegalEntity {
        name: name.to_owned(),
        street: "Quay 1".to_owned(),
        postcode: "10115".to_owned(),
        city: "Harbour".to_owned(),
        country: country.to_owned(),
        tax_id: String::new(),
        currency: currency.to_owned(),
        time_zone: zone.to_owned(),
        invoice_series: series.to_owned(),
        payment_terms_days: 14,
    };
    legal_entity::create(&app(db), owner, new)
        .await
        .expect("the entity can be set up")
        .outcome
}

/// Straight into the log: no use case would write an entry that does not balance.
async fn post(db: &Database, tenant: Uuid, entry: JournalEntryPosted) {
    let stream_id = entry.entry_id.0;
    let event = JournalEvent::from(entry);
    let new = NewEvent {
        event_type: event.event_type(),
        event_version: event.event_version(),
        payload: event.payload().expect("it can be written"),
    };
    let write = StreamWrite {
        category: JournalEvent::CATEGORY,
        stream_id,
        expected_version: 0,
        events: vec![new],
    };
    let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("an instant");
    let append = Append {
        tenant_id: tenant,
        actor: "test",
        command_id: Uuid::now_v7(),
        correlation_id: Uuid::now_v7(),
        causation: None,
        occurred_at: now,
        recorded_at: now,
        streams: vec![write],
        command_key: None,
        known_head: None,
    };
    let mut tx = db.app.begin().await.expect("a transaction");
    set_tenant_in_op(&mut tx, tenant).await.expect("the tenant is set");
    append_in_op(&mut tx, append).await.expect("it is appended");
    tx.commit().await.expect("it is committed");
}

/// A judge and how it is asked.
struct Judge {
    format: &'static str,
    program: PathBuf,
    before: &'static [&'static str],
    after: &'static [&'static str],
}

/// On the PATH, or among the Python packages that the test set-up installs.
fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = coterie_tests::skip::root().join(".local/python/bin");
    std::env::split_paths(&path)
        .chain([installed])
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

impl Judge {
    fn hledger() -> Option<Self> {
        Some(Self {
            format: "hledger",
            program: found("hledger")?,
            before: &["check", "--strict", "-f"],
            after: &[],
        })
    }

    fn bean_check() -> Option<Self> {
        Some(Self {
            format: "beancount",
            program: found("bean-check")?,
            before: &[],
            after: &[],
        })
    }

    /// Whether the judge accepts an export of the organization, and what it says.
    async fn accepts(&self, db: &Database, slug: &str, entity: Option<&str>) -> (bool, String) {
        let mut words = vec!["ledger", "export", "--organization", slug, "--format", self.format];
        words.extend(entity.iter().flat_map(|entity| ["--entity", entity]));
        let ended = coterie(&words, &environment(db, &[])).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        let file = std::env::temp_dir().join(format!("{}_{slug}.{}", db.name, self.format));
        std::fs::write(&file, &ended.out).expect("a file can be written");
        let judged = Command::new(&self.program)
            .args(self.before)
            .arg(&file)
            .args(self.after)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("the judge can be started");
        std::fs::remove_file(&file).expect("the file can be removed");
        let said = String::from_utf8_lossy(&judged.stdout).into_owned() + &String::from_utf8_lossy(&judged.stderr);
        (judged.status.success(), said)
    }
}

async fn judge(judge: &Judge) {
    let db = database().await;
    books(&db, "harbour", balanced).await;
    for entity in [None, Some("Harbour Berlin GmbH"), Some("Harbour Tokyo KK")] {
        let (accepted, said) = judge.accepts(&db, "harbour", entity).await;
        assert!(accepted, "{entity:?}: {said}");
    }
    let empty = database().await;
    books(&empty, "quay", |_, _| Vec::new()).await;
    let (accepted, said) = judge.accepts(&empty, "quay", None).await;
    assert!(accepted, "an organization without entries: {said}");

    // Control: a cent is missing.
    let wrong = database().await;
    books(&wrong, "pier", unbalanced).await;
    for entity in [None, Some("Harbour Berlin GmbH"), Some("Harbour Tokyo KK")] {
        let (accepted, said) = judge.accepts(&wrong, "pier", entity).await;
        assert!(!accepted && said.contains("balance"), "{entity:?}: {said}");
    }
}

#[tokio::test]
async fn hledger_accepts_the_books_and_refuses_what_does_not_balance() {
    match Judge::hledger() {
        Some(hledger) => judge(&hledger).await,
        None => skip("hledger check", "hledger is not installed"),
    }
}

#[tokio::test]
async fn bean_check_accepts_the_books_and_refuses_what_does_not_balance() {
    match Judge::bean_check() {
        Some(bean_check) => judge(&bean_check).await,
        None => skip("bean-check", "bean-check is not installed"),
    }
}
