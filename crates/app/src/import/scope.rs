//! What a row may name: things of the catalogue, by their natural names.

use super::cells::Cells;
use coterie_domain::{
    CompanyId,
    catalogue::{Catalogue, LegalEntity},
    location::LocationOpened,
    plan::PlanVersionPublished,
    resource::ResourceTypeCreated,
};
use std::collections::{BTreeMap, BTreeSet};

/// The catalogue as it would be before the row, and the names of rows that are faulty themselves.
pub(super) struct Scope<'a> {
    pub catalogue: &'a Catalogue,
    pub faulty: &'a BTreeSet<(&'static str, String)>,
    /// Companies that rows name, by their ids in the list that they were imported from.
    pub companies: &'a BTreeMap<String, CompanyId>,
}

impl<'a> Scope<'a> {
    pub(super) fn legal_entity(&self, cells: &mut Cells<'_>, column: &str) -> Option<&'a LegalEntity> {
        let name = cells.text(column);
        let mut entities = self.catalogue.legal_entities.values();
        let found = entities.find(|entity| entity.fact.name == name);
        self.or_say(
            found,
            cells,
            column,
            name,
            ("legal entity", super::legal_entity::LAYOUT.file),
        )
    }
    pub(super) fn location(&self, cells: &mut Cells<'_>, column: &str) -> Option<&'a LocationOpened> {
        let name = cells.text(column);
        self.location_named(cells, column, name)
    }
    pub(super) fn location_named(&self, cells: &mut Cells<'_>, column: &str, name: &str) -> Option<&'a LocationOpened> {
        let found = self.catalogue.locations.values().find(|location| location.name == name);
        self.or_say(found, cells, column, name, ("location", super::location::LAYOUT.file))
    }
    pub(super) fn resource_type(&self, cells: &mut Cells<'_>, column: &str) -> Option<&'a ResourceTypeCreated> {
        let name = cells.text(column);
        self.type_named(cells, column, name)
    }
    pub(super) fn type_named(
        &self,
        cells: &mut Cells<'_>,
        column: &str,
        name: &str,
    ) -> Option<&'a ResourceTypeCreated> {
        let found = self.catalogue.resource_types.values().find(|kind| kind.name == name);
        self.or_say(
            found,
            cells,
            column,
            name,
            ("resource type", super::resource::TYPES.file),
        )
    }

    pub(super) fn plan(&self, cells: &mut Cells<'_>, column: &str) -> Option<&'a PlanVersionPublished> {
        let name = cells.text(column);
        let found = self
            .catalogue
            .plans_on_offer()
            .into_iter()
            .find(|plan| plan.name == name);
        self.or_say(found, cells, column, name, ("plan", super::plan::LAYOUT.file))
    }
    pub(super) fn company(&self, cells: &mut Cells<'_>, column: &str) -> Option<CompanyId> {
        let id = cells.text(column);
        let found = self.companies.get(id).copied();
        if found.is_none() {
            let message = format!("There is no company with the id \u{201c}{id}\u{201d}; import companies first.");
            cells.fault(column, message);
        }
        found
    }

    fn or_say<T>(
        &self,
        found: Option<T>,
        cells: &mut Cells<'_>,
        column: &str,
        name: &str,
        (noun, file): (&str, &'static str),
    ) -> Option<T> {
        if found.is_none() {
            if name.is_empty() {
                cells.fault(column, format!("Please name a {noun}."));
            } else if self.faulty.contains(&(file, name.to_owned())) {
                cells.waits = true;
            } else {
                cells.fault(
                    column,
                    format!("There is no {noun} \u{201c}{name}\u{201d}, here or in {file}."),
                );
            }
        }
        found
    }
}
