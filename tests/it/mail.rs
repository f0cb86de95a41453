//! Email from the outbox to a mailbox: once, whatever the mail server says.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy sees only the functions marked so"
)]

mod elsewhere;
mod pages;
mod send;

use std::sync::Arc;

use coterie_server::inbox::{Inbox, RunningInbox};
use coterie_tests::{Database, database};
use coterie_worker::mail::templates::{Amount, Receipt, Wording as _};
use coterie_worker::mail::{
    Address, Attachment, Letter, MailQueued, MailRow, MailState, SendMail, Sender, Transports, mail, queue_in_op,
};
use uuid::Uuid;

use crate::queue::{Worker, eventually, options, start};

const TENANT: Uuid = Uuid::from_u128(0xace);

/// A database and an inbox, and workers that carry mail from one to the other.
pub struct Post {
    pub db: Database,
    pub inbox: RunningInbox,
}

impl Post {
    pub async fn new() -> Self {
        let inbox = Inbox::start("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
        Self {
            db: database().await,
            inbox,
        }
    }

    pub fn transports(&self) -> Transports {
        Transports {
            capture: self.inbox.url().parse().unwrap(),
            live: None,
        }
    }

    pub fn start(&self) -> Worker {
        let handler = Arc::new(SendMail::new(self.db.worker.clone(), self.transports()));
        start(&self.db.worker, vec![handler], options())
    }

    pub async fn queue(&self, letter: &Letter) -> MailQueued {
        queue_as(&self.db, letter, true).await
    }

    pub async fn row(&self, queued: MailQueued) -> MailRow {
        let mut transaction = self.db.app.begin().await.unwrap();
        coterie_eventlog::set_tenant_in_op(&mut transaction, TENANT)
            .await
            .unwrap();
        mail(&mut transaction, TENANT, queued.mail_id).await.unwrap().unwrap()
    }

    pub async fn settled(&self, queued: MailQueued, state: MailState) {
        eventually("the letter is settled", || async {
            self.row(queued).await.state == state
        })
        .await;
    }

    /// Nothing left to do for any job.
    pub async fn quiet(&self) {
        eventually("the queue is quiet", || async {
            let mut conn = self.db.app.acquire().await.unwrap();
            coterie_worker::queue::pending(&mut conn, TENANT).await.unwrap() == 0
        })
        .await;
    }
}

pub async fn queue_as(db: &Database, letter: &Letter, captured: bool) -> MailQueued {
    let sender = Sender {
        from: Address::new(Some("Hafen Köln"), "mail@hafen.example").unwrap(),
        captured,
    };
    let now = "2026-02-01T08:30:00Z".parse().unwrap();
    let mut transaction = db.app.begin().await.unwrap();
    coterie_eventlog::set_tenant_in_op(&mut transaction, TENANT)
        .await
        .unwrap();
    let queued = queue_in_op(&mut transaction, TENANT, &sender, letter, now)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    queued
}

/// A receipt with a file, as the journey sends it.
pub fn receipt() -> Letter {
    let amount = |label: &str, amount: &str| Amount {
        label: label.to_owned(),
        amount: amount.to_owned(),
    };
    let words = Receipt {
        organization: "Hafen Köln".to_owned(),
        name: "Zoë".to_owned(),
        link: "http://hafen.localhost:8080/invoices/1?from=mail".to_owned(),
        number: "BER-2026-0002".to_owned(),
        issuer: "Hafen GmbH".to_owned(),
        amounts: vec![amount("Net", "EUR 320.00"), amount("VAT 19 %", "EUR 60.80")],
        paid: "EUR 380.80".to_owned(),
        paid_on: "1 February 2026".to_owned(),
        method: "card ending in 4242".to_owned(),
        balance: "EUR 0.00".to_owned(),
    }
    .words()
    .unwrap();
    Letter {
        kind: Receipt::KIND,
        subject_id: Uuid::from_u128(1),
        recipient: Address::new(Some("Zoë"), "zoe@example.com").unwrap(),
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachments: vec![Attachment {
            filename: "BER-2026-0002.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: b"%PDF-1.7\r\n.\r\n..\x00\xff\n.".to_vec(),
        }],
        reply_to: Some(Address::new(None, "office@hafen.example").unwrap()),
    }
}
