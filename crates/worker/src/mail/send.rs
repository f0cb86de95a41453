use futures::future::BoxFuture;
use sqlx::PgPool;
use uuid::Uuid;

use super::claim::{Claimed, Outbox};
use super::smtp::{Delivery, Parcel, deliver};
use super::transport::Transports;
use super::verdict::Verdict;
use crate::queue::{Job, JobError, JobHandler};

/// The kind of the job that sends one letter.
pub const SEND_MAIL: &str = "send_mail";

/// With the queue's backoff this keeps trying for about half a day.
pub(super) const MAX_ATTEMPTS: u32 = 22;

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

    fn run(&self, job: Job) -> BoxFuture<'_, Result<(), JobError>> {
        Box::pin(self.send(job))
    }
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
        outbox
            .settle(&verdict, Some(claimed.attempts))
            .await
            .map_err(JobError::retry)?;
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
        // Boxed: a TLS connection makes a large future.
        Box::pin(deliver(server, parcel, outbox.handing_over(claimed.attempts))).await
    }
}
