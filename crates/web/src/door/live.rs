//! `/door/{token}/events` and `/kiosk/{token}/events`: the board again whenever it looks otherwise, as server-sent events. A connection lives for some
//! minutes, then the browser opens another; a process holds so many of them and no more.

use askama::Template as _;
use axum::{
    Extension,
    extract::{Path, State},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use coterie_app::{
    App, UseCaseError,
    door::{self, Pulse, TabletKind},
};
use futures::stream;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{board::Panel, tenant};
use crate::{failure::Failure, house::House, kiosk, session::Tenant, state::AppState};

/// Connections that one process holds.
pub(crate) const MOST_CONNECTIONS: usize = 256;
/// How often a connection looks whether something happened: one row, by its key.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a connection lives.
const LIFE: Duration = Duration::from_mins(5);
/// How often it says that it lives, for whoever stands between and closes what is silent.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long a browser waits before it opens another.
const OPEN_AGAIN: Duration = Duration::from_secs(3);
/// For those who are turned away.
const RETRY_AFTER_SECONDS: u32 = 30;

/// One connection.
struct Watch {
    house: House,
    tenant: Uuid,
    kind: TabletKind,
    token: String,
    ends_at: Instant,
    /// What the board was last made of, and when it changes by itself.
    seen: Option<(Pulse, Option<Timestamp>)>,
    /// What was last sent.
    sent: String,
    _place: OwnedSemaphorePermit,
}

pub(super) async fn follow(
    State(state): State<AppState>,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    watch(&state, house, tenant(chain)?, TabletKind::Door, token).await
}

/// The stream of a tablet of any kind.
pub(crate) async fn watch(
    state: &AppState,
    house: House,
    tenant: Uuid,
    kind: TabletKind,
    token: String,
) -> Result<Response, Failure> {
    let place = Arc::clone(&state.doors).try_acquire_owned();
    let place = place.map_err(|_| Failure::busy(RETRY_AFTER_SECONDS))?;
    if door::pulse(&house.app, tenant, kind, &token).await?.is_none() {
        return Err(Failure::not_found());
    }
    let watch = Watch {
        house,
        tenant,
        kind,
        token,
        ends_at: Instant::now() + LIFE,
        seen: None,
        sent: String::new(),
        _place: place,
    };
    let events = stream::unfold(watch, |mut watch| async move {
        let event = watch.next().await?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(HEARTBEAT))
        .into_response();
    // A proxy that gathers what it passes on would make the page late.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

impl Watch {
    /// The next board that looks otherwise than the last; `None` when the connection has lived long enough, or its address
    /// does not work any more.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.seen.is_some() {
                sleep(LOOK_EVERY).await;
            }
            if Instant::now() >= self.ends_at {
                return None;
            }
            match self.look().await {
                Ok(Some(html)) => {
                    self.sent.clone_from(&html);
                    return Some(Event::default().event("board").retry(OPEN_AGAIN).data(html));
                }
                Ok(None) => {}
                Err(UseCaseError::NotFound) => return None,
                // The database may be back at the next look.
                Err(error) => tracing::warn!(%error, "a door could not be looked at"),
            }
        }
    }

    /// The board's part, when it looks otherwise.
    async fn look(&mut self) -> Result<Option<String>, UseCaseError> {
        let app = &self.house.app;
        let pulse = door::pulse(app, self.tenant, self.kind, &self.token).await;
        // Even a failed look is one, so that the next one waits.
        let pulse = match pulse {
            Ok(found) => found.ok_or(UseCaseError::NotFound)?,
            Err(error) => {
                self.seen.get_or_insert((Pulse::default(), None));
                return Err(error);
            }
        };
        let same = self.seen.is_some_and(|(seen, changes_at)| {
            (seen.head, seen.seen) == (pulse.head, pulse.seen) && changes_at.is_none_or(|at| pulse.now < at)
        });
        if same {
            return Ok(None);
        }
        let (html, changes_at) = panel(app, self.tenant, self.kind, &self.token).await?;
        self.seen = Some((pulse, changes_at));
        Ok((html != self.sent).then_some(html))
    }
}

/// The part of a tablet's page that changes, and when it does although nobody does anything.
async fn panel(
    app: &App,
    tenant: Uuid,
    kind: TabletKind,
    token: &str,
) -> Result<(String, Option<Timestamp>), UseCaseError> {
    let (html, changes_at) = match kind {
        TabletKind::Door => {
            let board = door::board(app, tenant, token).await?;
            let board = board.ok_or(UseCaseError::NotFound)?;
            (Panel::of(&board, token).render(), board.changes_at)
        }
        TabletKind::Kiosk => {
            let board = door::house_board(app, tenant, token).await?;
            let board = board.ok_or(UseCaseError::NotFound)?;
            (kiosk::Panel::of(&board, token).render(), board.changes_at)
        }
    };
    let html = html.map_err(|error| UseCaseError::Broken(error.to_string()))?;
    Ok((html, changes_at))
}
