//! How a thing stood at some point of its history: its events folded by the noun's own evolve, as JSON that pages and the
//! API show. One table says how each noun is folded.

use crate::booking::page::BookingState;
use coterie_domain::{
    add_on::AddOnEvent,
    assignment::{Assignment, AssignmentEvent},
    billing::BillingEvent,
    blocker::{Blocker, BlockerEvent},
    booking::{Booking, BookingEvent, Standing},
    catalogue::Catalogue,
    charge::{Charge, ChargeEvent},
    company::{Company, CompanyEvent},
    coupon::{Coupon, CouponEvent},
    credit::{CreditEvent, CreditLot},
    credit_note::{CreditNoteEvent, CreditNoteIssued},
    credit_pack::CreditPackEvent,
    deposit::{Deposit, DepositEvent},
    event::{DecodeError, DomainEvent},
    floor::{Floor, FloorEvent},
    invoice::{InvoiceEvent, InvoiceIssued},
    invoice_run::{InvoiceRun, InvoiceRunEvent},
    ledger::{JournalEntryPosted, JournalEvent},
    legal_entity::LegalEntityEvent,
    location::LocationEvent,
    member::{Member, MemberEvent, PayerAccount, PayerAccountEvent},
    membership::{Membership, MembershipEvent},
    meter::MeterEvent,
    organization::{OrganizationEvent, StaffAdded, StaffEvent},
    pass::{Pass, PassEvent},
    payment::{Payment, PaymentEvent, PaymentState},
    photo::{Photo, PhotoEvent},
    plan::PlanEvent,
    price_change::{PriceChange, PriceChangeEvent},
    resource::{PriceRuleEvent, ResourceEvent, ResourceTypeEvent},
    retention::RetentionEvent,
    series::{Series, SeriesEvent},
    tax::TaxEvent,
    usage::{Usage, UsageEvent},
    visitor_booking::{VisitorBooking, VisitorBookingEvent},
    waitlist::{WaitlistEntry, WaitlistEvent},
};
use coterie_eventlog::RecordedEvent;
use serde::Serialize;
use serde_json::{Map, Value, json};

type Folded = Result<Option<Value>, DecodeError>;
type Fold = fn(&[&RecordedEvent]) -> Folded;

/// How each noun is folded.
const FOLDS: [(&str, Fold); 38] = [
    (AddOnEvent::CATEGORY, add_on),
    (AssignmentEvent::CATEGORY, assignment),
    (BillingEvent::CATEGORY, |events| Ok(Some(last_of_each(events)))),
    (BlockerEvent::CATEGORY, blocker),
    (BookingEvent::CATEGORY, booking),
    (ChargeEvent::CATEGORY, charge),
    (CompanyEvent::CATEGORY, company),
    (CouponEvent::CATEGORY, coupon),
    (CreditEvent::CATEGORY, credit_lot),
    (CreditNoteEvent::CATEGORY, credit_note),
    (CreditPackEvent::CATEGORY, credit_pack),
    (DepositEvent::CATEGORY, deposit),
    (FloorEvent::CATEGORY, floor),
    (InvoiceEvent::CATEGORY, invoice),
    (InvoiceRunEvent::CATEGORY, invoice_run),
    (JournalEvent::CATEGORY, journal),
    (LegalEntityEvent::CATEGORY, legal_entity),
    (LocationEvent::CATEGORY, location),
    (MemberEvent::CATEGORY, member),
    (MembershipEvent::CATEGORY, membership),
    (MeterEvent::CATEGORY, |events| {
        catalogued(events, |offer| offer.meters.into_values().next())
    }),
    (OrganizationEvent::CATEGORY, |events| {
        catalogued(events, |offer| offer.organization)
    }),
    (PassEvent::CATEGORY, pass),
    (PayerAccountEvent::CATEGORY, payer_account),
    (PaymentEvent::CATEGORY, payment),
    (PhotoEvent::CATEGORY, photo),
    (PlanEvent::CATEGORY, plan),
    (PriceChangeEvent::CATEGORY, price_change),
    (PriceRuleEvent::CATEGORY, |events| {
        catalogued(events, |offer| offer.price_rules.into_values().next())
    }),
    (ResourceEvent::CATEGORY, |events| {
        catalogued(events, |offer| {
            let (id, resource) = offer.resources.iter().next()?;
            let mut state = serde_json::to_value(resource).ok()?;
            if let (Some((_, terms)), Value::Object(fields)) = (offer.resource_terms.get(id), &mut state) {
                fields.insert("terms".to_owned(), json!(terms));
            }
            if let (Some(position), Value::Object(fields)) = (offer.positions.get(id), &mut state) {
                fields.insert("position".to_owned(), json!(position));
            }
            Some(state)
        })
    }),
    (ResourceTypeEvent::CATEGORY, |events| {
        catalogued(events, |offer| offer.resource_types.into_values().next())
    }),
    (RetentionEvent::CATEGORY, |events| Ok(Some(last_of_each(events)))),
    (SeriesEvent::CATEGORY, series),
    (StaffEvent::CATEGORY, staff),
    (TaxEvent::CATEGORY, |events| {
        catalogued(events, |offer| offer.tax_rates.into_iter().next())
    }),
    (UsageEvent::CATEGORY, usage),
    (VisitorBookingEvent::CATEGORY, visitor_booking),
    (WaitlistEvent::CATEGORY, waitlist),
];

/// The state of a thing after these events of its stream, in their order; `None` before its first. A noun that has no fold
/// shows the last value of each of its events' fields.
///
/// # Errors
/// When an event cannot be read.
pub fn fold(category: &str, events: &[&RecordedEvent]) -> Folded {
    if events.is_empty() {
        return Ok(None);
    }
    match FOLDS.iter().find(|(name, _)| *name == category) {
        Some((_, fold)) => fold(events),
        None => Ok(Some(last_of_each(events))),
    }
}

fn evolved<E: DomainEvent, S>(
    events: &[&RecordedEvent],
    evolve: impl Fn(Option<S>, E) -> Option<S>,
) -> Result<Option<S>, DecodeError> {
    let mut state = None;
    for event in events {
        state = evolve(state, E::decode(&event.event_type, event.event_version, plain(event))?);
    }
    Ok(state)
}

/// The payload as it is read by people.
pub(super) fn plain(event: &RecordedEvent) -> &str {
    event.plain()
}

fn value(fact: &impl Serialize) -> Result<Value, DecodeError> {
    serde_json::to_value(fact).map_err(DecodeError::Encode)
}

/// A fact's own fields, and what later events made of it.
fn with<const N: usize>(fact: &impl Serialize, more: [(&str, Value); N]) -> Folded {
    let mut state = value(fact)?;
    if let Value::Object(fields) = &mut state {
        fields.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    Ok(Some(state))
}

fn last_of_each(events: &[&RecordedEvent]) -> Value {
    let mut state = Map::new();
    for event in events {
        if let Ok(Value::Object(fields)) = serde_json::from_str(plain(event)) {
            state.extend(fields);
        }
    }
    Value::Object(state)
}

/// What the catalogue makes of the events of one of its things.
fn catalogued<S: Serialize>(events: &[&RecordedEvent], of: impl Fn(Catalogue) -> Option<S>) -> Folded {
    match of(offer(events)?) {
        Some(state) => value(&state).map(Some),
        None => Ok(None),
    }
}

fn offer(events: &[&RecordedEvent]) -> Result<Catalogue, DecodeError> {
    let mut offer = Catalogue::default();
    for event in events {
        offer.apply(
            event.position,
            &event.category,
            &event.event_type,
            event.event_version,
            plain(event),
        )?;
    }
    Ok(offer)
}

fn blocker(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Blocker::evolve)? {
        Some(blocker) => with(&blocker.fact, [("lifted", json!(blocker.lifted))]),
        None => Ok(None),
    }
}

fn visitor_booking(events: &[&RecordedEvent]) -> Folded {
    match evolved::<VisitorBookingEvent, _>(events, VisitorBooking::evolve)? {
        Some(visit) => with(
            &visit.fact,
            [
                ("state", json!(visit.standing.name())),
                ("page", json!(visit.page.map(|page| page.url))),
            ],
        ),
        None => Ok(None),
    }
}

fn waitlist(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, WaitlistEntry::evolve)? {
        Some(entry) => with(
            &entry.fact,
            [
                ("offered", json!(entry.offered.map(|offer| offer.booking_id))),
                ("ended", json!(entry.ended)),
            ],
        ),
        None => Ok(None),
    }
}

fn photo(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Photo::evolve)? {
        Some(photo) => with(&photo.fact, [("removed", json!(photo.removed))]),
        None => Ok(None),
    }
}

fn assignment(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Assignment::evolve)? {
        Some(assignment) => with(&assignment.fact, [("ended", json!(assignment.ended))]),
        None => Ok(None),
    }
}

fn series(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Series::evolve)? {
        Some(series) => with(&series.fact, [("cancelled", json!(series.cancelled))]),
        None => Ok(None),
    }
}

fn booking(events: &[&RecordedEvent]) -> Folded {
    let Some(booking) = evolved(events, Booking::evolve)? else {
        return Ok(None);
    };
    let state = json!(BookingState::from(&booking).name());
    match booking.standing {
        Standing::Cancelled(cancelled) => with(
            &booking.fact,
            [
                ("state", state),
                ("percent_due", json!(cancelled.percent_due)),
                ("restored", value(&cancelled.restored)?),
                ("voided_charge", json!(cancelled.voided_charge)),
                ("fee_charge", json!(cancelled.fee_charge)),
            ],
        ),
        Standing::Held(held) => with(
            &booking.fact,
            [("state", state), ("expires_at", json!(held.expires_at))],
        ),
        Standing::Declined { reason } => with(&booking.fact, [("state", state), ("reason", json!(reason))]),
        Standing::NoShow(missed) => with(
            &booking.fact,
            [("state", state), ("no_show_charge", json!(missed.fee_charge))],
        ),
        Standing::Confirmed | Standing::Expired => {
            let checked_in = booking.checked_in.map(|fact| fact.at);
            with(&booking.fact, [("state", state), ("checked_in_at", json!(checked_in))])
        }
    }
}

fn pass(events: &[&RecordedEvent]) -> Folded {
    let Some(pass) = evolved(events, Pass::evolve)? else {
        return Ok(None);
    };
    match pass.given_back {
        None => with(&pass.fact, [("state", json!("bought"))]),
        Some(back) => with(
            &pass.fact,
            [
                ("state", json!("given back")),
                ("percent_due", json!(back.percent_due)),
                ("voided_charge", json!(back.voided_charge)),
                ("fee_charge", json!(back.fee_charge)),
            ],
        ),
    }
}

fn charge(events: &[&RecordedEvent]) -> Folded {
    let Some(charge) = evolved(events, Charge::evolve)? else {
        return Ok(None);
    };
    match charge.voided {
        None => with(&charge.fact, [("state", json!("made"))]),
        Some(reason) => with(&charge.fact, [("state", json!("voided")), ("reason", json!(reason))]),
    }
}

fn usage(events: &[&RecordedEvent]) -> Folded {
    let usage = evolved(events, Usage::evolve)?;
    Ok(usage.map(|usage| json!({ "items": usage.items, "charge_id": usage.charge_id })))
}

fn company(events: &[&RecordedEvent]) -> Folded {
    let Some(company) = evolved(events, Company::evolve)? else {
        return Ok(None);
    };
    with(&company.fact, [("members", value(&company.members)?)])
}

fn add_on(events: &[&RecordedEvent]) -> Folded {
    match offer(events)?.add_ons.into_values().next() {
        Some(known) => with(&known.fact, [("withdrawn", json!(known.withdrawn))]),
        None => Ok(None),
    }
}

fn credit_pack(events: &[&RecordedEvent]) -> Folded {
    match offer(events)?.credit_packs.into_values().next() {
        Some(known) => with(&known.fact, [("withdrawn", json!(known.withdrawn))]),
        None => Ok(None),
    }
}

fn coupon(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Coupon::evolve)? {
        Some(coupon) => with(&coupon.fact, [("withdrawn", json!(coupon.withdrawn))]),
        None => Ok(None),
    }
}

fn credit_lot(events: &[&RecordedEvent]) -> Folded {
    let Some(lot) = evolved(events, CreditLot::evolve)? else {
        return Ok(None);
    };
    let left = ("left", json!(lot.left));
    let expired = ("expired", json!(lot.expired));
    if let Some(pack) = &lot.pack {
        let value = ("value_left", json!(pack.value_left()));
        return with(
            &pack.fact,
            [left, expired, value, ("taken_back", json!(pack.taken_back))],
        );
    }
    match lot.reason {
        None => with(&lot.fact, [left, expired]),
        Some(reason) => with(&lot.fact, [left, expired, ("reason", json!(reason))]),
    }
}

fn deposit(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Deposit::evolve)? {
        Some(deposit) => {
            let applied = ("applied_minor", json!(deposit.applied_minor));
            with(
                &deposit.fact,
                [applied, ("returned_minor", json!(deposit.returned_minor))],
            )
        }
        None => Ok(None),
    }
}

fn floor(events: &[&RecordedEvent]) -> Folded {
    match evolved(events, Floor::evolve)? {
        Some(floor) => with(&floor.fact, [("plan", value(&floor.plan)?)]),
        None => Ok(None),
    }
}

fn invoice(events: &[&RecordedEvent]) -> Folded {
    let issued: Option<InvoiceIssued> = evolved(events, |_, InvoiceEvent::InvoiceIssued(fact)| Some(fact))?;
    issued.map(|issued| value(&issued)).transpose()
}

fn credit_note(events: &[&RecordedEvent]) -> Folded {
    let issued: Option<CreditNoteIssued> = evolved(events, |_, CreditNoteEvent::CreditNoteIssued(fact)| Some(fact))?;
    issued.map(|issued| value(&issued)).transpose()
}

fn invoice_run(events: &[&RecordedEvent]) -> Folded {
    let Some(run) = evolved(events, InvoiceRun::evolve)? else {
        return Ok(None);
    };
    let mut standings: Map<String, Value> = Map::new();
    for (_, standing) in run.drafts.values() {
        let count = standings.get(standing.name()).and_then(Value::as_i64).unwrap_or(0) + 1;
        standings.insert(standing.name().to_owned(), json!(count));
    }
    with(
        &run.fact,
        [
            ("phase", json!(run.phase.name())),
            ("stopped", json!(run.stopped)),
            ("drafts", Value::Object(standings)),
        ],
    )
}

fn price_change(events: &[&RecordedEvent]) -> Folded {
    let Some(change) = evolved(events, PriceChange::evolve)? else {
        return Ok(None);
    };
    let mut standings: Map<String, Value> = Map::new();
    for standing in change.memberships.values() {
        let count = standings.get(standing.name()).and_then(Value::as_i64).unwrap_or(0) + 1;
        standings.insert(standing.name().to_owned(), json!(count));
    }
    with(
        &change.fact,
        [
            ("phase", json!(change.phase.name())),
            ("memberships", Value::Object(standings)),
        ],
    )
}

fn journal(events: &[&RecordedEvent]) -> Folded {
    let posted: Option<JournalEntryPosted> = evolved(events, |_, JournalEvent::JournalEntryPosted(fact)| Some(fact))?;
    posted.map(|posted| value(&posted)).transpose()
}

fn location(events: &[&RecordedEvent]) -> Folded {
    let offer = offer(events)?;
    let closures: Vec<_> = offer.closures.values().flat_map(|all| all.values()).collect();
    let closures = value(&closures)?;
    let passes = json!(offer.day_passes.values().next());
    match offer.locations.values().next() {
        Some(location) => {
            let amenities = offer.amenities_of(location.location_id);
            with(
                location,
                [
                    ("closures", closures),
                    ("amenities", json!(amenities)),
                    ("day_passes", passes),
                ],
            )
        }
        None => Ok(None),
    }
}

fn legal_entity(events: &[&RecordedEvent]) -> Folded {
    let offer = offer(events)?;
    let letterhead = offer.letterheads.into_values().next();
    match offer.legal_entities.into_values().next() {
        Some(entity) => with(
            &entity.fact,
            [
                ("stripe_account", json!(entity.stripe_account)),
                ("letterhead", json!(letterhead)),
                ("by_run", json!(entity.by_run)),
            ],
        ),
        None => Ok(None),
    }
}

fn member(events: &[&RecordedEvent]) -> Folded {
    let Some(member) = evolved(events, Member::evolve)? else {
        return Ok(None);
    };
    Ok(Some(json!({
        "member_id": member.member_id,
        "name": member.name,
        "email": member.email,
        "email_confirmed": member.confirmed,
        "home_location_id": member.home_location_id,
    })))
}

fn membership(events: &[&RecordedEvent]) -> Folded {
    let Some(membership) = evolved(events, Membership::evolve)? else {
        return Ok(None);
    };
    let state = match (membership.notice, membership.ended) {
        (_, Some(_)) => "ended",
        (Some(_), None) => "notice given",
        (None, None) => "active",
    };
    let prices: Vec<_> = membership
        .overrides
        .iter()
        .map(|agreed| json!({ "price": agreed.price, "tax_included": agreed.tax_included, "from": agreed.from, "until": agreed.until }))
        .collect();
    let add_ons: Vec<_> = membership
        .add_ons
        .iter()
        .map(|added| json!({ "name": added.fact.name, "quantity": added.fact.quantity, "from": added.fact.from, "until": added.until }))
        .collect();
    with(
        &membership.fact,
        [
            ("state", json!(state)),
            ("cycle", value(&membership.cycle)?),
            ("last_day", json!(membership.ended.or(membership.notice))),
            ("terms", value(&membership.terms)?),
            ("announced", value(&membership.announced)?),
            ("pauses", value(&membership.pauses)?),
            ("agreed_prices", json!(prices)),
            ("coupons", value(&membership.coupons)?),
            ("add_ons", json!(add_ons)),
            ("billed", value(&membership.billed)?),
        ],
    )
}

fn payer_account(events: &[&RecordedEvent]) -> Folded {
    let account = evolved(events, |state: Option<PayerAccount>, event: PayerAccountEvent| {
        Some(state.unwrap_or_default().evolve(event))
    })?;
    let Some(account) = account else { return Ok(None) };
    Ok(Some(json!({
        "customer_id": account.customer_id,
        "payment_method": account.payment_method,
    })))
}

fn payment(events: &[&RecordedEvent]) -> Folded {
    let Some(payment) = evolved(events, Payment::evolve)? else {
        return Ok(None);
    };
    let state = with(
        &payment.fact,
        [
            ("state", json!(payment.state.name())),
            ("intent_id", json!(payment.intent_id)),
            ("redirect_url", json!(payment.redirect_url)),
        ],
    )?;
    // Why it failed is not part of what decisions look at, but of what people ask.
    let failed = |event: &&&RecordedEvent| event.event_type == "PaymentFailed" && payment.state == PaymentState::Failed;
    let failure = events.iter().rev().find(failed).map(|event| plain(event));
    let (Some(Value::Object(mut state)), Some(failure)) = (state.clone(), failure) else {
        return Ok(state);
    };
    if let Ok(Value::Object(failure)) = serde_json::from_str(failure) {
        for key in ["code", "decline_code", "message"] {
            if let Some(said) = failure.get(key) {
                state.insert(key.to_owned(), said.clone());
            }
        }
    }
    Ok(Some(Value::Object(state)))
}

/// The version on offer, and how many there were.
fn plan(events: &[&RecordedEvent]) -> Folded {
    let offer = offer(events)?;
    let versions = offer.plan_versions.len();
    let Some(latest) = offer.plan_versions.into_values().max_by_key(|version| version.number) else {
        return Ok(None);
    };
    with(&latest, [("versions", json!(versions))])
}

fn staff(events: &[&RecordedEvent]) -> Folded {
    let added: Option<StaffAdded> = evolved(events, |_, StaffEvent::StaffAdded(fact)| Some(fact))?;
    added.map(|added| value(&added)).transpose()
}

#[cfg(test)]
mod tests;
