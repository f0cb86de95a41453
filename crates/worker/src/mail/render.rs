use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, MultiPart, SinglePart};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::address::one_line;
use super::{Letter, Sender};

/// Why a letter could not be made into a message.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// An attachment's media type is not one.
    #[error("{content_type:?} of the attachment {filename:?} is not a media type")]
    ContentType {
        /// Which attachment.
        filename: String,
        /// What was given.
        content_type: String,
    },
    /// The headers or parts do not fit together.
    #[error("could not put the message together")]
    Message(#[from] lettre::error::Error),
}

/// A finished message.
#[derive(Debug)]
pub(super) struct Rendered {
    pub message_id: String,
    pub bytes: Vec<u8>,
}

/// Makes the bytes that go over the wire. The same letter gives the same bytes: Message-ID and MIME
/// boundaries come from what makes the letter unique, the Date is given.
pub(super) fn render(
    tenant: Uuid,
    sender: &Sender,
    letter: &Letter,
    date: jiff::Timestamp,
) -> Result<Rendered, RenderError> {
    let digest = identity(tenant, letter);
    let message_id = format!("<{}@{}>", &digest[..40], sender.from.mailbox().email.domain());
    let mut builder = Message::builder()
        .from(sender.from.mailbox().clone())
        .to(letter.recipient.mailbox().clone())
        .subject(one_line(&letter.subject))
        .date(SystemTime::from(date))
        .message_id(Some(message_id.clone()))
        // RFC 3834: no out-of-office answers to a machine.
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(reply_to.mailbox().clone());
    }
    if sender.captured {
        builder = builder.raw_header(header("X-Coterie-Sandbox", "true"));
    }
    let bodies = MultiPart::alternative()
        .boundary(format!("alternative-{}", &digest[40..]))
        .singlepart(SinglePart::plain(letter.text.clone()))
        .singlepart(SinglePart::html(letter.html.clone()));
    let message = if letter.attachments.is_empty() {
        builder.multipart(bodies)?
    } else {
        let mut mixed = MultiPart::mixed()
            .boundary(format!("mixed-{}", &digest[40..]))
            .multipart(bodies);
        for attachment in &letter.attachments {
            let content_type: ContentType = attachment.content_type.parse().map_err(|_| RenderError::ContentType {
                filename: attachment.filename.clone(),
                content_type: attachment.content_type.clone(),
            })?;
            mixed = mixed
                .singlepart(Part::new(one_line(&attachment.filename)).body(attachment.bytes.clone(), content_type));
        }
        builder.multipart(mixed)?
    };
    Ok(Rendered {
        message_id,
        bytes: message.formatted(),
    })
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// SHA-256 in hex over what makes a letter unique, each part with its length before it.
fn identity(tenant: Uuid, letter: &Letter) -> String {
    use std::fmt::Write as _;

    let recipient = letter.recipient.email();
    let mut hasher = Sha256::new();
    for part in [
        tenant.as_bytes().as_slice(),
        letter.kind.as_bytes(),
        letter.subject_id.as_bytes(),
        recipient.as_bytes(),
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Address, Attachment};
    use super::*;

    fn letter() -> Letter {
        Letter {
            kind: "receipt",
            subject_id: Uuid::from_u128(7),
            recipient: Address::new(Some("Ada\r\nBcc: eve@example.com"), "ada@example.com").unwrap(),
            subject: "Paid\r\nX-Evil: 1".to_owned(),
            text: "Thank you.".to_owned(),
            html: "<p>Thank you.</p>".to_owned(),
            attachments: vec![Attachment {
                filename: "invoice.pdf".to_owned(),
                content_type: "application/pdf".to_owned(),
                bytes: b"%PDF".to_vec(),
            }],
            reply_to: None,
        }
    }

    fn sender() -> Sender {
        Sender {
            from: Address::new(Some("Harbour"), "mail@harbour.example").unwrap(),
            captured: true,
        }
    }

    #[test]
    fn same_letter_same_bytes_and_no_header_can_be_smuggled_in() {
        let date = jiff::Timestamp::UNIX_EPOCH;
        let once = render(Uuid::from_u128(1), &sender(), &letter(), date).unwrap();
        let again = render(Uuid::from_u128(1), &sender(), &letter(), date).unwrap();
        assert_eq!(once.bytes, again.bytes);
        let text = String::from_utf8(once.bytes).unwrap();
        let headers = text.split("\r\n\r\n").next().unwrap();
        assert!(
            !headers.contains("\nBcc:") && !headers.contains("\nX-Evil:"),
            "{headers}"
        );
        let other = render(Uuid::from_u128(2), &sender(), &letter(), date).unwrap();
        assert_ne!(once.message_id, other.message_id);
        insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
        From: Harbour <mail@harbour.example>
        To: =?utf-8?b?QWRhICBCY2M6IGV2ZUBleGFtcGxlLmNvbQ==?= <ada@example.com>
        Subject: Paid  X-Evil: 1
        Date: Thu, 01 Jan 1970 00:00:00 +0000
        Message-ID: <c89a60b16881bfa5009ee4214560c233518d7966@harbour.example>
        Auto-Submitted: auto-generated
        X-Coterie-Sandbox: true
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="mixed-787926642cf471b16d9a8cf1"

        --mixed-787926642cf471b16d9a8cf1
        Content-Type: multipart/alternative;
         boundary="alternative-787926642cf471b16d9a8cf1"

        --alternative-787926642cf471b16d9a8cf1
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 7bit

        Thank you.
        --alternative-787926642cf471b16d9a8cf1
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: 7bit

        <p>Thank you.</p>
        --alternative-787926642cf471b16d9a8cf1--
        --mixed-787926642cf471b16d9a8cf1
        Content-Disposition: attachment; filename="invoice.pdf"
        Content-Type: application/pdf
        Content-Transfer-Encoding: 7bit

        %PDF
        --mixed-787926642cf471b16d9a8cf1--
        "#);
    }
}
