use super::{CycleOpened, Membership, MembershipEnded, MembershipStarted, NoticeGiven};
use crate::{
    ChargeId, LocationId, LotId, MembershipId, Money, Payer, PlanVersionId,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    credit::CreditGranted,
    local_time,
    member::Member,
    period::{self, Days},
    plan::PlanVersionPublished,
    refusal::Refusal,
};
use jiff::civil::Date;

/// What the first, perhaps short, cycle costs: shown before agreeing, and billed as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    pub plan: PlanVersionPublished,
    pub cycle: Days,
    pub days: Days,
    pub net: Money,
    pub tax_percent: rust_decimal::Decimal,
    pub tax: Money,
    pub gross: Money,
    pub because: Vec<Because>,
}

/// The price of starting a plan at a location on a day.
///
/// # Errors
/// Unknown plan or location, a plan that does not cover the location, no tax rate.
pub fn quote(
    version: PlanVersionId,
    location: LocationId,
    start: Date,
    catalogue: &Catalogue,
) -> Result<Quote, Refusal> {
    let plan = catalogue.plan_version(version)?;
    let place = catalogue.location(location)?;
    if place.legal_entity_id != plan.legal_entity_id || !plan.covers(location) {
        return Err(Refusal::field(
            "plan_not_offered_here",
            "location_id",
            format!("{} is not offered at {}.", plan.name, place.name),
        ));
    }
    if catalogue
        .latest_version_of(plan.plan_id)
        .is_some_and(|latest| latest.number != plan.number)
    {
        return Err(Refusal::conflict(
            "plan_superseded",
            format!("{} has a newer version; please look at its terms again.", plan.name),
        ));
    }
    let cycle = period::monthly_cycle(start, plan.billing_day);
    let days = Days { start, end: cycle.end };
    let net = period::prorate(plan.price, days, cycle);
    let tax_percent = catalogue.tax_rate(&place.address.country, &plan.tax_category, start)?;
    let tax = crate::tax::subtotals([(plan.tax_category.as_str(), tax_percent, net)])
        .iter()
        .map(|subtotal| subtotal.tax_minor)
        .sum::<i64>();
    Ok(Quote {
        plan: plan.clone(),
        cycle,
        days,
        net,
        tax_percent,
        tax: Money::new(tax, net.currency),
        gross: Money::new(net.minor + tax, net.currency),
        because: explain(plan, days, cycle),
    })
}

fn explain(plan: &PlanVersionPublished, days: Days, cycle: Days) -> Vec<Because> {
    let rule = Some(plan.plan_version_id.0);
    let whole = Because {
        text: format!("{} version {} costs {} a month", plan.name, plan.number, plan.price),
        rule,
    };
    if days == cycle {
        return vec![whole];
    }
    let text = format!(
        "{} of the {} days from {} to {} ({} to {})",
        days.count(),
        cycle.count(),
        cycle.start,
        cycle.last(),
        days.start,
        days.last()
    );
    vec![whole, Because { text, rule }]
}

/// # Errors
/// Everything `quote` refuses; an unconfirmed address.
pub fn start(
    id: MembershipId,
    member: &Member,
    payer: Payer,
    quote: &Quote,
    location: LocationId,
) -> Result<MembershipStarted, Refusal> {
    if !member.confirmed {
        return Err(Refusal::conflict(
            "email_not_confirmed",
            "Please confirm your email address first: we sent you a link.",
        ));
    }
    Ok(MembershipStarted {
        membership_id: id,
        member_id: member.member_id,
        payer,
        plan_id: quote.plan.plan_id,
        plan_version_id: quote.plan.plan_version_id,
        plan_name: quote.plan.name.clone(),
        legal_entity_id: quote.plan.legal_entity_id,
        home_location_id: location,
        start: quote.days.start,
        price: quote.plan.price,
        billing_day: quote.plan.billing_day,
    })
}

/// What opening a cycle makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    pub fact: CycleOpened,
    /// None when the days cost nothing.
    pub charge: Option<ChargeMade>,
    pub lots: Vec<CreditGranted>,
}

/// Opens a cycle: charges its days and grants the allowances of the cycle after it too, when `ahead` says so (the lots of
/// the cycle itself exist already, save for the first).
///
/// # Errors
/// When the plan version or the location is gone from the catalogue.
pub fn open_cycle(
    membership: &MembershipStarted,
    version: i64,
    days: Days,
    cycle: Days,
    grants: &[Days],
    mut ids: impl FnMut() -> uuid::Uuid,
    catalogue: &Catalogue,
) -> Result<Opened, Refusal> {
    let plan = catalogue.plan_version(membership.plan_version_id)?;
    let zone = catalogue.zone_of(membership.home_location_id)?;
    let net = period::prorate(membership.price, days, cycle);
    let charge = (net.minor != 0).then(|| ChargeMade {
        charge_id: ChargeId(ids()),
        kind: ChargeKind::Recurring,
        payer: membership.payer,
        member_id: membership.member_id,
        membership_id: Some(membership.membership_id),
        legal_entity_id: membership.legal_entity_id,
        supplied_by: None,
        location_id: membership.home_location_id,
        description: format!("{}, {} to {}", membership.plan_name, days.start, days.last()),
        quantity: if days == cycle {
            "1".to_owned()
        } else {
            format!("{}/{}", days.count(), cycle.count())
        },
        unit: "month".to_owned(),
        unit_price: membership.price,
        net,
        tax_category: plan.tax_category.clone(),
        service_from: days.start,
        service_to: days.end,
        billable_on: days.start,
        source: SourceRef {
            category: "membership".to_owned(),
            stream_id: membership.membership_id.0,
            version,
            event_type: "CycleOpened".to_owned(),
        },
        because: explain(plan, days, cycle),
        catalogue_position: catalogue.position,
    });
    let mut lots = Vec::new();
    for granted in grants {
        for allowance in &plan.allowances {
            lots.push(CreditGranted {
                lot_id: LotId(ids()),
                membership_id: membership.membership_id,
                member_id: membership.member_id,
                resource_type_id: allowance.resource_type_id,
                minutes: allowance.minutes,
                valid_from: local_time::day_start(granted.start, &zone)?,
                valid_until: local_time::day_start(granted.end, &zone)?,
            });
        }
    }
    let fact = CycleOpened {
        membership_id: membership.membership_id,
        cycle,
        days,
        charge_id: charge.as_ref().map(|charge| charge.charge_id),
        lots: lots.iter().map(|lot| lot.lot_id).collect(),
    };
    Ok(Opened { fact, charge, lots })
}

/// The cycle that follows the last one opened; `None` when the membership ends with it.
pub fn next_cycle(membership: &Membership) -> Option<Days> {
    let cycle = membership.cycle?;
    let next = period::monthly_cycle(cycle.end, membership.fact.billing_day);
    (membership.ended.is_none() && membership.notice.is_none_or(|last| last >= next.start)).then_some(next)
}

/// Gives notice to the end of the cycle that is paid for.
///
/// # Errors
/// When notice was given already or the membership is over.
pub fn give_notice(membership: &Membership) -> Result<NoticeGiven, Refusal> {
    if membership.ended.is_some() || membership.notice.is_some() {
        return Err(Refusal::conflict(
            "notice_already_given",
            "This membership already ends.",
        ));
    }
    let cycle = membership
        .cycle
        .ok_or_else(|| Refusal::conflict("not_started", "This membership has not begun."))?;
    Ok(NoticeGiven {
        membership_id: membership.fact.membership_id,
        last_day: cycle.last(),
    })
}

/// # Errors
/// When it is over already.
pub fn end(membership: &Membership) -> Result<MembershipEnded, Refusal> {
    match (membership.ended, membership.notice) {
        (None, Some(last_day)) => Ok(MembershipEnded {
            membership_id: membership.fact.membership_id,
            last_day,
        }),
        _ => Err(Refusal::conflict(
            "nothing_to_end",
            "This membership does not end here.",
        )),
    }
}
