use sqlx::PgPool;
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use super::outbox::{MailState, mail};
use super::smtp::{CONVERSATION_TIMEOUT, Delivery};
use super::verdict::{MAX_UNANSWERED, Verdict};
use crate::queue::JobError;

/// A claimed row.
#[derive(sqlx::FromRow)]
pub(super) struct Claimed {
    pub recipient: String,
    pub sender: String,
    pub captured: bool,
    pub message: Vec<u8>,
    pub unanswered: i32,
    /// Which claim of the row this is. Whoever stood still until his claim ran out writes nothing any more.
    pub attempts: i32,
}

/// The statements about one row; each is a transaction of its own, so nothing is locked while a
/// mail server thinks.
pub(super) struct Outbox<'a> {
    pub pool: &'a PgPool,
    pub tenant: Uuid,
    pub mail_id: Uuid,
}

impl Outbox<'_> {
    async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        coterie_eventlog::set_tenant_in_op(&mut transaction, self.tenant).await?;
        Ok(transaction)
    }

    /// Takes the row for as long as a conversation may last; `None` if it is settled, spent or
    /// another worker's.
    pub(super) async fn claim(&self) -> Result<Option<Claimed>, sqlx::Error> {
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
             RETURNING recipient, sender, captured, message, unanswered, attempts",
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
    pub(super) async fn not_claimed(&self) -> Result<(), JobError> {
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
                self.settle(&verdict, None).await.map_err(JobError::retry)?;
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

    /// Notes, before the message goes out, that from now on its fate may be unknown. An error when the claim ran out and
    /// somebody else took the row meanwhile: then it is not ours to send.
    pub(super) async fn handing_over(&self, claim: i32) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        let noted = sqlx::query(
            "UPDATE mail_outbox SET unanswered = unanswered + 1 \
             WHERE tenant_id = $1 AND mail_id = $2 AND attempts = $3 AND state IN ('pending', 'undecidable')",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .bind(claim)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if noted.rows_affected() == 0 {
            return Err(sqlx::Error::RowNotFound);
        }
        Ok(())
    }

    /// Writes down what became of it, unless the row was claimed again since `claim`.
    pub(super) async fn settle(&self, verdict: &Verdict, claim: Option<i32>) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE mail_outbox SET state = $3, last_error = $4, claimed_until = NULL, \
               unanswered = $5, \
               sent_at = CASE WHEN $3 = 'sent' THEN now() END \
             WHERE tenant_id = $1 AND mail_id = $2 AND ($6::integer IS NULL OR attempts = $6)",
        )
        .bind(self.tenant)
        .bind(self.mail_id)
        .bind(verdict.state.as_str())
        .bind(&verdict.error)
        .bind(verdict.unanswered)
        .bind(claim)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}
