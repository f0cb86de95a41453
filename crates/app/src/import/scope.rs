//! What a row may name: things of the catalogue, by their natural names.

use super::cells::Cells;
use coterie_domain::{
    catalogue::{Catalogue, LegalEntity},
    location::LocationOpened,
    resource::ResourceTypeCreated,
};
use std::collections::BTreeSet;

/// The catalogue as it would be before the row, and the names of rows that are faulty themselves.
pub(super) struct Scope<'a> {
    pub catalogue: &'a Catalogue,
    pub faulty: &'a BTreeSet<(&'static str, String)>,
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
