//! All the rooms of a house, now and next: the whole page, and the part of it that is sent again when it changes.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use coterie_app::door::{self, HouseBoard, TabletKind};

use crate::{
    components::prints_html,
    context::PageContext,
    door::{clock, standing, tenant, watch},
    failure::Failure,
    house::House,
    page::page,
    session::Tenant,
    state::AppState,
};

#[derive(Template)]
#[template(path = "kiosk/board.html")]
struct BoardPage<'a> {
    ctx: &'a PageContext,
    title: String,
    events: String,
    panel: Panel,
}

/// The part that changes.
#[derive(Template)]
#[template(path = "kiosk/panel.html")]
pub(crate) struct Panel {
    place: String,
    /// `3 of 12 rooms are free`
    free: String,
    /// `5 bookings are expected today`
    expected: String,
    check_in: String,
    rooms: Vec<Room>,
}

struct Room {
    name: String,
    class: &'static str,
    word: &'static str,
    until: String,
    /// `then 14:00–15:00`
    next: String,
}

prints_html!(Panel);

impl Panel {
    pub(crate) fn of(board: &HouseBoard, token: &str) -> Self {
        let rooms: Vec<Room> = board
            .rooms
            .iter()
            .map(|room| {
                let (class, word, until) = standing(&room.state, &board.zone);
                Room {
                    name: room.name.clone(),
                    class,
                    word,
                    until,
                    next: room.next.map_or_else(String::new, |(start, end)| {
                        format!("next {}–{}", clock(start, &board.zone), clock(end, &board.zone))
                    }),
                }
            })
            .collect();
        let free = rooms.iter().filter(|room| room.class == "free").count();
        Self {
            place: board.location_name.clone(),
            free: match (free, rooms.len()) {
                (1, 1) => "1 of 1 is free".to_owned(),
                (1, all) => format!("1 of {all} is free"),
                (free, all) => format!("{free} of {all} are free"),
            },
            expected: match board.expected {
                0 => "Nobody is expected any more today.".to_owned(),
                1 => "For 1 booking of today somebody is expected.".to_owned(),
                many => format!("For {many} bookings of today somebody is expected."),
            },
            check_in: format!("/kiosk/{token}/check-in"),
            rooms,
        }
    }
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let board = door::house_board(&house.app, tenant(chain)?, &token).await?;
    let board = board.ok_or_else(Failure::not_found)?;
    let template = BoardPage {
        ctx: &ctx,
        title: board.location_name.clone(),
        events: format!("/kiosk/{token}/events"),
        panel: Panel::of(&board, &token),
    };
    Ok(page(&ctx, &template))
}

pub(super) async fn follow(
    State(state): State<AppState>,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    watch(&state, house, tenant(chain)?, TabletKind::Kiosk, token).await
}
