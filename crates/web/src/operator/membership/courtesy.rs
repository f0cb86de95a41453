//! Hours that staff give beside what the plan grants.

use axum::{extract::Path, response::Response};
use coterie_app::membership;
use coterie_domain::{MembershipId, ResourceTypeId, catalogue::Catalogue, credit::NewCourtesy};

use super::{
    super::{
        choices,
        desk::{Desk, shown_again},
        form::{Form, beside},
        typed::{Typed, required},
    },
    Found, Ids, address,
};
use crate::{
    components::{Field, Select},
    failure::Failure,
    form::Submitted,
};

/// The form; its fields have names of their own, for others of the page have days and reasons too.
pub(super) fn form(here: &str, catalogue: &Catalogue) -> Form {
    let types = choices::type_choices(catalogue);
    Form::post(format!("{here}/courtesies"), "Give these hours")
        .with(beside([
            Select::new("courtesy_type", "For", types).into(),
            Field::text("courtesy_hours", "Hours")
                .hint("Such as 2 or 1.5.")
                .attribute("inputmode", "decimal")
                .into(),
            Field::date("courtesy_last_day", "Last day to use them").into(),
        ]))
        .with(Field::text("courtesy_reason", "Why they are given").attribute("maxlength", "120"))
}

/// Gives them.
pub(in crate::operator) async fn give(desk: Desk, Path(ids): Ids, submitted: Submitted) -> Result<Response, Failure> {
    Found::load(&desk, ids.0, ids.1).await?;
    let attempt = async {
        let mut typed = Typed::new(&submitted);
        let kind: Option<ResourceTypeId> = typed.id("courtesy_type");
        let hours = typed.percent("courtesy_hours");
        let last_day = typed.date("courtesy_last_day");
        let minutes = i64::try_from((hours.round_dp(4) * rust_decimal::Decimal::from(60)).trunc()).unwrap_or(0);
        typed.finish()?;
        let new = NewCourtesy {
            resource_type_id: required(kind, "courtesy_type")?,
            minutes,
            last_day: required(last_day, "courtesy_last_day")?,
            reason: submitted.get("courtesy_reason").to_owned(),
        };
        let id = MembershipId(ids.1);
        Ok::<_, Failure>(membership::give_courtesy(&desk.house.app, &desk.caller(), id, &new).await?)
    };
    match attempt.await {
        Ok(done) => Ok(desk.done(done.position, "The hours are given.", &address(ids.0, ids.1))),
        Err(mut failure) => {
            for field in &mut failure.fields {
                let name = match field.field.as_str() {
                    "resource_type_id" => "courtesy_type",
                    "minutes" => "courtesy_hours",
                    "last_day" => "courtesy_last_day",
                    "reason" => "courtesy_reason",
                    _ => continue,
                };
                name.clone_into(&mut field.field);
            }
            let failure = shown_again(failure)?;
            let found = Found::load(&desk, ids.0, ids.1).await?;
            let sheet = found.sheet(&desk, Some(("courtesies", &submitted, &failure))).await?;
            Ok(sheet.show_with(failure.status))
        }
    }
}
