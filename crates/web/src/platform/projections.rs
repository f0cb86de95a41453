//! `/projections`: how the read models of all organizations follow the log, which stand still, and what is being rebuilt.
//! The part that changes asks for itself every few seconds.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::installation::{self, Followers, Parked};
use coterie_eventlog::{RebuildRow, RebuildState};
use http::HeaderMap;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    components::{Badge, Cell, Column, Table, Tone},
    context::{Flash, PageContext},
    cookies,
    failure::Failure,
    form::Submitted,
    house::House,
    page::page,
    state::AppState,
};

/// Figures older than this say that no worker runs.
const STALE_SECONDS: i64 = 20;

#[derive(Template)]
#[template(path = "platform/projections.html")]
struct ProjectionsPage<'a> {
    ctx: &'a PageContext,
    now: Now,
}

/// The part that asks for itself.
#[derive(Template)]
#[template(path = "platform/projections_now.html")]
struct Now {
    warning: Option<String>,
    lags: Table,
    parked: Vec<Parked>,
    running: Vec<Running>,
    ended: Table,
}
crate::components::prints_html!(Now);

/// A rebuild under way.
struct Running {
    projection: String,
    percent: i64,
    words: String,
    cancel_requested: bool,
}

pub(super) async fn show(ctx: PageContext, house: House, headers: HeaderMap) -> Result<Response, Failure> {
    let now = now(installation::followers(&house.app).await?);
    // htmx takes only what changes.
    if headers.contains_key("hx-request") {
        return Ok(page(&ctx, &now));
    }
    Ok(page(&ctx, &ProjectionsPage { ctx: &ctx, now }))
}

fn now(followers: Followers) -> Now {
    let warning = match followers.age_seconds {
        None => Some("No worker has reported yet: start one with coterie work.".to_owned()),
        Some(age) if age > STALE_SECONDS => Some(format!("No worker has reported for {age} s: these figures are old.")),
        Some(_) => None,
    };
    let mut lags = Table::new(
        "Followers",
        [
            Column::text("Follower"),
            Column::number("Events behind"),
            Column::number("In one chain"),
            Column::number("Oldest"),
            Column::text("State"),
        ],
    );
    for lag in &followers.lags {
        let badge = match (lag.parked, lag.events) {
            (0, 0) => Badge::new(Tone::Good, "At the head"),
            (0, _) => Badge::new(Tone::Info, "Catching up"),
            (parked, _) => Badge::new(Tone::Bad, format!("{parked} parked")),
        };
        lags.push([
            lag.projection.clone().into(),
            lag.events.to_string().into(),
            lag.most_events.to_string().into(),
            format!("{} s", lag.seconds).into(),
            badge.into(),
        ]);
    }
    let (running, ended): (Vec<_>, Vec<_>) = followers
        .rebuilds
        .into_iter()
        .partition(|rebuild| rebuild.state == RebuildState::Filling);
    Now {
        warning,
        lags,
        parked: followers.parked,
        running: running.iter().map(running_now).collect(),
        ended: last(&ended),
    }
}

fn running_now(rebuild: &RebuildRow) -> Running {
    let filled = rebuild.filled;
    let done = filled.done.min(filled.total);
    let left = rebuild
        .seconds_left()
        .map_or_else(String::new, |seconds| format!(", about {seconds} s left"));
    Running {
        projection: rebuild.projection.clone(),
        percent: if filled.total > 0 { done * 100 / filled.total } else { 0 },
        words: format!(
            "{done} of {} events, {} remaining, {} per second{left}",
            filled.total,
            filled.total - done,
            filled.per_second
        ),
        cancel_requested: rebuild.cancel_requested,
    }
}

fn last(ended: &[RebuildRow]) -> Table {
    let mut table = Table::new(
        "Last rebuilds",
        [
            Column::text("Read model"),
            Column::text("State"),
            Column::number("Events"),
            Column::text("Ended"),
            Column::text("Reason"),
        ],
    );
    for rebuild in ended {
        let tone = match rebuild.state {
            RebuildState::Done => Tone::Good,
            RebuildState::Failed => Tone::Bad,
            RebuildState::Filling | RebuildState::Cancelled => Tone::Neutral,
        };
        let ended = rebuild
            .finished_at
            .map_or_else(String::new, |time| time.strftime("%-d %b %Y, %H:%M:%S UTC").to_string());
        let cells: [Cell; 5] = [
            rebuild.projection.clone().into(),
            Badge::new(tone, rebuild.state.as_str()).into(),
            rebuild.filled.done.to_string().into(),
            ended.into(),
            rebuild.error.clone().unwrap_or_default().into(),
        ];
        table.push(cells);
    }
    table.empty(crate::components::EmptyState::new(
        "No read model was ever rebuilt",
        "coterie projections rebuild fills one anew beside the old one, which serves meanwhile.",
    ))
}

#[derive(Deserialize)]
struct Resume {
    projection: String,
    tenant: Uuid,
}

/// `POST /projections/resume`
pub(super) async fn resume(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let Resume { projection, tenant } = submitted.parse()?;
    let flash = if installation::resume(&house.app, tenant, &projection).await? {
        Flash::success(format!("{projection} goes on."))
    } else {
        Flash::notice(format!("{projection} was not parked there."))
    };
    Ok(back(&state, jar, &flash))
}

#[derive(Deserialize)]
struct Cancel {
    projection: String,
}

/// `POST /projections/cancel`
pub(super) async fn cancel(
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let Cancel { projection } = submitted.parse()?;
    let flash = if installation::cancel_rebuild(&house.app, &projection).await? {
        Flash::success(format!(
            "The rebuild of {projection} stops within a second; the old tables serve as before."
        ))
    } else {
        Flash::notice("It is not being rebuilt.")
    };
    Ok(back(&state, jar, &flash))
}

fn back(state: &AppState, jar: CookieJar, flash: &Flash) -> Response {
    (
        cookies::leave_flash(&state.config, jar, flash),
        Redirect::to("/projections"),
    )
        .into_response()
}
