//! The books, entry by entry, the last posted first.

use askama::Template;
use axum::response::Response;
use coterie_app::{ledger::page as ledger, projections};

use super::{
    entry_table::EntryTable,
    listing::Listing,
    office::{Office, entity_choices, entity_name, zone},
};
use crate::{
    components::{EmptyState, Link, Pagination, Select},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/journal.html")]
struct Journal {
    ctx: PageContext,
    entity: Select,
    /// What the exports hold, and the rest of their address.
    chosen: String,
    export_query: String,
    entries: Vec<EntryTable>,
    empty: EmptyState,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::JOURNAL]).await?;
    let catalogue = office.catalogue().await?;
    let entity = office.entity(&catalogue)?.map(|entity| entity.fact.legal_entity_id);
    let listing = Listing::new("/finance/journal", &office.query, &["legal_entity"]);
    let found = ledger::journal(office.app(), office.tenant(), entity, &listing.request()).await?;
    let entries = found.items.iter().map(|row| {
        let id = row.entry.legal_entity_id;
        EntryTable::new(row, &zone(&catalogue, id), Some(&entity_name(&catalogue, id)))
    });
    let shown = Journal {
        entity: Select::new("legal_entity", "Legal entity", entity_choices(&catalogue))
            .value(entity.map(|id| id.to_string()).unwrap_or_default())
            .prompt("All")
            .optional(),
        chosen: entity.map_or_else(|| "all legal entities".to_owned(), |id| entity_name(&catalogue, id)),
        export_query: entity.map(|id| format!("legal_entity={id}&")).unwrap_or_default(),
        entries: entries.collect(),
        empty: EmptyState::new(
            "Nothing in the books yet",
            "The first invoice or booking is posted here.",
        ),
        pagination: listing.pagination("Journal entries", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}
