//! Plans on offer, location by location, for the welcome page and the page of plans.

use coterie_domain::{catalogue::Catalogue, credit::Holds, location::LocationOpened, plan::PlanVersionPublished};

use crate::{components::Money, member::money, told};

/// One location and what can be agreed to there.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) hours: String,
    pub(super) zone: String,
    pub(super) offers: Vec<Offer>,
}

/// One plan at one location.
pub(super) struct Offer {
    pub(super) name: String,
    pub(super) place: String,
    pub(super) price: Money,
    /// `plus VAT`
    pub(super) vat: &'static str,
    /// What a cycle is called: `month`.
    pub(super) length: String,
    pub(super) grants: Vec<String>,
    pub(super) href: String,
}

/// Every location by name, with the plans that cover it.
pub(super) fn places(catalogue: &Catalogue) -> Vec<Place> {
    let mut places: Vec<Place> = catalogue
        .locations
        .values()
        .map(|location| place(location, catalogue))
        .collect();
    places.sort_by(|a, b| a.name.cmp(&b.name));
    places
}

fn place(location: &LocationOpened, catalogue: &Catalogue) -> Place {
    let mut offers: Vec<(i64, Offer)> = catalogue
        .plans_on_offer()
        .into_iter()
        .filter(|plan| covers(plan, location))
        .map(|plan| (plan.price.minor, offer(plan, location, catalogue)))
        .collect();
    offers.sort_by_key(|(price, _)| *price);
    Place {
        name: location.name.clone(),
        address: format!(
            "{}, {} {}",
            location.address.street, location.address.postcode, location.address.city
        ),
        hours: location.hours.to_string(),
        zone: location.time_zone.replace('_', " "),
        offers: offers.into_iter().map(|(_, offer)| offer).collect(),
    }
}

fn offer(plan: &PlanVersionPublished, location: &LocationOpened, catalogue: &Catalogue) -> Offer {
    Offer {
        name: plan.name.clone(),
        place: location.name.clone(),
        price: money(plan.price),
        vat: told::vat(plan.tax_included),
        length: plan.length.to_string(),
        grants: grants(plan, catalogue),
        href: format!("/plans/{}?location={}", plan.plan_version_id, location.location_id),
    }
}

/// Whether a plan can be agreed to at a location.
pub(super) fn covers(plan: &PlanVersionPublished, location: &LocationOpened) -> bool {
    plan.legal_entity_id == location.legal_entity_id && plan.covers(location.location_id)
}

/// What a plan grants each cycle and when it lets members in, as people read it.
pub(super) fn grants(plan: &PlanVersionPublished, catalogue: &Catalogue) -> Vec<String> {
    let access = plan.access_hours.map(|hours| format!("Access {hours}"));
    plan.grants()
        .map(|(holds, amount)| {
            let granted = holds.told(amount);
            match holds {
                Holds::Minutes { resource_type_id } => {
                    let kind = catalogue.resource_types.get(&resource_type_id);
                    let name = kind.map_or_else(|| "rooms".to_owned(), |kind| kind.name.clone());
                    format!("{granted} of {name} a {}", plan.length)
                }
                Holds::DayPasses => format!("{granted} a {}", plan.length),
                Holds::Money { .. } => format!("{granted} for bookings and passes a {}", plan.length),
            }
        })
        .chain(access)
        .chain(
            plan.deposit
                .map(|deposit| format!("Deposit {deposit}, held while you are a member")),
        )
        .collect()
}
