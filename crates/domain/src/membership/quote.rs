use super::{CouponRedeemed, Membership, MembershipStarted, cycle_after, first_cycle, open_cycle, settle};
use crate::{
    ChargeId, LocationId, MemberId, MembershipId, Money, Payer, PlanVersionId,
    billing::TaxChoices,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    coupon::{self, Coupon, Used},
    location::LocationOpened,
    member::Member,
    period::Days,
    plan::PlanVersionPublished,
    refusal::Refusal,
    tax,
};
use jiff::{ToSpan, civil::Date};
use uuid::Uuid;

/// What the first, perhaps short, cycle costs: shown before agreeing, and billed as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    pub plan: PlanVersionPublished,
    pub cycle: Days,
    pub days: Days,
    /// Of the days and the set-up fee, less what a coupon takes off.
    pub net: Money,
    pub tax_percent: rust_decimal::Decimal,
    pub tax: Money,
    pub gross: Money,
    /// The first day on which it may be invoiced: at once, or after its days where the plan is paid in arrears.
    pub billed_on: Date,
    pub because: Vec<Because>,
    /// What would be agreed to, whoever does.
    pub agreement: MembershipStarted,
    /// What the coupon takes off the days, net; it is taken off `net` already.
    pub off: Money,
    /// The coupon that would be redeemed.
    pub coupon: Option<CouponRedeemed>,
}

/// A version that may be agreed to at a location.
pub(super) fn on_offer(
    version: PlanVersionId,
    location: LocationId,
    catalogue: &Catalogue,
) -> Result<(&PlanVersionPublished, &LocationOpened), Refusal> {
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
    Ok((plan, place))
}

/// The price of starting a plan at a location on a day, for whom nobody chose how she is taxed.
///
/// # Errors
/// As [`quote_with`].
pub fn quote(
    version: PlanVersionId,
    location: LocationId,
    start: Date,
    catalogue: &Catalogue,
) -> Result<Quote, Refusal> {
    quote_with(version, location, start, None, &TaxChoices::default(), catalogue)
}

/// The price of starting a plan at a location on a day, with a coupon that would be redeemed as it starts, by a payer of whose tax
/// this was chosen.
///
/// # Errors
/// Unknown plan or location, a plan that does not cover the location, no tax rate; everything that redeeming the coupon refuses.
pub fn quote_with(
    version: PlanVersionId,
    location: LocationId,
    start: Date,
    coupon: Option<(&Coupon, Used)>,
    choices: &TaxChoices,
    catalogue: &Catalogue,
) -> Result<Quote, Refusal> {
    let (plan, place) = on_offer(version, location, catalogue)?;
    let mut agreement = MembershipStarted {
        membership_id: MembershipId(Uuid::nil()),
        member_id: MemberId(Uuid::nil()),
        payer: Payer::Member(MemberId(Uuid::nil())),
        plan_id: plan.plan_id,
        plan_version_id: plan.plan_version_id,
        plan_name: plan.name.clone(),
        legal_entity_id: plan.legal_entity_id,
        home_location_id: location,
        start,
        price: plan.price,
        tax_included: plan.tax_included,
        billing_day: plan.billing_day,
        length: plan.length,
        free_until: (plan.trial_days > 0).then(|| start.saturating_add(plan.trial_days.days())),
        bound_until: None,
    };
    agreement.bound_until = bound_until(plan, &agreement);
    let mut membership = Membership::from_start(agreement.clone());
    let redeemed = coupon
        .map(|(coupon, used)| coupon::redeem(coupon, used, &membership, start))
        .transpose()?;
    if let Some(redeemed) = redeemed.clone() {
        membership = membership.after(redeemed);
    }
    let first = first_cycle(&membership);
    let stretches = membership.desired(first.cycle, first.days, catalogue)?;
    // What opening it would make, by the function that makes it; its ids and its version are nobody's.
    let opened = open_cycle(&membership, 0, first, &[], Uuid::nil, catalogue)?;
    let days_net: i64 = opened.charges.iter().map(|charge| charge.net.minor).sum();
    let off: i64 = opened
        .charges
        .iter()
        .filter(|charge| charge.kind == ChargeKind::Discount)
        .map(|charge| -charge.net.minor)
        .sum();
    let fee = fee_of(plan, place, start, catalogue)?;
    let fee_net = fee.as_ref().map_or(0, |fee| fee.net.minor);
    let net = Money::new(days_net + fee_net, plan.price.currency);
    let category = plan.tax_category.as_str();
    let taxed = |day: Date| -> Result<tax::Taxed, Refusal> {
        let percent = catalogue.tax_rate(&place.address.country, category, day)?;
        Ok(choices.taxed(day, category, percent))
    };
    let of_fee = taxed(start)?;
    let of_days = match stretches.iter().find(|stretch| stretch.net().minor != 0) {
        Some(stretch) => taxed(settle::taxed_on(plan, stretch))?,
        None => of_fee.clone(),
    };
    let tax_percent = of_days.rate_percent;
    let money = |minor| Money::new(minor, net.currency);
    let tax = tax::subtotals_as([(category, of_days, money(days_net)), (category, of_fee, money(fee_net))])
        .iter()
        .map(|subtotal| subtotal.tax_minor)
        .sum::<i64>();
    let mut because: Vec<Because> = Vec::new();
    let discounts = opened
        .charges
        .iter()
        .filter(|charge| charge.kind == ChargeKind::Discount)
        .flat_map(|charge| charge.because.clone());
    let steps = stretches.iter().flat_map(|stretch| settle::explain(plan, stretch));
    for step in steps.chain(discounts) {
        if !because.contains(&step) {
            because.push(step);
        }
    }
    because.extend(fee.into_iter().flat_map(|fee| fee.because));
    Ok(Quote {
        plan: plan.clone(),
        cycle: first.cycle,
        days: first.days,
        net,
        tax_percent,
        tax: Money::new(tax, net.currency),
        gross: Money::new(net.minor + tax, net.currency),
        billed_on: if plan.in_arrears { first.days.end } else { start },
        because,
        agreement,
        off: Money::new(off, net.currency),
        coupon: redeemed,
    })
}

/// What beginning costs, and why.
struct Fee {
    net: Money,
    because: Vec<Because>,
}

/// # Errors
/// When it is told with tax and no rate is known of the day.
fn fee_of(
    plan: &PlanVersionPublished,
    place: &LocationOpened,
    start: Date,
    catalogue: &Catalogue,
) -> Result<Option<Fee>, Refusal> {
    let Some(fee) = plan.set_up_fee.filter(|fee| fee.minor != 0) else {
        return Ok(None);
    };
    let including = tax::including(plan.tax_included);
    let mut because = vec![Because {
        text: format!(
            "{} version {} has a set-up fee of {fee}{including}, once",
            plan.name, plan.number
        ),
        rule: Some(plan.plan_version_id.0),
    }];
    let mut net = fee;
    if plan.tax_included {
        let percent = catalogue.tax_rate(&place.address.country, &plan.tax_category, start)?;
        net = tax::net_of(fee, percent);
        because.push(tax::told_because(fee, percent, net));
    }
    Ok(Some(Fee { net, because }))
}

/// The first day on which notice may let it end: after the whole cycles of the term, a short first one on top.
fn bound_until(plan: &PlanVersionPublished, agreement: &MembershipStarted) -> Option<Date> {
    let membership = Membership::from_start(agreement.clone());
    let mut last = first_cycle(&membership);
    let short = last.days != last.cycle;
    let more = (plan.term_cycles > 0).then(|| plan.term_cycles - i64::from(!short))?;
    for _ in 0..more {
        last = cycle_after(&membership, last.cycle);
    }
    Some(last.days.end)
}

/// # Errors
/// An unconfirmed address.
pub fn start(id: MembershipId, member: &Member, payer: Payer, quote: &Quote) -> Result<MembershipStarted, Refusal> {
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
        ..quote.agreement.clone()
    })
}

/// The coupon of a quote, redeemed by the membership that it became.
pub fn redeemed(started: &MembershipStarted, quote: &Quote) -> Option<CouponRedeemed> {
    let coupon = quote.coupon.clone()?;
    Some(CouponRedeemed {
        membership_id: started.membership_id,
        member_id: started.member_id,
        ..coupon
    })
}

/// The set-up fee of a membership that begins, where its plan has one.
///
/// # Errors
/// When it is told with tax and no rate is known of the day.
pub fn set_up_fee(
    membership: &MembershipStarted,
    id: ChargeId,
    plan: &PlanVersionPublished,
    catalogue: &Catalogue,
) -> Result<Option<ChargeMade>, Refusal> {
    let place = catalogue.location(membership.home_location_id)?;
    let fee = fee_of(plan, place, membership.start, catalogue)?;
    Ok(fee.filter(|fee| fee.net.minor != 0).map(|fee| ChargeMade {
        charge_id: id,
        kind: ChargeKind::SetUpFee,
        payer: membership.payer,
        member_id: membership.member_id,
        membership_id: Some(membership.membership_id),
        legal_entity_id: membership.legal_entity_id,
        supplied_by: None,
        location_id: membership.home_location_id,
        description: format!("{}, set-up fee", plan.name),
        quantity: "1".to_owned(),
        unit: "piece".to_owned(),
        unit_price: fee.net,
        net: fee.net,
        tax_category: plan.tax_category.clone(),
        service_from: membership.start,
        service_to: membership.start.tomorrow().unwrap_or(membership.start),
        taxed_on: None,
        gives_back: None,
        billable_on: membership.start,
        source: SourceRef {
            category: "membership".to_owned(),
            stream_id: membership.membership_id.0,
            version: 1,
            event_type: "MembershipStarted".to_owned(),
        },
        because: fee.because,
        catalogue_position: catalogue.position,
    }))
}
