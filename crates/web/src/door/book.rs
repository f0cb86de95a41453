//! `/door/{token}/book`: a member says who she is by her code, and the room is hers from the next step on.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use coterie_app::door::{self, BookNow};
use http::StatusCode;
use jiff::{ToSpan as _, civil::DateTime};
use uuid::Uuid;

use super::tenant;
use crate::{
    components::{ErrorSummary, Field, Hidden},
    context::{Flash, PageContext},
    cookies,
    failure::{Failure, FieldError},
    form::Submitted,
    house::House,
    page::page_with_status,
    session::Tenant,
    state::AppState,
};

#[derive(Template)]
#[template(path = "door/code.html")]
struct CodePage<'a> {
    ctx: &'a PageContext,
    name: String,
    what: String,
    errors: Option<ErrorSummary>,
    code: Field,
    hidden: [Hidden; 3],
    back: String,
}

fn code() -> Field {
    Field::text("code", "Your door code")
        .hint("Six digits, from your own page \u{201c}Door code\u{201d}.")
        .autocomplete("off")
        .attribute("autofocus", "autofocus")
        .attribute("inputmode", "numeric")
        .attribute("maxlength", "7")
}

/// What was asked for by the board's link or by the form.
fn wish(asked: &Submitted) -> Result<BookNow, Failure> {
    let start = DateTime::strptime("%Y-%m-%dT%H:%M", asked.get("start"));
    match (start, asked.get("minutes").parse()) {
        (Ok(start), Ok(minutes)) if door::LENGTHS.contains(&minutes) => Ok(BookNow { start, minutes }),
        _ => Err(Failure::invalid(vec![FieldError::new(
            "minutes",
            "Please choose a time on the door's page.",
        )])),
    }
}

fn times(wish: BookNow) -> String {
    let end = wish.start.saturating_add(wish.minutes.minutes());
    format!("{} to {}", wish.start.strftime("%H:%M"), end.strftime("%H:%M"))
}

async fn render(
    ctx: &PageContext,
    house: &House,
    tenant: Uuid,
    token: &str,
    asked: &Submitted,
    refused: Option<&Failure>,
) -> Result<Response, Failure> {
    let board = door::board(&house.app, tenant, token).await?;
    let board = board.ok_or_else(Failure::not_found)?;
    let field = match refused {
        // A code is a secret: it is not sent back.
        Some(failure) => code().refused(&Submitted::from_encoded("")?, failure),
        None => code(),
    };
    let template = CodePage {
        ctx,
        name: board.resource_name,
        what: times(wish(asked)?),
        // What is wrong with the code is said beside it.
        errors: refused
            .filter(|failure| failure.field("code").is_none())
            .map(ErrorSummary::new),
        code: field,
        hidden: [
            Hidden::new("start", asked.get("start")),
            Hidden::new("minutes", asked.get("minutes")),
            Hidden::new("command", Uuid::now_v7().to_string()),
        ],
        back: format!("/door/{token}"),
    };
    let status = refused.map_or(StatusCode::OK, |failure| failure.status);
    Ok(page_with_status(status, ctx, &template))
}

pub(super) async fn show(
    ctx: PageContext,
    house: House,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Failure> {
    let tenant = tenant(chain)?;
    let asked = Submitted::from_encoded(&raw.unwrap_or_default())?;
    if wish(&asked).is_err() {
        // Nothing was chosen: where there is such a door, its page says what can be.
        let board = door::board(&house.app, tenant, &token).await?;
        board.ok_or_else(Failure::not_found)?;
        return Ok(Redirect::to(&format!("/door/{token}")).into_response());
    }
    render(&ctx, &house, tenant, &token, &asked, None).await
}

pub(super) async fn submit(
    ctx: PageContext,
    State(state): State<AppState>,
    house: House,
    jar: CookieJar,
    chain: Option<Extension<Tenant>>,
    Path(token): Path<String>,
    submitted: Submitted,
) -> Result<Response, Failure> {
    let tenant = tenant(chain)?;
    let wish = match wish(&submitted) {
        Ok(wish) => wish,
        Err(failure) => {
            let board = door::board(&house.app, tenant, &token).await?;
            return Err(board.map_or_else(Failure::not_found, |_| failure));
        }
    };
    let proof = (token.as_str(), submitted.get("code"));
    match door::book(&house.app, tenant, proof, wish, submitted.get("command")).await {
        Ok(_) => {
            let flash = Flash::success(format!("Booked from {}.", times(wish)));
            let jar = cookies::leave_flash(&state.config, jar, &flash);
            Ok((jar, Redirect::to(&format!("/door/{token}"))).into_response())
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !matches!(failure.status.as_u16(), 409 | 422) {
                return Err(failure);
            }
            render(&ctx, &house, tenant, &token, &submitted, Some(&failure)).await
        }
    }
}
