//! Booking a room at its door, in the name of whoever has the code, by the ordinary rules.

use super::{LENGTHS, enter};
use crate::{Actor, App, Caller, Outcome, UseCaseError, booking, secret};
use coterie_domain::{BookingId, Refusal};
use jiff::{ToSpan, civil::DateTime};
use uuid::Uuid;

/// A wish at the door.
#[derive(Debug, Clone, Copy)]
pub struct BookNow {
    /// Wall time of the house; the board offered it.
    pub start: DateTime,
    pub minutes: i64,
}

/// Books the room of a door. `key` makes a wish that is sent twice one booking.
///
/// # Errors
/// A code that nobody has, a door that waits, a length that doors do not offer, and whatever booking says.
pub async fn book(
    app: &App,
    tenant: Uuid,
    (token, code): (&str, &str),
    wish: BookNow,
    key: &str,
) -> Outcome<BookingId> {
    if !LENGTHS.contains(&wish.minutes) {
        return Err(not_offered());
    }
    let entered = enter(app, tenant, token, code).await?;
    let end = wish
        .start
        .checked_add(wish.minutes.minutes())
        .map_err(|_| not_offered())?;
    let asked = format!("{}:{}:{}", entered.resource_id, wish.start, wish.minutes);
    let caller = Caller::new(tenant, Actor::Member(entered.member_id));
    // What is asked is part of the key: another wish from the same page is another command.
    let named = hex::encode(secret::sha256(format!("door:{key}:{asked}").as_bytes()));
    let caller = caller.with_key(&named, asked.as_bytes());
    let command = booking::Book {
        member_id: entered.member_id,
        resource_id: entered.resource_id,
        start: wish.start,
        end,
        // A door does not ask.
        people: None,
    };
    booking::book(app, &caller, command).await
}

fn not_offered() -> UseCaseError {
    Refusal::field("not_offered", "minutes", "A door offers 15, 30 or 60 minutes.").into()
}
