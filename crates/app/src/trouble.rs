//! What the database's own trouble means for whoever asked. A use case is one transaction, so what the database gave up
//! left nothing behind: most of it is worth another try, some of it at once.

use crate::{App, Caller, Operation, Outcome, Start, UseCaseError};
use serde::de::DeserializeOwned;

/// How often a command is carried out at once when it only met somebody else.
const TRIES: u32 = 4;

/// Kinds of trouble, by what helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Two transactions met and this one was undone: deciding again at once may well go through.
    Contended,
    /// It waited too long: ask again in a moment.
    Busy,
    /// The database is away, going away, coming back, or out of room. Of a commit that was under way nobody can say
    /// whether it went through; the same command key finds out.
    Away,
}

/// The trouble behind an error, or `None` for one that will come again however often it is tried.
pub fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    match error {
        sqlx::Error::PoolTimedOut => Some(Trouble::Busy),
        sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Some(Trouble::Away),
        sqlx::Error::Database(database) => of_state(&database.code()?),
        _ => None,
    }
}

/// By SQLSTATE (PostgreSQL's appendix A).
fn of_state(state: &str) -> Option<Trouble> {
    match state {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Some(Trouble::Contended),
        // lock_not_available, query_canceled (a statement's time limit)
        "55P03" | "57014" => Some(Trouble::Busy),
        // statement_completion_unknown; read_only_sql_transaction (a stand-by answers); the two time limits of a session
        "40003" | "25006" | "25P03" | "25P04" => Some(Trouble::Away),
        // 08 connection, 53 out of resources (disk, memory, connections), 57P shutting down or starting up, 58 the
        // system below it.
        _ if ["08", "53", "57P", "58"].iter().any(|class| state.starts_with(class)) => Some(Trouble::Away),
        _ => None,
    }
}

/// Carries a command out, again at once when it only met somebody else at the same moment: its transaction was undone
/// whole, so trying again repeats nothing. Of twins under one command key the loser, whatever it was told, hears the
/// winner's outcome.
pub(crate) async fn carry_out<T, F>(app: &App, caller: &Caller, attempt: impl Fn() -> F) -> Outcome<T>
where
    T: DeserializeOwned,
    F: Future<Output = Outcome<T>>,
{
    let answer = again(attempt).await;
    if caller.idempotency.is_some()
        && let Err(UseCaseError::Refused(_)) = &answer
        && let Start::Replay(done) = Operation::begin(app, caller).await?
    {
        return Ok(done);
    }
    answer
}

/// Tries one transaction again while it only meets others.
pub async fn again<T, F>(attempt: impl Fn() -> F) -> Result<T, UseCaseError>
where
    F: Future<Output = Result<T, UseCaseError>>,
{
    for _ in 1..TRIES {
        match attempt().await {
            Err(UseCaseError::Contended(why)) => tracing::debug!(why, "tried again at once"),
            answer => return answer,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_helps_is_read_off_the_state() {
        for (state, expected) in [
            ("40001", Some(Trouble::Contended)),
            ("40P01", Some(Trouble::Contended)),
            ("55P03", Some(Trouble::Busy)),
            ("57014", Some(Trouble::Busy)),
            ("08006", Some(Trouble::Away)),
            ("53100", Some(Trouble::Away)),
            ("53300", Some(Trouble::Away)),
            ("57P01", Some(Trouble::Away)),
            ("57P03", Some(Trouble::Away)),
            ("58030", Some(Trouble::Away)),
            ("25006", Some(Trouble::Away)),
            ("23505", None),
            ("42P01", None),
            ("CT001", None),
        ] {
            assert_eq!(of_state(state), expected, "{state}");
        }
        assert_eq!(trouble(&sqlx::Error::PoolTimedOut), Some(Trouble::Busy));
        assert_eq!(trouble(&sqlx::Error::PoolClosed), Some(Trouble::Away));
        assert_eq!(trouble(&sqlx::Error::RowNotFound), None);
    }

    #[tokio::test]
    async fn meeting_somebody_is_tried_again_and_nothing_else_is() {
        let tries = Cell::new(0);
        let once_in_the_way = || async {
            tries.set(tries.get() + 1);
            if tries.get() == 1 {
                Err(UseCaseError::Contended("in the way"))
            } else {
                Ok(tries.get())
            }
        };
        assert_eq!(again(once_in_the_way).await.unwrap(), 2);
        for (error, expected) in [
            (UseCaseError::Contended("always in the way"), TRIES),
            (UseCaseError::Busy("waited"), 1),
            (UseCaseError::Unavailable(sqlx::Error::PoolClosed), 1),
        ] {
            tries.set(0);
            let error = Cell::new(Some(error));
            let failing = || async {
                tries.set(tries.get() + 1);
                Err::<(), _>(match error.take() {
                    Some(UseCaseError::Contended(why)) => {
                        error.set(Some(UseCaseError::Contended(why)));
                        UseCaseError::Contended(why)
                    }
                    other => other.unwrap(),
                })
            };
            again(failing).await.unwrap_err();
            assert_eq!(tries.get(), expected);
        }
    }
}
