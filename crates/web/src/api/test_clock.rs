//! A sandbox's clock: read, moved forward, waited for.

use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use coterie_app::{
    App, Caller, UseCaseError,
    test_clock::{self, TestClock as Known},
};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use utoipa::{IntoParams, ToSchema};

use super::{command::Command, reading::Reading};
use crate::{failure::Failure, json::ApiJson};

/// How long a request waits for the clock: inside the limit that every request has.
const PATIENCE: Duration = Duration::from_secs(7);
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Serialize, ToSchema)]
pub struct TestClock {
    now: Timestamp,
    /// Where it is being moved to; null when everything due has happened.
    target: Option<Timestamp>,
    /// Why the last move was given up.
    error: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceClock {
    /// At most 400 days ahead. Where it stands already, nothing happens.
    to: Timestamp,
    /// Answer when everything due has happened, or after 7 seconds with 202 and the state so far.
    #[serde(default)]
    wait: bool,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct ClockQuery {
    /// Answer when everything due has happened, or after 7 seconds with 202 and the state so far.
    wait: bool,
}

#[utoipa::path(get, path = "/v1/test_clock", tag = "sandbox", params(ClockQuery),
    responses((status = 200, description = "At rest, or not waited for", body = TestClock), (status = 202, description = "Still moving", body = TestClock)))]
pub async fn show(reading: Reading) -> Result<Response, Failure> {
    let ClockQuery { wait } = reading.query()?;
    let caller = reading.caller();
    let clock = test_clock::read(reading.app(), &caller).await?;
    reading.settled(&[]).await?;
    if wait {
        return Ok(answer(arrived(reading.app(), &caller, clock).await?));
    }
    Ok(ApiJson(TestClock::from(clock)).into_response())
}

#[utoipa::path(post, path = "/v1/test_clock/advance", tag = "sandbox", request_body = AdvanceClock,
    responses((status = 200, description = "Arrived", body = TestClock), (status = 202, description = "On its way", body = TestClock)))]
pub async fn advance(command: Command<AdvanceClock>) -> Result<Response, Failure> {
    let (app, AdvanceClock { to, wait }) = (&command.house.app, command.body);
    let known = test_clock::read(app, &command.caller).await?;
    // Asked again for where it stands or goes: whoever lost the first answer gets it now.
    let again = known.target.map_or(known.now == to, |target| target == to);
    let clock = if again {
        coterie_app::access::operates(&command.caller)?;
        known
    } else {
        test_clock::advance(app, &command.caller, to).await?
    };
    Ok(answer(if wait {
        arrived(app, &command.caller, clock).await?
    } else {
        clock
    }))
}

/// Looks until nothing is under way any more, or patience ends.
async fn arrived(app: &App, caller: &Caller, mut clock: Known) -> Result<Known, UseCaseError> {
    let until = Instant::now() + PATIENCE;
    while clock.target.is_some() && Instant::now() < until {
        sleep(LOOK_EVERY).await;
        clock = test_clock::read(app, caller).await?;
    }
    Ok(clock)
}

fn answer(clock: Known) -> Response {
    let status = if clock.target.is_some() {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    (status, ApiJson(TestClock::from(clock))).into_response()
}

impl From<Known> for TestClock {
    fn from(clock: Known) -> Self {
        Self {
            now: clock.now,
            target: clock.target,
            error: clock.error,
        }
    }
}
