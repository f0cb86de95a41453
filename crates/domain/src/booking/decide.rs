use super::{Booking, BookingCancelled, BookingConfirmed, Price, hours_decimal, price_from, tax_category};
use crate::{
    BookingId, ChargeId, CreditPackId, LegalEntityId, LocationId, MemberId, MembershipId, Money, Payer, ResourceId,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    credit::{self, CreditUse, Drawing, Lot},
    local_time,
    location::LocationOpened,
    member::Member,
    membership::Membership,
    money::round_half_away,
    refusal::Refusal,
    resource::{Booker, ResourceAdded},
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The time asked for, resolved and checked against the resource and the location.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub resource: ResourceAdded,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub blocked_from: Timestamp,
    pub blocked_until: Timestamp,
    pub minutes: i64,
    /// How many come; `None` where nobody said, and it is priced as for one.
    pub people: Option<i32>,
    pub time_zone: String,
    pub zone: TimeZone,
    /// The resource and its parts: all of them are taken.
    pub occupied: BTreeSet<ResourceId>,
}

/// Resolves a wall-time request (rule 2) and checks length, step, hours and horizon.
///
/// # Errors
/// Each fault in its field: a wall time that does not exist names the next valid one.
pub fn slot(
    resource: ResourceId,
    start: DateTime,
    end: DateTime,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Slot, Refusal> {
    let resource = catalogue.resource(resource)?.clone();
    let location = catalogue.location(resource.location_id)?;
    let zone = local_time::zone(&location.time_zone)?;
    let starts_at = local_time::instant("starts_at", start, &zone)?;
    let ends_at = local_time::instant("ends_at", end, &zone)?;
    if ends_at <= starts_at {
        return Err(Refusal::field(
            "ends_before_start",
            "ends_at",
            "The booking must end after it starts.",
        ));
    }
    if starts_at < now {
        return Err(Refusal::field(
            "starts_in_the_past",
            "starts_at",
            "That time has passed; please choose a later one.",
        ));
    }
    let terms = catalogue.terms_of(resource.resource_id);
    let ahead = starts_at.as_second() - now.as_second();
    if ahead > i64::from(terms.horizon_days) * 86_400 {
        return Err(Refusal::field(
            "beyond_horizon",
            "starts_at",
            format!("Bookings open {} days ahead.", terms.horizon_days),
        ));
    }
    // Whoever goes on from where a booking began was in time then.
    if ahead > 0 && ahead < i64::from(terms.lead_minutes) * 60 {
        let sentence = format!(
            "{} is booked at least {} ahead.",
            resource.name,
            length_in_words(terms.lead_minutes)
        );
        return Err(Refusal::field("too_short_notice", "starts_at", sentence));
    }
    let minutes = (ends_at.as_second() - starts_at.as_second()) / 60;
    let (min, max, step) = (
        i64::from(resource.min_minutes),
        i64::from(resource.max_minutes),
        i64::from(resource.step_minutes),
    );
    if minutes < min || minutes > max {
        return Err(Refusal::field(
            "length_not_allowed",
            "ends_at",
            format!("{} can be booked for {min} to {max} minutes.", resource.name),
        ));
    }
    let minute_of_hour = i64::from(start.minute());
    let whole_minutes = [start, end]
        .iter()
        .all(|wall| wall.second() == 0 && wall.subsec_nanosecond() == 0);
    if minutes % step != 0 || minute_of_hour % step.min(60) != 0 || !whole_minutes {
        return Err(Refusal::field(
            "not_on_the_step",
            "starts_at",
            format!("{} is booked in steps of {step} minutes.", resource.name),
        ));
    }
    catalogue.check_open(location.location_id, start, end)?;
    let out_of_range = |_| Refusal::field("time_out_of_range", "starts_at", "That date is out of range.");
    Ok(Slot {
        blocked_from: starts_at
            .checked_sub(i64::from(resource.buffer_before_minutes).minutes())
            .map_err(out_of_range)?,
        blocked_until: ends_at
            .checked_add(i64::from(resource.buffer_after_minutes).minutes())
            .map_err(out_of_range)?,
        time_zone: location.time_zone.clone(),
        zone,
        occupied: catalogue.occupied_by(resource.resource_id),
        resource,
        starts_at,
        ends_at,
        minutes,
        people: None,
    })
}

impl Slot {
    /// The same time for so many people; `None` where nobody says how many.
    ///
    /// # Errors
    /// Nobody, or more than the resource holds.
    pub fn for_people(self, people: Option<i32>) -> Result<Self, Refusal> {
        let capacity = self.resource.capacity;
        if people.is_some_and(|people| !(1..=capacity).contains(&people)) {
            let sentence = match capacity {
                1 => format!("{} is for one person.", self.resource.name),
                capacity => format!("{} is for 1 to {capacity} people.", self.resource.name),
            };
            return Err(Refusal::field("people_do_not_fit", "people", sentence));
        }
        Ok(Self { people, ..self })
    }
}

/// `90 minutes`, `2 hours`, `3 days`
pub fn length_in_words(minutes: i32) -> String {
    match minutes {
        1 => "a minute".to_owned(),
        60 => "an hour".to_owned(),
        1440 => "a day".to_owned(),
        minutes if minutes % 1440 == 0 => format!("{} days", minutes / 1440),
        minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}

/// What a confirmed booking makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Booked {
    pub fact: BookingConfirmed,
    pub charge: Option<ChargeMade>,
    pub price: Price,
}

/// Prices and confirms a booking whose slot is free. The caller holds the resource and the lots.
///
/// # Errors
/// An unconfirmed member, a membership that does not cover the day, no price, or a location of another legal entity whose
/// currency is another.
pub fn confirm(
    booking: BookingId,
    charge: ChargeId,
    member: &Member,
    membership: Option<&Membership>,
    slot: &Slot,
    lots: &[Lot],
    catalogue: &Catalogue,
) -> Result<Booked, Refusal> {
    if !member.confirmed {
        return Err(Refusal::conflict(
            "email_not_confirmed",
            "Please confirm your email address first: we sent you a link.",
        ));
    }
    let Some(membership) = membership else {
        return Err(Refusal::conflict(
            "no_membership",
            "Booking needs a membership. Choose a plan first.",
        ));
    };
    let location = catalogue.location(slot.resource.location_id)?;
    let supplied_by = supplied_by(location, membership, catalogue)?;
    let zone = local_time::zone(&slot.time_zone)?;
    let day = local_time::day_at(slot.starts_at, &zone);
    if !membership.active_on(day) {
        return Err(Refusal::conflict(
            "membership_not_active",
            format!("Your membership does not cover {day}."),
        ));
    }
    let wall = |at| zone.to_datetime(at);
    catalogue
        .plan_version(membership.term_on(day).plan_version_id)?
        .check_access(wall(slot.starts_at), wall(slot.ends_at), &slot.time_zone)?;
    let drawing = Drawing::new(
        membership,
        member.member_id,
        slot.starts_at,
        location,
        tax_category(&slot.resource, catalogue),
        catalogue,
    );
    let uses = credit::draw(lots, &drawing, slot.minutes);
    let from_packs = minutes_of_packs(&uses, lots);
    let price = price_from(slot, Booker::under(membership, day), &uses, &from_packs, catalogue)?;
    let money = credit::draw_money(lots, &drawing, price.charged);
    let price = price.paid_from(money);
    let paid_by = membership.paid_by(ChargeKind::Booking, member.member_id, day);
    let customer = Customer {
        member_id: member.member_id,
        payer: paid_by.payer,
        paid_because: paid_by.because,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by,
        // Usage is billed when it has happened: the invoice of 1 February takes the bookings of January.
        billable_on: day.tomorrow().unwrap_or(day),
    };
    Ok(booked((booking, charge), &customer, slot, uses, price, catalogue))
}

/// How many minutes come from each pack that was bought, in the order in which they are drawn on.
fn minutes_of_packs(uses: &[CreditUse], lots: &[Lot]) -> Vec<(CreditPackId, i64)> {
    let pack_of = |part: &CreditUse| lots.iter().find(|lot| lot.lot_id == part.lot_id)?.pack;
    uses.iter()
        .filter_map(|part| Some((pack_of(part)?.credit_pack_id, part.minutes)))
        .collect()
}

/// For whom a booking is made, and who invoices it when.
pub(crate) struct Customer {
    pub member_id: MemberId,
    pub payer: Payer,
    /// Why it is that payer, where it needs saying.
    pub paid_because: Vec<Because>,
    pub membership_id: Option<MembershipId>,
    pub legal_entity_id: LegalEntityId,
    pub supplied_by: Option<LegalEntityId>,
    pub billable_on: Date,
}

/// A slot at its price, as a booking and its charge.
pub(crate) fn booked(
    (booking, charge): (BookingId, ChargeId),
    customer: &Customer,
    slot: &Slot,
    uses: Vec<CreditUse>,
    price: Price,
    catalogue: &Catalogue,
) -> Booked {
    let starts = slot.starts_at.to_zoned(slot.zone.clone());
    let day = starts.date();
    let location_id = slot.resource.location_id;
    let made = (price.charged.minor != 0).then(|| ChargeMade {
        charge_id: charge,
        kind: ChargeKind::Booking,
        payer: customer.payer,
        member_id: customer.member_id,
        membership_id: customer.membership_id,
        legal_entity_id: customer.legal_entity_id,
        supplied_by: customer.supplied_by,
        location_id,
        description: format!("{}, {} {}", slot.resource.name, day, starts.strftime("%H:%M")),
        // Where several rules count there is no one price of an hour: the reasons say how it comes about.
        quantity: price
            .per_hour
            .map_or_else(|| "1".to_owned(), |_| hours_decimal(price.charged_minutes).to_string()),
        unit: price.per_hour.map_or("booking", |_| "hour").to_owned(),
        unit_price: price.per_hour.unwrap_or(price.charged),
        net: price.charged,
        tax_category: tax_category(&slot.resource, catalogue).to_owned(),
        service_from: day,
        service_to: day.tomorrow().unwrap_or(day),
        taxed_on: None,
        gives_back: None,
        billable_on: customer.billable_on,
        source: SourceRef {
            category: "booking".to_owned(),
            stream_id: booking.0,
            version: 1,
            event_type: "BookingConfirmed".to_owned(),
        },
        because: price.because.iter().chain(&customer.paid_because).cloned().collect(),
        catalogue_position: catalogue.position,
    });
    let fact = BookingConfirmed {
        booking_id: booking,
        resource_id: slot.resource.resource_id,
        location_id,
        member_id: customer.member_id,
        payer: customer.payer,
        membership_id: customer.membership_id,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        blocked_from: slot.blocked_from,
        blocked_until: slot.blocked_until,
        time_zone: slot.time_zone.clone(),
        people: slot.people,
        full_price: price.full,
        charged: price.charged,
        credit_uses: uses,
        money_uses: price.money_uses.clone(),
        charge_id: made.as_ref().map(|charge| charge.charge_id),
        because: price.because.clone(),
        catalogue_position: catalogue.position,
        check_in_by: check_in_by(slot, catalogue),
        no_show_fee: catalogue.terms_of(slot.resource.resource_id).no_show_fee,
    };
    Booked {
        fact,
        charge: made,
        price,
    }
}

/// Whose location it is, where the membership is with another legal entity of the chain: that one invoices, this one earns.
///
/// # Errors
/// Where the two have different currencies: there is no rate between them.
pub fn supplied_by(
    location: &LocationOpened,
    membership: &Membership,
    catalogue: &Catalogue,
) -> Result<Option<LegalEntityId>, Refusal> {
    let (supplier, biller) = (location.legal_entity_id, membership.fact.legal_entity_id);
    if supplier == biller {
        return Ok(None);
    }
    let (supplier, biller) = (
        &catalogue.legal_entity(supplier)?.fact,
        &catalogue.legal_entity(biller)?.fact,
    );
    if supplier.currency != biller.currency {
        let sentence = format!(
            "Your membership is with {}, which invoices in {}; {} belongs to {} and has its prices in {}.",
            biller.name,
            biller.currency.code(),
            location.name,
            supplier.name,
            supplier.currency.code()
        );
        return Err(Refusal::conflict("other_currency", sentence));
    }
    Ok(Some(supplier.legal_entity_id))
}

/// When a booking of it is lost to whoever has not checked in.
fn check_in_by(slot: &Slot, catalogue: &Catalogue) -> Option<Timestamp> {
    let minutes = catalogue.terms_of(slot.resource.resource_id).check_in_minutes?;
    let by = slot.starts_at.checked_add(i64::from(minutes).minutes()).ok()?;
    Some(by.min(slot.ends_at))
}

/// What cancelling makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cancelled {
    pub fact: BookingCancelled,
    /// A fee when only part of the price is still due.
    pub fee: Option<ChargeMade>,
}

/// Percent of the price that is still due when a booking is given up now, by the terms under which it was made. Nothing is due
/// of a day on which the house itself is closed.
///
/// # Errors
/// When the location is unknown.
pub fn percent_due(
    location: LocationId,
    (starts_at, ends_at): (Timestamp, Timestamp),
    catalogue_position: i64,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<u8, Refusal> {
    let zone = catalogue.zone_of(location)?;
    let last = ends_at.checked_sub(1.second()).unwrap_or(ends_at);
    let closed = |at| catalogue.closure_on(location, local_time::day_at(at, &zone)).is_some();
    if closed(starts_at) || closed(last) {
        return Ok(0);
    }
    let policy = catalogue.cancellation_at(location, catalogue_position)?;
    Ok(policy.percent_due(starts_at.duration_since(now).as_mins()))
}

/// Cancels by the location's policy: in the free window everything is restored; later, the part still due stays due. A hold
/// costs nothing.
///
/// # Errors
/// When it was cancelled already or has begun.
pub fn cancel(
    booking: &Booking,
    charge: Option<&ChargeMade>,
    invoiced: bool,
    fee_id: ChargeId,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Cancelled, Refusal> {
    booking.check_live()?;
    if booking.held().is_some() {
        return Ok(Cancelled {
            fact: BookingCancelled {
                booking_id: booking.fact.booking_id,
                percent_due: 0,
                restored: Vec::new(),
                restored_money: Vec::new(),
                voided_charge: None,
                fee_charge: None,
            },
            fee: None,
        });
    }
    if now >= booking.fact.starts_at {
        return Err(Refusal::conflict(
            "already_begun",
            "This booking has begun; it can no longer be cancelled.",
        ));
    }
    let fact = &booking.fact;
    let times = (fact.starts_at, fact.ends_at);
    let percent_due = percent_due(fact.location_id, times, fact.catalogue_position, now, catalogue)?;
    Ok(cancelled(booking, charge, invoiced, fee_id, percent_due, now))
}

/// Gives up what somebody may no longer use, because her seat is gone: at no cost, whatever the policy says, for it is not her who
/// changes her mind. What it drew on is the others' again.
///
/// # Errors
/// When it was cancelled already or has begun.
pub fn give_up(
    booking: &Booking,
    charge: Option<&ChargeMade>,
    invoiced: bool,
    fee_id: ChargeId,
    now: Timestamp,
    _catalogue: &Catalogue,
) -> Result<Cancelled, Refusal> {
    booking.check_live()?;
    if now >= booking.fact.starts_at {
        return Err(Refusal::conflict(
            "already_begun",
            "This booking has begun; it can no longer be cancelled.",
        ));
    }
    Ok(cancelled(booking, charge, invoiced, fee_id, 0, now))
}

/// A percentage of an amount in minor units, rounded once.
pub fn part_due(minor: i64, percent: u8) -> i64 {
    round_half_away(Decimal::from(minor) * Decimal::from(percent) / Decimal::ONE_HUNDRED)
}

fn cancelled(
    booking: &Booking,
    charge: Option<&ChargeMade>,
    invoiced: bool,
    fee_id: ChargeId,
    percent_due: u8,
    now: Timestamp,
) -> Cancelled {
    let fact = &booking.fact;
    let minutes_before = fact.starts_at.duration_since(now).as_mins();
    // An invoiced charge stands on an issued invoice; only a credit note can take it back.
    let replace = charge.filter(|_| percent_due < 100 && !invoiced);
    let due = |net: Money| part_due(net.minor, percent_due);
    let fee = replace.filter(|made| due(made.net) != 0).map(|made| {
        let net = due(made.net);
        ChargeMade {
            charge_id: fee_id,
            kind: ChargeKind::CancellationFee,
            description: format!("Late cancellation: {}", made.description),
            quantity: "1".to_owned(),
            unit: "fee".to_owned(),
            unit_price: Money::new(net, made.net.currency),
            net: Money::new(net, made.net.currency),
            source: SourceRef {
                version: 2,
                event_type: "BookingCancelled".to_owned(),
                ..made.source.clone()
            },
            because: vec![Because {
                text: format!(
                    "{percent_due} % of {} is due when cancelled {minutes_before} minutes before the start",
                    made.net
                ),
                rule: None,
            }],
            ..made.clone()
        }
    });
    let (restored, restored_money) = if percent_due == 0 && booking.held().is_none() {
        (booking.fact.credit_uses.clone(), booking.fact.money_uses.clone())
    } else {
        (Vec::new(), Vec::new())
    };
    Cancelled {
        fact: BookingCancelled {
            booking_id: booking.fact.booking_id,
            percent_due,
            restored,
            restored_money,
            voided_charge: replace.map(|made| made.charge_id),
            fee_charge: fee.as_ref().map(|fee| fee.charge_id),
        },
        fee,
    }
}
