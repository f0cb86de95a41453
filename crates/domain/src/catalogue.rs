//! What an organization offers, folded from its catalogue events. Decisions read it as of a position of the log, and
//! record that position.

use crate::{
    AddOnId, ClosureId, CreditPackId, Currency, FloorId, LegalEntityId, LocationId, MeterId, PhotoId, PlanId,
    PlanVersionId, PriceRuleId, ResourceId, ResourceTypeId,
    add_on::{AddOn, AddOnEvent},
    credit_pack::{CreditPack, CreditPackEvent},
    event::{DecodeError, DomainEvent},
    floor::{Floor, FloorEvent},
    legal_entity::{Language, LegalEntityCreated, LegalEntityEvent, Letterhead, LetterheadSet},
    local_time,
    location::{CancellationPolicy, DayPassesSet, LocationClosed, LocationEvent, LocationOpened},
    meter::{MeterDefined, MeterEvent},
    organization::{OrganizationCreated, OrganizationEvent},
    photo::{PhotoAdded, PhotoEvent},
    plan::{PlanEvent, PlanVersionPublished},
    refusal::Refusal,
    resource::{
        Position, PriceRuleEvent, PriceRulePublished, ResourceAdded, ResourceEvent, ResourceTermsSet,
        ResourceTypeCreated, ResourceTypeEvent,
    },
    tax::{TaxEvent, TaxRateSet},
};
use jiff::{civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The categories whose events make the catalogue.
pub const CATEGORIES: [&str; 13] = [
    OrganizationEvent::CATEGORY,
    LegalEntityEvent::CATEGORY,
    LocationEvent::CATEGORY,
    FloorEvent::CATEGORY,
    PhotoEvent::CATEGORY,
    ResourceTypeEvent::CATEGORY,
    ResourceEvent::CATEGORY,
    PriceRuleEvent::CATEGORY,
    PlanEvent::CATEGORY,
    TaxEvent::CATEGORY,
    MeterEvent::CATEGORY,
    AddOnEvent::CATEGORY,
    CreditPackEvent::CATEGORY,
];

/// A legal entity as the catalogue knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct LegalEntity {
    pub fact: LegalEntityCreated,
    pub stripe_account: Option<String>,
    /// Whether its recurring invoices wait for a run.
    pub by_run: bool,
}

impl LegalEntity {
    /// # Errors
    /// When an amount is not in the entity's functional currency.
    pub fn check_currency(&self, field: &str, currency: Currency) -> Result<(), Refusal> {
        if currency == self.fact.currency {
            return Ok(());
        }
        let sentence = format!("{} bills in {}, not in {currency}.", self.fact.name, self.fact.currency);
        Err(Refusal::field("currency_not_the_entitys", field, sentence)
            .with("expected_currency", self.fact.currency.code()))
    }
}

/// The offer of one organization at a position of its log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// Position of the last catalogue event folded in; 0 for an empty one.
    pub position: i64,
    pub organization: Option<OrganizationCreated>,
    pub legal_entities: BTreeMap<LegalEntityId, LegalEntity>,
    /// How the documents of each look, where somebody said so.
    pub letterheads: BTreeMap<LegalEntityId, LetterheadSet>,
    /// As they are now: hours and policy are the last ones set.
    pub locations: BTreeMap<LocationId, LocationOpened>,
    /// Closures that were not lifted.
    pub closures: BTreeMap<LocationId, BTreeMap<ClosureId, LocationClosed>>,
    /// Those that were.
    pub lifted: BTreeSet<ClosureId>,
    /// What cancelling costs, from which position of the log on; the oldest first.
    pub cancellations: BTreeMap<LocationId, Vec<(i64, CancellationPolicy)>>,
    /// What each location has, where somebody said so.
    pub amenities: BTreeMap<LocationId, Vec<String>>,
    pub floors: BTreeMap<FloorId, Floor>,
    /// What each sells of day passes; nothing where it was never said.
    pub day_passes: BTreeMap<LocationId, DayPassesSet>,
    pub resource_types: BTreeMap<ResourceTypeId, ResourceTypeCreated>,
    pub resources: BTreeMap<ResourceId, ResourceAdded>,
    /// The last terms set of each, and how often they were.
    pub resource_terms: BTreeMap<ResourceId, (i64, ResourceTermsSet)>,
    /// Where each stands that has a place on a plan.
    pub positions: BTreeMap<ResourceId, Position>,
    /// Those that were not removed.
    pub photos: BTreeMap<PhotoId, PhotoAdded>,
    pub price_rules: BTreeMap<PriceRuleId, PriceRulePublished>,
    /// Where in the log each price rule was published: of rules that fit alike, the last one counts.
    pub price_rule_positions: BTreeMap<PriceRuleId, i64>,
    pub plan_versions: BTreeMap<PlanVersionId, PlanVersionPublished>,
    pub tax_rates: Vec<TaxRateSet>,
    /// Whether each legal entity told its last price with the tax in it; without where it told none.
    pub tells_with_tax: BTreeMap<LegalEntityId, bool>,
    pub meters: BTreeMap<MeterId, MeterDefined>,
    pub add_ons: BTreeMap<AddOnId, AddOn>,
    pub credit_packs: BTreeMap<CreditPackId, CreditPack>,
}

impl Catalogue {
    /// Folds one recorded event in. Events of other categories are ignored.
    ///
    /// # Errors
    /// When a catalogue event cannot be read.
    pub fn apply(
        &mut self,
        position: i64,
        category: &str,
        event_type: &str,
        version: i16,
        payload: &str,
    ) -> Result<(), DecodeError> {
        match category {
            "organization" => {
                let OrganizationEvent::OrganizationCreated(fact) =
                    OrganizationEvent::decode(event_type, version, payload)?;
                self.organization = Some(fact);
            }
            "legal_entity" => match LegalEntityEvent::decode(event_type, version, payload)? {
                LegalEntityEvent::LegalEntityCreated(fact) => {
                    self.legal_entities.insert(
                        fact.legal_entity_id,
                        LegalEntity {
                            fact,
                            stripe_account: None,
                            by_run: false,
                        },
                    );
                }
                LegalEntityEvent::StripeConnected(fact) => {
                    if let Some(entity) = self.legal_entities.get_mut(&fact.legal_entity_id) {
                        entity.stripe_account = Some(fact.account_id);
                    }
                }
                LegalEntityEvent::LetterheadSet(fact) => drop(self.letterheads.insert(fact.legal_entity_id, fact)),
                LegalEntityEvent::InvoicingSet(fact) => {
                    if let Some(entity) = self.legal_entities.get_mut(&fact.legal_entity_id) {
                        entity.by_run = fact.by_run;
                    }
                }
            },
            "location" => self.apply_location(position, LocationEvent::decode(event_type, version, payload)?),
            "floor" => {
                let event = FloorEvent::decode(event_type, version, payload)?;
                let id = match &event {
                    FloorEvent::FloorAdded(fact) => fact.floor_id,
                    FloorEvent::FloorRenamed(fact) => fact.floor_id,
                    FloorEvent::FloorPlanSet(fact) => fact.floor_id,
                };
                let before = self.floors.remove(&id);
                if let Some(floor) = Floor::evolve(before, event) {
                    self.floors.insert(id, floor);
                }
            }
            "photo" => match PhotoEvent::decode(event_type, version, payload)? {
                PhotoEvent::PhotoAdded(fact) => drop(self.photos.insert(fact.photo_id, fact)),
                PhotoEvent::PhotoRemoved(fact) => drop(self.photos.remove(&fact.photo_id)),
            },
            "resource_type" => {
                let ResourceTypeEvent::ResourceTypeCreated(fact) =
                    ResourceTypeEvent::decode(event_type, version, payload)?;
                self.resource_types.insert(fact.resource_type_id, fact);
            }
            "resource" => match ResourceEvent::decode(event_type, version, payload)? {
                ResourceEvent::ResourceAdded(fact) => {
                    self.resources.insert(fact.resource_id, fact);
                }
                ResourceEvent::ResourceTermsSet(fact) => {
                    let version = self.terms_version(fact.resource_id) + 1;
                    self.resource_terms.insert(fact.resource_id, (version, fact));
                }
                ResourceEvent::ResourcePlaced(fact) => match fact.position {
                    Some(position) => drop(self.positions.insert(fact.resource_id, position)),
                    None => drop(self.positions.remove(&fact.resource_id)),
                },
            },
            "price_rule" => {
                let PriceRuleEvent::PriceRulePublished(fact) = PriceRuleEvent::decode(event_type, version, payload)?;
                self.price_rule_positions.insert(fact.price_rule_id, position);
                self.rule_was_told(&fact);
                self.price_rules.insert(fact.price_rule_id, fact);
            }
            "meter" => {
                let MeterEvent::MeterDefined(fact) = MeterEvent::decode(event_type, version, payload)?;
                self.meters.insert(fact.meter_id, fact);
            }
            "add_on" => match AddOnEvent::decode(event_type, version, payload)? {
                AddOnEvent::AddOnDefined(fact) => {
                    self.tells_with_tax.insert(fact.legal_entity_id, fact.tax_included);
                    let id = fact.add_on_id;
                    self.add_ons.insert(id, AddOn { fact, withdrawn: false });
                }
                AddOnEvent::AddOnWithdrawn(fact) => {
                    if let Some(add_on) = self.add_ons.get_mut(&fact.add_on_id) {
                        add_on.withdrawn = true;
                    }
                }
            },
            "credit_pack" => match CreditPackEvent::decode(event_type, version, payload)? {
                CreditPackEvent::CreditPackDefined(fact) => {
                    let id = fact.credit_pack_id;
                    self.credit_packs.insert(id, CreditPack { fact, withdrawn: false });
                }
                CreditPackEvent::CreditPackWithdrawn(fact) => {
                    if let Some(pack) = self.credit_packs.get_mut(&fact.credit_pack_id) {
                        pack.withdrawn = true;
                    }
                }
            },
            "plan" => {
                let PlanEvent::PlanVersionPublished(fact) = PlanEvent::decode(event_type, version, payload)?;
                self.tells_with_tax.insert(fact.legal_entity_id, fact.tax_included);
                self.plan_versions.insert(fact.plan_version_id, fact);
            }
            "tax" => {
                let TaxEvent::TaxRateSet(fact) = TaxEvent::decode(event_type, version, payload)?;
                self.tax_rates.push(fact);
            }
            _ => return Ok(()),
        }
        self.position = position;
        Ok(())
    }

    fn apply_location(&mut self, position: i64, event: LocationEvent) {
        match event {
            LocationEvent::LocationOpened(fact) => {
                self.cancellations
                    .insert(fact.location_id, vec![(position, fact.cancellation.clone())]);
                self.locations.insert(fact.location_id, fact);
            }
            LocationEvent::OpeningHoursSet(fact) => {
                if let Some(location) = self.locations.get_mut(&fact.location_id) {
                    location.hours = fact.hours;
                }
            }
            LocationEvent::CancellationPolicySet(fact) => {
                if let Some(location) = self.locations.get_mut(&fact.location_id) {
                    location.cancellation = fact.policy.clone();
                }
                self.cancellations
                    .entry(fact.location_id)
                    .or_default()
                    .push((position, fact.policy));
            }
            LocationEvent::LocationAmenitiesSet(fact) => {
                self.amenities.insert(fact.location_id, fact.amenities);
            }
            LocationEvent::LocationClosed(fact) => {
                let closures = self.closures.entry(fact.location_id).or_default();
                closures.insert(fact.closure_id, fact);
            }
            LocationEvent::ClosureLifted(fact) => {
                if let Some(closures) = self.closures.get_mut(&fact.location_id) {
                    closures.remove(&fact.closure_id);
                }
                self.lifted.insert(fact.closure_id);
            }
            LocationEvent::DayPassesSet(fact) => {
                if let Some(place) = self.locations.get(&fact.location_id) {
                    self.tells_with_tax.insert(place.legal_entity_id, fact.tax_included);
                }
                self.day_passes.insert(fact.location_id, fact);
            }
        }
    }

    /// A rule without a location is a price of all who bill in its currency.
    fn rule_was_told(&mut self, fact: &PriceRulePublished) {
        let place = fact.location_id.and_then(|id| self.locations.get(&id));
        let only = place.map(|place| place.legal_entity_id);
        let theirs = self.legal_entities.values().filter(|entity| {
            only.map_or(entity.fact.currency == fact.per_hour.currency, |only| {
                only == entity.fact.legal_entity_id
            })
        });
        for entity in theirs {
            self.tells_with_tax
                .insert(entity.fact.legal_entity_id, fact.tax_included);
        }
    }

    /// Whether a form of prices is filled in with tax: as the legal entity told its last price, or where none is meant yet, as all did.
    pub fn tells_with_tax(&self, entity: Option<LegalEntityId>) -> bool {
        match entity {
            Some(entity) => self.tells_with_tax.get(&entity).copied().unwrap_or_default(),
            None => !self.tells_with_tax.is_empty() && self.tells_with_tax.values().all(|told| *told),
        }
    }

    /// What cancelling costs of a booking that was decided by the catalogue as it stood at a position.
    ///
    /// # Errors
    /// When the location is unknown.
    pub fn cancellation_at(&self, location: LocationId, position: i64) -> Result<&CancellationPolicy, Refusal> {
        let now = &self.location(location)?.cancellation;
        let then = self.cancellations.get(&location).and_then(|all| {
            let known = all.iter().rev().find(|(from, _)| *from <= position);
            known.map(|(_, policy)| policy)
        });
        Ok(then.unwrap_or(now))
    }

    /// # Errors
    /// When the organization has no such legal entity.
    pub fn legal_entity(&self, id: LegalEntityId) -> Result<&LegalEntity, Refusal> {
        self.legal_entities.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_legal_entity", "There is no such legal entity.")
                .on("legal_entity_id", "There is no such legal entity.")
        })
    }
    /// What its documents are written in where the customer chose nothing.
    pub fn language_of(&self, entity: &LegalEntityCreated) -> Language {
        let said = self.letterheads.get(&entity.legal_entity_id);
        said.map_or_else(|| Language::of_country(&entity.address.country), |set| set.language)
    }
    /// The head and foot of documents that a legal entity issues now.
    pub fn letterhead_of(&self, id: LegalEntityId) -> Letterhead {
        let chain = self
            .organization
            .as_ref()
            .map_or("", |organization| organization.name.as_str());
        match self.letterheads.get(&id) {
            None => Letterhead::plain(chain),
            Some(set) => Letterhead {
                chain: chain.to_owned(),
                colour: set.colour.clone(),
                logo: set.logo.clone(),
                bank: set.bank.clone(),
                contact: set.contact.clone(),
                register: set.register.clone(),
            },
        }
    }
    /// # Errors
    /// When the organization has no such location.
    pub fn location(&self, id: LocationId) -> Result<&LocationOpened, Refusal> {
        self.locations.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_location", "There is no such location.")
                .on("location_id", "There is no such location.")
        })
    }
    /// # Errors
    /// When the organization has no such resource type.
    pub fn resource_type(&self, id: ResourceTypeId) -> Result<&ResourceTypeCreated, Refusal> {
        self.resource_types.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_resource_type", "There is no such resource type.")
                .on("resource_type_id", "There is no such resource type.")
        })
    }
    /// # Errors
    /// When the organization has no such resource.
    pub fn resource(&self, id: ResourceId) -> Result<&ResourceAdded, Refusal> {
        self.resources.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_resource", "There is no such room or desk.")
                .on("resource_id", "There is no such room or desk.")
        })
    }
    /// # Errors
    /// When the organization has no such plan version.
    pub fn plan_version(&self, id: PlanVersionId) -> Result<&PlanVersionPublished, Refusal> {
        self.plan_versions.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_plan", "There is no such plan.").on("plan_version_id", "There is no such plan.")
        })
    }
    /// # Errors
    /// When the organization has no such add-on.
    pub fn add_on(&self, id: AddOnId) -> Result<&AddOn, Refusal> {
        self.add_ons.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_add_on", "There is no such add-on.").on("add_on_id", "There is no such add-on.")
        })
    }
    /// # Errors
    /// When the organization has no such pack.
    pub fn credit_pack(&self, id: CreditPackId) -> Result<&CreditPack, Refusal> {
        self.credit_packs.get(&id).ok_or_else(|| {
            Refusal::not_found("unknown_credit_pack", "There is no such pack.")
                .on("credit_pack_id", "There is no such pack.")
        })
    }
    pub fn latest_version_of(&self, plan: PlanId) -> Option<&PlanVersionPublished> {
        self.plan_versions
            .values()
            .filter(|version| version.plan_id == plan)
            .max_by_key(|version| version.number)
    }
    /// The revision of each plan that is on offer now, by name.
    pub fn plans_on_offer(&self) -> Vec<&PlanVersionPublished> {
        let mut latest: Vec<_> = self
            .plan_versions
            .values()
            .filter(|version| {
                self.latest_version_of(version.plan_id)
                    .is_some_and(|latest| latest.number == version.number)
            })
            .collect();
        latest.sort_by(|a, b| a.name.cmp(&b.name));
        latest
    }
    /// What a location has: showers, a kitchen.
    pub fn amenities_of(&self, location: LocationId) -> &[String] {
        self.amenities.get(&location).map_or(&[], Vec::as_slice)
    }
    /// # Errors
    /// When the location is unknown.
    pub fn zone_of(&self, location: LocationId) -> Result<TimeZone, Refusal> {
        local_time::zone(&self.location(location)?.time_zone)
    }
    /// The VAT rate in force on a day; of several set for one day, the one recorded last.
    ///
    /// # Errors
    /// When none is set: an operator has to say one first.
    pub fn tax_rate(&self, country: &str, category: &str, day: Date) -> Result<Decimal, Refusal> {
        self.tax_rates
            .iter()
            .filter(|rate| rate.country == country && rate.category == category && rate.effective_from <= day)
            .max_by_key(|rate| rate.effective_from)
            .map(|rate| rate.rate_percent)
            .ok_or_else(|| {
                Refusal::conflict("no_tax_rate", format!("No tax rate is set for category \u{201c}{category}\u{201d} in {country} on {day}. Staff can set one under Tax rates."))
            })
    }
}

#[cfg(test)]
mod tests;
