//! The secret address of a tablet's page, beside a room's door or at the entrance of a house: a card on its page.

use axum::response::Response;
use coterie_app::door::{self, Tablet};
use jiff::tz::TimeZone;

use super::{
    desk::Desk,
    form::Form,
    sheet::{Html, Secret, Sheet},
    times,
};
use crate::{access::Capability, failure::Failure};

/// What people call its page, and the last part of the path of what makes it.
fn named(tablet: Tablet) -> (&'static str, &'static str) {
    match tablet {
        Tablet::Door(_) => ("door page", "door"),
        Tablet::Kiosk(_) => ("kiosk page", "kiosk"),
    }
}

/// What the room's or the house's page, which is at `here`, says and offers.
pub(super) async fn parts(desk: &Desk, tablet: Tablet, here: &str) -> Result<Vec<Html>, Failure> {
    if !desk.ctx.viewer.can(Capability::Operate) {
        return Ok(vec![Html::text("Those who run the house can make an address here.")]);
    }
    let about = match tablet {
        Tablet::Door(_) => {
            "A tablet beside the door shows at this address whether the room is free and when it is booked, never by whom. Members book it there by their door codes."
        }
        Tablet::Kiosk(_) => {
            "A tablet at the entrance shows at this address all rooms now and next, and how many are expected, never who. Members check in there by their door codes."
        }
    };
    let (page, path) = named(tablet);
    let made_at = door::made_at(&desk.house.app, &desk.caller(), tablet).await?;
    let make = |label: String| Html::of(&Form::post(format!("{here}/{path}"), label));
    Ok(match made_at {
        None => vec![Html::text(about), make(format!("Make a {page}"))],
        Some(made_at) => {
            let since = format!(
                "An address works since {} (UTC). Another one takes its place at once.",
                times::moment(made_at, &TimeZone::UTC)
            );
            let revoke = Form::post(format!("{here}/{path}/revoke"), format!("Revoke the {page}")).danger();
            vec![
                Html::text(about),
                Html::text(&since),
                make(format!("Make another {page}")),
                Html::of(&revoke),
            ]
        }
    })
}

/// Makes an address, and shows it this once.
pub(super) async fn make(desk: Desk, tablet: Tablet, name: &str, here: &str) -> Result<Response, Failure> {
    let made = door::make(&desk.house.app, &desk.caller(), tablet).await?;
    let address = desk.address(&made.path);
    let shown = Secret {
        id: match tablet {
            Tablet::Door(_) => "door-address",
            Tablet::Kiosk(_) => "kiosk-address",
        },
        sentence: "Open it on the tablet now and keep it there: only its digest is kept, and it is never shown again.",
        value: &address,
    };
    Ok(Sheet::set_up(&desk, format!("The {} is made", named(tablet).0))
        .back(name, here)
        .lead("An address that was made before does not work any more.")
        .action("I have opened it", here)
        .card("secret", "Address", &[Html::of(&shown)])
        .show())
}

pub(super) async fn revoke(desk: Desk, tablet: Tablet, here: &str) -> Result<Response, Failure> {
    door::revoke(&desk.house.app, &desk.caller(), tablet).await?;
    Ok(desk.noted(format!("The {} does not work any more.", named(tablet).0), here))
}
