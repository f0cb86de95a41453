//! The one place where what a use case answers becomes what a person or a client is told.

use coterie_app::UseCaseError;
use coterie_domain::{Refusal, RefusalKind};
use http::StatusCode;

use crate::failure::{Failure, FieldError};

/// Seconds after which asking again makes sense when the database is short of breath.
const RETRY_AFTER_SECONDS: u32 = 1;
/// The same when the database is away: it takes a few seconds to come back.
const AWAY_SECONDS: u32 = 3;

pub(crate) fn failure(error: UseCaseError) -> Failure {
    match error {
        UseCaseError::Refused(refusal) => refused(*refusal),
        UseCaseError::NotFound => Failure::not_found(),
        UseCaseError::Forbidden => Failure::forbidden(),
        UseCaseError::KeyReused => Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "Key used before",
            "This Idempotency-Key was used for another request. Send a new key, or the same request as before.",
        ),
        UseCaseError::Contended(why) | UseCaseError::Busy(why) => {
            tracing::info!(why, "a command was turned away for the moment");
            Failure::busy(RETRY_AFTER_SECONDS)
        }
        UseCaseError::Unavailable(error) => {
            tracing::error!(%error, "the database is away");
            Failure::away(AWAY_SECONDS)
        }
        other => Failure::internal(&other),
    }
}

fn refused(refusal: Refusal) -> Failure {
    let (status, title) = match refusal.kind {
        RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "Please check what you entered"),
        RefusalKind::Conflict => (StatusCode::CONFLICT, "Not possible as things stand"),
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        RefusalKind::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
    };
    let mut failure = Failure::new(status, refusal.code, title, refusal.sentence);
    failure.fields = refusal
        .fields
        .into_iter()
        .map(|fault| FieldError::new(fault.field, fault.message))
        .collect();
    failure.extra = refusal.extra;
    failure
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(refusal)
    }
}
