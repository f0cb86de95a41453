//! The secret address of the page beside a room's door: a card on the room's page.

use axum::response::Response;
use coterie_app::door;
use coterie_domain::ResourceId;
use jiff::tz::TimeZone;

use super::{
    desk::Desk,
    form::Form,
    sheet::{Html, Secret, Sheet},
    times,
};
use crate::{access::Capability, failure::Failure};

/// What the room's page, which is at `here`, says and offers.
pub(super) async fn parts(desk: &Desk, resource: ResourceId, here: &str) -> Result<Vec<Html>, Failure> {
    if !desk.ctx.viewer.can(Capability::Operate) {
        return Ok(vec![Html::text("Those who run the house can make an address here.")]);
    }
    let about = "A tablet beside the door shows at this address whether the room is free and when it is booked, never by whom. Members book it there by their door codes.";
    let made_at = door::made_at(&desk.house.app, &desk.caller(), resource).await?;
    let make = |label: &str| Html::of(&Form::post(format!("{here}/door"), label));
    Ok(match made_at {
        None => vec![Html::text(about), make("Make a door page")],
        Some(made_at) => {
            let since = format!(
                "An address works since {} (UTC). Another one takes its place at once.",
                times::moment(made_at, &TimeZone::UTC)
            );
            let revoke = Form::post(format!("{here}/door/revoke"), "Revoke the door page").danger();
            vec![
                Html::text(about),
                Html::text(&since),
                make("Make another door page"),
                Html::of(&revoke),
            ]
        }
    })
}

/// Makes an address, and shows it this once.
pub(super) async fn make(desk: Desk, resource: ResourceId, name: &str, here: &str) -> Result<Response, Failure> {
    let made = door::make(&desk.house.app, &desk.caller(), resource).await?;
    let address = desk.address(&made.path);
    let shown = Secret {
        id: "door-address",
        sentence: "Open it on the tablet now and keep it there: only its digest is kept, and it is never shown again.",
        value: &address,
    };
    Ok(Sheet::set_up(&desk, "The door page is made")
        .back(name, here)
        .lead("An address that was made before does not work any more.")
        .action("I have opened it", here)
        .card("secret", "Address", &[Html::of(&shown)])
        .show())
}

pub(super) async fn revoke(desk: Desk, resource: ResourceId, here: &str) -> Result<Response, Failure> {
    door::revoke(&desk.house.app, &desk.caller(), resource).await?;
    Ok(desk.noted("The door page does not work any more.", here))
}
