use super::{Pass, PassBought, PassGivenBack};
use crate::{
    ChargeId, LocationId, LotId, Money, PassId,
    booking::{paid_because, part_due, supplied_by},
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    credit::{self, Drawing, Lot, MoneyUse},
    local_time::{self, Hours},
    location::{DayPassesSet, LocationOpened},
    member::Member,
    membership::Membership,
    refusal::Refusal,
    tax,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};

/// A day for which a location sells passes, resolved and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    pub terms: DayPassesSet,
    pub day: Date,
    pub opens_at: Timestamp,
    pub closes_at: Timestamp,
    pub time_zone: String,
}

/// What the guards say of a day at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Passes that were sold and not given back.
    pub sold: i64,
    /// Whether the member has one of them.
    pub by_her: bool,
}

/// Checks a day against what the location sells and when it opens.
///
/// # Errors
/// A location that sells none, a day that is over or too far ahead, or one on which it is closed, with the next open day.
pub fn admission(location: LocationId, day: Date, now: Timestamp, catalogue: &Catalogue) -> Result<Admission, Refusal> {
    let place = catalogue.location(location)?;
    let terms = catalogue
        .day_passes
        .get(&location)
        .filter(|terms| terms.capacity > 0)
        .ok_or_else(|| {
            let sentence = format!("{} sells no day passes.", place.name);
            Refusal::conflict("no_passes_sold", sentence.clone()).on("location_id", sentence)
        })?;
    let zone = local_time::zone(&place.time_zone)?;
    let today = local_time::day_at(now, &zone);
    if day < today {
        return Err(Refusal::field(
            "day_is_over",
            "day",
            "That day is over; please choose a later one.",
        ));
    }
    if today
        .until(day)
        .map_or(i32::MAX, |span| span.get_days())
        .cmp(&terms.horizon_days)
        .is_gt()
    {
        let sentence = format!("Passes for {} are sold {} days ahead.", place.name, terms.horizon_days);
        return Err(Refusal::field("beyond_horizon", "day", sentence));
    }
    let Some(hours) = catalogue.hours_on(location, day)? else {
        return Err(closed(place, day, catalogue));
    };
    let (opens_at, closes_at) = span(day, hours, &zone)?;
    if closes_at <= now {
        let sentence = format!("{} has closed for that day.", place.name);
        return Err(with_next_day(
            "day_is_over",
            &sentence,
            catalogue.next_open_day(location, day),
        ));
    }
    Ok(Admission {
        terms: terms.clone(),
        day,
        opens_at,
        closes_at,
        time_zone: place.time_zone.clone(),
    })
}

/// Opening and closing as instants; a wall time that the clocks skip is read as they go on.
fn span(day: Date, hours: Hours, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Refusal> {
    let out_of_range = |_| Refusal::field("time_out_of_range", "day", "That date is out of range.");
    let at = |day: Date, time: Time| {
        let wall = zone.to_ambiguous_timestamp(day.to_datetime(time));
        wall.compatible().map_err(out_of_range)
    };
    let closes = if hours.to == Time::midnight() {
        local_time::day_start(day.tomorrow().map_err(out_of_range)?, zone)?
    } else {
        at(day, hours.to)?
    };
    Ok((at(day, hours.from)?, closes))
}

fn closed(place: &LocationOpened, day: Date, catalogue: &Catalogue) -> Refusal {
    let sentence = match catalogue.closure_on(place.location_id, day) {
        Some(closure) => format!("{} is closed then: {}.", place.name, closure.reason),
        None => format!("{} is open {} ({}).", place.name, place.hours, place.time_zone),
    };
    let next = catalogue.next_open_day(place.location_id, day);
    with_next_day("location_closed", &sentence, next)
}

fn with_next_day(code: &'static str, sentence: &str, next: Option<Date>) -> Refusal {
    match next {
        Some(next) => {
            let sentence = format!("{sentence} It opens again on {}.", next.strftime("%-d %B %Y"));
            Refusal::field(code, "day", sentence).with("next_open_day", next.to_string())
        }
        None => Refusal::field(code, "day", sentence),
    }
}

/// The refusal of a day whose passes are all sold; `next` is the next day of which some are left.
pub fn sold_out(admission: &Admission, next: Option<Date>, catalogue: &Catalogue) -> Result<Refusal, Refusal> {
    let name = &catalogue.location(admission.terms.location_id)?.name;
    let day = admission.day.strftime("%-d %B %Y");
    let sentence = match admission.terms.capacity {
        1 => format!("The only pass for {name} on {day} is sold."),
        capacity => format!("All {capacity} passes for {name} on {day} are sold."),
    };
    let refusal = match next {
        Some(next) => {
            let sentence = format!(
                "{sentence} The next day with one left is {}.",
                next.strftime("%-d %B %Y")
            );
            Refusal::conflict("sold_out", sentence).with("next_day", next.to_string())
        }
        None => Refusal::conflict("sold_out", sentence),
    };
    Ok(refusal.on("day", "Every pass for this day is sold."))
}

/// What buying makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    pub fact: PassBought,
    pub charge: Option<ChargeMade>,
}

/// Where a pass comes from that costs nothing more.
fn pass_because(lot: LotId, lots: &[Lot], catalogue: &Catalogue) -> Because {
    let of = lots.iter().find(|known| known.lot_id == lot).and_then(|lot| lot.pack);
    match of.and_then(|of| catalogue.credit_pack(of.credit_pack_id).ok()) {
        Some(pack) => Because {
            text: format!(
                "It is one of the pack \u{201c}{}\u{201d}, which is paid",
                pack.fact.name
            ),
            rule: Some(pack.fact.credit_pack_id.0),
        },
        None => Because {
            text: "It is one of the day passes that the plan grants".to_owned(),
            rule: None,
        },
    }
}

/// Prices and sells a pass: from the passes that a plan grants first, then from its money, and the rest is charged. The caller
/// holds the day's guard row and the lots.
///
/// # Errors
/// A day that is sold out or of which she has a pass; an unconfirmed member, a membership that does not cover the day, or
/// a location whose currency is another than the membership's; a price that is told with tax, and no rate for its day.
pub fn buy(
    (pass, charge): (PassId, ChargeId),
    member: &Member,
    membership: Option<&Membership>,
    admission: &Admission,
    taken: Taken,
    lots: &[Lot],
    catalogue: &Catalogue,
) -> Result<Bought, Refusal> {
    let place = catalogue.location(admission.terms.location_id)?;
    if !member.confirmed {
        return Err(Refusal::conflict(
            "email_not_confirmed",
            "Please confirm your email address first: we sent you a link.",
        ));
    }
    let membership = covering(membership, admission.day)?;
    let supplied_by = supplied_by(place, membership, catalogue)?;
    if taken.by_her {
        let sentence = format!(
            "There is a pass for {} on {} already.",
            place.name,
            admission.day.strftime("%-d %B %Y")
        );
        return Err(Refusal::conflict("already_bought", sentence).on("day", "One pass a day is enough."));
    }
    if taken.sold >= i64::from(admission.terms.capacity) {
        return Err(sold_out(admission, None, catalogue)?);
    }
    let (price, mut because) = net_price(admission, place, catalogue)?;
    let tax_category = &admission.terms.tax_category;
    let who = member.member_id;
    let drawing = Drawing::new(membership, who, admission.opens_at, place, tax_category, catalogue);
    let Paid {
        pass_lot,
        money_uses,
        net,
        because: how,
    } = pay(lots, &drawing, price, catalogue);
    because.extend(how);
    let day = admission.day;
    let paid_by = membership.paid_by(ChargeKind::Pass, member.member_id, day);
    let made = (net.minor != 0).then(|| ChargeMade {
        charge_id: charge,
        kind: ChargeKind::Pass,
        payer: paid_by.payer,
        member_id: member.member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by,
        location_id: place.location_id,
        description: format!("Day pass, {}, {day}", place.name),
        quantity: "1".to_owned(),
        unit: "day pass".to_owned(),
        unit_price: net,
        net,
        tax_category: admission.terms.tax_category.clone(),
        service_from: day,
        service_to: day.tomorrow().unwrap_or(day),
        taxed_on: None,
        gives_back: None,
        // Usage is billed when it has happened, as bookings are.
        billable_on: day.tomorrow().unwrap_or(day),
        source: SourceRef {
            category: "pass".to_owned(),
            stream_id: pass.0,
            version: 1,
            event_type: "PassBought".to_owned(),
        },
        because: because.iter().chain(&paid_by.because).cloned().collect(),
        catalogue_position: catalogue.position,
    });
    let fact = PassBought {
        pass_id: pass,
        location_id: place.location_id,
        member_id: member.member_id,
        payer: paid_by.payer,
        membership_id: membership.fact.membership_id,
        day,
        opens_at: admission.opens_at,
        closes_at: admission.closes_at,
        time_zone: admission.time_zone.clone(),
        price,
        charge_id: made.as_ref().map(|charge| charge.charge_id),
        because,
        catalogue_position: catalogue.position,
        pass_lot,
        money_uses,
    };
    Ok(Bought { fact, charge: made })
}

/// What a pass costs, net, and why: what is told with tax is turned into net at the rate of its day.
fn net_price(
    admission: &Admission,
    place: &LocationOpened,
    catalogue: &Catalogue,
) -> Result<(Money, Vec<Because>), Refusal> {
    let (terms, told) = (&admission.terms, admission.terms.price);
    let how = if terms.tax_included { "including VAT" } else { "net" };
    let mut because = vec![Because {
        text: format!(
            "A day pass for {} costs {told} {how}, as set when it was bought",
            place.name
        ),
        rule: None,
    }];
    if !terms.tax_included || told.minor == 0 {
        return Ok((told, because));
    }
    let percent = catalogue.tax_rate(&place.address.country, &terms.tax_category, admission.day)?;
    let net = tax::net_of(told, percent);
    because.push(tax::told_because(told, percent, net));
    Ok((net, because))
}

/// What allowances pay of a pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Paid {
    pub pass_lot: Option<LotId>,
    pub money_uses: Vec<MoneyUse>,
    /// What is left to charge.
    pub net: Money,
    pub because: Vec<Because>,
}

/// Pays a pass: from the passes that a plan grants or that were bought first, then from a plan's money.
pub fn pay(lots: &[Lot], drawing: &Drawing, price: Money, catalogue: &Catalogue) -> Paid {
    let mut because = Vec::new();
    let pass_lot = credit::draw_pass(lots, drawing).filter(|_| price.minor > 0);
    let money_uses = match pass_lot {
        Some(lot) => {
            because.push(pass_because(lot, lots, catalogue));
            Vec::new()
        }
        None => credit::draw_money(lots, drawing, price),
    };
    let paid = credit::paid_minor(&money_uses);
    if paid > 0 {
        because.push(paid_because(Money::new(paid, price.currency)));
    }
    let left = if pass_lot.is_some() { 0 } else { price.minor - paid };
    Paid {
        pass_lot,
        money_uses,
        net: Money::new(left, price.currency),
        because,
    }
}

/// The membership under which she pays: one that runs on that day.
fn covering(membership: Option<&Membership>, day: Date) -> Result<&Membership, Refusal> {
    let Some(membership) = membership else {
        return Err(Refusal::conflict(
            "no_membership",
            "A pass needs a membership that covers its day. Choose a plan first.",
        ));
    };
    if !membership.active_on(day) {
        return Err(Refusal::conflict(
            "membership_not_active",
            format!("Your membership does not cover {day}."),
        ));
    }
    Ok(membership)
}

/// What giving back makes.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenBack {
    pub fact: PassGivenBack,
    /// A fee when only part of the price is still due.
    pub fee: Option<ChargeMade>,
}

/// Percent of the price that is still due when a pass is given back now, by the terms under which it was bought, counted
/// from the opening of its day. Nothing is due of a day on which the house is closed.
///
/// # Errors
/// When the location is unknown.
pub fn percent_due(fact: &PassBought, now: Timestamp, catalogue: &Catalogue) -> Result<u8, Refusal> {
    if catalogue.hours_on(fact.location_id, fact.day)?.is_none() {
        return Ok(0);
    }
    let policy = catalogue.cancellation_at(fact.location_id, fact.catalogue_position)?;
    Ok(policy.percent_due(fact.opens_at.duration_since(now).as_mins()))
}

/// Gives a pass back by the location's policy.
///
/// # Errors
/// When it was given back already, or its day has begun and the house is open.
pub fn give_back(
    pass: &Pass,
    charge: Option<&ChargeMade>,
    invoiced: bool,
    fee_id: ChargeId,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<GivenBack, Refusal> {
    let fact = &pass.fact;
    if pass.given_back.is_some() {
        return Err(Refusal::conflict(
            "already_given_back",
            "This pass is given back already.",
        ));
    }
    let open = catalogue.hours_on(fact.location_id, fact.day)?.is_some();
    if open && now >= fact.opens_at {
        return Err(Refusal::conflict(
            "already_begun",
            "The day of this pass has begun; it can no longer be given back.",
        ));
    }
    let percent_due = percent_due(fact, now, catalogue)?;
    // An invoiced charge stands on an issued invoice; only a credit note can take it back.
    let replace = charge.filter(|_| percent_due < 100 && !invoiced);
    let due = |net: Money| part_due(net.minor, percent_due);
    let minutes_before = fact.opens_at.duration_since(now).as_mins();
    let fee = replace.filter(|made| due(made.net) != 0).map(|made| {
        let net = Money::new(due(made.net), made.net.currency);
        ChargeMade {
            charge_id: fee_id,
            kind: ChargeKind::CancellationFee,
            description: format!("Given back late: {}", made.description),
            unit: "fee".to_owned(),
            unit_price: net,
            net,
            source: SourceRef {
                version: 2,
                event_type: "PassGivenBack".to_owned(),
                ..made.source.clone()
            },
            because: vec![Because {
                text: format!(
                    "{percent_due} % of {} is due when given back {minutes_before} minutes before the house opens",
                    made.net
                ),
                rule: None,
            }],
            ..made.clone()
        }
    });
    let whole = percent_due == 0;
    Ok(GivenBack {
        fact: PassGivenBack {
            pass_id: fact.pass_id,
            percent_due,
            voided_charge: replace.map(|made| made.charge_id),
            fee_charge: fee.as_ref().map(|fee| fee.charge_id),
            restored_pass: fact.pass_lot.filter(|_| whole),
            restored_money: if whole { fact.money_uses.clone() } else { Vec::new() },
        },
        fee,
    })
}
