//! The same mail against a mail server that is not ours: aiosmtpd.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use coterie_tests::database;
use coterie_worker::mail::{SendMail, Transports};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::{queue_as, receipt};
use crate::queue::{options, start};

/// Defers the first message and takes the rest; says each as a line of JSON.
const SERVER: &str = r#"
import email, email.policy, json, socket, sys, time
from aiosmtpd.controller import Controller

class Handler:
    offered = 0
    async def handle_DATA(self, server, session, envelope):
        self.offered += 1
        if self.offered == 1:
            return "451 try later"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": message["subject"],
            "message_id": message["message-id"], "auto_submitted": message["auto-submitted"],
            "text": message.get_body(("plain",)).get_content(),
            "html": message.get_body(("html",)).get_content(),
            "files": [[part.get_filename(), list(part.get_content())] for part in message.iter_attachments()],
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
        }), flush=True)
        return "250 taken"

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
Controller(Handler(), hostname="127.0.0.1", port=port).start()
print(port, flush=True)
sys.stdin.read()
"#;

#[tokio::test]
async fn aiosmtpd_takes_the_mail_once_and_finds_no_fault_with_it() {
    let probe = |python: &PathBuf| {
        let probed = std::process::Command::new(python)
            .args(["-c", "import aiosmtpd"])
            .stderr(Stdio::null())
            .status();
        probed.is_ok_and(|status| status.success())
    };
    let Some(python) = coterie_tests::skip::python().filter(probe) else {
        coterie_tests::skip(
            "mail against aiosmtpd",
            "no Python with aiosmtpd; COTERIE_PYTHON may name one",
        );
        return;
    };
    let mut server = Command::new(&python)
        .args(["-c", SERVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let port: u16 = lines.next_line().await.unwrap().unwrap().parse().unwrap();

    let db = database().await;
    let capture = format!("smtp://127.0.0.1:{port}").parse().unwrap();
    let handler = Arc::new(SendMail::new(db.worker.clone(), Transports { capture, live: None }));
    let _worker = start(&db.worker, vec![handler], options());
    assert!(queue_as(&db, &receipt(), true).await.new);

    let line = tokio::time::timeout(crate::queue::PATIENCE, lines.next_line())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let taken: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(taken["from"], "mail@hafen.example");
    assert_eq!(taken["to"], serde_json::json!(["zoe@example.com"]));
    assert_eq!(taken["subject"], receipt().subject);
    assert_eq!(taken["auto_submitted"], "auto-generated");
    assert_eq!(
        taken["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(),
        receipt().text.trim_end()
    );
    assert_eq!(
        taken["html"].as_str().unwrap().replace("\r\n", "\n").trim_end(),
        receipt().html.trim_end()
    );
    assert_eq!(
        taken["files"],
        serde_json::json!([["BER-2026-0002.pdf", receipt().attachments[0].bytes]])
    );
    assert_eq!(taken["defects"], serde_json::json!([]));
    // Closing its standard input ends it; what it had left to say would come before the end.
    drop(server.stdin.take());
    assert_eq!(lines.next_line().await.unwrap(), None);
}
