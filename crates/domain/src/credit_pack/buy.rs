use super::CreditPack;
use crate::{
    ChargeId, LocationId, LotId, MemberId,
    catalogue::Catalogue,
    charge::{Because, ChargeKind, ChargeMade, SourceRef},
    credit::CreditPackBought,
    local_time,
    member::Member,
    membership::Membership,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

/// A lot that was sold, and what is charged for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sold {
    pub fact: CreditPackBought,
    pub charge: ChargeMade,
}

/// The membership that somebody buys a pack by, of all that she may use: one with the company that sells it, her own before a seat, then
/// the one that began first. `day_of` says which day it is at a membership's home.
pub fn bought_under<'a>(
    pack: &CreditPack,
    memberships: &'a [Membership],
    member: MemberId,
    day_of: impl Fn(&Membership) -> Option<Date>,
) -> Option<&'a Membership> {
    let usable = memberships.iter().filter(|membership| {
        membership.fact.legal_entity_id == pack.fact.legal_entity_id
            && day_of(membership).is_some_and(|day| membership.active_on(day) && membership.used_by(member, day))
    });
    usable.min_by_key(|membership| {
        let fact = &membership.fact;
        (fact.member_id != member, fact.start, fact.membership_id)
    })
}

/// Where a pack counts as sold: at the membership's home, or at the first house of the company in the pack's country where that is another's.
fn sold_at(pack: &CreditPack, membership: &Membership, catalogue: &Catalogue) -> Result<LocationId, Refusal> {
    let home = membership.fact.home_location_id;
    let fits = |id: LocationId| {
        let place = catalogue.location(id);
        place.is_ok_and(|place| pack.pays_at(place, &pack.fact.tax_category))
    };
    let mut others = catalogue.locations.keys().copied();
    Some(home)
        .filter(|home| fits(*home))
        .or_else(|| others.find(|id| fits(*id)))
        .ok_or_else(|| {
            Refusal::conflict(
                "nowhere_to_use_it",
                "There is no house any more in which this pack could be used.",
            )
        })
}

/// Sells a pack to a member, from now on. Its VAT is due at once (art. 30b (1) of directive 2006/112/EC), at the rate of the day.
///
/// # Errors
/// A pack that is withdrawn; an unconfirmed member; no membership with the company; no tax rate.
pub fn buy(
    (lot_id, charge_id): (LotId, ChargeId),
    pack: &CreditPack,
    member: &Member,
    membership: Option<&Membership>,
    now: Timestamp,
    catalogue: &Catalogue,
) -> Result<Sold, Refusal> {
    let offer = &pack.fact;
    if pack.withdrawn {
        return Err(Refusal::conflict(
            "withdrawn",
            format!("{} is not sold any more.", offer.name),
        ));
    }
    if !member.confirmed {
        return Err(Refusal::conflict(
            "email_not_confirmed",
            "Please confirm your email address first: we sent you a link.",
        ));
    }
    let entity = &catalogue.legal_entity(offer.legal_entity_id)?.fact;
    let Some(membership) = membership else {
        return Err(Refusal::conflict(
            "no_membership",
            format!("{} is for members of {}. Choose a plan first.", offer.name, entity.name),
        ));
    };
    let location_id = sold_at(pack, membership, catalogue)?;
    let zone = catalogue.zone_of(location_id)?;
    let today = local_time::day_at(now, &zone);
    // An invoice is not to meet a charge whose rate nobody knows.
    catalogue.tax_rate(&offer.country, &offer.tax_category, today)?;
    let last_day = offer.valid_for.last_day(today);
    let valid_until = local_time::day_start(last_day.tomorrow().unwrap_or(last_day), &zone)?;
    let paid_by = membership.paid_by(ChargeKind::CreditPack, member.member_id, today);
    let because = Because {
        text: format!(
            "{} of {}, {} until {last_day}, costs {} net, as the pack says",
            offer.holds.told(offer.amount),
            offer.name,
            offer.valid_for,
            offer.price
        ),
        rule: Some(offer.credit_pack_id.0),
    };
    let charge = ChargeMade {
        charge_id,
        kind: ChargeKind::CreditPack,
        payer: paid_by.payer,
        member_id: member.member_id,
        membership_id: Some(membership.fact.membership_id),
        legal_entity_id: offer.legal_entity_id,
        supplied_by: None,
        location_id,
        description: format!("{}, valid until {last_day}", offer.name),
        quantity: "1".to_owned(),
        unit: "pack".to_owned(),
        unit_price: offer.price,
        net: offer.price,
        tax_category: offer.tax_category.clone(),
        service_from: today,
        service_to: today.tomorrow().unwrap_or(today),
        taxed_on: None,
        gives_back: None,
        billable_on: today,
        source: SourceRef {
            category: "credit".to_owned(),
            stream_id: lot_id.0,
            version: 1,
            event_type: "CreditPackBought".to_owned(),
        },
        because: std::iter::once(because).chain(paid_by.because).collect(),
        catalogue_position: catalogue.position,
    };
    Ok(Sold {
        fact: CreditPackBought {
            lot_id,
            credit_pack_id: offer.credit_pack_id,
            legal_entity_id: offer.legal_entity_id,
            membership_id: membership.fact.membership_id,
            member_id: member.member_id,
            charge_id,
            name: offer.name.clone(),
            holds: offer.holds,
            amount: offer.amount,
            price: offer.price,
            valid_from: now,
            valid_until,
            last_day,
        },
        charge,
    })
}
