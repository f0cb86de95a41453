//! Forgetting a member at her wish: what goes, what stays and why, before anything is done.

use axum::{extract::Path, response::Response};
use coterie_app::member::{self, BeforeForgetting};
use coterie_domain::MemberId;
use uuid::Uuid;

use super::{
    desk::{Desk, shown_again},
    form::Form,
    member_detail::address,
    sheet::{Html, Sheet},
    times,
};
use crate::{
    components::{Checkbox, Column, EmptyState, Table},
    failure::{Failure, FieldError},
    form::Submitted,
};

const GOES: &str = "Her name and address, her card and her way to sign in go for good, here and in every list, letter and \
    search. Nobody can bring them back, and restoring a backup does not either once its keys are gone. Her bookings and \
    payments stay as numbers without a name.";
const STAYS: &str = "The law wants invoices kept whole: these show her name and address until the day named, and are \
    forgotten after it by themselves.";

/// Asks before she is forgotten.
pub(super) async fn ask(desk: Desk, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let before = look(&desk, id).await?;
    Ok(sheet(&desk, id, &before, &form(id)).show())
}

async fn look(desk: &Desk, id: Uuid) -> Result<BeforeForgetting, Failure> {
    Ok(member::before_forgetting(&desk.house.app, &desk.caller(), MemberId(id)).await?)
}

fn form(id: Uuid) -> Form {
    Form::post(format!("{}/forget", address(id)), "Forget this person")
        .danger()
        .with(Checkbox::new("confirm", "Yes, forget her. This cannot be taken back.").required())
        .cancel(address(id))
}

fn sheet(desk: &Desk, id: Uuid, before: &BeforeForgetting, form: &Form) -> Sheet {
    let sheet = Sheet::people(desk, "Forget this person").back(&before.name, address(id));
    if before.forgotten {
        return sheet.card("forgotten", "Forgotten", &[Html::text("She was forgotten already.")]);
    }
    let sheet = match &before.obstacle {
        Some(obstacle) => sheet.card("obstacle", "Not yet", &[Html::text(obstacle)]),
        None => sheet.card(
            "forget",
            &format!("Forget {}?", before.name),
            &[Html::text(GOES), Html::of(form)],
        ),
    };
    let columns = [Column::text("Invoice"), Column::text("Kept whole until")];
    let empty = EmptyState::new("Nothing is kept", "There is no invoice in her name.");
    let mut table = Table::new("What stays", columns).empty(empty);
    for (number, until) in &before.kept {
        table.push([number.as_str().into(), times::day(*until).into()]);
    }
    sheet.card("stays", "What stays, and why", &[Html::text(STAYS), Html::of(&table)])
}

/// Forgets her.
pub(super) async fn forget(desk: Desk, Path(id): Path<Uuid>, submitted: Submitted) -> Result<Response, Failure> {
    let attempt = if submitted.has("confirm") {
        member::forget(&desk.house.app, &desk.caller(), MemberId(id))
            .await
            .map_err(Failure::from)
    } else {
        Err(Failure::invalid(vec![FieldError::new(
            "confirm",
            "Please tick this to go on.",
        )]))
    };
    match attempt {
        Ok(done) => Ok(desk.done(done.position, "She is forgotten.", &address(id))),
        Err(failure) if failure.fields.is_empty() => desk.refused(failure, &format!("{}/forget", address(id))),
        Err(failure) => {
            let failure = shown_again(failure)?;
            let before = look(&desk, id).await?;
            let form = form(id).refused(&submitted, &failure);
            Ok(sheet(&desk, id, &before, &form).show_with(failure.status))
        }
    }
}
