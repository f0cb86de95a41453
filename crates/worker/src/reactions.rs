//! Which events lead to which jobs. A reaction starts at each organization's head, and enqueues in the transaction that
//! moves its checkpoint: nothing is forgotten and nothing is done twice. A rebuild of models never comes here.

use crate::{
    jobs,
    queue::{NewJob, enqueue_in_op},
};
use coterie_eventlog::{BoxFuture, FollowError, Follower, RecordedEvent, StartAt};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// The reactions' name among the checkpoints.
pub const REACTIONS: &str = "reactions";

const MAX_ATTEMPTS: u32 = 12;

pub(crate) struct Reactions;

impl Follower for Reactions {
    fn name(&self) -> &'static str {
        REACTIONS
    }
    fn start_at(&self) -> StartAt {
        StartAt::Head
    }
    fn handle<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        tenant: Uuid,
        batch: &'a [RecordedEvent],
    ) -> BoxFuture<'a, Result<(), FollowError>> {
        Box::pin(async move {
            for event in batch {
                for kind in jobs_for(event) {
                    let job = NewJob {
                        tenant,
                        kind,
                        idempotency_key: event.position.to_string(),
                        payload: json!({ "position": event.position, "stream_id": event.stream_id, "correlation_id": event.correlation_id }),
                        run_at: None,
                        max_attempts: MAX_ATTEMPTS,
                    };
                    enqueue_in_op(&mut *conn, job).await.map_err(FollowError::Database)?;
                }
            }
            Ok(())
        })
    }
}

/// The table of reactions.
fn jobs_for(event: &RecordedEvent) -> &'static [&'static str] {
    match event.event_type.as_str() {
        "LegalEntityCreated" => &[jobs::CONNECT_SANDBOX],
        "MemberSignedUp" => &[jobs::MAIL_CONFIRM],
        "MemberForgotten" => &[jobs::FORGET_CUSTOMER],
        "CreditNoteIssued" => &[jobs::MAIL_CREDIT_NOTE],
        "InvoiceIssued" => &[jobs::COLLECT, jobs::MAIL_INVOICE],
        "PaymentMethodSaved" => &[jobs::COLLECT_OPEN],
        "PaymentSettled" => &[jobs::MAIL_RECEIPT],
        "PaymentFailed" => &[jobs::MAIL_PAYMENT_FAILED],
        "PaymentActionRequired" => &[jobs::MAIL_ACTION_REQUIRED],
        // A first one was booked by its member herself, who knows.
        "BookingConfirmed" if event.version > 1 => &[jobs::MAIL_BOOKING_NEWS],
        "BookingDeclined" | "HoldExpired" => &[jobs::MAIL_BOOKING_NEWS],
        "NoShowRecorded" => &[jobs::MAIL_BOOKING_NEWS, jobs::MAIL_GUESTS],
        "BookingCancelled" | "GuestInvited" | "GuestUninvited" | "BookingMoved" => &[jobs::MAIL_GUESTS],
        "VisitorBookingPaid" => &[jobs::MAIL_VISIT],
        "VisitorPaidLate" | "VisitorCancelled" => &[jobs::REFUND_VISIT, jobs::MAIL_VISIT],
        "WaitlistOffered" => &[jobs::MAIL_WAITLIST_OFFER],
        // One job goes on until there is nothing to do; after a crash it is started again and finds what is missing.
        "InvoiceRunOpened" | "InvoiceRunStarted" | "InvoiceRunResumed" => &[jobs::INVOICE_RUN],
        "PriceChangeAnnounced" | "PriceChangeCalledOff" => &[jobs::PRICE_CHANGE],
        "PlanChangeAnnounced" => &[jobs::MAIL_PRICE_CHANGE],
        "PlanChangeCalledOff" => &[jobs::MAIL_PRICE_CHANGE_OFF],
        "PaymentUnknown" => &[jobs::LOOK_UP],
        _ => &[],
    }
}
