//! Checking in at a room's door, by a member's own code.

use super::enter;
use crate::{Actor, App, Caller, Outcome, booking, secret};
use coterie_domain::{BookingId, Refusal, booking::CheckInBy};
use uuid::Uuid;

/// Checks the member in for her booking that waits for her at this door, the earliest first. `key` makes a wish that is sent
/// twice one command.
///
/// # Errors
/// A code that nobody has, a door that waits, no booking of hers that waits here, and whatever checking in says.
pub async fn check_in(app: &App, tenant: Uuid, (token, code): (&str, &str), key: &str) -> Outcome<BookingId> {
    let entered = enter(app, tenant, token, code).await?;
    let caller = Caller::new(tenant, Actor::Member(entered.member_id));
    let waiting = booking::waiting_at(app, &caller, entered.resource_id).await?;
    let Some(first) = waiting.first() else {
        let sentence = "No booking of yours waits for you here now.";
        return Err(Refusal::conflict("not_here", sentence).on("code", sentence).into());
    };
    let asked = format!("check-in:{}", first.booking_id);
    let named = hex::encode(secret::sha256(format!("door:{key}:{asked}").as_bytes()));
    let caller = caller.with_key(&named, asked.as_bytes());
    booking::check_in(app, &caller, first.booking_id, CheckInBy::Code).await
}
