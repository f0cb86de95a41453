use crate::{
    BookingId, ChargeId, GuestId, LocationId, MemberId, MembershipId, Money, Payer, ResourceId,
    charge::Because,
    credit::{self, CreditUse, MoneyUse},
    event::domain_events,
    personal::Personal,
    refusal::Refusal,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

domain_events!(
    /// What happened to a booking.
    BookingEvent, "booking", {
        BookingHeld = 3 [1 => nobody_counted_as_asked, 2 => paid_from_no_money_as_asked],
        HoldExpired = 1,
        BookingDeclined = 1 personal by BookingDeclined::personal,
        BookingConfirmed = 4 [1 => nobody_checks_in, 2 => nobody_counted, 3 => paid_from_no_money],
        BookingMoved = 4 [
            1 => nobody_checks_in_where_it_moved,
            2 => nobody_counted_where_it_moved,
            3 => paid_from_no_money_where_it_moved,
        ],
        BookingCancelled = 2 [1 => no_money_restored],
        CheckedIn = 1,
        NoShowRecorded = 1,
        GuestInvited = 1 personal by GuestInvited::personal,
        GuestUninvited = 1,
    }
);

/// A time is kept for somebody, who has not booked it yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingHeld {
    pub booking_id: BookingId,
    pub waits_for: WaitsFor,
    pub asked_at: Timestamp,
    /// It is free again from then on.
    pub expires_at: Timestamp,
    /// The booking that it may become, as it would be priced then: nothing is drawn on and nothing charged yet.
    pub as_asked: BookingConfirmed,
}

/// Whose word makes a booking of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    Member,
    Staff,
    /// A visitor is on the page on which she pays. Version 1 of `BookingHeld` did not know it.
    Payment,
}

/// Nobody said the word in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HoldExpired {
    pub booking_id: BookingId,
}

/// Staff said no.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingDeclined {
    pub booking_id: BookingId,
    pub member_id: MemberId,
    /// As staff typed it for her.
    pub reason: String,
}

impl BookingDeclined {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.member_id, &["/reason"])
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingConfirmed {
    pub booking_id: BookingId,
    pub resource_id: ResourceId,
    pub location_id: LocationId,
    pub member_id: MemberId,
    pub payer: Payer,
    pub membership_id: Option<MembershipId>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// The reserved time with its buffers.
    pub blocked_from: Timestamp,
    pub blocked_until: Timestamp,
    pub time_zone: String,
    /// How many come; `None` where nobody said, and it is priced as for one.
    pub people: Option<i32>,
    /// Net price of the whole time before allowances.
    pub full_price: Money,
    /// Net price of what the allowances did not cover: neither hours nor money.
    pub charged: Money,
    pub credit_uses: Vec<CreditUse>,
    /// Money of a plan's allowance that paid for a part. Versions before 4 had none.
    pub money_uses: Vec<MoneyUse>,
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    pub catalogue_position: i64,
    /// Whoever has not checked in by then loses the rest.
    pub check_in_by: Option<Timestamp>,
    /// Net, on top of the price, when it comes to that.
    pub no_show_fee: Option<Money>,
}

impl BookingConfirmed {
    /// What a plan's money paid of it, net.
    pub fn paid_from_allowance(&self) -> Money {
        credit::paid(&self.money_uses).unwrap_or(Money::new(0, self.charged.currency))
    }
}

/// At first nobody was asked to check in.
fn nobody_checks_in(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    for key in ["check_in_by", "no_show_fee"] {
        fields.insert(key.to_owned(), Value::Null);
    }
    Ok(payload)
}

fn nobody_checks_in_where_it_moved(mut payload: Value) -> Result<Value, &'static str> {
    let now = payload.get_mut("now").ok_or("it says not what it is now")?;
    *now = nobody_checks_in(now.take())?;
    Ok(payload)
}

/// At first nobody was asked how many come.
fn nobody_counted(mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert("people".to_owned(), Value::Null);
    Ok(payload)
}

fn nobody_counted_as_asked(mut payload: Value) -> Result<Value, &'static str> {
    let asked = payload.get_mut("as_asked").ok_or("it says not what was asked for")?;
    *asked = nobody_counted(asked.take())?;
    Ok(payload)
}

fn nobody_counted_where_it_moved(mut payload: Value) -> Result<Value, &'static str> {
    let now = payload.get_mut("now").ok_or("it says not what it is now")?;
    *now = nobody_counted(now.take())?;
    Ok(payload)
}

/// At first plans granted no money.
fn paid_from_no_money(payload: Value) -> Result<Value, &'static str> {
    nothing_of("money_uses", payload)
}

fn no_money_restored(payload: Value) -> Result<Value, &'static str> {
    nothing_of("restored_money", payload)
}

fn nothing_of(field: &str, mut payload: Value) -> Result<Value, &'static str> {
    let fields = payload.as_object_mut().ok_or("it is no object")?;
    fields.insert(field.to_owned(), Value::Array(Vec::new()));
    Ok(payload)
}

fn paid_from_no_money_as_asked(mut payload: Value) -> Result<Value, &'static str> {
    let asked = payload.get_mut("as_asked").ok_or("it says not what was asked for")?;
    *asked = paid_from_no_money(asked.take())?;
    Ok(payload)
}

fn paid_from_no_money_where_it_moved(mut payload: Value) -> Result<Value, &'static str> {
    let now = payload.get_mut("now").ok_or("it says not what it is now")?;
    *now = paid_from_no_money(now.take())?;
    no_money_restored(payload)
}

/// Another time or resource, priced anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingMoved {
    pub booking_id: BookingId,
    /// Lots that got their minutes back before the new time drew on them.
    pub restored: Vec<CreditUse>,
    pub restored_money: Vec<MoneyUse>,
    pub voided_charge: Option<ChargeId>,
    /// The booking as it stands from now on.
    pub now: BookingConfirmed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingCancelled {
    pub booking_id: BookingId,
    /// Percent of the price still due under the location's policy.
    pub percent_due: u8,
    /// Lots that got their minutes back.
    pub restored: Vec<CreditUse>,
    pub restored_money: Vec<MoneyUse>,
    pub voided_charge: Option<ChargeId>,
    pub fee_charge: Option<ChargeId>,
}

/// Somebody is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedIn {
    pub booking_id: BookingId,
    pub at: Timestamp,
    pub how: CheckInBy,
}

/// How it was shown that somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckInBy {
    /// The sign on the room's door, scanned.
    Sign,
    /// The booking's code, typed at the house's kiosk or at the door.
    Code,
    /// Staff saw her.
    Staff,
}

/// Nobody came: the rest of the time is free for others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoShowRecorded {
    pub booking_id: BookingId,
    pub at: Timestamp,
    pub fee_charge: Option<ChargeId>,
}

/// Somebody without an account is asked to come too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GuestInvited {
    pub booking_id: BookingId,
    pub guest_id: GuestId,
    /// Who invites, and with whom the guest is forgotten.
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
}

impl GuestInvited {
    fn personal(&self) -> Vec<Personal> {
        Personal::of(self.member_id, &["/name", "/email"])
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GuestUninvited {
    pub booking_id: BookingId,
    pub guest_id: GuestId,
}

/// What is known of a booking, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// As it stands; of one that is only held, as it was asked for.
    pub fact: BookingConfirmed,
    pub standing: Standing,
    pub checked_in: Option<CheckedIn>,
    /// Those who are asked to come too, in the order in which they were.
    pub guests: Vec<GuestInvited>,
}

/// Whether a booking holds its time, and why not.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    Held(Held),
    Confirmed,
    Expired,
    Declined { reason: String },
    Cancelled(BookingCancelled),
    NoShow(NoShowRecorded),
}

/// A hold that nobody has decided on yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub waits_for: WaitsFor,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Booking {
    pub fn evolve(state: Option<Self>, event: BookingEvent) -> Option<Self> {
        let standing = match event {
            BookingEvent::BookingHeld(held) => {
                return Some(Self {
                    fact: held.as_asked,
                    standing: Standing::Held(Held {
                        waits_for: held.waits_for,
                        asked_at: held.asked_at,
                        expires_at: held.expires_at,
                    }),
                    checked_in: None,
                    guests: Vec::new(),
                });
            }
            BookingEvent::BookingConfirmed(fact) => {
                return Some(Self {
                    fact,
                    standing: Standing::Confirmed,
                    checked_in: None,
                    guests: Vec::new(),
                });
            }
            BookingEvent::GuestInvited(guest) => {
                return state.map(|mut booking| {
                    booking.guests.push(guest);
                    booking
                });
            }
            BookingEvent::GuestUninvited(fact) => {
                return state.map(|mut booking| {
                    booking.guests.retain(|guest| guest.guest_id != fact.guest_id);
                    booking
                });
            }
            BookingEvent::BookingMoved(moved) => {
                return state.map(|booking| Self {
                    // Whoever was there for another time or room is not there for this one.
                    checked_in: booking.checked_in.filter(|_| {
                        (booking.fact.resource_id, booking.fact.starts_at)
                            == (moved.now.resource_id, moved.now.starts_at)
                    }),
                    fact: moved.now,
                    standing: booking.standing,
                    guests: booking.guests,
                });
            }
            BookingEvent::CheckedIn(fact) => {
                return state.map(|booking| Self {
                    checked_in: Some(fact),
                    ..booking
                });
            }
            BookingEvent::HoldExpired(_) => Standing::Expired,
            BookingEvent::BookingDeclined(fact) => Standing::Declined { reason: fact.reason },
            BookingEvent::BookingCancelled(fact) => Standing::Cancelled(fact),
            BookingEvent::NoShowRecorded(fact) => Standing::NoShow(fact),
        };
        state.map(|booking| Self { standing, ..booking })
    }

    /// What giving it up led to.
    pub fn cancelled(&self) -> Option<&BookingCancelled> {
        match &self.standing {
            Standing::Cancelled(fact) => Some(fact),
            _ => None,
        }
    }

    /// The hold, while nobody has decided on it.
    pub fn held(&self) -> Option<&Held> {
        match &self.standing {
            Standing::Held(held) => Some(held),
            _ => None,
        }
    }

    /// Refuses what only a booking that holds its time can have done to it. A hold does too.
    ///
    /// # Errors
    /// Why it does not hold it any more.
    pub fn check_live(&self) -> Result<(), Refusal> {
        match &self.standing {
            Standing::Held(_) | Standing::Confirmed => Ok(()),
            Standing::Cancelled(_) => Err(Refusal::conflict(
                "already_cancelled",
                "This booking is already cancelled.",
            )),
            Standing::Expired => Err(Refusal::conflict(
                "hold_expired",
                "It was held for a time that is over. Please book it anew.",
            )),
            Standing::Declined { .. } => Err(Refusal::conflict(
                "declined",
                "This booking was declined. Please ask for another time.",
            )),
            Standing::NoShow(_) => Err(Refusal::conflict(
                "no_show",
                "Nobody checked in for this booking, so its time was given to others.",
            )),
        }
    }
}
