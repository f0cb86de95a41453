use super::{DaysSettled, Membership, Stretch};
use crate::{
    ChargeId, Money,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    plan::PlanVersionPublished,
    refusal::Refusal,
};
use jiff::civil::Date;

/// Why some days of a cycle cost what they do, for people.
pub(super) fn explain(plan: &PlanVersionPublished, stretch: &Stretch) -> Vec<Because> {
    let rule = Some(plan.plan_version_id.0);
    let mut because = vec![Because {
        text: format!(
            "{} version {} costs {} a {}",
            plan.name, plan.number, plan.price, plan.length
        ),
        rule,
    }];
    if stretch.price != plan.price {
        let text = match stretch.price.minor {
            0 => "These days are free".to_owned(),
            _ => format!("Another price was agreed: {} a {}", stretch.price, plan.length),
        };
        because.push(Because { text, rule: None });
    }
    let (days, cycle) = (stretch.days, stretch.cycle);
    if days != cycle {
        let text = format!(
            "{} of the {} days from {} to {} ({} to {})",
            days.count(),
            cycle.count(),
            cycle.start,
            cycle.last(),
            days.start,
            days.last()
        );
        because.push(Because { text, rule });
    }
    because
}

/// Who made a charge of days, and when it may be invoiced at the earliest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    /// Version of the membership's event behind it.
    pub version: i64,
    pub event_type: &'static str,
    pub day: Date,
}

/// The charge of a stretch, or what gives one back; `None` when its days cost nothing.
pub(super) fn charge(
    membership: &Membership,
    stretch: &Stretch,
    kind: ChargeKind,
    occasion: Occasion,
    id: ChargeId,
    catalogue: &Catalogue,
) -> Result<Option<ChargeMade>, Refusal> {
    let net = stretch.net();
    if net.minor == 0 {
        return Ok(None);
    }
    let back = kind == ChargeKind::RecurringCredit;
    let plan = catalogue.plan_version(stretch.plan_version_id)?;
    let (days, cycle) = (stretch.days, stretch.cycle);
    let quantity = match (days == cycle, back) {
        (true, false) => "1".to_owned(),
        (true, true) => "-1".to_owned(),
        (false, false) => format!("{}/{}", days.count(), cycle.count()),
        (false, true) => format!("-{}/{}", days.count(), cycle.count()),
    };
    let what = if back { " given back" } else { "" };
    let mut because = explain(plan, stretch);
    let paid_by = membership.paid_by(kind, membership.fact.member_id, days.start);
    // What is given back goes to whoever paid for it, whatever is agreed on by now.
    if paid_by.payer == stretch.payer {
        because.extend(paid_by.because);
    }
    if back {
        because.push(Because {
            text: "These days were charged before and are given back, because the agreement changed".to_owned(),
            rule: None,
        });
    }
    Ok(Some(ChargeMade {
        charge_id: id,
        kind,
        payer: stretch.payer,
        member_id: membership.fact.member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by: None,
        location_id: membership.fact.home_location_id,
        description: format!("{}{what}, {} to {}", plan.name, days.start, days.last()),
        quantity,
        unit: plan.length.to_string(),
        unit_price: stretch.price,
        net: if back {
            Money::new(-net.minor, net.currency)
        } else {
            net
        },
        tax_category: plan.tax_category.clone(),
        service_from: days.start,
        service_to: days.end,
        taxed_on: Some(stretch.taxed_on),
        // In arrears a cycle's days are invoiced with the next cycle's billing day; what is given back of them counts then too.
        billable_on: if plan.in_arrears {
            occasion.day.max(cycle.end)
        } else {
            occasion.day
        },
        source: SourceRef {
            category: "membership".to_owned(),
            stream_id: membership.fact.membership_id.0,
            version: occasion.version,
            event_type: occasion.event_type.to_owned(),
        },
        because,
        catalogue_position: catalogue.position,
    }))
}

/// What settling makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub fact: DaysSettled,
    /// What is given back first, then what is charged.
    pub charges: Vec<ChargeMade>,
}

impl Settled {
    /// Net of all of it; negative when more is given back than charged.
    pub fn net_minor(&self) -> i64 {
        self.charges.iter().map(|charge| charge.net.minor).sum()
    }
}

/// Settles the cycles opened so far with the agreement as it stands, on a day; `None` when they agree.
///
/// `version` is the one that the event will have in the membership's stream.
///
/// # Errors
/// When a plan's version is gone from the catalogue.
pub fn settle(
    membership: &Membership,
    version: i64,
    day: Date,
    mut ids: impl FnMut() -> uuid::Uuid,
    catalogue: &Catalogue,
) -> Result<Option<Settled>, Refusal> {
    let mut unsettled = membership.unsettled();
    if unsettled.is_empty() {
        return Ok(None);
    }
    let occasion = Occasion {
        version,
        event_type: "DaysSettled",
        day,
    };
    let mut charges = Vec::new();
    let both = [
        (&mut unsettled.given_back, ChargeKind::RecurringCredit),
        (&mut unsettled.billed, ChargeKind::Recurring),
    ];
    for (stretches, kind) in both {
        for stretch in stretches {
            let made = charge(membership, stretch, kind, occasion, ChargeId(ids()), catalogue)?;
            stretch.charge_id = made.as_ref().map(|made| made.charge_id);
            charges.extend(made);
        }
    }
    let fact = DaysSettled {
        membership_id: membership.fact.membership_id,
        given_back: unsettled.given_back,
        billed: unsettled.billed,
    };
    Ok(Some(Settled { fact, charges }))
}
