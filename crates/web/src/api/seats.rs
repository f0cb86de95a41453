//! Who uses a membership beside its holder, and who pays for what of it.

use coterie_app::membership::{
    self,
    sharing::{self, Sharing as Shared},
};
use coterie_domain::{
    MemberId, MembershipId, Refusal,
    membership::{Item, Split as Agreed},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    membership_changes::{MembershipChanged, carried},
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
};
use crate::json::ApiJson;

/// Somebody's seat, `[from, until)`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Seat {
    member_id: Uuid,
    name: String,
    from: Date,
    until: Option<Date>,
}

/// What whoever uses a membership pays herself, from a day on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Split {
    from: Date,
    /// Of `plan`, `bookings`, `passes`, `one_off`, `metered`.
    own: Vec<String>,
}

/// Who uses a membership, and who pays for what of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sharing {
    membership_id: Uuid,
    /// Its holder, who has no seat and needs none.
    holder_id: Uuid,
    /// How many people may use it today, its holder among them.
    people: i64,
    used: i64,
    /// Of today and later.
    seats: Vec<Seat>,
    /// What whoever uses it pays herself today, where a company settles the rest.
    own: Vec<String>,
    splits_ahead: Vec<Split>,
}

fn names(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.name().to_owned()).collect()
}

impl From<&Agreed> for Split {
    fn from(split: &Agreed) -> Self {
        Self {
            from: split.from,
            own: names(&split.own),
        }
    }
}

impl From<Shared> for Sharing {
    fn from(shared: Shared) -> Self {
        let seats = shared.seats.into_iter().map(|seat| Seat {
            member_id: seat.member_id.0,
            name: seat.name,
            from: seat.from,
            until: seat.until,
        });
        Self {
            membership_id: shared.membership_id.0,
            holder_id: shared.holder.0,
            people: shared.people,
            used: shared.used,
            seats: seats.collect(),
            own: names(&shared.own),
            splits_ahead: shared.splits_ahead.iter().map(Split::from).collect(),
        }
    }
}

#[utoipa::path(get, path = "/v1/memberships/{membership_id}/seats", tag = "memberships", params(("membership_id" = Uuid, Path)),
    responses((status = 200, description = "Who uses it, and who pays for what", body = Sharing)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Sharing> {
    // It is read from the log itself.
    reading.settled(&[]).await?;
    let shared = sharing::sharing(reading.app(), reading.tenant(), MembershipId(id)).await?;
    Ok(ApiJson(shared.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveSeat {
    /// Somebody who belongs to the company that pays.
    member_id: Uuid,
    /// Today unless said.
    from: Option<Date>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeatGiven {
    membership_id: Uuid,
    member_id: Uuid,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/seats", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = GiveSeat,
    responses((status = 200, description = "She books and buys by this membership", body = SeatGiven),
        (status = 409, description = "No seat is left, or no company pays")))]
pub async fn give(Id(id): Id, command: Command<GiveSeat>) -> CommandAnswer<SeatGiven> {
    let (app, wish) = (&command.house.app, &command.body);
    let member = MemberId(wish.member_id);
    let done = membership::give_seat(app, &command.caller, MembershipId(id), member, wish.from).await?;
    let body = SeatGiven {
        membership_id: id,
        member_id: member.0,
    };
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeSeat {
    /// The first day without it; today unless said.
    from: Option<Date>,
}

/// A booking that was given up with the seat that it was made with.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenUp {
    booking_id: Uuid,
    resource_name: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    time_zone: String,
}

impl From<&membership::GivenUp> for GivenUp {
    fn from(lost: &membership::GivenUp) -> Self {
        Self {
            booking_id: lost.booking_id.0,
            resource_name: lost.resource_name.clone(),
            starts_at: lost.starts_at,
            time_zone: lost.time_zone.clone(),
        }
    }
}

/// What taking a seat away led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatTaken {
    membership_id: Uuid,
    member_id: Uuid,
    from: Date,
    /// What she had booked with it from that day on: given up, at no cost.
    given_up: Vec<GivenUp>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/seats/{member_id}/take", tag = "memberships", params(("membership_id" = Uuid, Path), ("member_id" = Uuid, Path)), request_body = TakeSeat,
    responses((status = 200, description = "She does not use it from that day on; what she had booked with it is given up and named", body = SeatTaken)))]
pub async fn take(
    Id((membership_id, member_id)): Id<(Uuid, Uuid)>,
    command: Command<TakeSeat>,
) -> CommandAnswer<SeatTaken> {
    let (app, from) = (&command.house.app, command.body.from);
    let ids = (MembershipId(membership_id), MemberId(member_id));
    let done = membership::take_seat(app, &command.caller, ids.0, ids.1, from).await?;
    let body = SeatTaken {
        membership_id,
        member_id,
        from: done.outcome.from,
        given_up: done.outcome.given_up.iter().map(GivenUp::from).collect(),
    };
    Ok(Carried::changed(&done, body))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSplit {
    /// What whoever uses it pays herself, of `plan`, `bookings`, `passes`, `one_off`, `metered`; empty: the company pays for everything.
    own: Vec<String>,
    /// Today unless said.
    from: Option<Date>,
}

#[utoipa::path(post, path = "/v1/memberships/{membership_id}/split", tag = "memberships", params(("membership_id" = Uuid, Path)), request_body = SetSplit,
    responses((status = 200, description = "Charges that are made from then on ask it who pays", body = MembershipChanged)))]
pub async fn split(Id(id): Id, command: Command<SetSplit>) -> CommandAnswer<MembershipChanged> {
    let (app, wish) = (&command.house.app, &command.body);
    let unknown = |name: &String| {
        let sentence = format!("There is no item {name}: plan, bookings, passes, one_off or metered.");
        Refusal::field("unknown_item", "own", sentence)
    };
    let own: Vec<Item> = wish
        .own
        .iter()
        .map(|name| Item::from_name(name).ok_or_else(|| unknown(name)))
        .collect::<Result<_, _>>()?;
    let done = membership::set_split(app, &command.caller, MembershipId(id), &own, wish.from).await?;
    Ok(carried(id, &done))
}
