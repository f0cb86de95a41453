//! What the catalogue tells about ids in events: names for them, and the zone in which an event's times are read.

use std::{collections::BTreeMap, sync::Arc};

use coterie_app::log::page::EventRow;
use coterie_domain::{PlanVersionId, catalogue::Catalogue, local_time};
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

use super::People;

/// Names and zones of one organization's catalogue.
pub(crate) struct Places {
    catalogue: Arc<Catalogue>,
    names: BTreeMap<Uuid, String>,
}

impl Places {
    pub(crate) fn new(catalogue: Arc<Catalogue>) -> Self {
        let mut names = BTreeMap::new();
        if let Some(organization) = &catalogue.organization {
            names.insert(organization.organization_id.0, organization.name.clone());
        }
        for (id, entity) in &catalogue.legal_entities {
            names.insert(id.0, entity.fact.name.clone());
        }
        names.extend(catalogue.locations.iter().map(|(id, place)| (id.0, place.name.clone())));
        names.extend(
            catalogue
                .resource_types
                .iter()
                .map(|(id, kind)| (id.0, kind.name.clone())),
        );
        names.extend(
            catalogue
                .floors
                .iter()
                .map(|(id, floor)| (id.0, floor.fact.name.clone())),
        );
        names.extend(catalogue.resources.iter().map(|(id, room)| (id.0, room.name.clone())));
        for (id, version) in &catalogue.plan_versions {
            names.insert(id.0, format!("{}, version {}", version.name, version.number));
            names.insert(version.plan_id.0, version.name.clone());
        }
        Self { catalogue, names }
    }

    /// Knows members by their names, too.
    pub(crate) fn knowing(mut self, people: &People) -> Self {
        self.names
            .extend(people.members().map(|(id, name)| (id, name.to_owned())));
        self
    }

    /// What people call it, where there is a name for it.
    pub(crate) fn name(&self, id: Uuid) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// The stream that an id of a payload leads to: its own, except that versions stand in their plan's.
    pub(crate) fn stream_of(&self, id: Uuid) -> Uuid {
        self.catalogue
            .plan_versions
            .get(&PlanVersionId(id))
            .map_or(id, |version| version.plan_id.0)
    }

    /// The zone of the location or legal entity that a payload names.
    pub(crate) fn zone_named_in(&self, payload: &Value) -> Option<TimeZone> {
        let id = |key: &str| payload.get(key)?.as_str()?.parse::<Uuid>().ok();
        if let Some(name) = payload.get("time_zone").and_then(Value::as_str) {
            return local_time::zone(name).ok();
        }
        let location = id("location_id").or_else(|| id("home_location_id"));
        let at_location = location.and_then(|id| self.catalogue.locations.get(&id.into()));
        if let Some(location) = at_location {
            return local_time::zone(&location.time_zone).ok();
        }
        let entity = id("legal_entity_id").and_then(|id| self.catalogue.legal_entities.get(&id.into()))?;
        local_time::zone(&entity.fact.time_zone).ok()
    }

    /// The zone of everything here, where there is only one; else UTC, because no other would be fair.
    pub(crate) fn common_zone(&self) -> TimeZone {
        let entities = self
            .catalogue
            .legal_entities
            .values()
            .map(|entity| &entity.fact.time_zone);
        let locations = self.catalogue.locations.values().map(|location| &location.time_zone);
        let mut zones = entities.chain(locations);
        let Some(first) = zones.next() else {
            return TimeZone::UTC;
        };
        if zones.all(|zone| zone == first) {
            local_time::zone(first).unwrap_or(TimeZone::UTC)
        } else {
            TimeZone::UTC
        }
    }

    /// The zone in which the times of an event are read: that of the place it names, or else of the place that another
    /// event of the same request names.
    pub(crate) fn zone(&self, event: &EventRow, beside: &[EventRow]) -> TimeZone {
        let named = |other: &EventRow| self.zone_named_in(&other.payload);
        let same_request = beside
            .iter()
            .filter(|other| other.correlation_id == event.correlation_id);
        named(event)
            .or_else(|| same_request.into_iter().find_map(named))
            .unwrap_or_else(|| self.common_zone())
    }
}
