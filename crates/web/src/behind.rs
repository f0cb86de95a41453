//! Whether the page that is being made may miss what its reader did last. Pages wait for their models (see
//! [`crate::house::House::caught_up`]); where that is not enough the page says so, and what is not there yet is told as
//! that and not as missing. Said here once, for every page.

use std::cell::Cell;

use axum::response::{IntoResponse as _, Response};
use coterie_eventlog::Seen;
use http::StatusCode;

use crate::failure::Failure;

/// Seconds after which a page that lagged is worth loading again.
const RETRY_AFTER_SECONDS: u32 = 2;

/// How the models of the page stand to what its reader did last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lag {
    None,
    /// They are on their way.
    Behind,
    /// One of them is stopped, and will not show it until somebody mends it.
    Halted,
}

tokio::task_local! {
    // Of the request: the handler that waits, the template that is rendered and the guard around both share a task.
    static LAG: Cell<Lag>;
}

/// Notes what a wait came to; the worst of several counts.
pub(crate) fn note(seen: &Seen) {
    let lag = match seen {
        Seen::NotYet => Lag::Behind,
        Seen::Halted(_) => Lag::Halted,
        // A position beyond the log is of a log that was restored since: there is nothing to wait for.
        Seen::Yes | Seen::Beyond(_) => return,
    };
    // Outside of a request there is no page to say it on.
    let _ = LAG.try_with(|noted| {
        if noted.get() != Lag::Halted {
            noted.set(lag);
        }
    });
}

/// What the page has to say about it.
pub(crate) fn notice() -> Option<&'static str> {
    match LAG.try_with(Cell::get).unwrap_or(Lag::None) {
        Lag::None => None,
        Lag::Behind => Some(
            "What you did last is recorded, but this page is not yet up to date and may not show it. Load it again in a moment.",
        ),
        Lag::Halted => Some(
            "What you did last is recorded, but part of what this page shows is halted and will not show it until it has been repaired.",
        ),
    }
}

/// Makes the answer of one request.
pub(crate) async fn watched(answering: impl Future<Output = Response>) -> Response {
    LAG.scope(Cell::new(Lag::None), async {
        let answer = answering.await;
        told(answer, LAG.with(Cell::get))
    })
    .await
}

/// What a model that lags does not show is not missing.
fn told(mut answer: Response, lag: Lag) -> Response {
    let missing = answer.status() == StatusCode::NOT_FOUND && answer.extensions().get::<Failure>().is_some();
    match lag {
        Lag::Behind if missing => not_yet().into_response(),
        Lag::Halted if missing => halted().into_response(),
        _ => {
            if lag == Lag::Behind && answer.status() == StatusCode::OK {
                answer
                    .headers_mut()
                    .insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
            }
            answer
        }
    }
}

/// 202: it is recorded, and about to be shown.
fn not_yet() -> Failure {
    Failure {
        retry_after: Some(RETRY_AFTER_SECONDS),
        ..Failure::new(
            StatusCode::ACCEPTED,
            "not_yet",
            "Not yet up to date",
            "What you did last is recorded, but it cannot be shown yet. Load this page again in a moment.",
        )
    }
}

/// 503 for what reads a model that is parked. Why it is parked is for the chain's staff and not for the answer: it may
/// name people.
pub(crate) fn halted() -> Failure {
    Failure {
        code: "halted",
        title: "Halted",
        detail:
            "What you ask for is halted: it has stopped following the log and waits for repair. Commands still work."
                .to_owned(),
        ..Failure::busy(HALTED_RETRY_AFTER_SECONDS)
    }
}

/// A repair takes a person.
const HALTED_RETRY_AFTER_SECONDS: u32 = 60;
