use super::{Charged, DaysSettled, Membership, Stretch, TakenOff};
use crate::{
    ChargeId, Money,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    period::{CycleLength, Days},
    plan::PlanVersionPublished,
    refusal::Refusal,
    tax,
};
use jiff::civil::Date;
use uuid::Uuid;

/// What is charged of a stretch, as its line says it.
struct Item {
    name: String,
    unit: CycleLength,
    tax_category: String,
    because: Vec<Because>,
}

fn item(membership: &Membership, plan: &PlanVersionPublished, stretch: &Stretch) -> Item {
    let Some((added, quantity)) = membership.added(stretch) else {
        return Item {
            name: plan.name.clone(),
            unit: plan.length,
            tax_category: plan.tax_category.clone(),
            because: explain(plan, stretch),
        };
    };
    let rule = Some(added.add_on_id.0);
    let (price, including) = (added.price, tax::including(added.tax_included));
    let text = match quantity {
        1 => format!("{} costs {price}{including} a {}", added.name, added.length),
        _ => format!(
            "{quantity} of {} cost {price}{including} a {} each",
            added.name, added.length
        ),
    };
    let because = std::iter::once(Because { text, rule })
        .chain(of_days(stretch, rule))
        .chain(stretch.told_because(stretch.price, stretch.net()));
    Item {
        // Several are one line at what all of them cost, so that the part of the cycle can be read.
        name: match quantity {
            1 => added.name.clone(),
            _ => format!("{quantity} x {}", added.name),
        },
        unit: added.length,
        tax_category: added.tax_category.clone(),
        because: because.collect(),
    }
}

/// Which part of the cycle it is, where it is one.
fn of_days(stretch: &Stretch, rule: Option<Uuid>) -> Option<Because> {
    let (days, cycle) = (stretch.days, stretch.cycle);
    (days != cycle).then(|| Because {
        text: format!(
            "{} of the {} days from {} to {} ({} to {})",
            days.count(),
            cycle.count(),
            cycle.start,
            cycle.last(),
            days.start,
            days.last()
        ),
        rule,
    })
}

/// Why some days of a cycle cost what they do, for people.
pub(super) fn explain(plan: &PlanVersionPublished, stretch: &Stretch) -> Vec<Because> {
    let rule = Some(plan.plan_version_id.0);
    let mut because = vec![Because {
        text: format!(
            "{} version {} costs {}{} a {}",
            plan.name,
            plan.number,
            plan.price,
            tax::including(plan.tax_included),
            plan.length
        ),
        rule,
    }];
    if (stretch.price, stretch.tax_included) != (plan.price, plan.tax_included && plan.price.minor != 0) {
        let text = match stretch.price.minor {
            0 => "These days are free".to_owned(),
            _ => format!(
                "Another price was agreed: {}{} a {}",
                stretch.price,
                tax::including(stretch.tax_included),
                plan.length
            ),
        };
        because.push(Because { text, rule: None });
    }
    because.extend(of_days(stretch, rule));
    because.extend(stretch.told_because(stretch.price, stretch.net()));
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

/// The day whose tax rate counts. In advance, tax becomes chargeable with the payment for the cycle, on its first day (art. 65 and
/// 93 (b) of directive 2006/112/EC), whatever the rate does within it. In arrears the cycle is supplied when it is over, for its
/// statement comes then (art. 64 (1)), so the rate is that of its last day.
pub(super) fn taxed_on(plan: &PlanVersionPublished, stretch: &Stretch) -> Date {
    if plan.in_arrears {
        stretch.cycle.last()
    } else {
        stretch.taxed_on
    }
}

/// So many of the days of a cycle, as documents count them; `-` where they are taken off.
fn part(days: Days, cycle: Days, sign: &str) -> String {
    if days == cycle {
        format!("{sign}1")
    } else {
        format!("{sign}{}/{}", days.count(), cycle.count())
    }
}

/// The charge of a stretch at a net, or what gives one back, and what a coupon takes off it, at `off_net` where that is not what
/// its days say: none when its days cost nothing. The price of the days comes first.
pub(super) fn charges(
    membership: &Membership,
    (stretch, net, off_net): (&Stretch, Money, Option<Money>),
    kind: ChargeKind,
    occasion: Occasion,
    ids: &mut impl FnMut() -> Uuid,
    catalogue: &Catalogue,
) -> Result<Vec<ChargeMade>, Refusal> {
    let price = charge(membership, (stretch, net), kind, occasion, ChargeId(ids()), catalogue)?;
    let plan = catalogue.plan_version(stretch.plan_version_id)?;
    let discount = membership
        .taken_off(stretch, plan)
        .map(|off| discount(&price, off, (stretch, off_net), plan.length, ChargeId(ids())));
    let all = std::iter::once(price).chain(discount);
    Ok(all.filter(|charge| charge.net.minor != 0).collect())
}

/// The charge of the price among those of a stretch.
pub(super) fn price_of(made: &[ChargeMade]) -> Option<ChargeId> {
    let price = made.iter().find(|charge| charge.kind != ChargeKind::Discount);
    price.map(|price| price.charge_id)
}

/// What a coupon takes off the price of some days, or what is given back of it with them: on the same terms as the price, so
/// that it is earned, taxed and invoiced with it.
fn discount(
    price: &ChargeMade,
    off: TakenOff,
    (stretch, off_net): (&Stretch, Option<Money>),
    unit: CycleLength,
    id: ChargeId,
) -> ChargeMade {
    let back = price.kind == ChargeKind::RecurringCredit;
    let (days, cycle) = (stretch.days, stretch.cycle);
    let (sign, what) = if back { ("", " given back") } else { ("-", "") };
    let off_net = off_net.unwrap_or(off.net);
    let partly = off_net != off.net;
    let mut because = off.because;
    if back {
        because.push(Because {
            text: "It was taken off days that are given back, and goes back with them".to_owned(),
            rule: None,
        });
    }
    ChargeMade {
        charge_id: id,
        kind: ChargeKind::Discount,
        description: format!("{}{what}, {} to {}", off.name, days.start, days.last()),
        quantity: if partly {
            format!("{sign}1")
        } else {
            part(days, cycle, sign)
        },
        unit: if partly { "piece".to_owned() } else { unit.to_string() },
        unit_price: if partly { off_net } else { off.whole },
        net: if back {
            off_net
        } else {
            Money::new(-off_net.minor, off_net.currency)
        },
        because,
        ..price.clone()
    }
}

/// The charge of a stretch at a net, or what gives one back; that carries the charge of the stretch.
fn charge(
    membership: &Membership,
    (stretch, net): (&Stretch, Money),
    kind: ChargeKind,
    occasion: Occasion,
    id: ChargeId,
    catalogue: &Catalogue,
) -> Result<ChargeMade, Refusal> {
    let back = kind == ChargeKind::RecurringCredit;
    let plan = catalogue.plan_version(stretch.plan_version_id)?;
    let (days, cycle) = (stretch.days, stretch.cycle);
    let item = item(membership, plan, stretch);
    let partly = net != stretch.net();
    let sign = if back { "-" } else { "" };
    let quantity = if partly {
        format!("{sign}1")
    } else {
        part(days, cycle, sign)
    };
    let what = if back { " given back" } else { "" };
    let mut because = item.because;
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
    if partly {
        because.push(Because {
            text: format!(
                "Credit notes took back a part of what was charged: {net} of {} is left of these days",
                stretch.net()
            ),
            rule: None,
        });
    }
    Ok(ChargeMade {
        charge_id: id,
        kind,
        payer: stretch.payer,
        member_id: membership.fact.member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by: None,
        location_id: membership.fact.home_location_id,
        description: format!("{}{what}, {} to {}", item.name, days.start, days.last()),
        quantity,
        unit: if partly {
            "piece".to_owned()
        } else {
            item.unit.to_string()
        },
        unit_price: if partly { net } else { stretch.whole_net() },
        net: if back {
            Money::new(-net.minor, net.currency)
        } else {
            net
        },
        tax_category: item.tax_category,
        service_from: days.start,
        service_to: days.end,
        taxed_on: Some(taxed_on(plan, stretch)),
        gives_back: if back { stretch.charge_id } else { None },
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
    })
}

/// What settling makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub fact: DaysSettled,
    /// What is given back first, then what is charged; what coupons take off stands after the price that it is off.
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
/// `version` is the one that the event will have in the membership's stream, `charged` what became of what was charged before.
///
/// # Errors
/// When a plan's version is gone from the catalogue, or no rate is known of a price that is told with tax.
pub fn settle(
    membership: &Membership,
    version: i64,
    day: Date,
    mut ids: impl FnMut() -> Uuid,
    charged: &Charged,
    catalogue: &Catalogue,
) -> Result<Option<Settled>, Refusal> {
    let mut unsettled = membership.unsettled(catalogue)?;
    if unsettled.is_empty() {
        return Ok(None);
    }
    let occasion = Occasion {
        version,
        event_type: "DaysSettled",
        day,
    };
    let mut all = Vec::new();
    let both = [
        (&mut unsettled.given_back, ChargeKind::RecurringCredit),
        (&mut unsettled.billed, ChargeKind::Recurring),
    ];
    for (stretches, kind) in both {
        for stretch in stretches {
            let (net, off_net) = match kind {
                ChargeKind::RecurringCredit => (
                    charged.given_back(membership, stretch),
                    charged.off_given_back(membership, stretch),
                ),
                _ => (stretch.net(), None),
            };
            let made = self::charges(
                membership,
                (&*stretch, net, off_net),
                kind,
                occasion,
                &mut ids,
                catalogue,
            )?;
            stretch.charge_id = price_of(&made);
            all.extend(made);
        }
    }
    let fact = DaysSettled {
        membership_id: membership.fact.membership_id,
        given_back: unsettled.given_back,
        billed: unsettled.billed,
    };
    Ok(Some(Settled { fact, charges: all }))
}
