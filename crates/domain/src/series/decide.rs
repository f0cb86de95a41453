use super::{LeftOut, Occurrence, Series, SeriesBooked, SeriesCancelled};
use crate::{BookingId, MemberId, ResourceId, SeriesId, refusal::Refusal};
use jiff::civil::{Date, DateTime};

/// What somebody wants again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub member_id: MemberId,
    pub resource_id: ResourceId,
    /// The first one.
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    /// How many come, each time.
    pub people: Option<i32>,
    pub rule: String,
}

/// Ties bookings together that were decided one by one.
///
/// # Errors
/// When some times cannot be booked and nobody agreed to do without them, with each of them named; when none can.
pub fn book(
    id: SeriesId,
    wish: &Wish,
    time_zone: &str,
    bookings: Vec<Occurrence>,
    left_out: Vec<LeftOut>,
    leaving_out: bool,
) -> Result<SeriesBooked, Refusal> {
    if !left_out.is_empty() && (!leaving_out || bookings.is_empty()) {
        let count = bookings.len() + left_out.len();
        let all: Vec<String> = left_out
            .iter()
            .map(|time| format!("{}: {}", time.starts_at.strftime("%-d %B %Y, %H:%M"), time.reason))
            .collect();
        let sentence = if bookings.is_empty() {
            format!("None of the {count} times can be booked. {}", all.join(" "))
        } else {
            format!(
                "{} of the {count} times cannot be booked. {} Choose another time, or leave these out.",
                left_out.len(),
                all.join(" ")
            )
        };
        let times: Vec<_> = left_out
            .iter()
            .map(|time| serde_json::json!({ "starts_at": time.starts_at.strftime("%Y-%m-%dT%H:%M").to_string(), "reason": time.reason }))
            .collect();
        return Err(Refusal::conflict("times_not_free", sentence).with("times", times));
    }
    Ok(SeriesBooked {
        series_id: id,
        member_id: wish.member_id,
        resource_id: wish.resource_id,
        rule: wish.rule.clone(),
        starts_at: wish.starts_at,
        ends_at: wish.ends_at,
        time_zone: time_zone.to_owned(),
        bookings,
        left_out,
    })
}

/// Records which of its bookings were given up together.
///
/// # Errors
/// When there is none from that day on.
pub fn cancel(series: &Series, from: Date, bookings: Vec<BookingId>) -> Result<SeriesCancelled, Refusal> {
    if bookings.is_empty() {
        return Err(Refusal::conflict(
            "nothing_left",
            format!(
                "No booking of this series is left from {} on.",
                from.strftime("%-d %B %Y")
            ),
        ));
    }
    Ok(SeriesCancelled {
        series_id: series.fact.series_id,
        from,
        bookings,
    })
}
