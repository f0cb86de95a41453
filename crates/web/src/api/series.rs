//! Bookings that come again by a rule.

use coterie_app::booking::{self, BookSeries, BookedSeries, CancelledSeries};
use coterie_domain::{MemberId, ResourceId, SeriesId, series::Wish};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    command::Command,
    reading::{Id, Reading},
    reply::{Answer, Carried, CommandAnswer},
    words::{Money, WallTime},
};
use crate::json::ApiJson;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookInSeries {
    member_id: Uuid,
    resource_id: Uuid,
    /// The first one, in wall time at the location. The wall time stays when the clocks change.
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    #[schema(value_type = String, example = "2026-01-22T12:00")]
    ends_at: WallTime,
    /// How many come, each time.
    people: Option<i32>,
    /// RFC 5545, with COUNT or UNTIL; 104 times at most.
    #[schema(example = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=10")]
    rule: String,
    /// Does without the times that cannot be booked, instead of refusing all.
    #[serde(default)]
    leave_out: bool,
    /// `charged` of the quote: another price is refused with `price_changed`. Left out, any is taken.
    agreed: Option<Money>,
}

impl From<BookInSeries> for BookSeries {
    fn from(body: BookInSeries) -> Self {
        Self {
            wish: Wish {
                member_id: MemberId(body.member_id),
                resource_id: ResourceId(body.resource_id),
                starts_at: body.starts_at.0,
                ends_at: body.ends_at.0,
                people: body.people,
                rule: body.rule,
            },
            leaving_out: body.leave_out,
            agreed: body.agreed.map(Into::into),
        }
    }
}

/// What a series comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesSum {
    /// Null in a quote, which writes nothing.
    series_id: Option<Uuid>,
    time_zone: String,
    bookings: Vec<SeriesTime>,
    left_out: Vec<LeftOut>,
    /// Net, of all that allowances did not cover.
    charged: Money,
    allowance_minutes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesTime {
    /// Null in a quote.
    booking_id: Option<Uuid>,
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    charged: Money,
    allowance_minutes: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOut {
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
    reason: String,
}

impl From<&coterie_domain::series::LeftOut> for LeftOut {
    fn from(time: &coterie_domain::series::LeftOut) -> Self {
        Self {
            starts_at: WallTime(time.starts_at),
            reason: time.reason.clone(),
        }
    }
}

impl SeriesSum {
    fn of(sum: &BookedSeries, booked: bool) -> Self {
        Self {
            series_id: booked.then_some(sum.series_id.0),
            time_zone: sum.time_zone.clone(),
            bookings: sum
                .bookings
                .iter()
                .map(|time| SeriesTime {
                    booking_id: booked.then_some(time.booking_id.0),
                    starts_at: WallTime(time.starts_at),
                    charged: time.charged.into(),
                    allowance_minutes: time.allowance_minutes,
                })
                .collect(),
            left_out: sum.left_out.iter().map(LeftOut::from).collect(),
            charged: sum.charged.into(),
            allowance_minutes: sum.allowance_minutes,
        }
    }
}

/// A series as it was booked. What became of each booking, the booking says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series {
    series_id: Uuid,
    member_id: Uuid,
    resource_id: Uuid,
    rule: String,
    time_zone: String,
    bookings: Vec<Occurrence>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Occurrence {
    booking_id: Uuid,
    #[schema(value_type = String, example = "2026-01-22T10:00")]
    starts_at: WallTime,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelFrom {
    /// Those that start on this day at the location, or later.
    #[schema(value_type = String, example = "2026-02-01")]
    from: Date,
}

/// What giving up came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct GivenUp {
    booking_ids: Vec<Uuid>,
    /// Minutes that went back into allowances.
    restored_minutes: i64,
    /// Bookings of which something is still due.
    with_fee: usize,
}

impl From<&CancelledSeries> for GivenUp {
    fn from(outcome: &CancelledSeries) -> Self {
        Self {
            booking_ids: outcome.bookings.iter().map(|id| id.0).collect(),
            restored_minutes: outcome.restored_minutes,
            with_fee: outcome.with_fee,
        }
    }
}

#[utoipa::path(post, path = "/v1/series/quote", tag = "bookings", request_body = BookInSeries,
    responses((status = 200, description = "What the series would come to; nothing is written", body = SeriesSum)))]
pub async fn quote(command: Command<BookInSeries>) -> Answer<SeriesSum> {
    let wanted = BookSeries::from(command.body);
    let sum = booking::quote_series(&command.house.app, &command.caller, &wanted).await?;
    Ok(ApiJson(SeriesSum::of(&sum, false)))
}

#[utoipa::path(post, path = "/v1/series", tag = "bookings", request_body = BookInSeries,
    responses((status = 201, description = "All of them booked and priced", body = SeriesSum),
        (status = 409, description = "Some times cannot be booked: `times` names each with its reason")))]
pub async fn create(command: Command<BookInSeries>) -> CommandAnswer<SeriesSum> {
    let wanted = BookSeries::from(command.body);
    let done = booking::book_series(&command.house.app, &command.caller, wanted).await?;
    let body = SeriesSum::of(&done.outcome, true);
    let address = format!("/v1/series/{}", done.outcome.series_id);
    Ok(Carried::created(&done, address, body))
}

#[utoipa::path(get, path = "/v1/series/{series_id}", tag = "bookings", params(("series_id" = Uuid, Path)),
    responses((status = 200, description = "One series", body = Series)))]
pub async fn show(Id(id): Id, reading: Reading) -> Answer<Series> {
    reading.settled(&[]).await?;
    let series = booking::series(reading.app(), &reading.caller(), SeriesId(id)).await?;
    let fact = series.fact;
    Ok(ApiJson(Series {
        series_id: fact.series_id.0,
        member_id: fact.member_id.0,
        resource_id: fact.resource_id.0,
        bookings: fact
            .bookings
            .iter()
            .map(|time| Occurrence {
                booking_id: time.booking_id.0,
                starts_at: WallTime(time.starts_at),
            })
            .collect(),
        left_out: fact.left_out.iter().map(LeftOut::from).collect(),
        rule: fact.rule,
        time_zone: fact.time_zone,
    }))
}

#[utoipa::path(post, path = "/v1/series/{series_id}/cancel", tag = "bookings", params(("series_id" = Uuid, Path)), request_body = CancelFrom,
    responses((status = 200, description = "Given up from that day on, each by its own terms", body = GivenUp)))]
pub async fn cancel(Id(id): Id, command: Command<CancelFrom>) -> CommandAnswer<GivenUp> {
    let from = command.body.from;
    let done = booking::cancel_series(&command.house.app, &command.caller, SeriesId(id), from).await?;
    let body = GivenUp::from(&done.outcome);
    Ok(Carried::changed(&done, body))
}
