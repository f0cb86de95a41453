use std::sync::Arc;
use std::time::Duration;

use coterie_server::inbox::{Inbox, RunningInbox, Scripted};
use coterie_worker::mail::{Letter, MailState, SendMail, Transports, is_refused};

use super::{Post, queue_as, receipt};
use crate::queue::{options, start};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_receipt_arrives_once_as_it_was_written() {
    let post = Post::new().await;
    let queued = post.queue(&receipt()).await;
    assert!(queued.new);
    let again = post.queue(&receipt()).await;
    assert_eq!((again.mail_id, again.new), (queued.mail_id, false));
    let _workers = [post.start(), post.start()];

    let mail = post.inbox.wait_for(|_| true, PATIENCE).await.unwrap();
    post.settled(queued, MailState::Sent).await;
    post.quiet().await;
    assert!(!post.queue(&receipt()).await.new);
    post.quiet().await;
    assert_eq!(post.inbox.messages().len(), 1);

    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("mail@hafen.example", &["zoe@example.com".to_owned()][..])
    );
    assert_eq!(mail.shown_from(), "Hafen Köln <mail@hafen.example>");
    assert_eq!(mail.shown_to(), "Zoë <zoe@example.com>");
    assert_eq!(mail.subject(), "Payment received for invoice BER-2026-0002");
    assert_eq!(mail.date().as_deref(), Some("2026-02-01T08:30:00Z"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("X-Coterie-Sandbox").as_deref(), Some("true"));
    assert_eq!(mail.header("Reply-To").as_deref(), Some("office@hafen.example"));
    let message_id = mail.header("Message-ID").unwrap();
    assert!(
        message_id.starts_with('<') && message_id.ends_with("@hafen.example>"),
        "{message_id}"
    );
    assert!(mail.header("Content-Type").unwrap().starts_with("multipart/mixed"));
    assert!(mail.text().contains("EUR 380.80") && mail.text().contains("Hello Zoë,"));
    assert!(mail.html().unwrap().contains("EUR 380.80"));
    let files = mail.attachments();
    assert_eq!(files.len(), 1);
    assert_eq!(
        (files[0].filename.as_str(), files[0].content_type.as_str()),
        ("BER-2026-0002.pdf", "application/pdf")
    );
    assert_eq!(files[0].bytes, receipt().attachments[0].bytes);
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again() {
    let post = Post::new().await;
    post.inbox
        .script([Scripted::Message(451), Scripted::Recipient(450), Scripted::Message(421)]);
    let queued = post.queue(&receipt()).await;
    let _worker = post.start();
    post.settled(queued, MailState::Sent).await;
    post.quiet().await;
    assert_eq!(post.inbox.messages().len(), 1);
    assert_eq!(post.row(queued).await.attempts, 4);
}

#[tokio::test]
async fn a_refused_recipient_is_not_tried_again() {
    for refusal in [Scripted::Recipient(550), Scripted::Message(554)] {
        let post = Post::new().await;
        post.inbox.script([refusal]);
        let queued = post.queue(&receipt()).await;
        let _worker = post.start();
        post.settled(queued, MailState::Suppressed).await;
        post.quiet().await;
        let row = post.row(queued).await;
        assert_eq!(row.attempts, 1);
        assert!(row.last_error.unwrap().contains("as the script says"));
        let mut transaction = post.db.app.begin().await.unwrap();
        coterie_eventlog::set_tenant_in_op(&mut transaction, super::TENANT)
            .await
            .unwrap();
        for (address, refused) in [("zoe@example.com", true), ("ada@example.com", false)] {
            assert_eq!(
                is_refused(&mut transaction, super::TENANT, address).await.unwrap(),
                refused
            );
        }
        assert!(post.inbox.messages().is_empty());
    }
}

#[tokio::test]
async fn no_answer_after_the_message_is_tried_once_more() {
    let post = Post::new().await;
    post.inbox.script([Scripted::HangUp]);
    let queued = post.queue(&receipt()).await;
    let _worker = post.start();
    post.settled(queued, MailState::Sent).await;
    post.quiet().await;
    assert_eq!((post.inbox.messages().len(), post.row(queued).await.attempts), (1, 2));
}

#[tokio::test]
async fn no_answer_twice_stays_undecided() {
    let post = Post::new().await;
    // Between the two a plain deferral, which hands nothing over and so uses nothing up.
    post.inbox.script([
        Scripted::KeepAndHangUp,
        Scripted::Recipient(451),
        Scripted::HangUp,
        Scripted::Take,
    ]);
    let queued = post.queue(&receipt()).await;
    let _worker = post.start();
    post.settled(queued, MailState::Undecidable).await;
    post.quiet().await;
    let row = post.row(queued).await;
    assert_eq!((row.state, row.attempts), (MailState::Undecidable, 3));
    // At most once more than once: the one that was kept, and never a third try.
    assert_eq!(post.inbox.messages().len(), 1);
}

#[tokio::test]
async fn two_jobs_for_one_row_send_it_once() {
    let post = Post::new().await;
    let queued = post.queue(&receipt()).await;
    // As after a rescue: the same work under other keys.
    sqlx::query(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key) \
         select apalis.generate_ulid(), job_type, job, status, attempts, max_attempts, run_at, priority, \
                idempotency_key || n from apalis.jobs, generate_series(1, 7) n",
    )
    .execute(&post.db.owner)
    .await
    .unwrap();
    let _workers = [post.start(), post.start()];
    post.settled(queued, MailState::Sent).await;
    super::eventually("every job has had its turn", || async {
        // One that came while another held the row waits its lease out; the row is settled by then.
        let waiting: i64 =
            sqlx::query_scalar("select count(*) from apalis.jobs where status in ('Pending', 'Queued', 'Running')")
                .fetch_one(&post.db.owner)
                .await
                .unwrap();
        waiting == 0
    })
    .await;
    assert_eq!((post.inbox.messages().len(), post.row(queued).await.attempts), (1, 1));
}

#[tokio::test]
async fn live_mail_waits_for_a_server_rather_than_go_to_the_sandbox() {
    let post = Post::new().await;
    let queued = queue_as(&post.db, &receipt(), false).await;
    let _worker = post.start();
    super::eventually("it was tried", || async { post.row(queued).await.last_error.is_some() }).await;
    assert_eq!(post.row(queued).await.state, MailState::Pending);
    assert_eq!(
        post.row(queued).await.last_error.as_deref(),
        Some("no mail server is configured for live mail")
    );
    assert!(post.inbox.messages().is_empty());
}

#[tokio::test]
async fn with_two_servers_each_letter_goes_to_its_own() {
    let post = Post::new().await;
    let live = Inbox::start("127.0.0.1:0".parse().unwrap(), None).await.unwrap();
    let transports = Transports {
        live: Some(live.url().parse().unwrap()),
        ..post.transports()
    };
    let handler = Arc::new(SendMail::new(post.db.worker.clone(), transports));
    let _worker = start(&post.db.worker, vec![handler], options());
    let second = Letter {
        subject_id: uuid::Uuid::from_u128(2),
        ..receipt()
    };
    let sandbox = queue_as(&post.db, &receipt(), true).await;
    let real = queue_as(&post.db, &second, false).await;
    post.settled(sandbox, MailState::Sent).await;
    post.settled(real, MailState::Sent).await;
    let marked = |inbox: &RunningInbox| -> Vec<bool> {
        inbox
            .messages()
            .iter()
            .map(|mail| mail.header("X-Coterie-Sandbox").is_some())
            .collect()
    };
    assert_eq!((marked(&post.inbox), marked(&live)), (vec![true], vec![false]));
}

#[tokio::test]
async fn a_worker_that_died_while_sending_counts_as_no_answer() {
    // What a worker leaves that dies after handing the message over, for the first and for the second time.
    for (unanswered, state, kept) in [(1, MailState::Sent, 1), (2, MailState::Undecidable, 0)] {
        let post = Post::new().await;
        let queued = post.queue(&receipt()).await;
        sqlx::query("update mail_outbox set unanswered = $1, claimed_until = now() - interval '1 second'")
            .bind(unanswered)
            .execute(&post.db.owner)
            .await
            .unwrap();
        let _worker = post.start();
        post.settled(queued, state).await;
        post.quiet().await;
        assert_eq!(post.inbox.messages().len(), kept);
    }
}

#[tokio::test]
async fn another_tenant_sees_no_letter() {
    let post = Post::new().await;
    let queued = post.queue(&receipt()).await;
    let mut transaction = post.db.app.begin().await.unwrap();
    coterie_eventlog::set_tenant_in_op(&mut transaction, uuid::Uuid::from_u128(2))
        .await
        .unwrap();
    let rows: i64 = sqlx::query_scalar("select count(*) from mail_outbox")
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(rows, 0);
    let mail = coterie_worker::mail::mail(&mut transaction, super::TENANT, queued.mail_id)
        .await
        .unwrap();
    assert!(mail.is_none());
}
