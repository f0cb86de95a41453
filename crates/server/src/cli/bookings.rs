//! `coterie bookings`: the bookings of an organization, given up or moved from the command line.

use super::{
    CliError,
    desk::{Desk, Row, Where, refused, wall},
};
use crate::config::Config;
use clap::Subcommand;
use coterie_app::{
    Operation,
    booking::{
        self, Move,
        page::{BookingFilter, BookingRow, BookingState},
    },
    page::{MAX_PAGE, PageRequest},
};
use coterie_domain::{BookingId, LocationId, MemberId, ResourceId, local_time};
use jiff::{Timestamp, civil::DateTime};
use std::io::Write;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(super) enum BookingsCommand {
    /// List bookings by their start.
    List {
        #[command(flatten)]
        place: Where,
        /// Of one member.
        #[arg(long, value_name = "ID")]
        member: Option<Uuid>,
        /// At one location.
        #[arg(long, value_name = "ID")]
        location: Option<Uuid>,
        /// Those that end after this instant.
        #[arg(long, value_name = "INSTANT")]
        from: Option<Timestamp>,
        /// Those that start before this instant.
        #[arg(long, value_name = "INSTANT")]
        until: Option<Timestamp>,
        /// held, requested, confirmed, expired, declined, cancelled or no_show.
        #[arg(long, value_parser = state)]
        state: Option<BookingState>,
    },
    /// Give a booking up, by the terms that count for it.
    Cancel {
        #[command(flatten)]
        place: Where,
        /// The booking's id.
        booking: Uuid,
    },
    /// Move a booking to another time or resource, priced anew.
    Move {
        #[command(flatten)]
        place: Where,
        /// The booking's id.
        booking: Uuid,
        /// Wall time of the house, such as 2026-01-22T10:00.
        #[arg(long, value_name = "TIME")]
        starts_at: DateTime,
        #[arg(long, value_name = "TIME")]
        ends_at: DateTime,
        /// Where it is now unless given.
        #[arg(long, value_name = "ID")]
        resource: Option<Uuid>,
        /// How many come; as many as did unless given.
        #[arg(long, value_name = "NUMBER")]
        people: Option<i32>,
        /// Say what it would cost, and move nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

fn state(text: &str) -> Result<BookingState, String> {
    BookingState::from_name(text).ok_or_else(|| {
        let all: Vec<&str> = BookingState::ALL.iter().map(|state| state.name()).collect();
        format!("there are {}", all.join(", "))
    })
}

pub(super) async fn run(config: &Config, command: BookingsCommand, out: &mut dyn Write) -> Result<(), CliError> {
    match command {
        BookingsCommand::List {
            place,
            member,
            location,
            from,
            until,
            state,
        } => {
            let filter = BookingFilter {
                member: member.map(MemberId),
                location: location.map(LocationId),
                from,
                until,
                states: state.into_iter().collect(),
                latest_first: false,
            };
            list(&Desk::open(config, &place).await?, filter, out).await
        }
        BookingsCommand::Cancel { place, booking } => cancel(&Desk::open(config, &place).await?, booking, out).await,
        BookingsCommand::Move {
            place,
            booking,
            starts_at,
            ends_at,
            resource,
            people,
            dry_run,
        } => {
            let desk = Desk::open(config, &place).await?;
            let mut op = Operation::open(&desk.app, &desk.caller).await?;
            let known = booking::load(&mut op, BookingId(booking)).await;
            drop(op);
            let (known, _) = known.map_err(|error| refused(error, "booking"))?;
            let wanted = Move {
                booking_id: BookingId(booking),
                resource_id: resource.map_or(known.fact.resource_id, ResourceId),
                start: starts_at,
                end: ends_at,
                agreed: None,
                people,
            };
            move_to(&desk, wanted, dry_run, out).await
        }
    }
}

async fn list(desk: &Desk, filter: BookingFilter, out: &mut dyn Write) -> Result<(), CliError> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            limit: Some(MAX_PAGE),
            after,
        };
        let page = booking::page::list(&desk.app, desk.caller.tenant, filter.clone(), &request).await?;
        for booking in &page.items {
            rows.push(row(booking)?);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(desk.list(&rows, out)?)
}

fn row(booking: &BookingRow) -> Result<Row, CliError> {
    let zone = local_time::zone(&booking.time_zone).map_err(|refusal| CliError::Refused(refusal.sentence))?;
    Ok(vec![
        ("booking_id", booking.booking_id.to_string().into()),
        ("starts_at", wall(booking.starts_at, &zone)),
        ("ends_at", wall(booking.ends_at, &zone)),
        ("time_zone", booking.time_zone.clone().into()),
        ("location", booking.location_name.clone().into()),
        ("resource", booking.resource_name.clone().into()),
        ("member_id", booking.member_id.to_string().into()),
        ("member", booking.member_name.clone().into()),
        ("state", booking.state.name().into()),
        ("charged", booking.charged.to_string().into()),
    ])
}

async fn cancel(desk: &Desk, id: Uuid, out: &mut dyn Write) -> Result<(), CliError> {
    let done = booking::cancel(&desk.app, &desk.caller, BookingId(id)).await;
    let done = done.map_err(|error| refused(error, "booking"))?;
    let due = done.outcome.percent_due;
    let sentence = format!(
        "{id} is cancelled, at position {}. {due} % of its price stays due.",
        done.position
    );
    let facts = vec![
        ("booking_id", id.to_string().into()),
        ("percent_due", due.into()),
        ("position", done.position.into()),
    ];
    Ok(desk.done(&sentence, &facts, out)?)
}

async fn move_to(desk: &Desk, wanted: Move, dry_run: bool, out: &mut dyn Write) -> Result<(), CliError> {
    let id = wanted.booking_id;
    let (quote, position) = if dry_run {
        let quote = booking::quote_move(&desk.app, &desk.caller, wanted).await;
        (quote.map_err(|error| refused(error, "booking"))?, None)
    } else {
        let done = booking::move_booking(&desk.app, &desk.caller, wanted).await;
        let done = done.map_err(|error| refused(error, "booking"))?;
        (done.outcome, Some(done.position))
    };
    let what = match position {
        Some(position) => format!("{id} is moved, at position {position}: it is charged with"),
        None => format!("Nothing is moved. {id} would be charged with"),
    };
    let sentence = format!("{what} {} net instead of {}.", quote.after, quote.before);
    let facts = vec![
        ("booking_id", id.to_string().into()),
        ("before", quote.before.to_string().into()),
        ("after", quote.after.to_string().into()),
        ("position", position.into()),
    ];
    Ok(desk.done(&sentence, &facts, out)?)
}
