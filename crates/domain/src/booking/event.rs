use crate::{
    BookingId, ChargeId, LocationId, MemberId, MembershipId, Money, Payer, ResourceId, charge::Because,
    credit::CreditUse, event::domain_events,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

domain_events!(
    /// What happened to a booking.
    BookingEvent, "booking", { BookingConfirmed = 1, BookingMoved = 1, BookingCancelled = 1 }
);

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
    /// Net price of the whole time before allowances.
    pub full_price: Money,
    /// Net price of what the allowances did not cover.
    pub charged: Money,
    pub credit_uses: Vec<CreditUse>,
    pub charge_id: Option<ChargeId>,
    pub because: Vec<Because>,
    pub catalogue_position: i64,
}

/// Another time or resource, priced anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BookingMoved {
    pub booking_id: BookingId,
    /// Lots that got their minutes back before the new time drew on them.
    pub restored: Vec<CreditUse>,
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
    pub voided_charge: Option<ChargeId>,
    pub fee_charge: Option<ChargeId>,
}

/// What is known of a booking, folded from its stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    pub fact: BookingConfirmed,
    pub cancelled: Option<BookingCancelled>,
}

impl Booking {
    pub fn evolve(state: Option<Self>, event: BookingEvent) -> Option<Self> {
        match event {
            BookingEvent::BookingConfirmed(fact) => Some(Self { fact, cancelled: None }),
            BookingEvent::BookingMoved(moved) => state.map(|booking| Self {
                fact: moved.now,
                ..booking
            }),
            BookingEvent::BookingCancelled(fact) => state.map(|booking| Self {
                cancelled: Some(fact),
                ..booking
            }),
        }
    }
}
