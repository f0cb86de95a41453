use super::{
    VisitorBooking, VisitorBookingEvent, VisitorBookingLapsed, VisitorBookingOpened, VisitorBookingPaid,
    VisitorCancelled, VisitorPageMade, VisitorPaidLate, VisitorRefunded, VisitorStanding, WhyRefunded,
};
use crate::{
    BookingId, ChargeId, CreditNoteId, InvoiceId, MemberId, Money, Payer, PaymentId, ResourceId, VisitorBookingId,
    booking::{self, Booked, BookingHeld, Customer, Slot, WaitsFor},
    catalogue::Catalogue,
    invoice, local_time,
    member::{self, VisitorRegistered},
    money::round_half_away,
    refusal::Refusal,
    resource::Booker,
};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// How long she has to pay. The gateway's pages stay open for half an hour at least, counted from when it is asked.
const TO_PAY: SignedDuration = SignedDuration::from_mins(31);
/// How long her time is held: longer than she can pay, so that news of a payment has time to come.
const HELD: SignedDuration = SignedDuration::from_mins(40);

/// What the gateway says became of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageOutcome {
    Paid {
        intent_id: String,
        amount: Money,
    },
    /// Nobody paid, and nobody can any more.
    Closed,
}

/// Ids of everything that a visit may become.
#[derive(Debug, Clone, Copy)]
pub struct VisitIds {
    pub visitor_booking: VisitorBookingId,
    pub visitor: MemberId,
    pub booking: BookingId,
    pub charge: ChargeId,
    pub invoice: InvoiceId,
    pub payment: PaymentId,
}

/// A time at its price, for somebody without an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    pub booked: Booked,
    /// With tax.
    pub amount: Money,
    /// The connected account that takes the money.
    pub account_id: String,
}

/// What opening makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    pub registered: VisitorRegistered,
    pub held: BookingHeld,
    pub opened: VisitorBookingOpened,
}

/// When a visit can begin at the earliest: nothing begins while it is still being paid for.
pub fn earliest_start(now: Timestamp) -> Timestamp {
    now.saturating_add(HELD).unwrap_or(now)
}

/// Whether visitors can book something at all: its terms say so, it is not booked by asking, and its company can take cards.
pub fn open_to_visitors(resource: ResourceId, catalogue: &Catalogue) -> bool {
    let terms = catalogue.terms_of(resource);
    let account = catalogue
        .resource(resource)
        .and_then(|resource| catalogue.location(resource.location_id))
        .and_then(|location| catalogue.legal_entity(location.legal_entity_id));
    terms.visitors && !terms.approval && account.is_ok_and(|entity| entity.stripe_account.is_some())
}

/// Prices a time for a visitor: by the rules that are for everybody, without an allowance, invoiced by the house's own company
/// on the day on which she pays.
///
/// # Errors
/// What is not open to visitors, begins too soon, has no price or costs nothing.
pub fn visit(ids: VisitIds, slot: &Slot, now: Timestamp, catalogue: &Catalogue) -> Result<Visit, Refusal> {
    let name = &slot.resource.name;
    if !open_to_visitors(slot.resource.resource_id, catalogue) {
        let sentence = format!("{name} cannot be booked by visitors.");
        return Err(Refusal::conflict("not_open_to_visitors", sentence));
    }
    if slot.starts_at <= earliest_start(now) {
        let sentence = format!(
            "Visitors book {} minutes ahead at least: that is how long they have to pay.",
            HELD.as_mins()
        );
        return Err(Refusal::field("too_short_notice", "starts_at", sentence));
    }
    let location = catalogue.location(slot.resource.location_id)?;
    let entity = catalogue.legal_entity(location.legal_entity_id)?;
    let account_id = entity
        .stripe_account
        .clone()
        .ok_or_else(|| Refusal::conflict("not_open_to_visitors", format!("{name} cannot be booked by visitors.")))?;
    let customer = Customer {
        paid_because: Vec::new(),
        member_id: ids.visitor,
        payer: Payer::Member(ids.visitor),
        membership_id: None,
        legal_entity_id: location.legal_entity_id,
        supplied_by: None,
        billable_on: local_time::day_at(now, &local_time::zone(&entity.fact.time_zone)?),
    };
    let price = booking::price(slot, Booker::Visitor, &[], catalogue)?;
    let booked = booking::booked((ids.booking, ids.charge), &customer, slot, Vec::new(), price, catalogue);
    let Some(charge) = &booked.charge else {
        let sentence = format!("{name} costs nothing then, so there is nothing to pay. Please ask the house for it.");
        return Err(Refusal::conflict("nothing_to_pay", sentence));
    };
    let amount = invoice::gross(std::slice::from_ref(charge), &entity.fact, catalogue)?;
    Ok(Visit {
        booked,
        amount,
        account_id,
    })
}

/// Registers a visitor and holds a free time for her while she pays. Check-in and its fee are for members alone: what she pays
/// is all that she pays.
///
/// # Errors
/// As for [`visit`]; faulty fields.
pub fn open(
    ids: VisitIds,
    (name, email): (&str, &str),
    visit: Visit,
    slot: &Slot,
    now: Timestamp,
) -> Result<Opening, Refusal> {
    let registered = member::register_visitor(ids.visitor, name, email)?;
    let mut booked = visit.booked;
    (booked.fact.check_in_by, booked.fact.no_show_fee) = (None, None);
    let held = booking::held(&booked, slot, WaitsFor::Payment, now, HELD)?;
    let charge = booked
        .charge
        .ok_or_else(|| Refusal::conflict("nothing_to_pay", "There is nothing to pay."))?;
    let opened = VisitorBookingOpened {
        visitor_booking_id: ids.visitor_booking,
        booking_id: ids.booking,
        member_id: ids.visitor,
        legal_entity_id: charge.legal_entity_id,
        account_id: visit.account_id,
        invoice_id: ids.invoice,
        payment_id: ids.payment,
        charge,
        amount: visit.amount,
        pay_by: now.saturating_add(TO_PAY).unwrap_or(now),
    };
    Ok(Opening {
        registered,
        held,
        opened,
    })
}

/// Records the page that the gateway has for it. The first one stands.
pub fn page_made(visit: &VisitorBooking, session_id: &str, url: &str) -> Option<VisitorPageMade> {
    let wanted = visit.page.is_none() && visit.standing == VisitorStanding::Open;
    wanted.then(|| VisitorPageMade {
        visitor_booking_id: visit.fact.visitor_booking_id,
        session_id: session_id.to_owned(),
        url: url.to_owned(),
    })
}

/// What money that came makes of it: nothing where it is known already. `kept` is whether the time is hers or can be again.
/// Money after the page had closed is money all the same.
pub fn paid(visit: &VisitorBooking, intent_id: &str, amount: Money, kept: bool) -> Option<VisitorBookingEvent> {
    let visitor_booking_id = visit.fact.visitor_booking_id;
    if !matches!(visit.standing, VisitorStanding::Open | VisitorStanding::Lapsed) {
        return None;
    }
    let why = if amount != visit.fact.amount {
        Some(WhyRefunded::AnotherAmount)
    } else if !kept || visit.standing == VisitorStanding::Lapsed {
        Some(WhyRefunded::TimeGone)
    } else {
        None
    };
    let intent_id = intent_id.to_owned();
    Some(match why {
        None => VisitorBookingPaid {
            visitor_booking_id,
            intent_id,
            amount,
        }
        .into(),
        Some(why) => VisitorPaidLate {
            visitor_booking_id,
            intent_id,
            amount,
            why,
        }
        .into(),
    })
}

/// The page closed unpaid; nothing where it is settled already.
pub fn lapse(visit: &VisitorBooking) -> Option<VisitorBookingLapsed> {
    (visit.standing == VisitorStanding::Open).then_some(VisitorBookingLapsed {
        visitor_booking_id: visit.fact.visitor_booking_id,
    })
}

/// The gateway gave the money back; nothing where it is known already or none was due.
pub fn refunded(visit: &VisitorBooking, refund_id: &str) -> Option<VisitorRefunded> {
    visit.due_back().map(|due| VisitorRefunded {
        visitor_booking_id: visit.fact.visitor_booking_id,
        refund_id: refund_id.to_owned(),
        amount: due.amount,
    })
}

/// The payment of a visit that can be given up.
///
/// # Errors
/// It was not paid, or is given up already.
pub fn check_paid(visit: &VisitorBooking) -> Result<&VisitorBookingPaid, Refusal> {
    match &visit.standing {
        VisitorStanding::Paid(paid) => Ok(paid),
        VisitorStanding::Cancelled(_) | VisitorStanding::GivenBack(_) => Err(Refusal::conflict(
            "already_cancelled",
            "This booking was cancelled already.",
        )),
        _ => Err(Refusal::conflict(
            "not_paid",
            "This was not paid for, so there is nothing to give up.",
        )),
    }
}

/// What is taken back of the net, where so many percent of the price are still due: rounded half away from zero, and no more
/// than is `left` of it.
pub fn net_back(net: Money, percent_due: u8, left: i64) -> i64 {
    let due = Decimal::from(net.minor) * Decimal::from(percent_due) / Decimal::ONE_HUNDRED;
    (net.minor - round_half_away(due)).clamp(0, left.max(0))
}

/// A paid visit is given up; `back` is what a credit note took back of its invoice, with tax.
///
/// # Errors
/// As [`check_paid`].
pub fn cancel(
    visit: &VisitorBooking,
    percent_due: u8,
    back: Option<(CreditNoteId, Money)>,
) -> Result<VisitorCancelled, Refusal> {
    let paid = check_paid(visit)?;
    Ok(VisitorCancelled {
        visitor_booking_id: visit.fact.visitor_booking_id,
        percent_due,
        intent_id: paid.intent_id.clone(),
        amount: back.map_or(Money::new(0, paid.amount.currency), |(_, amount)| amount),
        credit_note_id: back.map(|(id, _)| id),
    })
}
