use std::time::Duration;

use futures::future::BoxFuture;
use uuid::Uuid;

/// One run of one job.
#[derive(Debug, Clone)]
pub struct Job {
    /// apalis' id of the row.
    pub id: String,
    /// Whose job it is; `Uuid::nil()` for the installation's own.
    pub tenant: Uuid,
    /// Which handler runs it.
    pub kind: String,
    /// What was enqueued.
    pub payload: serde_json::Value,
    /// Which start this is; the first is 1.
    pub attempt: u32,
    /// The last start there will be.
    pub max_attempts: u32,
}

impl Job {
    /// Whether a [`JobError::Retry`] would kill the job.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt >= self.max_attempts
    }
}

/// How a job ends when it does not succeed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Try again: after the given time, or after the queue's own backoff. On the last attempt the
    /// job is killed instead.
    #[error("{reason}")]
    Retry {
        /// A sentence for the row and the log.
        reason: String,
        /// How long to wait; `None` for exponential backoff.
        after: Option<Duration>,
    },
    /// Never again: the job is killed with this reason.
    #[error("{reason}")]
    Fail {
        /// A sentence for the row and the log.
        reason: String,
    },
}

impl JobError {
    /// Retry with the queue's backoff.
    pub fn retry(reason: impl std::fmt::Display) -> Self {
        Self::Retry {
            reason: reason.to_string(),
            after: None,
        }
    }

    /// Never again.
    pub fn fail(reason: impl std::fmt::Display) -> Self {
        Self::Fail {
            reason: reason.to_string(),
        }
    }
}

/// Does one kind of job. A job may run more than once, see the module's page.
pub trait JobHandler: Send + Sync + 'static {
    /// The kind it handles, as in [`super::NewJob::kind`].
    fn kind(&self) -> &'static str;

    /// Does the job. A panic counts as [`JobError::Retry`].
    fn run(&self, job: Job) -> BoxFuture<'_, Result<(), JobError>>;
}
