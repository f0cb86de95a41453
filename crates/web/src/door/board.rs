//! How the room stands: the whole page, and the part of it that is sent again when it changes.

use askama::Template;
use axum::{Extension, extract::Path, response::Response};
use coterie_app::door::{self, Board, BoardState};
use jiff::tz::TimeZone;

use super::{clock, tenant};
use crate::{
    components::{Link, prints_html},
    context::PageContext,
    failure::Failure,
    house::House,
    page::page,
    session::Tenant,
};

#[derive(Template)]
#[template(path = "door/board.html")]
struct BoardPage<'a> {
    ctx: &'a PageContext,
    title: String,
    events: String,
    panel: Panel,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "door/panel.html")]
pub(super) struct Panel {
    name: String,
    place: String,
    class: &'static str,
    /// `Free`, `Busy`
    word: &'static str,
    /// `until 11:00`
    until: String,
    /// What is booked later today, `11:00–12:00`.
    next: Vec<String>,
    /// Where whoever comes says so.
    check_in: Option<String>,
    offers: Vec<Link>,
}

prints_html!(Panel);

impl Panel {
    pub(super) fn of(board: &Board, token: &str) -> Self {
        let at = |at| clock(at, &board.zone);
        let (class, word, until) = standing(&board.state, &board.zone);
        let offers = board.offers.iter().map(|offer| {
            let label = format!(
                "{} min, {}–{}",
                offer.minutes,
                offer.start.strftime("%H:%M"),
                offer.end.strftime("%H:%M")
            );
            let start = offer.start.strftime("%Y-%m-%dT%H:%M");
            let href = format!("/door/{token}/book?minutes={}&start={start}", offer.minutes);
            Link::new(label, href)
        });
        Self {
            name: board.resource_name.clone(),
            place: board.location_name.clone(),
            class,
            word,
            until,
            next: board
                .next
                .iter()
                .map(|(start, end)| format!("{}–{}", at(*start), at(*end)))
                .collect(),
            check_in: board.awaits.then(|| format!("/door/{token}/check-in")),
            offers: offers.collect(),
        }
    }
}

/// How a room stands: its class, its word, and until when.
pub(crate) fn standing(state: &BoardState, zone: &TimeZone) -> (&'static str, &'static str, String) {
    let at = |at| clock(at, zone);
    let until = |until: Option<jiff::Timestamp>| {
        until.map_or_else(
            || "for the rest of the day".to_owned(),
            |until| format!("until {}", at(until)),
        )
    };
    match state {
        BoardState::Free { until: end } => ("free", "Free", until(*end)),
        BoardState::Busy { until: end } => ("busy", "Busy", until(*end)),
        BoardState::OutOfService { until: end, reason } => {
            ("busy", "Out of service", format!("{}: {reason}", until(*end)))
        }
        BoardState::Closed { opens_at: Some(opens) } => ("closed", "Closed", format!("until {}", at(*opens))),
        BoardState::Closed { opens_at: None } => ("closed", "Closed", "for today".to_owned()),
    }
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let tenant = tenant(chain)?;
    let board = door::board(&house.app, tenant, &token).await?;
    let board = board.ok_or_else(Failure::not_found)?;
    let template = BoardPage {
        ctx: &ctx,
        title: board.resource_name.clone(),
        events: format!("/door/{token}/events"),
        panel: Panel::of(&board, &token),
    };
    Ok(page(&ctx, &template))
}
