//! Bookings by visitors, who have no account and pay up front on the hosted page.

use axum::extract::State;
use coterie_app::{
    Caller, organization,
    visitor_booking::{self, OpenVisit, VisitTime, page::VisitDetail},
};
use coterie_domain::{ResourceId, VisitorBookingId, booking::Standing, local_time, visitor_booking::VisitorStanding};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
    words::{Because, Money, WallTime},
};
use crate::{failure::Failure, identity::TenantInfo, json::ApiJson, state::AppState, visitor};

/// A time that a visitor pays for, or paid for.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorBooking {
    visitor_booking_id: Uuid,
    /// The hold, and the booking that it becomes.
    booking_id: Uuid,
    /// The visitor, among the members.
    member_id: Uuid,
    resource_id: Uuid,
    location_id: Uuid,
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    /// IANA zone of the location.
    time_zone: String,
    /// `open` (she may still pay), `paid`, `lapsed`, `refund_due` or `refunded` (it was paid too late), `cancelled` (what is not
    /// due goes back) or `given_back`.
    state: &'static str,
    /// Whether the time is hers: paid, and not cancelled since.
    booked: bool,
    /// The gateway's page on which she pays; null once that is over.
    payment_url: Option<String>,
    pay_by: Timestamp,
    /// Net.
    net: Money,
    /// With tax: what she pays.
    amount: Money,
    because: Vec<Because>,
    /// Once it is paid.
    invoice_id: Option<Uuid>,
    invoice_number: Option<String>,
}

impl VisitorBooking {
    fn of(found: &VisitDetail) -> Result<Self, Failure> {
        let (visit, fact) = (&found.visit, &found.booking.fact);
        let zone = local_time::zone(&fact.time_zone)?;
        let open = visit.standing == VisitorStanding::Open;
        Ok(Self {
            visitor_booking_id: visit.fact.visitor_booking_id.0,
            booking_id: fact.booking_id.0,
            member_id: fact.member_id.0,
            resource_id: fact.resource_id.0,
            location_id: fact.location_id.0,
            starts_at: WallTime(zone.to_datetime(fact.starts_at)),
            ends_at: WallTime(zone.to_datetime(fact.ends_at)),
            time_zone: fact.time_zone.clone(),
            state: visit.standing.name(),
            booked: found.booking.standing == Standing::Confirmed,
            payment_url: visit.page.as_ref().filter(|_| open).map(|page| page.url.clone()),
            pay_by: visit.fact.pay_by,
            net: fact.charged.into(),
            amount: visit.fact.amount.into(),
            because: fact.because.iter().map(Because::from).collect(),
            invoice_id: found.invoice.as_ref().map(|invoice| invoice.invoice_id.0),
            invoice_number: found.invoice.as_ref().map(|invoice| invoice.number.clone()),
        })
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenVisitorBooking {
    /// One whose terms open it to visitors.
    resource_id: Uuid,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    name: String,
    /// Where the confirmation, the receipt and the secret link go.
    email: String,
}

#[utoipa::path(post, path = "/v1/visitor_bookings", tag = "bookings", request_body = OpenVisitorBooking,
    responses((status = 201, description = "Held until it could have been paid: send the visitor to `payment_url`", body = VisitorBooking),
        (status = 409, description = "Not open to visitors, taken (`next_free` names the next free time), or too many visits are not paid yet")))]
pub async fn create(
    State(state): State<AppState>,
    command: Command<OpenVisitorBooking>,
) -> CommandAnswer<VisitorBooking> {
    let (app, wish) = (&command.house.app, command.body);
    let wish = OpenVisit {
        time: VisitTime {
            resource_id: ResourceId(wish.resource_id),
            start: wish.starts_at.0,
            end: wish.ends_at.0,
        },
        name: wish.name,
        email: wish.email,
    };
    let done = visitor_booking::open(app, &command.caller, wish).await?;
    let found = visitor_booking::page::find(app, &command.caller, done.outcome).await?;
    let info = organization::by_id(app, command.caller.tenant)
        .await?
        .ok_or_else(Failure::not_found)?;
    let tenant = TenantInfo {
        tenant: info.tenant,
        name: info.name,
        slug: info.slug,
        sandbox: info.sandbox,
    };
    if found.visit.standing == VisitorStanding::Open {
        // The client's key is the opening's alone.
        let caller = Caller {
            idempotency: None,
            ..command.caller.clone()
        };
        visitor::of_visit(&state, &caller, &tenant, &found).await?;
    }
    let found = visitor_booking::page::find(app, &command.caller, done.outcome).await?;
    let address = format!("/v1/visitor_bookings/{}", done.outcome);
    Ok(Carried::created(&done, address, VisitorBooking::of(&found)?))
}

#[utoipa::path(get, path = "/v1/visitor_bookings/{visitor_booking_id}", tag = "bookings", params(("visitor_booking_id" = Uuid, Path)),
    responses((status = 200, description = "One visitor's booking", body = VisitorBooking)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<VisitorBooking> {
    reading.settled(&[]).await?;
    let found = visitor_booking::page::find(reading.app(), &reading.caller(), VisitorBookingId(id)).await?;
    Ok(ApiJson(VisitorBooking::of(&found)?))
}
