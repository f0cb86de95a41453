use super::{UsageCounted, UsageReported, Used, report::meter};
use crate::{
    ChargeId, MeterId, Money, UsageId,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef, extended},
    membership::Membership,
    refusal::Refusal,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How many pieces stand in one event.
const PIECES_PER_EVENT: usize = 500;

/// What charging usage makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The events of the count's own stream, one after the other.
    pub facts: Vec<UsageCounted>,
    pub charge: ChargeMade,
}

/// Charges what one meter counted of one member under a membership: the units are added up, priced, and rounded once on the sum. `None` when
/// it is less than half of a minor unit: then it waits for more of it.
///
/// # Errors
/// When the meter or the location is gone from the catalogue, or the sum is beyond any amount.
pub fn count(
    (usage, charge): (UsageId, ChargeId),
    membership: &Membership,
    meter_id: MeterId,
    mut used: Vec<Used>,
    today: Date,
    catalogue: &Catalogue,
) -> Result<Option<Counted>, Refusal> {
    let meter = meter(meter_id, catalogue)?;
    used.sort_by(|a, b| (a.used_on, &a.event_id).cmp(&(b.used_on, &b.event_id)));
    let (Some(first), Some(last)) = (used.first(), used.last()) else {
        return Ok(None);
    };
    let (first_day, last_day) = (first.used_on, last.used_on);
    let member_id = last.member_id;
    let paid_by = membership.paid_by(ChargeKind::Metered, member_id, last_day);
    let total: Decimal = used.iter().map(|used| used.quantity).sum();
    let too_much = || {
        Refusal::conflict(
            "usage_too_large",
            format!("{} of {} is too much to bill at once.", total, meter.name),
        )
    };
    let net = extended(total, meter.price_minor()).ok_or_else(too_much)?;
    if net == 0 {
        return Ok(None);
    }
    let net = Money::new(net, meter.currency);
    let shown = meter.shown();
    let quantity = (total / Decimal::from(shown.per)).normalize();
    let unit = match shown.per {
        1 => meter.unit.clone(),
        per => format!("{per} {}", meter.unit),
    };
    let pieces = used.len();
    let because = Because {
        text: format!(
            "{} {} in {pieces} {} from {first_day} to {last_day}, at {} {} each, make {net}, rounded once",
            total.normalize(),
            meter.unit,
            if pieces == 1 { "piece" } else { "pieces" },
            meter.currency,
            meter.price,
        ),
        rule: Some(meter_id.0),
    };
    let facts: Vec<UsageCounted> = used
        .chunks(PIECES_PER_EVENT)
        .map(|items| UsageCounted {
            usage_id: usage,
            charge_id: charge,
            items: items.to_vec(),
        })
        .collect();
    let charge = ChargeMade {
        charge_id: charge,
        kind: ChargeKind::Metered,
        payer: paid_by.payer,
        member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by: None,
        location_id: membership.fact.home_location_id,
        description: format!("{}, {first_day} to {last_day}", meter.name),
        quantity: quantity.to_string(),
        unit,
        unit_price: shown.price,
        net,
        tax_category: meter.tax_category.clone(),
        service_from: first_day,
        service_to: last_day.tomorrow().unwrap_or(last_day),
        taxed_on: None,
        gives_back: None,
        billable_on: today,
        source: SourceRef {
            category: "usage".to_owned(),
            stream_id: usage.0,
            version: i64::try_from(facts.len()).unwrap_or(i64::MAX),
            event_type: "UsageCounted".to_owned(),
        },
        because: [because].into_iter().chain(paid_by.because).collect(),
        catalogue_position: catalogue.position,
    };
    Ok(Some(Counted { facts, charge }))
}

/// What a stream of usage is: everything that it names, and the charge that counted it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    pub items: Vec<Used>,
    pub charge_id: Option<ChargeId>,
}

impl Usage {
    #[expect(clippy::unnecessary_wraps, reason = "every noun folds by the same shape")]
    pub fn evolve(state: Option<Self>, event: super::UsageEvent) -> Option<Self> {
        let mut usage = state.unwrap_or_default();
        match event {
            super::UsageEvent::UsageReported(UsageReported { items, .. }) => usage.items.extend(items),
            super::UsageEvent::UsageCounted(fact) => {
                usage.items.extend(fact.items);
                usage.charge_id = Some(fact.charge_id);
            }
        }
        Some(usage)
    }
}
