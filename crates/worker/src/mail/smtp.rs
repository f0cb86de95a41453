//! One message over SMTP, step by step.
//!
//! lettre's transport makes one call of it and cannot say whether a connection that broke had
//! already handed the message over; that is the one thing we must know. So these are lettre's
//! connection and commands, in our own order.

use std::future::Future;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};

use super::SmtpUrl;
use super::transport::Security;

/// Longest wait for any one answer; RFC 5321 section 4.5.3.2 allows minutes, a job queue does not.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

/// Longest whole conversation: connect, greet, STARTTLS, greet, log in, three commands, message.
pub(super) const CONVERSATION_TIMEOUT: Duration = Duration::from_mins(3);

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took responsibility for it.
    Sent,
    /// Not this time: a 4xx answer, no connection, or a fault on our side of the conversation. The
    /// message is certainly not delivered.
    Deferred(String),
    /// The server refused this recipient or this message for good (5xx).
    Refused(String),
    /// It was handed over and no answer came: it may or may not be delivered.
    Unanswered(String),
}

/// A message and its envelope.
pub(super) struct Parcel<'a> {
    pub from: Address,
    pub to: Address,
    pub bytes: &'a [u8],
}

/// Sends one message. `handing_over` is awaited right before the message itself goes out; if it
/// fails, nothing is handed over.
pub(super) async fn deliver<F>(server: &SmtpUrl, parcel: Parcel<'_>, handing_over: F) -> Delivery
where
    F: Future<Output = Result<(), sqlx::Error>>,
{
    let mut connection = match step("connecting", connect(server)).await {
        Ok(connection) => connection,
        // A refusal before the recipient was named says nothing about the recipient.
        Err(fault) => return Delivery::Deferred(fault.sentence),
    };
    let delivery = converse(&mut connection, parcel, handing_over).await;
    if matches!(delivery, Delivery::Unanswered(_)) || connection.has_broken() {
        return delivery;
    }
    // The answer is known; a server that does not say goodbye changes nothing.
    let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
    delivery
}

async fn converse<F>(connection: &mut AsyncSmtpConnection, parcel: Parcel<'_>, handing_over: F) -> Delivery
where
    F: Future<Output = Result<(), sqlx::Error>>,
{
    // lettre renders 7-bit bodies unless told otherwise, but headers of attachments may not be.
    let mut parameters = Vec::new();
    if !parcel.bytes.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    if let Err(fault) = step(
        "MAIL FROM",
        connection.command(Mail::new(Some(parcel.from), parameters)),
    )
    .await
    {
        return Delivery::Deferred(fault.sentence);
    }
    if let Err(fault) = step("RCPT TO", connection.command(Rcpt::new(parcel.to, Vec::new()))).await {
        return fault.before_handing_over();
    }
    if let Err(fault) = step("DATA", connection.command(Data)).await {
        return fault.before_handing_over();
    }
    if let Err(error) = handing_over.await {
        return Delivery::Deferred(format!("could not note the hand-over: {error}"));
    }
    match step("the message", connection.message(parcel.bytes)).await {
        Ok(_) => Delivery::Sent,
        Err(fault) => match fault.answer {
            Some(Answer::Later) => Delivery::Deferred(fault.sentence),
            Some(Answer::Never) => Delivery::Refused(fault.sentence),
            None => Delivery::Unanswered(fault.sentence),
        },
    }
}

async fn connect(server: &SmtpUrl) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
    let hello = ClientId::default();
    let tls = match server.security {
        Security::Plain => None,
        Security::StartTls | Security::Tls => Some(TlsParameters::new(server.host.clone())?),
    };
    let implicit = if server.security == Security::Tls {
        tls.clone()
    } else {
        None
    };
    let mut connection = AsyncSmtpConnection::connect_tokio1(
        (server.host.as_str(), server.port),
        Some(STEP_TIMEOUT),
        &hello,
        implicit,
        None,
    )
    .await?;
    if let (Security::StartTls, Some(tls)) = (server.security, tls) {
        // Fails if the server does not offer it: mail never leaves this machine in the clear.
        connection.starttls(tls, &hello).await?;
    }
    if let Some(credentials) = &server.credentials {
        connection.auth(DEFAULT_MECHANISMS, credentials).await?;
    }
    Ok(connection)
}

enum Answer {
    Later,
    Never,
}

struct Fault {
    sentence: String,
    answer: Option<Answer>,
}

impl Fault {
    fn before_handing_over(self) -> Delivery {
        match self.answer {
            Some(Answer::Never) => Delivery::Refused(self.sentence),
            Some(Answer::Later) | None => Delivery::Deferred(self.sentence),
        }
    }
}

async fn step<T>(
    name: &str,
    answer: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Fault> {
    match tokio::time::timeout(STEP_TIMEOUT, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            let answer = if error.is_permanent() {
                Some(Answer::Never)
            } else if error.is_transient() {
                Some(Answer::Later)
            } else {
                None
            };
            Err(Fault {
                sentence: format!("{name}: {}", sentence(&error)),
                answer,
            })
        }
        Err(_) => Err(Fault {
            sentence: format!("{name}: no answer within {} s", STEP_TIMEOUT.as_secs()),
            answer: None,
        }),
    }
}

/// The error and what caused it, in one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !sentence.contains(&cause_text) {
            sentence = format!("{sentence}: {cause_text}");
        }
        source = cause.source();
    }
    sentence
}
