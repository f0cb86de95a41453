//! Credit notes, the newest first.

use askama::Template;
use axum::response::Response;
use coterie_app::{
    credit_note::page::{self as notes, CreditNoteFilter},
    projections,
};

use super::{
    credit_note,
    listing::Listing,
    office::{Office, entity_choices},
};
use crate::{
    components::{EmptyState, Link, Pagination, Select, Table},
    context::PageContext,
    failure::Failure,
    page::page,
};

#[derive(Template)]
#[template(path = "finance/credit_notes.html")]
struct CreditNotes {
    ctx: PageContext,
    entity: Select,
    table: Table,
    pagination: Pagination,
    newest: Option<Link>,
}

pub(super) async fn show(office: Office) -> Result<Response, Failure> {
    office.caught_up(&[projections::MONEY]).await?;
    let catalogue = office.catalogue().await?;
    let entity = office.entity(&catalogue)?.map(|entity| entity.fact.legal_entity_id);
    let filter = CreditNoteFilter {
        legal_entity: entity,
        ..CreditNoteFilter::default()
    };
    let listing = Listing::new("/finance/credit-notes", &office.query, &["legal_entity"]);
    let found = notes::list(office.app(), office.tenant(), &filter, &listing.request()).await?;
    let empty = EmptyState::new("No credit notes", "An invoice is credited on its own page.")
        .action("See the invoices", "/finance/invoices");
    let shown = CreditNotes {
        entity: Select::new("legal_entity", "Legal entity", entity_choices(&catalogue))
            .value(entity.map(|id| id.to_string()).unwrap_or_default())
            .prompt("All")
            .optional(),
        table: credit_note::table("Credit notes, the newest first", &found.items).empty(empty),
        pagination: listing.pagination("Credit notes", found.next.as_deref()),
        newest: listing.newest(),
        ctx: office.ctx,
    };
    Ok(page(&shown.ctx, &shown))
}
