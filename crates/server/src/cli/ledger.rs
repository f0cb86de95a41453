use super::{CliError, tenants};
use crate::config::Config;
use coterie_documents::journal::{Book, Format};
use coterie_domain::catalogue::{CATEGORIES, Catalogue};
use coterie_domain::event::DomainEvent;
use coterie_domain::ledger::{JournalEntryPosted, JournalEvent};
use coterie_domain::legal_entity::LegalEntityCreated;
use coterie_eventlog::{RecordedEvent, read_categories, set_tenant_in_op};
use sqlx::PgConnection;
use std::io::Write;
use uuid::Uuid;

/// Events read at once.
const PAGE: i64 = 1_000;

/// `coterie ledger export`: the journal as the log has it, one read of one moment, without any read model between.
pub(super) async fn export(
    config: &Config,
    slug: &str,
    entity: Option<&str>,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let pool = tenants::worker_pool(config)?;
    let tenant = tenants::by_slug(&pool, slug).await?.id;
    let mut tx = pool.begin().await?;
    // All pages from one snapshot.
    sqlx::query("set transaction isolation level repeatable read, read only")
        .execute(&mut *tx)
        .await?;
    set_tenant_in_op(&mut tx, tenant).await?;
    let catalogue = catalogue(&mut tx, tenant).await?;
    let entities: Vec<&LegalEntityCreated> = catalogue.legal_entities.values().map(|entity| &entity.fact).collect();
    let wanted = choose(&entities, entity)?;
    let entries = entries(&mut tx, tenant).await?;
    tx.commit().await?;
    pool.close().await;

    let by_entity: Vec<Vec<JournalEntryPosted>> = wanted
        .iter()
        .map(|entity| {
            let of_entity = entries
                .iter()
                .filter(|entry| entry.legal_entity_id == entity.legal_entity_id);
            of_entity.cloned().collect()
        })
        .collect();
    let books: Vec<Book<'_>> = wanted
        .iter()
        .zip(&by_entity)
        .map(|(entity, entries)| Book {
            entity: &entity.name,
            currency: entity.currency,
            entries,
        })
        .collect();
    out.write_all(format.write(&books).as_bytes())?;
    Ok(())
}

fn choose<'a>(
    entities: &[&'a LegalEntityCreated],
    wanted: Option<&str>,
) -> Result<Vec<&'a LegalEntityCreated>, CliError> {
    let Some(wanted) = wanted else {
        return Ok(entities.to_vec());
    };
    let fits = |entity: &&&LegalEntityCreated| {
        entity.name.eq_ignore_ascii_case(wanted) || entity.legal_entity_id.to_string() == wanted
    };
    if let Some(entity) = entities.iter().find(fits) {
        return Ok(vec![*entity]);
    }
    let names: Vec<&str> = entities.iter().map(|entity| entity.name.as_str()).collect();
    Err(CliError::NoEntity(wanted.to_owned(), names.join(", ")))
}

async fn catalogue(conn: &mut PgConnection, tenant: Uuid) -> Result<Catalogue, CliError> {
    let mut catalogue = Catalogue::default();
    for event in all(conn, tenant, &CATEGORIES).await? {
        catalogue.apply(
            event.position,
            &event.category,
            &event.event_type,
            event.event_version,
            &event.payload,
        )?;
    }
    Ok(catalogue)
}

async fn entries(conn: &mut PgConnection, tenant: Uuid) -> Result<Vec<JournalEntryPosted>, CliError> {
    let events = all(conn, tenant, &[JournalEvent::CATEGORY]).await?;
    let decode = |event: &RecordedEvent| {
        let JournalEvent::JournalEntryPosted(entry) =
            JournalEvent::decode(&event.event_type, event.event_version, &event.payload)?;
        Ok(entry)
    };
    events.iter().map(decode).collect()
}

async fn all(conn: &mut PgConnection, tenant: Uuid, categories: &[&str]) -> Result<Vec<RecordedEvent>, CliError> {
    let mut events: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.position);
        let page = read_categories(&mut *conn, tenant, categories, after, PAGE).await?;
        if page.is_empty() {
            return Ok(events);
        }
        events.extend(page);
    }
}
