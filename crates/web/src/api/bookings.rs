//! Reservations.

use coterie_app::{
    App, Caller, Operation,
    booking::{
        self, Book, Move,
        page::{BookingFilter, BookingRow, BookingState},
    },
    projections,
};
use coterie_domain::{
    BookingId, GuestId, LocationId, MemberId, ResourceId,
    booking::{Booking as Folded, BookingCancelled, CheckInBy},
    credit, local_time,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    command::{Command, Nothing},
    reading::{Id, PageQuery, Reading},
    reply::{Answer, Carried, CommandAnswer, List},
    words::{Because, Money, Payer, WallTime},
};
use crate::{failure::Failure, json::ApiJson};

#[derive(Debug, Serialize, ToSchema)]
pub struct Booking {
    booking_id: Uuid,
    resource_id: Uuid,
    location_id: Uuid,
    member_id: Uuid,
    payer: Payer,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    /// IANA zone of the location.
    time_zone: String,
    starts_at_instant: Timestamp,
    ends_at_instant: Timestamp,
    /// How many come; null where nobody said, and it is priced as for one.
    people: Option<i32>,
    /// `held`, `requested`, `confirmed`, `expired`, `declined`, `cancelled` or `no_show`.
    state: &'static str,
    /// Of one that is held or requested: its time is free again from then on.
    expires_at: Option<Timestamp>,
    /// Whoever has not checked in by then loses the rest; `null` asks nobody to.
    check_in_by: Option<Timestamp>,
    checked_in_at: Option<Timestamp>,
    /// Net, on top of the price, for whoever does not come.
    no_show_fee: Option<Money>,
    /// Net, of the whole time before allowances.
    full_price: Money,
    /// Net, of what the allowances did not cover.
    charged: Money,
    allowance_minutes: i64,
    /// Net, of the money that a plan grants; `charged` is what is left.
    allowance_money: Money,
    charge_id: Option<Uuid>,
    because: Vec<Because>,
    cancellation: Option<Cancellation>,
}

/// What cancelling led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cancellation {
    /// Percent of the price still due under the location's policy.
    percent_due: u8,
    restored_minutes: i64,
    /// Net, back in the money that a plan grants; null where none was.
    restored_money: Option<Money>,
    voided_charge_id: Option<Uuid>,
    fee_charge_id: Option<Uuid>,
}

impl From<&BookingCancelled> for Cancellation {
    fn from(fact: &BookingCancelled) -> Self {
        Self {
            percent_due: fact.percent_due,
            restored_minutes: fact.restored.iter().map(|part| part.minutes).sum(),
            restored_money: credit::paid(&fact.restored_money).map(Money::from),
            voided_charge_id: fact.voided_charge.map(|id| id.0),
            fee_charge_id: fact.fee_charge.map(|id| id.0),
        }
    }
}

fn zone(name: &str) -> TimeZone {
    // A recorded zone was checked when the location opened; should it ever go from the database, UTC is still a time.
    local_time::zone(name).unwrap_or(TimeZone::UTC)
}

impl From<BookingRow> for Booking {
    fn from(row: BookingRow) -> Self {
        let zone = zone(&row.time_zone);
        Self {
            booking_id: row.booking_id.0,
            resource_id: row.resource_id.0,
            location_id: row.location_id.0,
            member_id: row.member_id.0,
            payer: row.payer.into(),
            starts_at: WallTime::at(row.starts_at, &zone),
            ends_at: WallTime::at(row.ends_at, &zone),
            time_zone: row.time_zone,
            starts_at_instant: row.starts_at,
            ends_at_instant: row.ends_at,
            people: row.people,
            state: row.state.name(),
            expires_at: row.expires_at,
            check_in_by: row.check_in_by,
            checked_in_at: row.checked_in_at,
            no_show_fee: row.no_show_fee.map(Money::from),
            full_price: row.full_price.into(),
            charged: row.charged.into(),
            allowance_minutes: row.allowance_minutes,
            allowance_money: row.allowance_money.into(),
            charge_id: row.charge_id.map(|id| id.0),
            because: row.because.iter().map(Because::from).collect(),
            cancellation: row.cancelled.as_ref().map(Cancellation::from),
        }
    }
}

impl From<Folded> for Booking {
    fn from(booking: Folded) -> Self {
        let state = BookingState::from(&booking);
        let expires_at = booking.held().map(|held| held.expires_at);
        let cancellation = booking.cancelled().map(Cancellation::from);
        let Folded { fact, checked_in, .. } = booking;
        let allowance_money = fact.paid_from_allowance().into();
        let zone = zone(&fact.time_zone);
        Self {
            booking_id: fact.booking_id.0,
            resource_id: fact.resource_id.0,
            location_id: fact.location_id.0,
            member_id: fact.member_id.0,
            payer: fact.payer.into(),
            starts_at: WallTime::at(fact.starts_at, &zone),
            ends_at: WallTime::at(fact.ends_at, &zone),
            time_zone: fact.time_zone,
            starts_at_instant: fact.starts_at,
            ends_at_instant: fact.ends_at,
            people: fact.people,
            state: state.name(),
            expires_at,
            check_in_by: fact.check_in_by,
            checked_in_at: checked_in.map(|fact| fact.at),
            no_show_fee: fact.no_show_fee.map(Money::from),
            full_price: fact.full_price.into(),
            charged: fact.charged.into(),
            allowance_minutes: fact.credit_uses.iter().map(|part| part.minutes).sum(),
            allowance_money,
            charge_id: fact.charge_id.map(|id| id.0),
            because: fact.because.iter().map(Because::from).collect(),
            cancellation,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookResource {
    member_id: Uuid,
    resource_id: Uuid,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    /// How many come, as many as it holds at most. Prices for each of them count them; left out, it is priced as for one.
    people: Option<i32>,
    /// Only keep the time, for as long as the resource's terms say; where it is booked by asking, ask.
    #[serde(default)]
    hold: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BookingQuery {
    member_id: Option<Uuid>,
    location_id: Option<Uuid>,
    /// Those that end after this instant.
    from: Option<Timestamp>,
    /// Those that start before this instant.
    until: Option<Timestamp>,
    /// `held`, `requested`, `confirmed`, `expired`, `declined`, `cancelled` or `no_show`.
    #[param(value_type = Option<String>)]
    state: Option<BookingState>,
    /// The latest start first, instead of the earliest.
    #[serde(default)]
    latest_first: bool,
}

#[utoipa::path(post, path = "/v1/bookings", tag = "bookings", request_body = BookResource,
    responses((status = 201, description = "Booked and priced", body = Booking),
        (status = 409, description = "Somebody has it: `next_free` names the next time of the same length")))]
pub async fn create(command: Command<BookResource>) -> CommandAnswer<Booking> {
    let (app, wish) = (&command.house.app, command.body);
    let hold = wish.hold;
    let wish = Book {
        member_id: MemberId(wish.member_id),
        resource_id: ResourceId(wish.resource_id),
        start: wish.starts_at.0,
        end: wish.ends_at.0,
        people: wish.people,
    };
    let mut done = if hold {
        let done = booking::hold(app, &command.caller, wish).await?;
        done.map(|kept| booking::Made::from(kept.booking_id))
    } else {
        booking::book_to_show(app, &command.caller, wish).await?
    };
    let body = done.shown(app, &command.caller).await?.into();
    Ok(Carried::created(
        &done,
        format!("/v1/bookings/{}", done.outcome.id),
        body,
    ))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmHold {
    /// What it may be charged with, net: another price is refused with `price_changed`. Left out, any is taken; of a
    /// request it is always the price that was asked for.
    agreed: Option<Money>,
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/confirm", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = ConfirmHold,
    responses((status = 200, description = "Booked and priced; of a request: approved", body = Booking),
        (status = 409, description = "Nothing is held any more, or the price changed")))]
pub async fn confirm(Id(id): Id, command: Command<ConfirmHold>) -> CommandAnswer<Booking> {
    let app = &command.house.app;
    let agreed = command.body.agreed.map(coterie_domain::Money::from);
    let done = booking::confirm(app, &command.caller, BookingId(id), agreed).await?;
    let body = one(app, &command.caller, BookingId(id)).await?;
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineRequest {
    /// The member reads it.
    reason: String,
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/decline", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = DeclineRequest,
    responses((status = 200, description = "Declined; its time is free", body = Booking), (status = 409, description = "Nobody asks for it")))]
pub async fn decline(Id(id): Id, command: Command<DeclineRequest>) -> CommandAnswer<Booking> {
    let app = &command.house.app;
    let done = booking::decline(app, &command.caller, BookingId(id), &command.body.reason).await?;
    let body = one(app, &command.caller, BookingId(id)).await?;
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/check_in", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Somebody is there", body = Booking),
        (status = 409, description = "Too early, over, not booked, or checked in already")))]
pub async fn check_in(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Booking> {
    let app = &command.house.app;
    let done = booking::check_in(app, &command.caller, BookingId(id), CheckInBy::Staff).await?;
    let body = one(app, &command.caller, BookingId(id)).await?;
    Ok(Carried::changed(&done, body))
}

#[utoipa::path(get, path = "/v1/bookings", tag = "bookings", params(PageQuery, BookingQuery),
    responses((status = 200, description = "Bookings by start", body = List<Booking>)))]
pub async fn list(reading: Reading) -> Answer<List<Booking>> {
    reading.settled(&[projections::BOOKINGS]).await?;
    let query: BookingQuery = reading.query()?;
    let filter = BookingFilter {
        member: query.member_id.map(MemberId),
        location: query.location_id.map(LocationId),
        from: query.from,
        until: query.until,
        states: query.state.into_iter().collect(),
        latest_first: query.latest_first,
    };
    let page = booking::page::list(reading.app(), reading.tenant(), filter, &reading.page()?).await?;
    Ok(List::of(page, Booking::from))
}

#[utoipa::path(get, path = "/v1/bookings/{booking_id}", tag = "bookings", params(("booking_id" = Uuid, Path)),
    responses((status = 200, description = "One booking", body = Booking)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Booking> {
    reading.settled(&[]).await?;
    Ok(ApiJson(one(reading.app(), &reading.caller(), BookingId(id)).await?))
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/cancel", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = Nothing,
    responses((status = 200, description = "Cancelled by the location's policy", body = Booking)))]
pub async fn cancel(Id(id): Id, command: Command<Nothing>) -> CommandAnswer<Booking> {
    let app = &command.house.app;
    let done = booking::cancel(app, &command.caller, BookingId(id)).await?;
    let body = one(app, &command.caller, BookingId(id)).await?;
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Guest {
    guest_id: Uuid,
    name: String,
    email: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Guests {
    items: Vec<Guest>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteGuest {
    name: String,
    email: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    guest_id: Uuid,
}

#[utoipa::path(get, path = "/v1/bookings/{booking_id}/guests", tag = "bookings", params(("booking_id" = Uuid, Path)),
    responses((status = 200, description = "Those who are invited, in the order in which they were", body = Guests)))]
pub async fn guests(Id(id): Id, reading: Reading) -> Answer<Guests> {
    reading.settled(&[]).await?;
    let guests = booking::guests(reading.app(), &reading.caller(), BookingId(id)).await?;
    let items = guests.into_iter().map(|guest| Guest {
        guest_id: guest.guest_id.0,
        name: guest.name,
        email: guest.email,
    });
    Ok(ApiJson(Guests { items: items.collect() }))
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/guests", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = InviteGuest,
    responses((status = 201, description = "Invited by email, with a file for the calendar", body = Invited),
        (status = 409, description = "The room is full, or the booking is not made or over")))]
pub async fn invite(Id(id): Id, command: Command<InviteGuest>) -> CommandAnswer<Invited> {
    let InviteGuest { name, email } = &command.body;
    let done = booking::invite(&command.house.app, &command.caller, BookingId(id), name, email).await?;
    let body = Invited {
        guest_id: done.outcome.0,
    };
    Ok(Carried::created(&done, format!("/v1/bookings/{id}/guests"), body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UninviteGuest {
    guest_id: Uuid,
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/guests/uninvite", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = UninviteGuest,
    responses((status = 200, description = "The invitation is taken back; the guest is told", body = Invited)))]
pub async fn uninvite(Id(id): Id, command: Command<UninviteGuest>) -> CommandAnswer<Invited> {
    let guest = GuestId(command.body.guest_id);
    let done = booking::uninvite(&command.house.app, &command.caller, BookingId(id), guest).await?;
    let body = Invited {
        guest_id: done.outcome.0,
    };
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBooking {
    /// Where it is now when it is left out.
    resource_id: Option<Uuid>,
    /// Wall time at the location.
    #[schema(value_type = String, example = "2026-01-22T14:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T16:00")]
    ends_at: WallTime,
    /// How many come; as many as did when it is left out.
    people: Option<i32>,
    /// `after` of the quote: another price is refused with `price_changed`. Left out, any is taken.
    agreed: Option<Money>,
}

/// What moving does to the price.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveQuote {
    /// Net, as it was charged.
    before: Money,
    before_allowance_minutes: i64,
    /// Net, as it will be charged.
    after: Money,
    after_allowance_minutes: i64,
    because: Vec<Because>,
}

impl From<booking::MoveQuote> for MoveQuote {
    fn from(quote: booking::MoveQuote) -> Self {
        Self {
            before: quote.before.into(),
            before_allowance_minutes: quote.before_allowance_minutes,
            after: quote.after.into(),
            after_allowance_minutes: quote.after_allowance_minutes,
            because: quote.because.iter().map(Because::from).collect(),
        }
    }
}

async fn wanted(command: &Command<MoveBooking>, id: BookingId) -> Result<Move, Failure> {
    let body = &command.body;
    let resource_id = if let Some(resource) = body.resource_id {
        ResourceId(resource)
    } else {
        let mut op = Operation::open(&command.house.app, &command.caller).await?;
        booking::load(&mut op, id).await?.0.fact.resource_id
    };
    Ok(Move {
        booking_id: id,
        resource_id,
        start: body.starts_at.0,
        end: body.ends_at.0,
        agreed: body.agreed.map(coterie_domain::Money::from),
        people: body.people,
    })
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/move/quote", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = MoveBooking,
    responses((status = 200, description = "What moving would cost; nothing is written", body = MoveQuote)))]
pub async fn quote_move(Id(id): Id, command: Command<MoveBooking>) -> Answer<MoveQuote> {
    let wanted = wanted(&command, BookingId(id)).await?;
    let quote = booking::quote_move(&command.house.app, &command.caller, wanted).await?;
    Ok(ApiJson(quote.into()))
}

#[utoipa::path(post, path = "/v1/bookings/{booking_id}/move", tag = "bookings", params(("booking_id" = Uuid, Path)), request_body = MoveBooking,
    responses((status = 200, description = "Moved, and priced anew", body = Booking),
        (status = 409, description = "Somebody has that time (`next_free` names the next), it is too late, or the price changed")))]
pub async fn move_booking(Id(id): Id, command: Command<MoveBooking>) -> CommandAnswer<Booking> {
    let app = &command.house.app;
    let wanted = wanted(&command, BookingId(id)).await?;
    let done = booking::move_booking(app, &command.caller, wanted).await?;
    let body = one(app, &command.caller, BookingId(id)).await?;
    Ok(Carried::changed(&done, body))
}

/// Read from the log itself, so that whoever just booked sees it.
async fn one(app: &App, caller: &Caller, id: BookingId) -> Result<Booking, Failure> {
    Ok(booking::show(app, caller, id).await?.into())
}
