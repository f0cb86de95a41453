use futures::future::BoxFuture;
use sqlx::postgres::types::PgInterval;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::outbox::{MailState, mail};
use super::smtp::{CONVERSATION_TIMEOUT, Delivery, Parcel, deliver};
use super::transport::Transports;
use crate::queue::{Job, JobError, JobHandler};

/// The kind of the job that sends one letter.
pub const SEND_MAIL: &str = "send_mail";

/// With the queue's backoff this keeps trying for about half a day.
pub(super) const MAX_ATTEMPTS: u32 = 22;

/// How often a message may be handed over without an answer: once more than the first.
const MAX_UNANSWERED: i32 = 2;

/// Sends what is in the outbox.
pub struct SendMail {
    pool: PgPool,
    transports: Transports,
}

impl SendMail {
    /// `pool` connects as `coterie_worker`.
    pub fn new(pool: PgPool, transports: Transports) -> Self {
        Self { pool, transports }
    }
}

impl JobHandler for SendMail {
    fn kind(&self) -> &'static str {
        SEND_MAIL
    }

    fn run<'a>(&'a self, job: Job) -> BoxFuture<'a, Result<(), JobError>> {
        Box::pin(self.send(job))
    }
}

/// A claimed row.
#[derive(sqlx::FromRow)]
struct Claimed {
    recipient: String,
    sender: String,
    captured: bool,
    message: Vec<u8>,
    unanswered: i32,
}

impl SendMail {
    async fn send(&self, job: Job) -> Result<(), JobError> {
        #[derive(serde::Deserialize)]
        struct Payload {
            mail_id: Uuid,
        }
        let Payload { mail_id } = serde_json::from_value(job.payload.clone())
            .map_err(|error| JobError::fail(format!("not a mail job: {error}")))?;
        let outbox = Outbox {
            pool: &self.pool,
            tenant: job.tenant,
            mail_id,
        };
        let Some(claimed) = outbox.claim().await.map_err(JobError::retry)? else {
            return outbox.not_claimed().await;
        };
        let delivery = self.deliver(&outbox, &claimed).await;
        let verdict = Verdict::of(delivery, claimed.unanswered, job.is_last_attempt());
        outbox.settle(&verdict).await.map_err(JobError::retry)?;
        verdict.result
    }

    async fn deliver(&self, outbox: &Outbox<'_>, claimed: &Claimed) -> Delivery {
        let Some(server) = self.transports.for_kind(claimed.captured) else {
            return Delivery::Deferred("no mail server is configured for live mail".to_owned());
        };
        let (Ok(from), Ok(to)) = (claimed.sender.parse(), claimed.recipient.parse()) else {
            return Delivery::Refused("the address is not one".to_owned());
        };
        let parcel = Parcel {
            from,
            to,
            bytes: &claimed.message,
        };
        deliver(server, parcel, outbox.handing_over()).await
    }
}

/// What a delivery means for the row and for the job.
struct Verdict {
    state: MailState,
    /// Hand-overs without an answer from now on: an answer settles the one noted before it.
    unanswered: i32,
    error: Option<String>,
    result: Result<(), JobError>,
}

impl Verdict {
    fn of(delivery: Delivery, unanswered_before: i32, last_attempt: bool) -> Self {
        match delivery {
            Delivery::Sent => Self {
                state: MailState::Sent,
                unanswered: unanswered_before,
                error: None,
                result: Ok(()),
            },
            Delivery::Deferred(reason) => Self {
                state: match (last_attempt, unanswered_before) {
                    (true, _) => MailState::Failed,
                    (false, 0) => MailState::Pending,
                    (false, _) => MailState::Undecidable,
                },
                unanswered: unanswered_before,
                result: Err(JobError::retry(&reason)),
                error: Some(reason),
            },
            Delivery::Refused(reason) => Self {
                state: MailState::Suppressed,
                unanswered: unanswered_before,
                // The queue did its part: the row says what a person should know.
                result: Ok(()),
                error: Some(reason),
            },
            Delivery::Unanswered(reason) => Self {
                state: MailState::Undecidable,
                unanswered: unanswered_before + 1,
                result: if unanswered_before + 1 < MAX_UNANSWERED {
                    Err(JobError::retry(&reason))
                } else {
                    Err(JobError::fail(format!("handed over twice without an answer: {reason}")))
                },
                error: Some(reason),
            },
        }
    }
}

/// The statements about one row; each is a transaction of its own, so nothing is locked while a
/// mail server thinks.
struct Outbox<'a> {
    pool: &'a PgPool,
    tenant: Uuid,
    mail_id: Uuid,
}

impl Outbox<'_> {
    async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        set_tenant(&mut transaction, self.tenant).await?;
        Ok(transaction)
    }

    /// Takes the row for as long as a conversation may last; `None` if it is settled, spent or
    /// another worker's.
    async fn claim(&self) -> Result<Option<Claimed>, sqlx::Error> {
        let lease = PgInterval {
            months: 0,
            days: 0,
            microseconds: i64::try_from(CONVERSATION_TIMEOUT.as_micros()).unwrap_or(i64::MAX),
        };
        let mut transaction = self.begin().await?;
        let claimed = sqlx::query_as(
            "UPDATE mail_outbox SET attempts = attempts + 1, claimed_until = now() + $3 \
             WHERE tenant_id = $1 AND mail_id = $2 AND state IN ('pending', 'undecidable') \
               AND unanswered < $4 AND (claimed_until IS NULL OR claimed_until < now()) \
             RETURNING recipient, sender, captured, message, unanswered",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .bind(lease)
        .bind(MAX_UNANSWERED)
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Why there was nothing to claim, as the job's result.
    async fn not_claimed(&self) -> Result<(), JobError> {
        let mut transaction = self.begin().await.map_err(JobError::retry)?;
        let row: Option<(String, i32)> = sqlx::query_as(
            "SELECT state, unanswered FROM mail_outbox WHERE tenant_id = $1 AND mail_id = $2 \
             AND (claimed_until IS NULL OR claimed_until < now())",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(JobError::retry)?;
        let row = match row {
            Some((state, unanswered)) => Some((MailState::parse(&state).map_err(JobError::retry)?, unanswered)),
            None => None,
        };
        match row {
            Some((MailState::Sent | MailState::Suppressed | MailState::Failed, _)) => Ok(()),
            Some((_, unanswered)) if unanswered >= MAX_UNANSWERED => {
                // A worker stopped after handing over for the second time and could not say so.
                let reason = "the worker stopped after handing the message over";
                let verdict = Verdict::of(Delivery::Unanswered(reason.to_owned()), unanswered - 1, true);
                self.settle(&verdict).await.map_err(JobError::retry)?;
                verdict.result
            }
            Some(_) | None => {
                if mail(&mut transaction, self.tenant, self.mail_id)
                    .await
                    .map_err(JobError::retry)?
                    .is_none()
                {
                    return Err(JobError::fail("the outbox has no such row"));
                }
                Err(JobError::Retry {
                    reason: "another worker is sending it".to_owned(),
                    after: Some(CONVERSATION_TIMEOUT),
                })
            }
        }
    }

    /// Notes, before the message goes out, that from now on its fate may be unknown.
    async fn handing_over(&self) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE mail_outbox SET unanswered = unanswered + 1 \
             WHERE tenant_id = $1 AND mail_id = $2",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    async fn settle(&self, verdict: &Verdict) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE mail_outbox SET state = $3, last_error = $4, claimed_until = NULL, \
               unanswered = $5, \
               sent_at = CASE WHEN $3 = 'sent' THEN now() END \
             WHERE tenant_id = $1 AND mail_id = $2",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .bind(verdict.state.as_str())
        .bind(&verdict.error)
        .bind(verdict.unanswered)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}

async fn set_tenant(conn: &mut PgConnection, tenant: Uuid) -> Result<(), sqlx::Error> {
    coterie_eventlog::set_tenant_in_op(conn, tenant).await
}
