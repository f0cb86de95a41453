use super::outbox::MailState;
use super::smtp::Delivery;
use crate::queue::JobError;

/// How often a message may be handed over without an answer: once more than the first.
pub(super) const MAX_UNANSWERED: i32 = 2;

/// What a delivery means for the row and for the job.
pub(super) struct Verdict {
    pub state: MailState,
    /// Hand-overs without an answer from now on: an answer settles the one noted before it.
    pub unanswered: i32,
    pub error: Option<String>,
    pub result: Result<(), JobError>,
}

impl Verdict {
    pub(super) fn of(delivery: Delivery, unanswered_before: i32, last_attempt: bool) -> Self {
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
