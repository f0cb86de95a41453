use super::{Because, Charge, ChargeKind, ChargeMade, ChargeVoided, SourceRef, extended, quantity};
use crate::{
    ChargeId, LocationId, Money,
    booking::supplied_by,
    catalogue::Catalogue,
    member::Member,
    membership::Membership,
    refusal::{Faults, Refusal},
    tax, text,
};
use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;

/// How far from today days of supply and of billing may lie.
const MAX_DAYS_AWAY: i32 = 366;

/// Something that staff charge a member for beside her plan: a lost key, catering, a parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOneOff {
    pub location_id: LocationId,
    pub description: String,
    /// A decimal text, in `unit`.
    pub quantity: String,
    pub unit: String,
    pub unit_price: Money,
    /// Whether the price has the tax in it.
    pub tax_included: bool,
    pub tax_category: String,
    pub first_day: Date,
    /// The same day where it is left out.
    pub last_day: Option<Date>,
    /// The first invoice whose cut-off is this day or later takes it; the last day of supply where it is left out.
    pub billable_on: Option<Date>,
}

/// Prices it: quantity times price, rounded once. `by` says who charges, for the explanation.
///
/// # Errors
/// All faulty fields at once; no membership under which it would be billed, no tax rate for its day.
pub fn one_off(
    id: ChargeId,
    member: &Member,
    membership: Option<&Membership>,
    new: &NewOneOff,
    today: Date,
    catalogue: &Catalogue,
) -> Result<ChargeMade, Refusal> {
    let place = catalogue.location(new.location_id)?;
    let mut faults = Faults::default();
    let mut named = |field: &str, text: &str| {
        text::name(text)
            .map_err(|message| faults.add(field, message))
            .unwrap_or_default()
    };
    let description = named("description", &new.description);
    let unit = named("unit", &new.unit);
    let tax_category = named("tax_category", &new.tax_category).to_lowercase();
    let quantity = quantity(&new.quantity)
        .map_err(|message| faults.add("quantity", message))
        .unwrap_or(Decimal::ONE);
    faults.check(
        new.unit_price.minor > 0,
        "unit_price",
        "Please give a price above nothing; to give something back, use a discount or a credit note.",
    );
    let net = extended(quantity, Decimal::from(new.unit_price.minor)).filter(|net| *net > 0);
    faults.check(
        net.is_some() || new.unit_price.minor <= 0,
        "quantity",
        "That makes an amount that cannot be billed: it is too large, or less than half a cent.",
    );
    let last_day = new.last_day.unwrap_or(new.first_day);
    faults.check(
        last_day >= new.first_day,
        "last_day",
        "The last day lies before the first.",
    );
    let billable_on = new.billable_on.unwrap_or(last_day);
    for (field, day) in [
        ("first_day", new.first_day),
        ("last_day", last_day),
        ("billable_on", billable_on),
    ] {
        let near =
            (today.saturating_sub(MAX_DAYS_AWAY.days())..=today.saturating_add(MAX_DAYS_AWAY.days())).contains(&day);
        faults.check(near, field, "Please choose a day within a year of today.");
    }
    faults.finish()?;
    let membership = membership.ok_or_else(|| {
        let sentence = format!(
            "A charge is billed with a membership, and {} has none on {}.",
            member.name, new.first_day
        );
        Refusal::conflict("no_membership", sentence)
    })?;
    let supplied_by = supplied_by(place, membership, catalogue)?;
    catalogue
        .legal_entity(membership.fact.legal_entity_id)?
        .check_currency("unit_price", new.unit_price.currency)?;
    // An invoice is not to meet a charge whose rate nobody knows.
    let percent = catalogue
        .tax_rate(&place.address.country, &tax_category, new.first_day)
        .map_err(|refusal| {
            let sentence = refusal.sentence.clone();
            refusal.on("tax_category", sentence)
        })?;
    let told = Money::new(net.unwrap_or_default(), new.unit_price.currency);
    let counted = Counted::of(new, quantity, told, percent);
    let paid_by = membership.paid_by(ChargeKind::OneOff, member.member_id, new.first_day);
    Ok(ChargeMade {
        charge_id: id,
        kind: ChargeKind::OneOff,
        payer: paid_by.payer,
        member_id: member.member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: membership.fact.legal_entity_id,
        supplied_by,
        location_id: place.location_id,
        description: if counted.whole {
            description
        } else {
            format!("{description} ({quantity} {unit})")
        },
        quantity: if counted.whole {
            quantity.to_string()
        } else {
            "1".to_owned()
        },
        unit: if counted.whole {
            unit.clone()
        } else {
            "piece".to_owned()
        },
        unit_price: counted.unit_price,
        net: counted.net,
        tax_category,
        service_from: new.first_day,
        service_to: last_day.tomorrow().unwrap_or(last_day),
        taxed_on: None,
        gives_back: None,
        billable_on,
        source: SourceRef {
            category: "charge".to_owned(),
            stream_id: id.0,
            version: 1,
            event_type: "ChargeMade".to_owned(),
        },
        because: [Because {
            text: format!(
                "Staff charged {quantity} {unit} at {} {} each, which makes {told}",
                new.unit_price,
                if new.tax_included { "including VAT" } else { "net" }
            ),
            rule: None,
        }]
        .into_iter()
        .chain(new.tax_included.then(|| tax::told_because(told, percent, counted.net)))
        .chain(paid_by.because)
        .collect(),
        catalogue_position: catalogue.position,
    })
}

/// How a charge stands on its line.
struct Counted {
    net: Money,
    unit_price: Money,
    /// Whether it is so many at a price; else it is one at what all of them cost.
    whole: bool,
}

impl Counted {
    /// What was told of all, as it stands on the line: quantity times price is the net (EN 16931 BT-131). Where tax is in the price, so
    /// many times the net of one need not be the net of all.
    fn of(new: &NewOneOff, quantity: Decimal, told: Money, percent: Decimal) -> Self {
        if !new.tax_included {
            return Self {
                net: told,
                unit_price: new.unit_price,
                whole: true,
            };
        }
        let (net, one) = (tax::net_of(told, percent), tax::net_of(new.unit_price, percent));
        let whole = extended(quantity, Decimal::from(one.minor)) == Some(net.minor);
        Self {
            net,
            unit_price: if whole { one } else { net },
            whole,
        }
    }
}

/// Takes back what staff charged or a pack that was sold, while it is on no invoice. What a booking, a pass or a plan made goes back with them.
///
/// # Errors
/// A charge of another kind, one that is invoiced or taken back already, no reason.
pub fn void(charge: &Charge, invoiced: bool, reason: &str) -> Result<ChargeVoided, Refusal> {
    let reason = text::name(reason).map_err(|message| Refusal::field("reason_missing", "reason", message))?;
    if !matches!(charge.fact.kind, ChargeKind::OneOff | ChargeKind::CreditPack) {
        return Err(Refusal::conflict(
            "not_a_one_off",
            "This charge goes back with what made it; only what staff charged and packs are taken back by themselves.",
        ));
    }
    if charge.voided.is_some() {
        return Err(Refusal::conflict(
            "already_voided",
            "This charge was taken back already.",
        ));
    }
    if invoiced {
        return Err(Refusal::conflict(
            "already_invoiced",
            "This charge stands on an invoice; it can only be credited.",
        ));
    }
    Ok(ChargeVoided {
        charge_id: charge.fact.charge_id,
        reason,
    })
}
