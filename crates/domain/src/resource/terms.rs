//! How a resource can be booked: how far ahead, by whose word, whether one checks in; what it has, and the rooms it is
//! combined of.

use super::ResourceTermsSet;
use crate::{
    Money, ResourceId,
    catalogue::Catalogue,
    refusal::{Faults, Refusal},
    text,
};
use std::collections::BTreeSet;

/// How far ahead a booking may start where nobody said otherwise, in days.
pub const HORIZON_DAYS: i32 = 400;
const MAX_HORIZON_DAYS: i32 = 730;
const MAX_LEAD_MINUTES: i32 = 30 * 24 * 60;
const MAX_AMENITIES: usize = 30;
/// How long a resource can be held where nobody said otherwise.
pub const HOLD_MINUTES: i32 = 30;
const MAX_HOLD_MINUTES: i32 = 7 * 24 * 60;
const CHECK_IN_MINUTES: std::ops::RangeInclusive<i32> = 5..=24 * 60;

/// What an operator says of a resource, unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTerms {
    pub lead_minutes: i32,
    pub horizon_days: i32,
    pub amenities: Vec<String>,
    pub parts: Vec<ResourceId>,
    pub approval: bool,
    pub hold_minutes: i32,
    pub check_in_minutes: Option<i32>,
    /// Net, in minor units of the currency of the resource's legal entity.
    pub no_show_fee_minor: i64,
    /// Whether somebody without an account can book it.
    pub visitors: bool,
}

impl Default for NewTerms {
    fn default() -> Self {
        Self {
            lead_minutes: 0,
            horizon_days: HORIZON_DAYS,
            amenities: Vec::new(),
            parts: Vec::new(),
            approval: false,
            hold_minutes: HOLD_MINUTES,
            check_in_minutes: None,
            no_show_fee_minor: 0,
            visitors: false,
        }
    }
}

impl From<ResourceTermsSet> for NewTerms {
    fn from(terms: ResourceTermsSet) -> Self {
        Self {
            lead_minutes: terms.lead_minutes,
            horizon_days: terms.horizon_days,
            amenities: terms.amenities,
            parts: terms.parts,
            approval: terms.approval,
            hold_minutes: terms.hold_minutes,
            check_in_minutes: terms.check_in_minutes,
            no_show_fee_minor: terms.no_show_fee.map_or(0, |fee| fee.minor),
            visitors: terms.visitors,
        }
    }
}

/// # Errors
/// An unknown resource, or all faulty fields at once; parts that stand elsewhere or go in a circle.
pub fn set_terms(id: ResourceId, new: &NewTerms, catalogue: &Catalogue) -> Result<ResourceTermsSet, Refusal> {
    let resource = catalogue.resource(id)?;
    let mut faults = Faults::default();
    faults.check(
        (0..=MAX_LEAD_MINUTES).contains(&new.lead_minutes),
        "lead_minutes",
        "Please give 0 minutes to 30 days.",
    );
    faults.check(
        (1..=MAX_HORIZON_DAYS).contains(&new.horizon_days),
        "horizon_days",
        format!("Please give 1 to {MAX_HORIZON_DAYS} days."),
    );
    faults.check(
        (0..=MAX_HOLD_MINUTES).contains(&new.hold_minutes),
        "hold_minutes",
        "Please give 0 minutes to 7 days.",
    );
    faults.check(
        new.check_in_minutes
            .is_none_or(|minutes| CHECK_IN_MINUTES.contains(&minutes)),
        "check_in_minutes",
        "Please give 5 minutes to 24 hours, or leave it empty: nobody has to check in then.",
    );
    faults.check(
        new.no_show_fee_minor >= 0,
        "no_show_fee",
        "Please give no less than nothing.",
    );
    faults.check(
        new.no_show_fee_minor == 0 || new.check_in_minutes.is_some(),
        "no_show_fee",
        "A fee needs a time by which one has to check in.",
    );
    faults.check(
        !(new.visitors && new.approval),
        "visitors",
        "What is booked by asking cannot be open to visitors: they pay when they book.",
    );
    let amenities = amenities(&new.amenities, &mut faults);
    let parts: BTreeSet<ResourceId> = new.parts.iter().copied().collect();
    for part in &parts {
        let message = match catalogue.resources.get(part) {
            None => Some("There is no such room or desk.".to_owned()),
            Some(other) if other.location_id != resource.location_id => {
                Some(format!("{} stands in another house.", other.name))
            }
            Some(other) if catalogue.occupied_by(*part).contains(&id) => {
                Some(format!("{} cannot be a part of itself.", other.name))
            }
            Some(_) => None,
        };
        if let Some(message) = message {
            faults.add("parts", message);
        }
    }
    faults.finish()?;
    let entity = catalogue.location(resource.location_id)?.legal_entity_id;
    let currency = catalogue.legal_entity(entity)?.fact.currency;
    Ok(ResourceTermsSet {
        resource_id: id,
        lead_minutes: new.lead_minutes,
        horizon_days: new.horizon_days,
        amenities,
        parts: parts.into_iter().collect(),
        approval: new.approval,
        hold_minutes: new.hold_minutes,
        check_in_minutes: new.check_in_minutes,
        no_show_fee: (new.no_show_fee_minor > 0).then(|| Money::new(new.no_show_fee_minor, currency)),
        visitors: new.visitors,
    })
}

/// What a resource or a location has, in words: each once, in small letters.
pub fn amenities(named: &[String], faults: &mut Faults) -> Vec<String> {
    let mut amenities = BTreeSet::new();
    for name in named {
        match text::name(name) {
            Ok(name) => drop(amenities.insert(name.to_lowercase())),
            Err(message) => faults.add("amenities", message),
        }
    }
    faults.check(
        amenities.len() <= MAX_AMENITIES,
        "amenities",
        format!("Please name {MAX_AMENITIES} at most."),
    );
    amenities.into_iter().collect()
}

impl Catalogue {
    /// How a resource can be booked now.
    pub fn terms_of(&self, id: ResourceId) -> ResourceTermsSet {
        self.resource_terms.get(&id).map_or_else(
            || ResourceTermsSet {
                resource_id: id,
                lead_minutes: 0,
                horizon_days: HORIZON_DAYS,
                amenities: Vec::new(),
                parts: Vec::new(),
                approval: false,
                hold_minutes: HOLD_MINUTES,
                check_in_minutes: None,
                no_show_fee: None,
                visitors: false,
            },
            |(_, terms)| terms.clone(),
        )
    }

    /// How often the terms of a resource were set: what was decided by others is decided again.
    pub fn terms_version(&self, id: ResourceId) -> i64 {
        self.resource_terms.get(&id).map_or(0, |(version, _)| *version)
    }

    /// What a booking of it takes: itself and all its parts.
    pub fn occupied_by(&self, id: ResourceId) -> BTreeSet<ResourceId> {
        let mut all = BTreeSet::new();
        let mut next = vec![id];
        while let Some(id) = next.pop() {
            if all.insert(id)
                && let Some((_, terms)) = self.resource_terms.get(&id)
            {
                next.extend(&terms.parts);
            }
        }
        all
    }
}
