//! Walks Stripe's list pages: the sweep over events, and the search for an intent whose answer was lost.

use stripe_core::event::ListEvent;
use stripe_core::payment_intent::ListPaymentIntent;
use stripe_types::{RangeBoundsTs, RangeQueryTs};

use crate::answer::{RawIntent, RawList};
use crate::error::GatewayError;
use crate::event::{Event, EventsAfter, RawEvent};
use crate::gateway::FindIntents;
use crate::outcome::PaymentOutcome;
use crate::request;
use crate::stripe::StripeGateway;

/// Stripe's largest page.
const PAGE: i64 = 100;
/// Pages walked in one call: 5,000 objects. More means that the caller's window is wrong.
const PAGES: usize = 50;

/// Intents of a customer in a span of time that carry all the given metadata, newest first. Lists rather than
/// searches: Stripe's search lags behind by up to an hour during incidents, its lists do not.
pub(crate) async fn find_intents(
    gateway: &StripeGateway,
    account: &str,
    find: &FindIntents,
) -> Result<Vec<PaymentOutcome>, GatewayError> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let created = bounds(find.created_from, Some(find.created_until));
        let mut request = ListPaymentIntent::new()
            .customer(find.customer.clone())
            .created(created)
            .limit(PAGE);
        if let Some(last) = &cursor {
            request = request.starting_after(last.clone());
        }
        let page: RawList<RawIntent> = gateway.get(account, &request).await?;
        cursor = page.data.last().map(|intent| intent.id.clone());
        let outcomes = page.data.into_iter().map(PaymentOutcome::from);
        found.extend(outcomes.filter(|outcome| {
            find.metadata
                .iter()
                .all(|(name, value)| outcome.metadata.get(name) == Some(value))
        }));
        if !page.has_more || cursor.is_none() {
            return Ok(found);
        }
    }
    Err(request::invalid("time span of the search"))
}

/// Events after a cursor, oldest first.
pub(crate) async fn events(
    gateway: &StripeGateway,
    account: &str,
    after: EventsAfter<'_>,
) -> Result<Vec<Event>, GatewayError> {
    let mut events: Vec<Event> = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let request = ListEvent::new().limit(PAGE);
        let request = match (after, &cursor) {
            // Pages before the cursor walk forward in time, each of them newest first.
            (EventsAfter::Event(first), cursor) => request.ending_before(cursor.as_deref().unwrap_or(first)),
            (EventsAfter::Time(from), None) => request.created(bounds(from, None)),
            (EventsAfter::Time(from), Some(last)) => request.created(bounds(from, None)).starting_after(last.clone()),
        };
        let page: RawList<RawEvent> = gateway.get(account, &request).await?;
        let more = page.has_more && !page.data.is_empty();
        let read: Vec<Event> = page.data.into_iter().map(Event::from).collect();
        if let EventsAfter::Event(_) = after {
            cursor = read.first().map(|event| event.id.clone());
            events.extend(read.into_iter().rev());
        } else {
            cursor = read.last().map(|event| event.id.clone());
            events.extend(read);
        }
        if !more {
            if let EventsAfter::Time(_) = after {
                events.reverse();
            }
            return Ok(events);
        }
    }
    Err(request::invalid("time span of the sweep"))
}

fn bounds(from: i64, until: Option<i64>) -> RangeQueryTs {
    RangeQueryTs::Bounds(RangeBoundsTs {
        gte: Some(from),
        lte: until,
        ..RangeBoundsTs::default()
    })
}
