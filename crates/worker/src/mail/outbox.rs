use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::render::render;
use super::send::{MAX_ATTEMPTS, SEND_MAIL};
use super::{Letter, RenderError, Sender};
use crate::queue::{NewJob, enqueue_in_op};

/// What became of a letter that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailQueued {
    /// The row, the same for the same (kind, subject, recipient).
    pub mail_id: Uuid,
    /// False if this very letter was asked for before: nothing was changed and nothing will be
    /// sent again.
    pub new: bool,
}

/// Why a letter could not be queued.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It could not be rendered.
    #[error("could not render the email")]
    Render(#[from] RenderError),
    /// The database refused.
    #[error("could not write the email to the outbox")]
    Database(#[from] sqlx::Error),
}

/// Adds a letter, and the job that sends it, to the caller's transaction, which must have named
/// its tenant. `now_wall` becomes the letter's Date.
///
/// # Errors
/// If the letter cannot be rendered or the database refuses. That it was asked for before is no
/// error.
pub async fn queue_in_op(
    conn: &mut PgConnection,
    tenant: Uuid,
    sender: &Sender,
    letter: &Letter,
    now_wall: jiff::Timestamp,
) -> Result<MailQueued, MailError> {
    let recipient = letter.recipient.email();
    let mail_id = mail_id(tenant, letter.kind, letter.subject_id, &recipient);
    let rendered = render(tenant, sender, letter, now_wall)?;
    let inserted = sqlx::query(
        "INSERT INTO mail_outbox (tenant_id, mail_id, kind, subject_id, recipient, sender, \
           captured, message_id, message, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(tenant)
    .bind(mail_id)
    .bind(letter.kind)
    .bind(letter.subject_id)
    .bind(&recipient)
    .bind(sender.from.email())
    .bind(sender.captured)
    .bind(rendered.message_id)
    .bind(rendered.bytes)
    .bind(now_wall.to_sqlx())
    .execute(&mut *conn)
    .await?;
    let new = inserted.rows_affected() == 1;
    if new {
        let job = NewJob {
            tenant,
            kind: SEND_MAIL,
            idempotency_key: mail_id.to_string(),
            payload: serde_json::json!({ "mail_id": mail_id }),
            run_at: None,
            max_attempts: MAX_ATTEMPTS,
        };
        enqueue_in_op(conn, job).await?;
    }
    Ok(MailQueued { mail_id, new })
}

/// The id of the letter of one kind about one subject to one address.
fn mail_id(tenant: Uuid, kind: &str, subject_id: Uuid, recipient: &str) -> Uuid {
    Uuid::new_v5(&tenant, format!("{kind}/{subject_id}/{recipient}").as_bytes())
}

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// To be sent, or to be tried again.
    Pending,
    /// A server took it.
    Sent,
    /// The recipient was refused for good: the address is wrong or closed.
    Suppressed,
    /// Handed over without an answer: it may or may not have arrived.
    Undecidable,
    /// Given up after the last attempt.
    Failed,
}

impl MailState {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Undecidable => "undecidable",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self, sqlx::Error> {
        [
            Self::Pending,
            Self::Sent,
            Self::Suppressed,
            Self::Undecidable,
            Self::Failed,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| sqlx::Error::Decode(format!("unknown mail state {word:?}").into()))
    }
}

/// A letter in the outbox, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Which letter.
    pub mail_id: Uuid,
    /// The address it goes to.
    pub recipient: String,
    /// Where it stands.
    pub state: MailState,
    /// How often sending was begun.
    pub attempts: i32,
    /// What went wrong last, a sentence.
    pub last_error: Option<String>,
}

/// One letter, if it was ever asked for, by [`MailQueued::mail_id`]. The transaction must have named
/// its tenant.
///
/// # Errors
/// Whatever the database says.
pub async fn mail(conn: &mut PgConnection, tenant: Uuid, mail_id: Uuid) -> Result<Option<MailRow>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT recipient, state, attempts, last_error FROM mail_outbox \
         WHERE tenant_id = $1 AND mail_id = $2",
    )
    .bind(tenant)
    .bind(mail_id)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(MailRow {
            mail_id,
            recipient: row.try_get("recipient")?,
            state: MailState::parse(row.try_get("state")?)?,
            attempts: row.try_get("attempts")?,
            last_error: row.try_get("last_error")?,
        })
    })
    .transpose()
}

/// Whether a server ever refused this address for good, so that a page can say it needs correcting. The
/// transaction must have named its tenant.
///
/// # Errors
/// Whatever the database says.
pub async fn is_refused(conn: &mut PgConnection, tenant: Uuid, recipient: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM mail_outbox \
         WHERE tenant_id = $1 AND recipient = $2 AND state = 'suppressed')",
    )
    .bind(tenant)
    .bind(recipient)
    .fetch_one(conn)
    .await
}
