//! The offer, folded once per position and shared. A decision asks for it inside its transaction and gets the catalogue
//! exactly as of the last catalogue event that is visible there.

use crate::{App, UseCaseError};
use coterie_domain::catalogue::{CATEGORIES, Catalogue};
use sqlx::{PgConnection, Row};
use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};
use uuid::Uuid;

const PAGE: i64 = 500;

/// Folded catalogues by organization.
#[derive(Clone, Default)]
pub struct CatalogueCache(Arc<RwLock<HashMap<Uuid, Arc<Catalogue>>>>);

impl CatalogueCache {
    fn get(&self, tenant: Uuid) -> Option<Arc<Catalogue>> {
        self.0.read().ok()?.get(&tenant).cloned()
    }
    fn put(&self, tenant: Uuid, catalogue: &Arc<Catalogue>) {
        if let Ok(mut map) = self.0.write() {
            let newer = map.get(&tenant).is_none_or(|known| known.position < catalogue.position);
            if newer {
                map.insert(tenant, Arc::clone(catalogue));
            }
        }
    }
}

/// The catalogue as of this transaction's snapshot; the tenant must be set on it.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn read_in_op(
    conn: &mut PgConnection,
    cache: &CatalogueCache,
    tenant: Uuid,
) -> Result<Arc<Catalogue>, UseCaseError> {
    let row = sqlx::query("select position from catalogue_head where tenant_id = $1")
        .bind(tenant)
        .fetch_optional(&mut *conn)
        .await?;
    let wanted: i64 = row.map(|row| row.try_get("position")).transpose()?.unwrap_or(0);
    read_at_in_op(conn, cache, tenant, wanted).await
}

/// The catalogue as of the last of its events that a statement of this transaction saw.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub(crate) async fn read_at_in_op(
    conn: &mut PgConnection,
    cache: &CatalogueCache,
    tenant: Uuid,
    wanted: i64,
) -> Result<Arc<Catalogue>, UseCaseError> {
    let cached = cache.get(tenant);
    if let Some(catalogue) = &cached
        && catalogue.position == wanted
    {
        return Ok(Arc::clone(catalogue));
    }
    // A copy from a later snapshot than ours would show this decision a future it must not see; fold anew then.
    let mut catalogue = cached
        .filter(|catalogue| catalogue.position < wanted)
        .map_or_else(Catalogue::default, |catalogue| (*catalogue).clone());
    while catalogue.position < wanted {
        let events =
            coterie_eventlog::read_categories(&mut *conn, tenant, &CATEGORIES, catalogue.position, PAGE).await?;
        let before = catalogue.position;
        for event in events.iter().filter(|event| event.position <= wanted) {
            catalogue.apply(
                event.position,
                &event.category,
                &event.event_type,
                event.event_version,
                &event.payload,
            )?;
        }
        if catalogue.position == before {
            return Err(UseCaseError::Broken(format!(
                "catalogue head {wanted} of {tenant} is ahead of its events at {before}"
            )));
        }
    }
    let catalogue = Arc::new(catalogue);
    cache.put(tenant, &catalogue);
    Ok(catalogue)
}

/// The catalogue as it stands now, for pages.
///
/// # Errors
/// When the database fails or an event cannot be read.
pub async fn read(app: &App, tenant: Uuid) -> Result<Arc<Catalogue>, UseCaseError> {
    let mut tx = coterie_eventlog::begin(&app.pool, tenant).await?;
    let catalogue = read_in_op(&mut tx, &app.catalogues, tenant).await?;
    tx.commit().await?;
    Ok(catalogue)
}
