//! What a use case can answer instead of its outcome. It is turned into a page or problem+json in one place of `web`.

use coterie_domain::{DecodeError, Refusal};
use coterie_eventlog::{
    AppendError, FollowError,
    seal::{KeyError, OpenError, SealError},
};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum UseCaseError {
    /// The domain said no; nothing was written.
    #[error("refused: {}", .0.sentence)]
    Refused(Box<Refusal>),
    #[error("there is no such thing for this caller")]
    NotFound,
    #[error("the caller may not do this")]
    Forbidden,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Somebody else changed the same thing at the same moment, or the database is short of breath: ask again.
    #[error("busy: {0}")]
    Busy(&'static str),
    #[error("a recorded event could not be read")]
    Decode(#[from] DecodeError),
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// Something the house believed does not hold; the sentence is for the log, not for people.
    #[error("broken: {0}")]
    Broken(String),
}

impl From<Refusal> for UseCaseError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<sqlx::Error> for UseCaseError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy("no database connection is free");
        }
        // 40001 serialization failure, 40P01 deadlock, 55P03 lock timeout, 57014 statement timeout.
        match error
            .as_database_error()
            .and_then(|database| database.code().map(std::borrow::Cow::into_owned))
            .as_deref()
        {
            Some("40001" | "40P01" | "55P03" | "57014") => Self::Busy("the database is busy with the same thing"),
            _ => Self::Database(error),
        }
    }
}

impl From<AppendError> for UseCaseError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::VersionConflict { .. } => Self::Busy("somebody else changed this at the same moment"),
            AppendError::CommandKeyTaken => Self::Busy("the same command is being carried out"),
            AppendError::Empty => Self::Broken("a command without events was appended".to_owned()),
            AppendError::Database(error) => error.into(),
        }
    }
}

impl From<SealError> for UseCaseError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Forgotten(_) => Refusal::conflict(
                "forgotten",
                "This person was forgotten at her wish: nothing personal is written of her again.",
            )
            .into(),
            SealError::Database(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

impl From<OpenError> for UseCaseError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Database(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

/// What an event that cannot be opened means for a follower: a master key can still be given, a changed leaf stays so.
pub(crate) fn while_following(error: OpenError, first: i64) -> FollowError {
    match error {
        OpenError::Database(error) => FollowError::Database(error),
        OpenError::Key(error @ KeyError::MasterMissing(_)) => {
            FollowError::Database(sqlx::Error::Configuration(error.into()))
        }
        error => FollowError::Poison {
            position: error.position().unwrap_or(first),
            reason: error.to_string(),
        },
    }
}

impl UseCaseError {
    /// Whether the error is the constraint of this name, so that a backstop can be told as the refusal it means.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Database(error) if error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) == Some(name))
    }
    /// The refusal's code, for those who act on it.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }
}
