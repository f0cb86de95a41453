use super::{
    Charged, Membership, PayerChanged, PlanChangeCalledOff, PlanChanged, Term, Unsettled, cycle_after, quote::on_offer,
    settle,
};
use crate::{
    Money, Payer, PlanVersionId, catalogue::Catalogue, charge::ChargeMade, plan::PlanVersionPublished,
    refusal::Refusal, tax,
};
use jiff::civil::Date;
use uuid::Uuid;

/// When a change of plan comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From a day of a cycle that is open: the rest of the old plan is given back, the rest of the new one charged.
    On(Date),
    /// With the first cycle that begins on this day or later.
    AtRenewal(Date),
}

/// What a change does to the money of the cycles that are open: shown before it is agreed to, and billed as shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeQuote {
    /// The first day of the new terms.
    pub from: Date,
    pub unsettled: Unsettled,
    /// What would be made of it: what is given back, then what is charged, each with what a coupon takes off it.
    pub charges: Vec<ChargeMade>,
    /// Negative when more is given back than charged.
    pub net: Money,
    pub tax: Money,
    pub gross: Money,
}

impl ChangeQuote {
    /// What would be made beside the prices of the plans: what coupons take off, what add-ons cost.
    pub fn beside_plans(&self) -> impl Iterator<Item = &ChargeMade> {
        let plans = self.unsettled.given_back.iter().chain(&self.unsettled.billed);
        let plans: Vec<Uuid> = plans.map(|stretch| stretch.plan_version_id.0).collect();
        self.charges.iter().filter(move |charge| {
            // The first reason of a plan's price names its version.
            let first = charge.because.first().and_then(|step| step.rule);
            first.is_none_or(|rule| !plans.contains(&rule))
        })
    }
}

/// # Errors
/// A plan that is not on offer at the membership's house, is another legal entity's, is the one she has, or cannot take
/// over in the middle of a cycle; a membership that ends before, or more people who use it than the plan is for.
pub fn change_plan(
    membership: &Membership,
    version: PlanVersionId,
    when: When,
    announced: bool,
    catalogue: &Catalogue,
) -> Result<PlanChanged, Refusal> {
    let (plan, _) = on_offer(version, membership.fact.home_location_id, catalogue)?;
    agree_on(membership, plan, when, announced, catalogue)
}

/// The same, to a version that may be on offer no more.
///
/// # Errors
/// As [`change_plan`], save for what is on offer.
pub(crate) fn agree_on(
    membership: &Membership,
    plan: &PlanVersionPublished,
    when: When,
    announced: bool,
    catalogue: &Catalogue,
) -> Result<PlanChanged, Refusal> {
    let version = plan.plan_version_id;
    let place = catalogue.location(membership.fact.home_location_id)?;
    let open = membership
        .cycle
        .ok_or_else(|| Refusal::conflict("not_started", "This membership has not begun."))?;
    if plan.legal_entity_id != membership.fact.legal_entity_id {
        return Err(Refusal::field(
            "plan_of_another_entity",
            "plan_version_id",
            "That plan is another company's; please end this membership and start that one.",
        ));
    }
    let from = match when {
        When::On(day) => day,
        When::AtRenewal(day) => {
            let mut cycle = open;
            while cycle.end < day {
                cycle = cycle_after(membership, cycle).cycle;
            }
            cycle.end
        }
    };
    if !membership.agreed_on(from) {
        return Err(Refusal::field(
            "not_agreed_then",
            "from",
            "The membership does not run on that day.",
        ));
    }
    let now = membership.term_on(from);
    if now.plan_version_id == version {
        return Err(Refusal::field(
            "same_plan",
            "plan_version_id",
            format!("{} is what is agreed on already.", plan.name),
        ));
    }
    let goes_on = (now.length, now.billing_day) == (plan.length, plan.billing_day)
        || !plan.length.has_billing_day() && now.length == plan.length;
    let anchor = match when {
        When::On(_) if !goes_on => {
            return Err(Refusal::field(
                "only_at_renewal",
                "when",
                format!(
                    "{} is billed by the {}, in other cycles than {}: it can begin when this cycle is over, on {}.",
                    plan.name, plan.length, now.plan_name, open.end
                ),
            )
            .with("at_renewal", open.end.to_string()));
        }
        When::On(day) if day >= open.end => {
            return Err(Refusal::field(
                "after_this_cycle",
                "from",
                format!("This cycle ends on {}; please choose the renewal instead.", open.last()),
            ));
        }
        When::On(_) => now.anchor,
        When::AtRenewal(_) if goes_on => now.anchor,
        When::AtRenewal(_) => from,
    };
    if plan.tax_included {
        // The alarm that opens the cycle is not to meet a price whose rate nobody knows.
        let country = &place.address.country;
        catalogue.tax_rate(country, &plan.tax_category, from)?;
    }
    let changed = PlanChanged {
        membership_id: membership.fact.membership_id,
        term: Term {
            from,
            plan_id: plan.plan_id,
            plan_version_id: version,
            plan_name: plan.name.clone(),
            price: plan.price,
            tax_included: plan.tax_included,
            length: plan.length,
            billing_day: plan.billing_day,
            anchor,
            payer: now.payer,
        },
        announced,
    };
    membership.after(changed.clone()).check_people(from, catalogue)?;
    Ok(changed)
}

/// What the membership owes and is owed once it is as given.
///
/// # Errors
/// When a plan's version or a tax rate is missing.
pub fn quote_change(
    agreed: &Membership,
    from: Date,
    charged: &Charged,
    catalogue: &Catalogue,
) -> Result<ChangeQuote, Refusal> {
    let unsettled = agreed.unsettled(catalogue)?;
    let currency = agreed.fact.price.currency;
    // What settling would make, by the function that makes it; its ids and its version are nobody's.
    let settled = settle(agreed, 0, from, Uuid::nil, charged, catalogue)?;
    let mut lines = Vec::new();
    for charge in settled.iter().flat_map(|settled| &settled.charges) {
        let taxed = charged.tax_of(charge.payer).of(charge, catalogue)?;
        lines.push((charge.tax_category.as_str(), taxed, charge.net));
    }
    let net: i64 = lines.iter().map(|(_, _, net)| net.minor).sum();
    let tax: i64 = tax::subtotals_as(lines).iter().map(|subtotal| subtotal.tax_minor).sum();
    Ok(ChangeQuote {
        from,
        unsettled,
        charges: settled.map(|settled| settled.charges).unwrap_or_default(),
        net: Money::new(net, currency),
        tax: Money::new(tax, currency),
        gross: Money::new(net + tax, currency),
    })
}

/// Calls a change of plan off that has not come and was not announced.
///
/// # Errors
/// When none lies ahead, or only one that the house announced.
pub fn call_plan_change_off(membership: &Membership, today: Date) -> Result<PlanChangeCalledOff, Refusal> {
    let ahead = match membership.announced_ahead(today) {
        // Whoever pays from another day on does not make it another plan.
        Some(announced) => Some(membership.changed_after(announced.from).ok_or_else(|| {
            let sentence = format!(
                "The house announced this change, from {}. Whoever does not want it can give notice until the day before.",
                announced.from
            );
            Refusal::conflict("announced_change", sentence)
        })?),
        None => membership.terms.iter().find(|term| term.from > today),
    };
    let term = ahead.ok_or_else(|| Refusal::conflict("no_change_ahead", "No change of plan lies ahead."))?;
    Ok(PlanChangeCalledOff {
        membership_id: membership.fact.membership_id,
        from: term.from,
    })
}

/// # Errors
/// When that is who pays already, people of the company that pays have seats, or the membership does not run on that day.
pub fn change_payer(membership: &Membership, payer: Payer, from: Date) -> Result<PayerChanged, Refusal> {
    if !membership.agreed_on(from) {
        return Err(Refusal::field(
            "not_agreed_then",
            "from",
            "The membership does not run on that day.",
        ));
    }
    let later = membership.terms.iter().filter(|term| term.from >= from);
    if membership.term_on(from).payer == payer && later.clone().all(|term| term.payer == payer) {
        return Err(Refusal::conflict("same_payer", "That is who pays already."));
    }
    if membership
        .seats
        .iter()
        .any(|seat| seat.until.is_none_or(|until| until > from))
    {
        let sentence = "Others of the company have seats of this membership: take them away from that day on first.";
        return Err(Refusal::conflict("seats_given", sentence));
    }
    Ok(PayerChanged {
        membership_id: membership.fact.membership_id,
        payer,
        from,
    })
}
