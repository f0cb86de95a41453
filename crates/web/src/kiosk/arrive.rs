//! `/kiosk/{token}/check-in`: whoever comes says by her code who she is, is checked in, and reads what is hers today.

use askama::Template;
use axum::{Extension, extract::Path, response::Response};
use coterie_app::door::{self, Arrived, Presence};

use crate::{
    context::PageContext,
    door::{CodePage, clock, tenant},
    failure::Failure,
    form::Submitted,
    house::House,
    page::page,
    session::Tenant,
};

/// What she reads, until she walks on.
#[derive(Template)]
#[template(path = "kiosk/arrived.html")]
struct ArrivedPage<'a> {
    ctx: &'a PageContext,
    name: String,
    place: String,
    bookings: Vec<Line>,
    back: String,
}

struct Line {
    what: String,
    here: bool,
    presence: String,
}

fn code_page<'a>(ctx: &'a PageContext, token: &str) -> CodePage<'a> {
    let heading = "Say that you are here".to_owned();
    CodePage::new(ctx, format!("/kiosk/{token}"), heading, "I am here")
        .what("You are checked in for what you have booked here, and see what is yours today.")
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    let board = door::house_board(&house.app, tenant(chain)?, &token).await?;
    board.ok_or_else(Failure::not_found)?;
    code_page(&ctx, &token).show(None)
}

/// There is no session, so the answer itself is the page: looked at again, it asks for the code again.
pub(super) async fn submit(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let proof = (token.as_str(), submitted.get("code"));
    match door::arrive(&house.app, tenant(chain)?, proof, submitted.get("command")).await {
        Ok(arrived) => Ok(page(&ctx, &arrived_page(&ctx, &arrived, &token))),
        Err(error) => {
            let failure = Failure::from(error);
            if !matches!(failure.status.as_u16(), 409 | 422) {
                return Err(failure);
            }
            code_page(&ctx, &token).show(Some(&failure))
        }
    }
}

fn arrived_page<'a>(ctx: &'a PageContext, arrived: &Arrived, token: &str) -> ArrivedPage<'a> {
    let at = |at| clock(at, &arrived.zone);
    let lines = arrived.bookings.iter().map(|one| Line {
        what: format!("{}, {}–{}", one.resource_name, at(one.starts_at), at(one.ends_at)),
        here: one.presence == Presence::Here,
        presence: match one.presence {
            Presence::Here => "You are checked in.".to_owned(),
            Presence::Opens(opens) => format!("You can check in from {} on.", at(opens)),
        },
    });
    ArrivedPage {
        ctx,
        name: arrived.member_name.clone(),
        place: arrived.location_name.clone(),
        bookings: lines.collect(),
        back: format!("/kiosk/{token}"),
    }
}
