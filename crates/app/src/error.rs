//! What a use case can answer instead of its outcome. It is turned into a page or problem+json in one place of `web`.

use crate::trouble::{Trouble, trouble};
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
    /// Somebody else changed the same thing at the same moment and this transaction was undone: decide again.
    #[error("contended: {0}")]
    Contended(&'static str),
    /// The database is short of breath: ask again in a moment.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// The database cannot be reached or cannot work.
    #[error("the database is away")]
    Unavailable(#[source] sqlx::Error),
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
        match trouble(&error) {
            Some(Trouble::Contended) => Self::Contended("the database undid it for another transaction"),
            Some(Trouble::Busy) => Self::Busy("the database is busy, or no connection to it is free"),
            Some(Trouble::Away) => Self::Unavailable(error),
            None => Self::Database(error),
        }
    }
}

impl From<AppendError> for UseCaseError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::VersionConflict { .. } => Self::Contended("somebody else changed this at the same moment"),
            AppendError::CommandKeyTaken => Self::Contended("the same command is being carried out"),
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
    /// Whether waiting may help: nothing is wrong with what was asked.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Contended(_) | Self::Busy(_) | Self::Unavailable(_))
    }
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
