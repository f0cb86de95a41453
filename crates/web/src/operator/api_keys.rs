//! Keys of the JSON API. Owners make them; a secret is shown once.

use axum::response::Response;
use coterie_app::{organization, session};
use coterie_domain::organization::Role;
use jiff::tz::TimeZone;

use super::{
    desk::{Desk, shown_again},
    form::Form,
    sheet::{Html, Secret, Sheet},
    staff::{role_of, role_select},
    times,
    typed::Typed,
};
use crate::{
    components::{Badge, Column, EmptyState, Table, Tone},
    failure::Failure,
    form::Submitted,
};

pub(super) const HERE: &str = "/operator/api-keys";

/// The keys there are, and the form for another one.
pub(super) async fn list(desk: Desk) -> Result<Response, Failure> {
    desk.owns()?;
    Ok(sheet(&desk, &form()).await?.show())
}

/// Makes one, and shows its secret this once.
pub(super) async fn create(desk: Desk, submitted: Submitted) -> Result<Response, Failure> {
    desk.owns()?;
    let mut typed = Typed::new(&submitted);
    let role = role_of(&mut typed);
    let attempt = match typed.finish() {
        Ok(()) => session::create_api_key(&desk.house.app, &desk.caller(), role.unwrap_or(Role::Operator))
            .await
            .map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match attempt {
        Ok((id, secret)) => {
            let shown = Secret {
                id: "api-key",
                sentence: "Copy it now: only its hash is kept, and it is never shown again.",
                value: &secret,
            };
            Ok(Sheet::set_up(&desk, "The key is made")
                .back("API keys", HERE)
                .lead(format!("Key {id}. Send it as “Authorization: Bearer …” to /v1."))
                .action("I have copied it", HERE)
                .card("secret", "Secret", &[Html::of(&shown)])
                .show())
        }
        Err(failure) => {
            let failure = shown_again(failure)?;
            let form = form().refused(&submitted, &failure);
            Ok(sheet(&desk, &form).await?.show_with(failure.status))
        }
    }
}

async fn sheet(desk: &Desk, form: &Form) -> Result<Sheet, Failure> {
    let keys = organization::api_keys(&desk.house.app, desk.tenant()).await?;
    let columns = ["Key", "Role", "Made (UTC)", "State"].map(Column::text);
    let mut table = Table::new("API keys", columns).empty(EmptyState::new(
        "No key yet",
        "Programs sign in with a key instead of a password.",
    ));
    for key in keys {
        let state = if key.revoked {
            Badge::new(Tone::Neutral, "Revoked")
        } else {
            Badge::new(Tone::Good, "Works")
        };
        table.push([
            key.key_id.to_string().into(),
            key.role.name().into(),
            times::moment(key.created_at, &TimeZone::UTC).into(),
            state.into(),
        ]);
    }
    Ok(Sheet::set_up(desk, "API keys")
        .part(&table)
        .card("new", "Make a key", &[Html::of(form)]))
}

fn form() -> Form {
    Form::post(HERE, "Make key").with(role_select().hint("What programs with this key may do."))
}
