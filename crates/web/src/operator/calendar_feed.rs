//! The secret address by which a calendar shows the bookings of a room or a house: a card on its page.

use axum::response::Response;
use coterie_app::calendar_feed::{self, Subject};
use jiff::tz::TimeZone;

use super::{
    desk::Desk,
    form::Form,
    sheet::{Html, Secret, Sheet},
    times,
};
use crate::{access::Capability, failure::Failure};

/// What the page of the subject, which is at `here`, says and offers. Who only reads is told whether there is one.
pub(super) async fn parts(desk: &Desk, subject: Subject, here: &str) -> Result<Vec<Html>, Failure> {
    if !desk.ctx.viewer.can(Capability::Operate) {
        return Ok(vec![Html::text("Those who run the house can make an address here.")]);
    }
    let about = "Calendars that subscribe to its address show when it is booked and by whom, from 60 days back to 400 days ahead. Whoever has the address can read it.";
    let made_at = calendar_feed::made_at(&desk.house.app, &desk.caller(), subject).await?;
    let make = |label: &str| Html::of(&Form::post(format!("{here}/calendar-feed"), label));
    Ok(match made_at {
        None => vec![Html::text(about), make("Make an address")],
        Some(made_at) => {
            let since = format!(
                "An address works since {} (UTC). Another one takes its place at once.",
                times::moment(made_at, &TimeZone::UTC)
            );
            let revoke = Form::post(format!("{here}/calendar-feed/revoke"), "Revoke the address").danger();
            vec![
                Html::text(about),
                Html::text(&since),
                make("Make another address"),
                Html::of(&revoke),
            ]
        }
    })
}

/// Makes an address, and shows it this once.
pub(super) async fn make(desk: Desk, subject: Subject, name: &str, here: &str) -> Result<Response, Failure> {
    let feed = calendar_feed::make(&desk.house.app, &desk.caller(), subject).await?;
    let address = desk.address(&feed.path);
    let shown = Secret {
        id: "feed-address",
        sentence: "Copy it now and add it to a calendar as a subscription: only its digest is kept, and it is never shown again.",
        value: &address,
    };
    Ok(Sheet::set_up(&desk, "The address is made")
        .back(name, here)
        .lead("An address that was made before does not work any more.")
        .action("I have copied it", here)
        .card("secret", "Address", &[Html::of(&shown)])
        .show())
}

pub(super) async fn revoke(desk: Desk, subject: Subject, here: &str) -> Result<Response, Failure> {
    calendar_feed::revoke(&desk.house.app, &desk.caller(), subject).await?;
    Ok(desk.noted("The address does not work any more.", here))
}
